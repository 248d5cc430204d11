//! Whatever hangs on an image, the webhook stays within its bounds: junk beside good evidence changes nothing, and
//! what cannot all be read leaves the image undecided. Never admitted by accident, never a crash.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::{
    World, await_that,
    cosign::Signer,
    documents::Scan,
    image::{Image, Referrer, push_junk_referrers, push_referrer},
    registry::{Failure, Kind},
    tidewaiter::{self, Evidence, NAMESPACE, Tidewaiter, pod},
};
use serde_json::json;

/// Far below the chart's limit of 512 MiB, and above what two hundred small images take.
const MOST_MEMORY: u64 = 300 << 20;
const TWO_HUNDRED_MIB: u64 = 200 << 20;
/// Long against the two requests between one page and the next that a test looks for.
const PAGE_LATENCY: Duration = Duration::from_millis(900);

#[test]
fn what_hangs_on_an_image_is_bounded_and_never_admits_it_by_accident() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        tw.guarded_namespace("bounds", json!({})).await?;
        let bare = tw.image("bounds/bare", "1").await?;
        let nothing = ["SbomMissing", "AiProvenanceMissing", "ScanMissing"];
        tw.comes_to_deny(&pod("bounds", &bare.reference()), &nothing).await?;
        let started = restarts(&tw).await?;

        paging(&tw).await.context("pages")?;
        lost_page(&tw).await.context("a page that is lost")?;
        large_blobs(&tw).await.context("large blobs")?;
        junk(&tw).await.context("a thousand junk referrers")?;
        too_many(&tw).await.context("ten thousand referrers")?;

        ensure!(restarts(&tw).await? == started, "a replica was started again");
        for name in tw.webhook_pods().await? {
            let peak = world.usage(NAMESPACE, &name, "webhook")?.peak;
            ensure!(peak < MOST_MEMORY, "{name} took {} MiB", peak >> 20);
        }
        Ok(())
    })
}

/// Which Pods there are, and how often their containers were started again.
async fn restarts(tw: &Tidewaiter<'_>) -> Result<String> {
    let each = "{range .items[*]}{.metadata.uid} {.status.containerStatuses[*].restartCount}\n{end}";
    let webhook = ["pods", "--selector", "app.kubernetes.io/component=webhook"];
    tw.read(NAMESPACE, &webhook, each).await
}

async fn good(tw: &Tidewaiter<'_>, repository: &str) -> Result<Image> {
    tw.attested(repository, "1", &Evidence::good(tw.now), Signer::Key(&tw.key)).await
}

/// Evidence on later pages is found like that on the first.
async fn paging(tw: &Tidewaiter<'_>) -> Result<()> {
    let image = good(tw, "bounds/paged").await?;
    tw.registry.page_referrers(1).await?;
    tw.registry.reset_requests().await?;
    tw.admits(&pod("bounds", &image.reference())).await?;
    let pages = tw.registry.requests().await?.of(Kind::Referrers);
    ensure!(pages >= 3, "three statements on a page each were read from {pages} pages");
    tw.registry.reset().await
}

/// The first page came, the second does not: what is on it is not missing, it is not known.
async fn lost_page(tw: &Tidewaiter<'_>) -> Result<()> {
    let image = good(tw, "bounds/lost").await?;
    let probe = pod("bounds", &image.reference());
    tw.registry.page_referrers(1).await?;
    tw.registry.latency(PAGE_LATENCY).await?;
    tw.registry.reset_requests().await?;
    // The second page is asked for and waits; then it fails.
    let failing = async {
        await_that("the second page to be asked for", Duration::from_secs(10), async || {
            Ok((tw.registry.requests().await?.of(Kind::Referrers) == 2).then_some(()))
        })
        .await?;
        tw.registry.fail(&Failure::always(Kind::Referrers, 500)).await
    };
    let (denied, failed) = tokio::join!(tw.denies(&probe, &["RegistryUnreachable"]), failing);
    failed?;
    let denied = denied?;
    ensure!(denied.stderr.contains("could not all be listed"), "{}", denied.stderr);
    let pages = tw.registry.requests().await?;
    let first = pages.0.iter().find(|request| request.kind == Kind::Referrers);
    ensure!(first.is_some_and(|first| first.status == 200), "the first page was to come:\n{pages}");
    tw.registry.reset().await?;
    tw.comes_to_admit(&probe).await.map(drop)
}

/// Sizes beyond all bounds, stated and not. What might be a statement and cannot be read leaves it open.
async fn large_blobs(tw: &Tidewaiter<'_>) -> Result<()> {
    let scan = "https://cosign.sigstore.dev/attestation/vuln/v1";
    // It says that it is large, so nobody asks for it.
    let image = good(tw, "bounds/large").await?;
    let large = Referrer { claimed_size: Some(TWO_HUNDRED_MIB), ..Referrer::bundle(scan, "large") };
    push_referrer(&tw.registry, &image, &large).await?;
    tw.registry.reset_requests().await?;
    tw.denies(&pod("bounds", &image.reference()), &["LimitExceeded"]).await.context("a large size")?;
    let blobs = tw.registry.requests().await?.of(Kind::Blob);
    ensure!(blobs == 3, "{blobs} blobs were read, not those of the three statements");

    // It is large, and says so in a manifest that nobody reads as a bundle: it is no statement.
    let image = good(tw, "bounds/large-note").await?;
    let note = Referrer { claimed_size: Some(TWO_HUNDRED_MIB), ..Referrer::junk("note") };
    push_referrer(&tw.registry, &image, &note).await?;
    tw.admits(&pod("bounds", &image.reference())).await.context("a large note")?;

    // It does not say so, and its body does not end.
    let image = good(tw, "bounds/endless").await?;
    let content = "a bundle that never ends";
    push_referrer(&tw.registry, &image, &Referrer::bundle(scan, content)).await?;
    let digest = tw.registry.put_blob("bounds/endless", content).await?;
    tw.registry.endless(&digest).await?;
    tw.denies(&pod("bounds", &image.reference()), &["LimitExceeded"]).await.context("an endless body")?;
    tw.registry.reset().await?;

    // Nor does the list of what there is.
    let image = good(tw, "bounds/endless-list").await?;
    tw.registry.endless_kind(Kind::Referrers).await?;
    tw.denies(&pod("bounds", &image.reference()), &["LimitExceeded"]).await.context("an endless list")?;
    tw.registry.reset().await
}

/// Good stays good and bad stays bad.
async fn junk(tw: &Tidewaiter<'_>) -> Result<()> {
    let bad = Evidence { scan: Some(Scan::good(tw.now).with("CRITICAL", 1)), ..Evidence::good(tw.now) };
    let bad = tw.attested("bounds/bad-among-junk", "1", &bad, Signer::Key(&tw.key)).await?;
    let good = good(tw, "bounds/good-among-junk").await?;
    let bare = tw.image("bounds/junk-alone", "1").await?;
    for image in [&good, &bad, &bare] {
        push_junk_referrers(&tw.registry, image, 1_000).await?;
    }
    tw.admits(&pod("bounds", &good.reference())).await.context("good evidence")?;
    tw.denies(&pod("bounds", &bad.reference()), &["SeverityExceeded"]).await.context("bad evidence")?;
    let nothing = ["SbomMissing", "AiProvenanceMissing", "ScanMissing"];
    tw.denies(&pod("bounds", &bare.reference()), &nothing).await.map(drop)
}

/// More than is ever listed to its end: undecided, whatever is among it.
async fn too_many(tw: &Tidewaiter<'_>) -> Result<()> {
    let image = good(tw, "bounds/crowded").await?;
    push_junk_referrers(&tw.registry, &image, 10_000).await?;
    let denied = tw.dry_run(&pod("bounds", &image.reference())).await?;
    let codes = tidewaiter::codes_of(&denied.stderr);
    ensure!(codes.contains(&"LimitExceeded"), "was to be undecided: {}{}", denied.stdout, denied.stderr);
    // What time allowed was read; nothing was taken for absent.
    let undecided = ["LimitExceeded", "DeadlineExceeded"];
    ensure!(codes.iter().all(|code| undecided.contains(code)), "{}", denied.stderr);
    // And the next one is served as if nothing had been.
    let next = good(tw, "bounds/next").await?;
    tw.admits(&pod("bounds", &next.reference())).await.map(drop)
}
