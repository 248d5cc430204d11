//! Whom a policy believes, and by what proof.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{CONFIG_MAP_KEY, CONFIG_MAP_NAME, ISSUER, PEM, SIGNER_NAME, TEXT_PATTERN, claims};

/// What a keyless certificate can claim beside its subject, by the names that `claims` takes.
pub const CLAIMS: [&str; 10] = [
    "buildConfigUri",
    "buildSignerUri",
    "buildTrigger",
    "deploymentEnvironment",
    "runnerEnvironment",
    "sourceRepository",
    "sourceRepositoryDigest",
    "sourceRepositoryOwner",
    "sourceRepositoryRef",
    "sourceRepositoryVisibility",
];

/// Somebody whose signature counts: a workflow or person known to an identity provider (`keyless`), or who
/// holds one of some keys (`keys`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.keyless) != has(self.keys)")
        .message("a signer has exactly one of keyless and keys"),
    validation = Rule::new("self.proof != 'InsecureNone' || !has(self.keyless)")
        .message("proof: InsecureNone is for keys only; a keyless signature without a log proves nothing once its certificate has ended"),
    validation = Rule::new("!has(self.keyless) || has(self.trustRoot)")
        .message("a keyless signer needs trustRoot.configMap"),
    validation = Rule::new("!has(self.keys) || self.proof == 'InsecureNone' || has(self.trustRoot)")
        .message("keys with proof: InclusionProof need trustRoot.configMap, which names the log"),
    validation = Rule::new("!has(self.keys) || self.proof != 'InsecureNone' || !has(self.trustRoot)")
        .message("keys with proof: InsecureNone rest on no log: leave trustRoot out, or say proof: InclusionProof")
)]
pub struct Signer {
    /// What requirements call this signer.
    #[schemars(length(min = 1, max = 63), regex(pattern = SIGNER_NAME))]
    pub name: String,

    /// An identity certified for a few minutes, as cosign does without a key. Exactly one of `keyless` and
    /// `keys` must be set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyless: Option<Keyless>,

    /// Public keys, any of which may have signed; several are there while keys are rotated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 8))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub keys: Vec<PublicKey>,

    /// The certificate authorities, logs and timestamp authorities that are believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust_root: Option<TrustRoot>,

    /// What must show that the signature was logged: InclusionProof demands a proof that the log holds it;
    /// InsecureNone demands nothing and is for keys only.
    #[serde(default)]
    pub proof: Proof,
}

/// An identity that a certificate authority vouched for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Keyless {
    /// The identity provider, exactly as the certificate has it, such as
    /// `https://token.actions.githubusercontent.com`.
    #[schemars(length(min = 8, max = 512), regex(pattern = ISSUER))]
    pub issuer: String,

    /// A pattern over the certificate's subject, such as
    /// `https://github.com/shop/{repo}/.github/workflows/release.yml@refs/heads/main`. `*` stays inside a
    /// segment, `**` is one or more segments, `{name}` one whole segment that must be equal wherever this
    /// signer repeats it.
    #[schemars(length(min = 1, max = 512), regex(pattern = TEXT_PATTERN))]
    pub subject: String,

    /// Patterns over what else the certificate says, each of which must match: buildConfigUri,
    /// buildSignerUri, buildTrigger, deploymentEnvironment, runnerEnvironment, sourceRepository,
    /// sourceRepositoryDigest, sourceRepositoryOwner, sourceRepositoryRef, sourceRepositoryVisibility.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "claims")]
    pub claims: BTreeMap<String, String>,
}

/// One public key, inline or in a ConfigMap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new("has(self.pem) != has(self.configMap)").message("a key has exactly one of pem and configMap"))]
pub struct PublicKey {
    /// The key itself: `-----BEGIN PUBLIC KEY-----` and what follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 4096), regex(pattern = PEM))]
    pub pem: Option<String>,

    /// Where the key lies in the operator's namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map: Option<ConfigMapKey>,
}

/// Whom to believe about identities, logs and times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrustRoot {
    /// Where a Sigstore `trusted_root.json` lies in the operator's namespace.
    pub config_map: ConfigMapKey,
}

/// One entry of a ConfigMap in the operator's namespace. Secrets cannot be named: nothing here is secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfigMapKey {
    /// The ConfigMap's name.
    #[schemars(length(min = 1, max = 253), regex(pattern = CONFIG_MAP_NAME))]
    pub name: String,

    /// The key in its `data`.
    #[schemars(length(min = 1, max = 253), regex(pattern = CONFIG_MAP_KEY))]
    pub key: String,
}

/// What must show that a signature was logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Proof {
    /// A proof that the log holds the signature.
    #[default]
    InclusionProof,
    /// Nothing: nobody can tell when it was signed, or that it was signed in the open.
    InsecureNone,
}
