//! What was proved about a statement. Facts only: whether they suffice is the policy's question.

use std::fmt;

use jiff::Timestamp;
use names::Digest;

use crate::anchor::AnchorId;

/// What was proved about one statement, and under what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The root or key that the signature was proved under. A private authority can mint any identity, so
    /// [`Proof::identity`] means nothing without it.
    pub anchor: AnchorId,
    /// Who the certificate was issued to; `None` for a key.
    pub identity: Option<Identity>,
    /// The OIDC issuer that vouched for [`Proof::identity`]; always there when that is.
    pub issuer: Option<String>,
    /// What the certificate says about the build; empty for a key.
    pub claims: Claims,
    /// Whether the signature was proved to be in a transparency log of [`Proof::root`].
    pub log: Log,
    /// Whether the certificate was proved to be in a certificate log of [`Proof::root`].
    pub sct: bool,
    /// Times at which the signature is proved to have existed already, earliest first. Never the time at
    /// which it was made: whoever can read an old signature can have it logged or stamped again.
    pub times: Vec<Timestamp>,
    /// `notBefore` of the signing certificate.
    pub certificate_not_before: Option<Timestamp>,
    /// Digest of the root that proved log and times.
    pub root: Option<Digest>,
}

impl Proof {
    /// The earliest time at which the signature is proved to have existed.
    pub fn verified_at(&self) -> Option<Timestamp> {
        self.times.first().copied()
    }
}

/// Whether a transparency log holds the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Log {
    /// Every log entry of the bundle was proved by Merkle path and signed checkpoint.
    InclusionProof,
    /// Nothing was proved about any log.
    None,
}

/// The subject alternative name of a signing certificate. Other kinds than these two are refused.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// A workload.
    Uri(String),
    /// A person, or an account that has an address. Never printed: `Debug` leaves the address out.
    Email(String),
}

impl Identity {
    /// The name itself, for comparison with a policy's pattern.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Uri(name) | Self::Email(name) => name,
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uri(name) => f.debug_tuple("Uri").field(name).finish(),
            Self::Email(_) => f.write_str("Email(..)"),
        }
    }
}

/// What a Fulcio certificate says about the build, by the extensions 1.3.6.1.4.1.57264.1.9 to .23
/// (github.com/sigstore/fulcio, docs/oid-info.md). Each is absent where the issuer does not state it. The
/// token's own subject (.24) is left out: it can name a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Claims {
    /// .9: the build configuration that signed, with its ref.
    pub build_signer_uri: Option<String>,
    /// .10: the commit that configuration was taken from.
    pub build_signer_digest: Option<String>,
    /// .11: `github-hosted` or `self-hosted`.
    pub runner_environment: Option<String>,
    /// .12: the repository that was built, as a URI.
    pub source_repository: Option<String>,
    /// .13: the commit that was built.
    pub source_repository_digest: Option<String>,
    /// .14: the ref that was built, such as `refs/heads/main`.
    pub source_repository_ref: Option<String>,
    /// .15: the provider's number for the repository, which a rename does not change.
    pub source_repository_identifier: Option<String>,
    /// .16: the repository's owner, as a URI.
    pub source_repository_owner: Option<String>,
    /// .17: the provider's number for the owner.
    pub source_repository_owner_identifier: Option<String>,
    /// .18: the build configuration that ran.
    pub build_config_uri: Option<String>,
    /// .19: the commit that configuration was taken from.
    pub build_config_digest: Option<String>,
    /// .20: the event that started the build, such as `push`.
    pub build_trigger: Option<String>,
    /// .21: the run, as a URI.
    pub run_invocation_uri: Option<String>,
    /// .22: `public`, `private` or `internal` when it was signed.
    pub source_repository_visibility: Option<String>,
    /// .23: the deployment environment, such as `production`.
    pub deployment_environment: Option<String>,
}
