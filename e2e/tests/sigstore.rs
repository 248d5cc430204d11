//! That the private Sigstore and the registry make evidence the world believes: what cosign attested here, cosign
//! itself verifies, and not for another signer.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use e2e::{
    Options, World,
    cosign::{Cosign, Signer},
    documents::{AiProvenance, Document, Sbom, Scan},
    image::{self, Referrer},
    registry::Registry,
    sigstore::{Sigstore, Workflow},
};
use jiff::Timestamp;
use serde_json::Value;

#[test]
fn cosign_verifies_what_was_attested_and_only_for_who_signed_it() -> Result<()> {
    World::run(Options::default(), async |world| {
        let sigstore = Sigstore::start(world, "sigstore").await?;
        let registry = Registry::start(world, "registry").await?;
        let cosign = Cosign::new(world, "test").await?;
        let key = cosign.generate_key_pair("key").await?;
        let other_key = cosign.generate_key_pair("other").await?;
        let (workflow, other_workflow) = (Workflow::default(), Workflow::of("mallory/cart"));

        keyless(&sigstore, &registry, &cosign, &workflow, &other_workflow).await.context("keyless")?;
        for (repository, signer, stranger) in [
            ("keyed", Signer::Key(&key), Signer::Key(&other_key)),
            ("logged", Signer::LoggedKey(&sigstore, &key), Signer::LoggedKey(&sigstore, &other_key)),
            (
                "person",
                Signer::Person(&sigstore, "a@example.test"),
                Signer::Person(&sigstore, "b@example.test"),
            ),
        ] {
            let image = image::push_image(&registry, repository, "v1", repository).await?.reference();
            cosign.attest(&image, &Sbom::good(Timestamp::now()), signer).await?;
            let verified = cosign.verify_attestation(&image, "cyclonedx", signer).await?;
            ensure!(verified.succeeded(), "{repository}: {}", verified.stderr);
            let refused = cosign.verify_attestation(&image, "cyclonedx", stranger).await?;
            ensure!(!refused.succeeded(), "{repository}: `{}` believes a stranger", refused.line);
        }
        without_sct(&sigstore, &registry, &cosign, &workflow).await.context("without SCT")?;
        another_root(world, &sigstore, &registry, &cosign, &workflow).await.context("another root")
    })
}

/// All three documents by a workflow, and cosign's answers; also that a bundle of our own is attached as cosign's.
async fn keyless(
    sigstore: &Sigstore,
    registry: &Registry,
    cosign: &Cosign,
    workflow: &Workflow,
    other: &Workflow,
) -> Result<()> {
    let image = image::push_image(registry, "shop/cart", "v1", "keyless").await?;
    let now = Timestamp::now();
    let (sbom, provenance, scan) = (Sbom::good(now), AiProvenance::good(now), Scan::good(now));
    let documents: [&dyn Document; 3] = [&sbom, &provenance, &scan];
    cosign.attest_all(&image.reference(), &documents, Signer::Workflow(sigstore, workflow)).await?;

    let found = image::bundles(registry, &image).await?;
    let mut types: Vec<&str> = found.iter().map(|bundle| bundle.predicate_type.as_str()).collect();
    types.sort_unstable();
    let mut wanted = documents.map(Document::predicate_type);
    wanted.sort_unstable();
    ensure!(types == wanted, "cosign stored {types:?}");

    for document in documents {
        let ask = async |signer| {
            cosign.verify_attestation(&image.reference(), document.cosign_type(), signer).await
        };
        let verified = ask(Signer::Workflow(sigstore, workflow)).await?;
        ensure!(verified.succeeded(), "{}", verified.stderr);
        let refused = ask(Signer::Workflow(sigstore, other)).await?;
        ensure!(!refused.succeeded(), "`{}` believes a stranger", refused.line);
    }
    attached_alike(registry, &image, &found).await
}

async fn attached_alike(
    registry: &Registry,
    image: &image::Image,
    found: &[image::FoundBundle],
) -> Result<()> {
    let theirs = found.first().context("no bundle")?;
    let ours = Referrer::bundle(&theirs.predicate_type, theirs.content.clone());
    let elsewhere = image::push_image(registry, "elsewhere", "v1", "keyless").await?;
    let ours = image::push_referrer(registry, &elsewhere, &ours).await?;
    let fields = async |repository: &str, digest: &str| {
        let manifest = registry.manifest(repository, digest).await?;
        let mut fields: BTreeMap<String, Value> = serde_json::from_slice(&manifest)?;
        if let Some(annotations) = fields.get_mut("annotations").and_then(Value::as_object_mut) {
            let created = annotations.insert("org.opencontainers.image.created".to_owned(), Value::Null);
            ensure!(created.is_some(), "no creation time in {repository}");
        }
        Ok(fields)
    };
    let (theirs, ours) =
        (fields(&image.repository, &theirs.manifest).await?, fields("elsewhere", &ours.digest).await?);
    ensure!(theirs == ours, "cosign attaches {theirs:#?}, we attach {ours:#?}");
    Ok(())
}

async fn without_sct(
    sigstore: &Sigstore,
    registry: &Registry,
    cosign: &Cosign,
    workflow: &Workflow,
) -> Result<()> {
    let image = image::push_image(registry, "without-sct", "v1", "without sct").await?.reference();
    let signer = Signer::WorkflowWithoutSct(sigstore, workflow);
    cosign.attest(&image, &Sbom::good(Timestamp::now()), signer).await?;
    let refused = cosign.verify_attestation(&image, "cyclonedx", signer).await?;
    ensure!(!refused.succeeded(), "cosign takes a certificate that is in no log");
    // Without the demand for an SCT the same bundle is good: only the SCT is missing.
    let mut lenient = cosign.verify_command(&image, "cyclonedx", signer)?;
    lenient.push("--insecure-ignore-sct");
    let verified = lenient.run().await?;
    ensure!(verified.succeeded(), "{}", verified.stderr);
    Ok(())
}

async fn another_root(
    world: &World,
    sigstore: &Sigstore,
    registry: &Registry,
    cosign: &Cosign,
    workflow: &Workflow,
) -> Result<()> {
    let other = sigstore.start_other(world, "other-sigstore").await?;
    let image = image::push_image(registry, "other-root", "v1", "other root").await?.reference();
    cosign.attest(&image, &Sbom::good(Timestamp::now()), Signer::Workflow(&other, workflow)).await?;
    let verified = cosign.verify_attestation(&image, "cyclonedx", Signer::Workflow(&other, workflow)).await?;
    ensure!(verified.succeeded(), "{}", verified.stderr);
    let refused =
        cosign.verify_attestation(&image, "cyclonedx", Signer::Workflow(sigstore, workflow)).await?;
    ensure!(!refused.succeeded(), "one Sigstore vouches for another's signature");
    Ok(())
}
