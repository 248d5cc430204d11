//! Which statement decides: the newest of its kind, about this digest, of this type, dated by a proved time, by a
//! signer that the policy believes. And no person is named on the way.

use anyhow::{Context as _, Result, ensure};
use e2e::{
    World,
    cosign::Signer,
    documents::{AiProvenance, Document, Raw, Sbom, Scan},
    image::{Image, Referrer, bundles, push_referrer},
    tidewaiter::{self, Evidence, NAMESPACE, Tidewaiter, pod},
};
use jiff::SignedDuration;
use serde_json::json;

/// Of somebody who signs with a mail address.
const ADDRESS: &str = "rosalind.f@people.example";

#[test]
fn the_newest_statement_about_this_digest_by_a_believed_signer_decides() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        tw.guarded_namespace("choice", json!({})).await?;
        // Room for two scans: which of them decides is then no matter of age.
        let three_days = json!({ "require": { "vulnerabilityScan": { "maxAge": "72h" } } });
        tw.guarded_namespace("patient", three_days).await?;
        let bare = tw.image("choice/bare", "1").await?.reference();
        for namespace in ["choice", "patient"] {
            let nothing = ["SbomMissing", "AiProvenanceMissing", "ScanMissing"];
            tw.comes_to_deny(&pod(namespace, &bare), &nothing).await?;
        }
        newest_scan(&tw).await.context("the newest scan")?;
        another_digest(&tw).await.context("a statement for another digest")?;
        another_type(&tw).await.context("another predicate type")?;
        from_the_future(&tw).await.context("a scan from the future")?;
        nobody_is_named(&tw).await.context("an e-mail identity")
    })
}

/// An image with these documents, signed by the policy's key.
async fn attested(tw: &Tidewaiter<'_>, repository: &str, documents: &[&dyn Document]) -> Result<Image> {
    let image = tw.image(repository, "1").await?;
    tw.cosign.attest_all(&image.reference(), documents, Signer::Key(&tw.key)).await?;
    Ok(image)
}

async fn newest_scan(tw: &Tidewaiter<'_>) -> Result<()> {
    let (sbom, provenance) = (Sbom::good(tw.now), AiProvenance::good(tw.now));
    let days_ago = |days: i64| Scan::finished(tw.now - SignedDuration::from_hours(24 * days));
    let (good, bad) = (days_ago(1), days_ago(2).with("CRITICAL", 1));
    let mended = attested(tw, "choice/mended", &[&sbom, &provenance, &good, &bad]).await?;
    tw.admits(&pod("patient", &mended.reference())).await.context("the bad one is older")?;

    let (good, bad) = (days_ago(2), days_ago(1).with("CRITICAL", 1));
    let worse = attested(tw, "choice/worse", &[&sbom, &provenance, &good, &bad]).await?;
    tw.denies(&pod("patient", &worse.reference()), &["SeverityExceeded"])
        .await
        .context("the bad one is newer")?;
    // What was found goes on counting beyond the age at which a good scan would no longer do.
    tw.denies(&pod("choice", &worse.reference()), &["ScanStale", "SeverityExceeded"]).await.map(drop)
}

/// Good evidence, moved to an image that it does not speak of.
async fn another_digest(tw: &Tidewaiter<'_>) -> Result<()> {
    let evidence = Evidence::good(tw.now);
    let image = tw.attested("choice/original", "1", &evidence, Signer::Key(&tw.key)).await?;
    tw.admits(&pod("choice", &image.reference())).await?;
    let other = tw.image("choice/borrower", "1").await?;
    let found = bundles(&tw.registry, &image).await?;
    ensure!(found.len() == 3, "{} bundles to move", found.len());
    for bundle in found {
        push_referrer(&tw.registry, &other, &Referrer::bundle(&bundle.predicate_type, bundle.content))
            .await?;
    }
    tw.denies(&pod("choice", &other.reference()), &["SubjectMismatch"]).await.map(drop)
}

/// An SBOM in all but its type is no SBOM.
async fn another_type(tw: &Tidewaiter<'_>) -> Result<()> {
    let (provenance, scan) = (AiProvenance::good(tw.now), Scan::good(tw.now));
    let sbom = Sbom::good(tw.now).predicate();
    for (repository, predicate_type) in [
        ("choice/other-type", "https://example.com/bom"),
        ("choice/longer-type", "https://cyclonedx.org/bombastic"),
    ] {
        let disguised = Raw { predicate_type, predicate: sbom.clone() };
        let image = attested(tw, repository, &[&disguised, &provenance, &scan]).await?;
        tw.denies(&pod("choice", &image.reference()), &["SbomMissing"]).await.context(predicate_type)?;
    }
    Ok(())
}

/// A time that was not yet when it was signed dates nothing: neither by a workflow, whose proved time tells, nor by
/// a key, where the clock does.
async fn from_the_future(tw: &Tidewaiter<'_>) -> Result<()> {
    let tomorrow = Scan::finished(tw.now + SignedDuration::from_hours(24));
    let evidence = Evidence { scan: Some(tomorrow), ..Evidence::good(tw.now) };
    for (repository, signer) in [("choice/future", tw.ci()), ("choice/future-key", Signer::Key(&tw.key))] {
        let image = tw.attested(repository, "1", &evidence, signer).await?;
        tw.denies(&pod("choice", &image.reference()), &["EvidenceUndated"]).await.context(repository)?;
    }
    Ok(())
}

/// Whoever signs with a mail address is told by the issuer alone, wherever anything is said.
async fn nobody_is_named(tw: &Tidewaiter<'_>) -> Result<()> {
    let person = Signer::Person(&tw.sigstore, ADDRESS);
    let image = tw.attested("choice/person", "1", &Evidence::good(tw.now), person).await?;
    let denied = tw.denies(&pod("choice", &image.reference()), &["SignerNotTrusted"]).await?;
    let wanted = format!("an e-mail identity of {}", tw.sigstore.person_issuer());
    ensure!(denied.stderr.contains(&wanted), "{wanted} is not told: {}", denied.stderr);

    let advised = json!({ "mode": "Warn" });
    tw.guarded_namespace("advised", advised).await?;
    let probe = pod("advised", &image.reference());
    let warned =
        tw.await_answer(&probe, |answer| answer.stderr.contains("Warning: SignerNotTrusted")).await?;
    // Made for real, so that whatever is written down of a denial is.
    let refused = tw.create(&pod("choice", &image.reference())).await?;
    ensure!(!refused.succeeded(), "a Pod by nobody's word: {}", refused.stdout);

    let mut written = tw.world().audit_log();
    ensure!(written.contains("SignerNotTrusted"), "the audit log holds nothing of it");
    for pod in tw.webhook_pods().await? {
        written += &tw.world().logs(NAMESPACE, &pod)?;
    }
    ensure!(written.contains("turned away"), "no replica's log holds anything of it");
    for (place, text) in [("denial", &denied.stderr), ("warning", &warned.stderr), ("record", &written)] {
        ensure!(!text.contains("rosalind"), "a {place} names somebody");
    }
    Ok(())
}
