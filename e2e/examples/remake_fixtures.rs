//! Makes the committed bundles of `operator/trust/testdata` anew: `make fixtures`.
//!
//! Real cosign signs in a world with two private Sigstores; what it stored in the registry is downloaded and
//! written down with the trusted roots and keys that vouch for it. Every file changes, because keys, times and
//! ports do: `signed.json` tells tests what was signed, by whom and when.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use e2e::{
    Options, World,
    cosign::{Cosign, Signer},
    documents::{AiProvenance, Document, Sbom, Scan},
    image,
    registry::Registry,
    sigstore::{Sigstore, Workflow},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

/// Repositories may share an image: the digest is the content's.
const LABEL: &str = "the image of the fixtures";
const PERSON: &str = "someone@example.test";

fn main() -> Result<()> {
    World::run(Options::default(), async |world| remake(world).await)
}

async fn remake(world: &World) -> Result<()> {
    let into = Path::new(env!("CARGO_MANIFEST_DIR")).join("../operator/trust/testdata");
    fs::create_dir_all(&into)?;
    let sigstore = Sigstore::start(world, "sigstore").await?;
    let other_sigstore = sigstore.start_other(world, "other-sigstore").await?;
    let maker = Maker {
        registry: Registry::start(world, "registry").await?,
        cosign: Cosign::new(world, "fixtures").await?,
        into,
    };
    let key = maker.cosign.generate_key_pair("cosign").await?;
    let other_key = maker.cosign.generate_key_pair("other").await?;
    let workflow = Workflow::default();

    let now = Timestamp::now();
    let (sbom, provenance, scan) = (Sbom::good(now), AiProvenance::good(now), Scan::good(now));
    let all: [(&str, &dyn Document); 3] = [("sbom", &sbom), ("ai-provenance", &provenance), ("vuln", &scan)];
    maker.bundles("keyless", LABEL, &all, Signer::Workflow(&sigstore, &workflow)).await?;
    maker.bundles("key", LABEL, &all, Signer::Key(&key)).await?;

    let one: [(&str, &dyn Document); 1] = [("sbom", &sbom)];
    maker.bundles("logged-key", LABEL, &one, Signer::LoggedKey(&sigstore, &key)).await?;
    maker.bundles("email", LABEL, &one, Signer::Person(&sigstore, PERSON)).await?;
    maker.bundles("without-sct", LABEL, &one, Signer::WorkflowWithoutSct(&sigstore, &workflow)).await?;
    maker.bundles("other-root", LABEL, &one, Signer::Workflow(&other_sigstore, &workflow)).await?;
    maker.bundles("other-key", LABEL, &one, Signer::Key(&other_key)).await?;
    maker.bundles("other-image", "another image", &one, Signer::Workflow(&sigstore, &workflow)).await?;

    maker.write("trusted_root.json", sigstore.trusted_root())?;
    maker.write("other_trusted_root.json", other_sigstore.trusted_root())?;
    maker.write("cosign.pub", key.public_pem()?)?;
    maker.write("other.pub", other_key.public_pem()?)?;
    let signed = json!({
        "subject": maker.image("keyless", LABEL).await?.digest,
        "otherSubject": maker.image("keyless", "another image").await?.digest,
        // A moment after the last signature: a time at which everything verifies.
        "checkedAt": format!("{:.0}", Timestamp::now() + SignedDuration::from_secs(1)),
        "identity": workflow.identity(),
        "issuer": sigstore.issuer(),
        "otherIssuer": other_sigstore.issuer(),
        "emailIdentity": PERSON,
        "emailIssuer": sigstore.person_issuer(),
    });
    maker.write("signed.json", format!("{signed:#}\n"))?;
    let image = maker.image("keyless", LABEL).await?;
    maker.write("image.manifest.json", maker.registry.manifest(&image.repository, &image.digest).await?)
}

struct Maker {
    registry: Registry,
    cosign: Cosign,
    into: PathBuf,
}

impl Maker {
    /// Attests documents to an image in a repository of its own and writes `cosign-VERSION-KIND-NAME`.
    async fn bundles(
        &self,
        kind: &str,
        label: &str,
        documents: &[(&str, &dyn Document)],
        signer: Signer<'_>,
    ) -> Result<()> {
        let image = self.image(kind, label).await?;
        let just: Vec<&dyn Document> = documents.iter().map(|(_, document)| *document).collect();
        self.cosign.attest_all(&image.reference(), &just, signer).await?;
        let found = image::bundles(&self.registry, &image).await?;
        for (name, document) in documents {
            let bundle = found
                .iter()
                .find(|bundle| bundle.predicate_type == document.predicate_type())
                .with_context(|| format!("cosign stored no {name} for {kind}"))?;
            let version = self.cosign.version();
            self.write(&format!("cosign-{version}-{kind}-{name}.sigstore.json"), &bundle.content)?;
        }
        Ok(())
    }

    async fn image(&self, kind: &str, label: &str) -> Result<image::Image> {
        image::push_image(&self.registry, &format!("fixtures/{kind}"), "v1", label).await
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Result<()> {
        let path = self.into.join(name);
        fs::write(&path, content).with_context(|| format!("cannot write {}", path.display()))
    }
}
