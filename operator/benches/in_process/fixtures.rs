//! The image, its evidence and the policy: what real cosign signed, and a policy that it all satisfies.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use crds::AIToolPolicy;
use evidence::Evidence;
use jiff::Timestamp;
use names::Digest;
use rulebook::{Compiled, Materials, NamespaceFacts, RuleBook};
use serde::Deserialize;
use serde_json::json;

macro_rules! testdata {
    ($name:literal) => {
        include_bytes!(concat!("../../trust/testdata/", $name))
    };
}

/// The Sigstore root under which the keyless bundles verify.
pub(crate) const ROOT: &[u8] = testdata!("trusted_root.json");
const KEY: &[u8] = testdata!("cosign.pub");
const SIGNED: &[u8] = testdata!("signed.json");
const MANIFEST: &[u8] = testdata!("image.manifest.json");
/// Predicate type, as a referrer's annotation names it, and bundle: SBOM, AI provenance, scan.
pub(crate) type Bundles = [(&'static str, &'static [u8]); 3];
const KEY_SIGNED: Bundles = [
    (SBOM, testdata!("cosign-3.1.3-key-sbom.sigstore.json")),
    (AI_PROVENANCE, testdata!("cosign-3.1.3-key-ai-provenance.sigstore.json")),
    (SCAN, testdata!("cosign-3.1.3-key-vuln.sigstore.json")),
];
const KEYLESS: Bundles = [
    (SBOM, testdata!("cosign-3.1.3-keyless-sbom.sigstore.json")),
    (AI_PROVENANCE, testdata!("cosign-3.1.3-keyless-ai-provenance.sigstore.json")),
    (SCAN, testdata!("cosign-3.1.3-keyless-vuln.sigstore.json")),
];
const SBOM: &str = "https://cyclonedx.org/bom";
const AI_PROVENANCE: &str = "https://tidewaiter.dev/attestation/ai-provenance/v1";
const SCAN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";

/// Who signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signed {
    /// A key, without a log.
    Key,
    /// A workflow: certificate with SCT, log entry, timestamp.
    Keyless,
}

impl Signed {
    /// In a sentence, and as the first segment of repositories.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key-signed",
            Self::Keyless => "keyless",
        }
    }

    /// The three bundles.
    pub(crate) const fn bundles(self) -> &'static Bundles {
        match self {
            Self::Key => &KEY_SIGNED,
            Self::Keyless => &KEYLESS,
        }
    }
}

/// What the fixtures say of themselves.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Facts {
    subject: Digest,
    checked_at: Timestamp,
    identity: String,
    issuer: String,
}

/// One image with three attestations, and the policy in force.
pub(crate) struct Fixtures {
    /// The image's digest.
    pub(crate) subject: Digest,
    /// The image's manifest: what its tag names.
    pub(crate) manifest: Bytes,
    /// A time at which everything is valid and fresh.
    pub(crate) now: Timestamp,
    /// The one policy.
    pub(crate) book: RuleBook,
    /// A namespace that it selects.
    pub(crate) namespace: NamespaceFacts,
}

impl Fixtures {
    /// Reads and compiles them.
    pub(crate) fn read() -> anyhow::Result<Self> {
        let facts: Facts = serde_json::from_slice(SIGNED).context("signed.json")?;
        ensure!(Digest::sha256(MANIFEST) == facts.subject, "the manifest is not that of the signed image");
        let book = RuleBook::compile(&[policy(&facts)?], &materials()?);
        let labels = [("env".to_owned(), "prod".to_owned())].into();
        Ok(Self {
            subject: facts.subject,
            manifest: Bytes::from_static(MANIFEST),
            now: facts.checked_at,
            book,
            namespace: NamespaceFacts { name: "shop".to_owned(), labels },
        })
    }

    /// The one policy, compiled.
    pub(crate) fn policy(&self) -> anyhow::Result<&Compiled> {
        self.book.policies().first().map(Arc::as_ref).context("one policy is in the book")
    }

    /// The keyless evidence, verified and read.
    pub(crate) fn evidence(&self) -> anyhow::Result<Evidence> {
        let mut evidence = Evidence::default();
        for (_, bytes) in Signed::Keyless.bundles() {
            let bundle = trust::Bundle::parse(Bytes::from_static(bytes))?;
            let verified = self
                .policy()?
                .anchors
                .iter()
                .find_map(|anchor| trust::verify(&bundle, &self.subject, anchor, self.now).ok())
                .context("a bundle that no anchor of the policy proves")?;
            evidence.documents.push(Arc::new(evidence::read(&verified)));
        }
        Ok(evidence)
    }
}

fn materials() -> anyhow::Result<Materials> {
    let map = |key: &str, bytes: &[u8]| -> anyhow::Result<_> {
        Ok([(key.to_owned(), String::from_utf8(bytes.to_vec())?)].into())
    };
    let root = ("sigstore".to_owned(), map("trusted_root.json", ROOT)?);
    let key = ("release-key".to_owned(), map("cosign.pub", KEY)?);
    Ok(Materials { config_maps: [root, key].into() })
}

/// Everything required, a workflow and a key believed, one tool approved.
fn policy(facts: &Facts) -> anyhow::Result<Arc<AIToolPolicy>> {
    let believed = json!(["ci", "key"]);
    let object = json!({
        "apiVersion": "tidewaiter.dev/v1alpha1",
        "kind": "AIToolPolicy",
        "metadata": { "name": "production", "uid": "production", "generation": 1 },
        "spec": {
            "mode": "Enforce",
            "select": { "namespaces": { "matchLabels": { "env": "prod" } } },
            "signers": [
                {
                    "name": "ci",
                    "keyless": { "issuer": facts.issuer, "subject": facts.identity },
                    "trustRoot": { "configMap": { "name": "sigstore", "key": "trusted_root.json" } },
                },
                {
                    "name": "key",
                    "keys": [{ "configMap": { "name": "release-key", "key": "cosign.pub" } }],
                    "proof": "InsecureNone",
                },
            ],
            "require": {
                "sbom": { "signedBy": believed, "maxAge": "2160h" },
                "aiProvenance": { "signedBy": believed, "minimumGrade": "Observed", "maxUnknownPercent": 20 },
                "vulnerabilityScan": { "signedBy": believed, "maxAge": "24h", "atMost": { "critical": 0 } },
            },
            "tools": {
                "unlisted": "Deny",
                "approved": [{ "name": "claude-code", "versions": ">=2", "models": ["anthropic/claude-*"] }],
            },
        },
    });
    serde_json::from_value(object).map(Arc::new).context("the policy is not as its type says")
}
