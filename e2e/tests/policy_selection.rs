//! Which policies speak of an image: all that select it, each in its own mode; and where some select the namespace
//! and none the image, it is turned away, unless they all say otherwise.

use anyhow::{Context as _, Result, ensure};
use e2e::{
    World,
    cosign::Signer,
    tidewaiter::{self, Evidence, Tidewaiter, pod},
};
use serde_json::{Value, json};

const NOTHING: [&str; 3] = ["SbomMissing", "AiProvenanceMissing", "ScanMissing"];

/// A good image, and one that nobody attests anything of.
struct Images {
    good: String,
    bare: String,
}

#[test]
fn every_policy_that_selects_an_image_speaks_and_what_none_covers_is_turned_away() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        let (good, key) = (Evidence::good(tw.now), Signer::Key(&tw.key));
        let images = Images {
            good: tw.attested("shop/cart", "1", &good, key).await?.reference(),
            bare: tw.image("shop/bare", "1").await?.reference(),
        };
        two_policies(&tw, &images).await.context("two policies on one namespace")?;
        not_covered(&tw, &images).await.context("an image that no pattern matches")
    })
}

/// `policy` with other requirements, and without rules on tools.
fn requiring(mut policy: Value, require: Value) -> Value {
    if let Some(spec) = policy.pointer_mut("/spec").and_then(Value::as_object_mut) {
        spec.remove("tools");
        spec.insert("require".to_owned(), require);
    }
    policy
}

/// One enforces SBOM and scan, one advises on AI provenance: each says its own, in its own mode.
async fn two_policies(tw: &Tidewaiter<'_>, images: &Images) -> Result<()> {
    let believed = json!({ "signedBy": ["key"] });
    let strict =
        requiring(tw.policy("strict", json!({})), json!({ "sbom": believed, "vulnerabilityScan": believed }));
    let advice = json!({ "aiProvenance": { "signedBy": ["key"], "maxAIPercent": 10 } });
    let advice = requiring(tw.policy("advice", json!({ "mode": "Warn" })), advice);
    let advice = with_selector(advice, json!({ "matchLabels": { "advised": "yes" } }));
    for policy in [&strict, &advice] {
        tw.world().apply(&policy.to_string()).await?;
    }
    tw.namespace("both", json!({ "policy": "strict", "advised": "yes" })).await?;

    let says = |said: &str, code: &str| said.contains(&format!("Warning: {code}: "));
    let bare = pod("both", &images.bare);
    tw.await_answer(&bare, |answer| says(&answer.stderr, "AiProvenanceMissing")).await?;
    let denied = tw.comes_to_deny(&bare, &["SbomMissing", "ScanMissing"]).await?;
    ensure!(says(&denied.stderr, "AiProvenanceMissing"), "the advice is not given: {}", denied.stderr);
    ensure!(!says(&denied.stderr, "SbomMissing"), "what is enforced is not warned of: {}", denied.stderr);
    ensure!(denied.stderr.contains("AIToolPolicy \"strict\""), "{}", denied.stderr);
    let admitted = tw.admits(&pod("both", &images.good)).await?;
    ensure!(says(&admitted.stderr, "AiShareExceeded"), "the advice is not given: {}", admitted.stderr);
    Ok(())
}

fn with_selector(mut policy: Value, selector: Value) -> Value {
    if let Some(select) = policy.pointer_mut("/spec/select").and_then(Value::as_object_mut) {
        select.insert("namespaces".to_owned(), selector);
    }
    policy
}

/// A selected namespace is closed to images that no policy speaks of, unless the policy says otherwise.
async fn not_covered(tw: &Tidewaiter<'_>, images: &Images) -> Result<()> {
    let covered = tw.image("covered/bare", "1").await?.reference();
    let select = |others: &str| {
        let pattern = format!("{}/covered/**", tw.registry.address());
        json!({ "select": { "images": [pattern], "otherImages": others } })
    };
    tw.guarded_namespace("closed", select("Deny")).await?;
    tw.comes_to_deny(&pod("closed", &covered), &NOTHING).await?;
    // Good or not: nobody looked.
    let denied = tw.denies(&pod("closed", &images.good), &["NotCovered"]).await?;
    ensure!(denied.stderr.contains("AIToolPolicy \"closed\""), "{}", denied.stderr);

    tw.world().apply(&tw.policy("closed", select("InsecureAllow")).to_string()).await?;
    tw.comes_to_admit(&pod("closed", &images.bare)).await?;
    tw.denies(&pod("closed", &covered), &NOTHING).await.map(drop)
}
