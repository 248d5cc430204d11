//! Who may say something about an image, and whether a proof shows that it was them.
//!
//! Not here: cryptography. `trust` reports what was proved; this compares it with what a policy wants.

use std::fmt;

use names::{Captures, Digest, TextPattern};
use trust::{AnchorId, Claims, Identity, Log, Proof};

/// A signer as a policy names it.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The name that requirements use.
    pub name: String,
    /// How it proves that it signed.
    pub proves: Proves,
    /// What a log must show.
    pub log: LogDemand,
}

/// How a signer proves that it signed.
#[derive(Clone, Debug)]
pub enum Proves {
    /// With a certificate for a workload's identity.
    Keyless {
        /// Digest of the one root that may have proved it: a private authority can mint any identity.
        root: Digest,
        /// The OIDC issuer, always exact.
        issuer: String,
        /// What the identity must match.
        subject: TextPattern,
        /// What the certificate must claim. A `{name}` bound by the subject must be equal here.
        claims: Vec<(ClaimName, TextPattern)>,
    },
    /// With one of these keys.
    Keys {
        /// SHA-256 of each key's SubjectPublicKeyInfo.
        keys: Vec<Digest>,
        /// Digest of the root that proves log and times; `None`: neither is believed.
        root: Option<Digest>,
    },
}

/// What a log must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogDemand {
    /// That it holds the signature.
    InclusionProof,
    /// Nothing. For keys alone.
    InsecureNone,
}

/// Why a proof does not show that a signer signed; a later one came closer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disbelief {
    /// Proved under another root or key.
    Anchor,
    /// Another OIDC issuer.
    Issuer,
    /// Another identity.
    Subject,
    /// A claim that is absent or another.
    Claim(ClaimName),
    /// The signer, but not proved to be in its log.
    Log,
}

/// A claim of a signing certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimName {
    /// The repository that was built.
    SourceRepository,
    /// Its ref.
    SourceRepositoryRef,
    /// Its commit.
    SourceRepositoryDigest,
    /// Its owner.
    SourceRepositoryOwner,
    /// `public`, `private` or `internal`.
    SourceRepositoryVisibility,
    /// `github-hosted` or `self-hosted`.
    RunnerEnvironment,
    /// The build configuration that signed.
    BuildSignerUri,
    /// The build configuration that ran.
    BuildConfigUri,
    /// The event that started the build.
    BuildTrigger,
    /// The deployment environment.
    DeploymentEnvironment,
}

// === impl Signer ===

impl Signer {
    /// Whether `proof` shows that this signer signed, with the log it must show.
    ///
    /// # Errors
    /// The last thing that did not match.
    pub fn believes(&self, proof: &Proof) -> Result<(), Disbelief> {
        if !self.rests_on(&proof.anchor) {
            return Err(Disbelief::Anchor);
        }
        if let Proves::Keyless { issuer, subject, claims, .. } = &self.proves {
            if proof.issuer.as_deref() != Some(issuer.as_str()) {
                return Err(Disbelief::Issuer);
            }
            let mut captures = Captures::new();
            let identity = proof.identity.as_ref().map(Identity::as_str);
            if !identity.is_some_and(|identity| subject.matches(identity, &mut captures)) {
                return Err(Disbelief::Subject);
            }
            for (name, wanted) in claims {
                if !name.of(&proof.claims).is_some_and(|claim| wanted.matches(claim, &mut captures)) {
                    return Err(Disbelief::Claim(*name));
                }
            }
        }
        match self.log {
            LogDemand::InsecureNone => Ok(()),
            LogDemand::InclusionProof if proof.log == Log::InclusionProof && self.trusts_times_of(proof) => {
                Ok(())
            }
            LogDemand::InclusionProof => Err(Disbelief::Log),
        }
    }

    /// Whether log and times of `proof` come from the root that this signer names for them.
    pub(crate) fn trusts_times_of(&self, proof: &Proof) -> bool {
        let root = match &self.proves {
            Proves::Keyless { root, .. } => Some(root),
            Proves::Keys { root, .. } => root.as_ref(),
        };
        root.is_some() && proof.root.as_ref() == root
    }

    /// Whether this signer's proofs rest on `anchor`.
    pub(crate) fn rests_on(&self, anchor: &AnchorId) -> bool {
        match (&self.proves, anchor) {
            (Proves::Keyless { root, .. }, AnchorId::Root(proved)) => root == proved,
            (Proves::Keys { keys, .. }, AnchorId::Key(proved)) => keys.contains(proved),
            (Proves::Keyless { .. }, AnchorId::Key(_)) | (Proves::Keys { .. }, AnchorId::Root(_)) => false,
        }
    }

    /// The roots or keys that this signer's proofs may rest on.
    pub(crate) fn anchors(&self) -> Vec<AnchorId> {
        match &self.proves {
            Proves::Keyless { root, .. } => vec![AnchorId::Root(root.clone())],
            Proves::Keys { keys, .. } => keys.iter().cloned().map(AnchorId::Key).collect(),
        }
    }
}

// === impl ClaimName ===

impl ClaimName {
    /// Every claim that a policy may ask for.
    pub const ALL: [Self; 10] = [
        Self::SourceRepository,
        Self::SourceRepositoryRef,
        Self::SourceRepositoryDigest,
        Self::SourceRepositoryOwner,
        Self::SourceRepositoryVisibility,
        Self::RunnerEnvironment,
        Self::BuildSignerUri,
        Self::BuildConfigUri,
        Self::BuildTrigger,
        Self::DeploymentEnvironment,
    ];

    /// The name that policies use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SourceRepository => "sourceRepository",
            Self::SourceRepositoryRef => "sourceRepositoryRef",
            Self::SourceRepositoryDigest => "sourceRepositoryDigest",
            Self::SourceRepositoryOwner => "sourceRepositoryOwner",
            Self::SourceRepositoryVisibility => "sourceRepositoryVisibility",
            Self::RunnerEnvironment => "runnerEnvironment",
            Self::BuildSignerUri => "buildSignerUri",
            Self::BuildConfigUri => "buildConfigUri",
            Self::BuildTrigger => "buildTrigger",
            Self::DeploymentEnvironment => "deploymentEnvironment",
        }
    }

    /// What a certificate claims.
    #[must_use]
    pub fn of(self, claims: &Claims) -> Option<&str> {
        match self {
            Self::SourceRepository => &claims.source_repository,
            Self::SourceRepositoryRef => &claims.source_repository_ref,
            Self::SourceRepositoryDigest => &claims.source_repository_digest,
            Self::SourceRepositoryOwner => &claims.source_repository_owner,
            Self::SourceRepositoryVisibility => &claims.source_repository_visibility,
            Self::RunnerEnvironment => &claims.runner_environment,
            Self::BuildSignerUri => &claims.build_signer_uri,
            Self::BuildConfigUri => &claims.build_config_uri,
            Self::BuildTrigger => &claims.build_trigger,
            Self::DeploymentEnvironment => &claims.deployment_environment,
        }
        .as_deref()
    }
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests;
