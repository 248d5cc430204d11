//! Everything that was decided about one image in one request.

use jiff::Timestamp;
use names::{Digest, ImageRef};
use serde::{Serialize, Serializer};

use crate::{code::Code, effect::Effect, finding::Finding, policy_verdict::PolicyVerdict};

/// One image and what every policy that selects it makes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// The reference as written in the object.
    pub image: String,
    /// The reference in full; `None` where it cannot be read.
    #[serde(serialize_with = "in_full")]
    pub reference: Option<ImageRef>,
    /// The digest that was judged; `None` where it was not resolved.
    pub digest: Option<Digest>,
    /// One verdict for each policy. All must pass.
    pub policies: Vec<PolicyVerdict>,
}

// === impl Judgement ===

impl Judgement {
    /// Puts the verdicts together, and the image's digest into each finding.
    #[must_use]
    pub fn new(
        image: String,
        reference: Option<ImageRef>,
        digest: Option<Digest>,
        mut policies: Vec<PolicyVerdict>,
    ) -> Self {
        let findings = policies.iter_mut().flat_map(|policy| policy.verdict.findings.iter_mut());
        for finding in findings {
            finding.digest.clone_from(&digest);
        }
        Self { image, reference, digest, policies }
    }

    /// The strictest effect of any policy.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.policies.iter().map(PolicyVerdict::effect).max().unwrap_or(Effect::None)
    }

    /// The distinct codes of all policies, in the order of the table.
    #[must_use]
    pub fn codes(&self) -> Vec<Code> {
        let mut codes: Vec<_> = self.policies.iter().flat_map(|policy| policy.verdict.codes()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Whether the same request may be let in a moment later: everything that denies it is retryable.
    /// False where nothing denies it.
    #[must_use]
    pub fn retryable(&self) -> bool {
        let mut denying = self.denying().peekable();
        denying.peek().is_some() && denying.all(|finding| finding.code.retryable())
    }

    /// The first instant at which time alone changes any policy's verdict.
    #[must_use]
    pub fn changes_at(&self) -> Option<Timestamp> {
        self.policies.iter().filter_map(|policy| policy.verdict.changes_at).min()
    }

    /// The findings of the policies that turn the image away.
    pub(crate) fn denying(&self) -> impl Iterator<Item = &Finding> {
        let denying = self.policies.iter().filter(|policy| policy.effect() == Effect::Deny);
        denying.flat_map(PolicyVerdict::objections)
    }
}

#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn in_full<S: Serializer>(reference: &Option<ImageRef>, serializer: S) -> Result<S::Ok, S::Error> {
    match reference {
        Some(reference) => serializer.collect_str(reference),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests;
