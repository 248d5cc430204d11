//! A policy that changes is judged by at once on every replica; one that cannot be compiled lets nothing through and
//! stops no other; and its status says all of it.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use e2e::{
    World, await_that,
    cosign::Signer,
    manifest::Kind,
    tidewaiter::{self, Evidence, IN_FORCE_WITHIN, NAMESPACE, Replica, Tidewaiter, pod},
};
use futures::future::try_join_all;
use serde_json::{Value, json};

/// The promise: from the return of `kubectl apply` until every replica judges by the new policy.
const A_SECOND: Duration = Duration::from_secs(1);
const NOTHING: [&str; 3] = ["SbomMissing", "AiProvenanceMissing", "ScanMissing"];

/// A good image, and one that nobody attests anything of.
struct Images {
    good: String,
    bare: String,
}

#[test]
fn a_changed_policy_is_in_force_everywhere_at_once_and_a_broken_one_stops_no_other() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        let (good, key) = (Evidence::good(tw.now), Signer::Key(&tw.key));
        let images = Images {
            good: tw.attested("shop/cart", "1", &good, key).await?.reference(),
            bare: tw.image("shop/bare", "1").await?.reference(),
        };
        within_a_second(&tw, &images).await.context("an edited policy")?;
        without_its_key(&tw, &images).await.context("a policy without its key")?;
        status(&tw, &images).await.context("status")
    })
}

/// Waits at most `limit` for each replica to answer so, and says after how long the last one did.
async fn all_answer(replicas: &[Replica], pod: &Value, codes: &[&str], limit: Duration) -> Result<Duration> {
    let started = Instant::now();
    try_join_all(replicas.iter().map(|replica| async move {
        let what = format!("{} to answer {codes:?}", replica.pod);
        await_that(&what, limit, async || Ok((replica.codes(pod).await? == codes).then_some(()))).await
    }))
    .await?;
    Ok(started.elapsed())
}

async fn within_a_second(tw: &Tidewaiter<'_>, images: &Images) -> Result<()> {
    tw.guarded_namespace("edited", json!({})).await?;
    let (good, bare) = (pod("edited", &images.good), pod("edited", &images.bare));
    let replicas = tw.replicas().await?;
    all_answer(&replicas, &bare, &NOTHING, IN_FORCE_WITHIN).await?;
    // From here on each replica knows the evidence: what is measured is the policy alone.
    all_answer(&replicas, &good, &[], IN_FORCE_WITHIN).await?;

    let tightened = json!({ "require": { "aiProvenance": { "maxAIPercent": 10 } } });
    for (changes, codes) in [(tightened, &["AiShareExceeded"][..]), (json!({}), &[])] {
        tw.world().apply(&tw.policy("edited", changes).to_string()).await?;
        let taken = all_answer(&replicas, &good, codes, A_SECOND).await?;
        ensure!(taken <= A_SECOND, "the last replica took {taken:?} to answer {codes:?}");
    }
    // Gone, it selects nothing; and back again.
    tw.world().kubectl(&["delete", "aitoolpolicy", "edited"]).await?.ok()?;
    all_answer(&replicas, &bare, &[], A_SECOND).await?;
    tw.world().apply(&tw.policy("edited", json!({})).to_string()).await?;
    all_answer(&replicas, &bare, &NOTHING, A_SECOND).await.map(drop)
}

/// A policy that believes one key, from a ConfigMap that this test takes away and gives back.
async fn without_its_key(tw: &Tidewaiter<'_>, images: &Images) -> Result<()> {
    let map = ("team-key", "cosign.pub");
    tw.config_map(map, &tw.key.public_pem()?).await?;
    let believed = json!({ "signedBy": ["team"] });
    let team = json!({
        "signers": [{
            "name": "team",
            "keys": [{ "configMap": { "name": map.0, "key": map.1 } }],
            "proof": "InsecureNone",
        }],
        "require": { "sbom": believed, "aiProvenance": believed, "vulnerabilityScan": believed },
        // What cannot be compiled is not relaxed into "allowed" by a policy that does not say so.
        "onUndecided": "Deny",
    });
    tw.guarded_namespace("keyless", team).await?;
    let (good, bare) = (pod("keyless", &images.good), pod("keyless", &images.bare));
    tw.comes_to_deny(&bare, &NOTHING).await?;
    tw.admits(&good).await?;
    ready(tw, "keyless", "True").await?;

    tw.world().kubectl(&["delete", "configmap", map.0, "-n", NAMESPACE]).await?.ok()?;
    let denied = tw.comes_to_deny(&good, &["PolicyInvalid"]).await?;
    ensure!(denied.stderr.contains(map.0), "the ConfigMap is not named: {}", denied.stderr);
    tw.admits(&pod("edited", &images.good)).await.context("another policy judges on")?;
    tw.denies(&pod("edited", &images.bare), &NOTHING).await.context("another policy judges on")?;

    ready(tw, "keyless", "False").await?;
    let conditions = "{range .status.conditions[*]}{.type}={.status} {.reason} {.message}{\"\\n\"}{end}";
    let conditions = tw.read(NAMESPACE, &["aitoolpolicy", "keyless"], conditions).await?;
    for wanted in ["Ready=False PolicyInvalid ", "Stalled=True PolicyInvalid ", map.0] {
        ensure!(conditions.contains(wanted), "{wanted} is not said:\n{conditions}");
    }
    let shown = tw.world().kubectl(&["get", "aitoolpolicies"]).await?.ok()?.stdout;
    let row = shown.lines().find(|line| line.starts_with("keyless ")).unwrap_or_default();
    let cells: Vec<&str> = row.split_whitespace().collect();
    ensure!(cells.get(1..4) == Some(&["Enforce", "False", "PolicyInvalid"]), "{shown}");
    event(tw, "keyless", "Warning PolicyInvalid").await?;

    tw.config_map(map, &tw.key.public_pem()?).await?;
    tw.comes_to_admit(&good).await?;
    tw.denies(&bare, &NOTHING).await?;
    ready(tw, "keyless", "True").await?;
    let types = tw.read(NAMESPACE, &["aitoolpolicy", "keyless"], "{.status.conditions[*].type}").await?;
    ensure!(types == "Ready", "conditions that no longer hold are still there: {types}");
    event(tw, "keyless", "Normal Compiled").await
}

/// `kubectl wait`, as a pipeline would.
async fn ready(tw: &Tidewaiter<'_>, policy: &str, status: &str) -> Result<()> {
    let condition = format!("--for=condition=Ready={status}");
    let wait = ["wait", &condition, &format!("aitoolpolicy/{policy}"), "--timeout=20s"];
    tw.world().kubectl(&wait).await?.ok().map(drop)
}

async fn event(tw: &Tidewaiter<'_>, policy: &str, wanted: &str) -> Result<()> {
    let about = format!("involvedObject.kind=AIToolPolicy,involvedObject.name={policy}");
    let told = "jsonpath={range .items[*]}{.type} {.reason}{\"\\n\"}{end}";
    await_that(&format!("the Event {wanted}"), IN_FORCE_WITHIN, async || {
        let events = ["get", "events", "--all-namespaces", "--field-selector", &about, "-o", told];
        let events = tw.world().kubectl(&events).await?.ok()?;
        Ok(events.stdout.lines().any(|line| line == wanted).then_some(()))
    })
    .await
}

/// What the policy selects, what of it is insecure, and which generation the status speaks of.
async fn status(tw: &Tidewaiter<'_>, images: &Images) -> Result<()> {
    let lax = json!({
        "mode": "Warn",
        "onUndecided": "InsecureAllow",
        "tags": "InsecureAllow",
        "select": { "otherImages": "InsecureAllow" },
    });
    tw.guarded_namespace("counted", lax.clone()).await?;
    tw.namespace("counted-too", json!({ "policy": "counted" })).await?;
    for (namespace, name) in [("counted", "one"), ("counted", "two"), ("counted-too", "three")] {
        tw.world().apply(&Kind::Deployment.of(namespace, name, &images.good).to_string()).await?;
    }
    let read = async |path: &str| tw.read(NAMESPACE, &["aitoolpolicy", "counted"], path).await;
    // Deployments, not the ReplicaSets and Pods made of them.
    await_that("what the policy selects to be counted", IN_FORCE_WITHIN, async || {
        let selects = read("{.status.selects.namespaces} {.status.selects.workloads}").await?;
        Ok((selects == "2 3").then_some(()))
    })
    .await?;
    let insecure = read("{.status.insecure[*]}").await?;
    for wanted in ["onUndecided", "tags", "otherImages", "signers[key].proof: InsecureNone"] {
        ensure!(insecure.contains(wanted), "{wanted} is not listed: {insecure}");
    }
    let wide = tw.world().kubectl(&["get", "aitp", "counted", "-o", "wide"]).await?.ok()?.stdout;
    ensure!(wide.contains("onUndecided: InsecureAllow"), "{wide}");
    let row: Vec<&str> = wide.lines().nth(1).unwrap_or_default().split_whitespace().collect();
    ensure!(row.get(1..6) == Some(&["Warn", "True", "Compiled", "2", "3"]), "{wide}");

    let before = read("{.status.observedGeneration}").await?;
    tw.world().apply(&tw.policy("counted", json!({})).to_string()).await?;
    await_that("the status of the new generation", IN_FORCE_WITHIN, async || {
        let generations = "{.metadata.generation}={.status.observedGeneration}\
                           ={.status.conditions[0].observedGeneration}";
        let generations = read(generations).await?;
        let mut parts = generations.split('=');
        let newest = parts.next().unwrap_or_default();
        Ok((newest != before && parts.all(|part| part == newest)).then_some(()))
    })
    .await?;
    let insecure = read("{.status.insecure[*]}").await?;
    ensure!(insecure == "signers[key].proof: InsecureNone", "what was mended is still listed: {insecure}");
    Ok(())
}
