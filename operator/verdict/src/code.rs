//! Reason codes: the public contract of denials, warnings, events, reports, metrics and exit texts.
//!
//! One table says all about each. Codes of fields that a policy cannot have yet are not in it.

use std::fmt;

use serde::{Serialize, Serializer};

/// What a code makes of the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Worth telling; changes nothing.
    Notice,
    /// The question could not be answered.
    Undecided,
    /// The answer is no.
    Denied,
}

/// A property beyond the class.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trait {
    /// The same request may end otherwise a moment later, with nobody having mended anything.
    Retryable,
    /// Comes with age alone, so a grace for running workloads may soften it.
    Softenable,
    /// No `onUndecided` lets it through: the gate itself was not working.
    Unrelaxable,
}

struct Row {
    name: &'static str,
    class: Class,
    traits: &'static [Trait],
    hint: &'static str,
}

macro_rules! table {
    ($($class:ident { $($(#[doc = $doc:literal])+ $code:ident [$($property:ident),*] $hint:literal)+ })+) => {
        /// Why a verdict is not a plain yes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($($(#[doc = $doc])+ $code,)+)+
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$($(Self::$code,)+)+];

            const fn row(self) -> Row {
                match self {
                    $($(Self::$code => Row {
                        name: stringify!($code),
                        class: Class::$class,
                        traits: &[$(Trait::$property),*],
                        hint: $hint,
                    },)+)+
                }
            }
        }
    };
}

table! {
    Denied {
        /// No SBOM for this image is attested.
        SbomMissing [] "attest one: cosign attest --type cyclonedx --predicate sbom.json IMAGE@DIGEST"
        /// The newest SBOM is older than `maxAge`.
        SbomStale [Softenable] "build or attest again, so that the SBOM has a newer metadata.timestamp"
        /// No AI provenance for this image is attested.
        AiProvenanceMissing [] "attest one: cosign attest --type https://tidewaiter.dev/attestation/ai-provenance/v1 --predicate provenance.json IMAGE@DIGEST"
        /// The newest AI provenance is older than `maxAge`.
        AiProvenanceStale [Softenable] "collect and attest again, so that the AI provenance has a newer collectedAt"
        /// Lines are attributed on weaker grounds than `minimumGrade`.
        GradeTooLow [] "record authorship while the code is written (git-ai, Agent Trace), or allow a share with maxUnknownPercent"
        /// More lines than `maxUnknownPercent` have no author that counts.
        UnknownShareExceeded [] "record who or what wrote the code while it is written; lines below minimumGrade count as unknown"
        /// More lines than `maxAIPercent` were written by AI.
        AiShareExceeded [] "have people write or rewrite a part of it, or raise aiProvenance.maxAIPercent in the policy"
        /// A tool or model that the policy does not approve, or that cannot be told from a denied one.
        ToolNotApproved [] "use an approved tool and model, or have this one added to tools.approved of the policy"
        /// A tool or model that the policy denies by name.
        ToolDenied [] "code by this tool may not run under this policy; see tools.denied"
        /// No vulnerability scan of this image is attested.
        ScanMissing [] "scan and attest: trivy image --format cosign-vuln -o scan.json IMAGE@DIGEST; cosign attest --type vuln --predicate scan.json IMAGE@DIGEST"
        /// The newest scan is older than `maxAge`.
        ScanStale [Softenable] "rescan and attest again: cosign attest --type vuln --predicate scan.json IMAGE@DIGEST"
        /// The scan found more of a severity than `atMost` allows.
        SeverityExceeded [] "update what is vulnerable, rebuild, and attest a scan of the new image"
        /// Statements for one image come from different source repositories.
        SourceMismatch [] "attest the SBOM and the AI provenance from the repository that the image was built from"
        /// A statement of the right type is there, by somebody whom the requirement does not name.
        SignerNotTrusted [] "sign from the workflow or with the key that signedBy names, or add this signer to the policy"
        /// A statement of the right type is there, and no key or root of the policy proves its signature.
        SignatureInvalid [] "sign with a key, or through a certificate authority, that the policy names"
        /// Signed as asked, but not proved to be in the log.
        LogProofMissing [] "sign with the transparency log on, in a bundle with inclusion proof (cosign 3 writes it)"
        /// No trustworthy time says how old the statement is.
        EvidenceUndated [] "give the document its own time (metadata.timestamp, collectedAt, scanFinishedOn), and not one ahead of the clock"
        /// A statement of the right type is there, about another digest.
        SubjectMismatch [] "attest the digest that is deployed; an index and its platform manifests have different ones"
        /// A statement of the right type and signer does not hold what the type promises.
        PredicateInvalid [] "mend the document and attest it again; what is wrong with it is said above"
        /// Two parsers would read the image reference differently.
        ImageAmbiguous [] "write the reference in full: host/repository:tag@sha256:…"
        /// A tag where the policy wants a digest.
        ImageNotPinned [] "write the reference with its digest: host/repository@sha256:…"
        /// No policy's patterns match an image in a selected namespace.
        NotCovered [] "add the repository to select.images of a policy, or use an image that one covers"
    }
    Undecided {
        /// The registry answered 401 or 403.
        RegistryRefused [] "give the Pod or its ServiceAccount a pull secret that may read the repository"
        /// The registry answered 429 or 5xx, or not at all.
        RegistryUnreachable [Retryable] "try again; if it lasts, look at the registry and at the network between it and the cluster"
        /// The registry answered with something that cannot be right.
        RegistryInvalid [] "the registry does not serve what it lists; push the attestations again or repair it"
        /// The registry knows no such image.
        ImageNotFound [] "look for a typing error in the name, tag or digest, or push the image first"
        /// The admission's time ran out.
        DeadlineExceeded [Retryable] "try again; what was fetched so far is kept"
        /// A bound on size or number was reached before everything was read.
        LimitExceeded [] "remove superfluous attestations from the image, or raise the limit in the operator's configuration"
        /// The policy, or a key or root it names, cannot be used.
        PolicyInvalid [] "see the conditions of the AIToolPolicy: kubectl describe aitoolpolicy NAME"
        /// This replica has not listed all policies and namespaces yet.
        NotReady [Retryable, Unrelaxable] "try again in a few seconds; a replica that has just started is still reading the policies"
        /// The object under admission cannot be read.
        ObjectUnreadable [Unrelaxable] "the object has no Pod template where its kind says; compare it with the API reference"
        /// Tidewaiter failed.
        InternalError [Retryable, Unrelaxable] "this is a fault of Tidewaiter; its log names the decision"
    }
    Notice {
        /// Something attached to the image is no attestation that can be read; it was skipped.
        EvidenceUnreadable [] "harmless unless it was meant as an attestation"
    }
}

// === impl Code ===

impl Code {
    /// The name, as every output has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().name
    }

    /// What it makes of the verdict.
    #[must_use]
    pub const fn class(self) -> Class {
        self.row().class
    }

    /// Whether the same request may end otherwise a moment later.
    #[must_use]
    pub fn retryable(self) -> bool {
        self.row().traits.contains(&Trait::Retryable)
    }

    /// Whether it comes with age alone, so that a grace may soften it.
    #[must_use]
    pub fn softenable(self) -> bool {
        self.row().traits.contains(&Trait::Softenable)
    }

    /// Whether `onUndecided` may let it through.
    #[must_use]
    pub fn relaxable(self) -> bool {
        !self.row().traits.contains(&Trait::Unrelaxable)
    }

    /// What to do about it.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        self.row().hint
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_age_softens_and_only_undecided_codes_are_retryable_or_unrelaxable() {
        for code in Code::ALL {
            assert_eq!(code.softenable(), code.as_str().ends_with("Stale"), "{code}");
            if code.retryable() || !code.relaxable() {
                assert_eq!(code.class(), Class::Undecided, "{code}");
            }
        }
    }

    #[test]
    fn no_policy_can_relax_a_gate_that_was_not_working() {
        let stuck: Vec<_> = Code::ALL.iter().filter(|code| !code.relaxable()).collect();
        assert_eq!(stuck, [&Code::NotReady, &Code::ObjectUnreadable, &Code::InternalError]);
    }

    #[test]
    fn every_hint_says_something_and_fits_a_line_of_a_denial() {
        for code in Code::ALL {
            assert!((20..=160).contains(&code.hint().len()), "{code}: {}", code.hint().len());
        }
    }
}
