//! A registry that does not answer leaves an image undecided, and `onUndecided` says what that means; what is known
//! already goes on starting. Each kind of wrong answer has its code, and none of them is "nothing is attested".

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::{
    World,
    cosign::Signer,
    image::{Image, bundles},
    manifest::Kind,
    registry::{Failure, Kind as Asked},
    tidewaiter::{self, Evidence, Tidewaiter, pod},
};
use serde_json::json;

const NOTHING: [&str; 3] = ["SbomMissing", "AiProvenanceMissing", "ScanMissing"];
/// Below the time that one exchange may take (5 s), and three of these are beyond a request's own deadline (8.5 s).
const TOO_SLOW: Duration = Duration::from_secs(4);

#[test]
fn a_registry_that_does_not_answer_leaves_images_undecided() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        tw.guarded_namespace("strict", json!({})).await?;
        tw.guarded_namespace("lenient", json!({ "onUndecided": "InsecureAllow" })).await?;
        let bare = tw.image("outage/bare", "1").await?.reference();
        tw.comes_to_deny(&pod("strict", &bare), &NOTHING).await?;
        // What is certainly absent is denied: only what is not known is relaxed.
        tw.comes_to_deny(&pod("lenient", &bare), &NOTHING).await?;
        outage(&tw).await.context("an outage")?;
        classes(&tw).await.context("classes of answers")
    })
}

async fn good(tw: &Tidewaiter<'_>, repository: &str) -> Result<Image> {
    tw.attested(repository, "1", &Evidence::good(tw.now), Signer::Key(&tw.key)).await
}

async fn outage(tw: &Tidewaiter<'_>) -> Result<()> {
    let known = good(tw, "outage/known").await?.reference();
    let unknown = good(tw, "outage/unknown").await?.reference();
    let tagged = tw.tagged("outage/unknown", "1");
    tw.admits(&pod("strict", &known)).await?;

    tw.registry.down().await?;
    for image in [&unknown, &tagged] {
        let denied = tw.denies(&pod("strict", image), &["RegistryUnreachable"]).await?;
        ensure!(denied.stderr.contains("was held back"), "undecided is not denied: {}", denied.stderr);
        ensure!(denied.stderr.contains("; retryable"), "it may end otherwise later: {}", denied.stderr);
        let admitted = tw.admits(&pod("lenient", image)).await?;
        ensure!(admitted.stderr.contains("Warning: RegistryUnreachable: "), "{}", admitted.stderr);
    }
    // A template is only warned of: its Pods are judged when they are made.
    let admitted = tw.admits(&Kind::Deployment.of("strict", "unknown", &unknown)).await?;
    ensure!(admitted.stderr.contains("Warning: RegistryUnreachable: "), "{}", admitted.stderr);
    let admitted = tw.admits(&pod("strict", &known)).await?;
    ensure!(admitted.stderr.is_empty(), "a known image was warned of: {}", admitted.stderr);

    tw.registry.up().await?;
    let admitted = tw.admits(&pod("strict", &unknown)).await?;
    ensure!(admitted.stderr.is_empty(), "{}", admitted.stderr);
    tw.admits(&pod("strict", &tagged)).await.map(drop)
}

/// A new good image meets each wrong answer, and is admitted once the registry is well again.
async fn classes(tw: &Tidewaiter<'_>) -> Result<()> {
    let everything = &[Asked::Referrers, Asked::ManifestDigest, Asked::Blob][..];
    // What is listed and then not there is the registry's contradiction; no list at all is a registry of old.
    let listed = &[Asked::ManifestDigest, Asked::Blob][..];
    for (status, kinds, code) in [
        (401, everything, "RegistryRefused"),
        (403, everything, "RegistryRefused"),
        (404, listed, "RegistryInvalid"),
        (429, everything, "RegistryUnreachable"),
        (500, everything, "RegistryUnreachable"),
        (503, everything, "RegistryUnreachable"),
    ] {
        for &kind in kinds {
            let case = format!("{status} for {kind:?}");
            let repository = format!("classes/{status}-{}", format!("{kind:?}").to_lowercase());
            let image = good(tw, &repository).await?.reference();
            // Longer than the request's own deadline, so that it is not worth the wait.
            let failure = Failure { retry_after: "60".to_owned(), ..Failure::always(kind, status) };
            tw.registry.fail(&failure).await?;
            tw.denies(&pod("strict", &image), &[code]).await.with_context(|| case.clone())?;
            tw.registry.reset().await?;
            tw.comes_to_admit(&pod("strict", &image)).await.with_context(|| format!("after {case}"))?;
        }
    }
    let image = good(tw, "classes/corrupt").await?;
    let referrers = bundles(&tw.registry, &image).await?;
    let referrer = referrers.first().context("the image has attestations")?;
    tw.registry.corrupt(&referrer.manifest).await?;
    tw.denies(&pod("strict", &image.reference()), &["RegistryInvalid"]).await.context("another body")?;
    tw.registry.reset().await?;
    tw.comes_to_admit(&pod("strict", &image.reference())).await.context("after another body")?;

    let absent = tw.tagged("classes/absent", "1");
    tw.denies(&pod("strict", &absent), &["ImageNotFound"]).await?;

    let image = good(tw, "classes/slow").await?.reference();
    tw.registry.latency(TOO_SLOW).await?;
    tw.denies(&pod("strict", &image), &["DeadlineExceeded"]).await?;
    tw.registry.reset().await?;
    tw.comes_to_admit(&pod("strict", &image)).await.map(drop)
}
