//! A verdict together with the policy that asked for it, and so with what it does.

use serde::Serialize;

use crate::{
    code::{Class, Code},
    effect::{Effect, Mode, OnUndecided},
    finding::{Finding, Requirement},
    rules::PolicyId,
    verdict::Verdict,
};

/// What one policy makes of one image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyVerdict {
    /// Which policy.
    pub policy: PolicyId,
    /// What its findings do.
    pub mode: Mode,
    /// What it says of undecided verdicts.
    pub on_undecided: OnUndecided,
    /// What was found.
    pub verdict: Verdict,
}

// === impl PolicyVerdict ===

impl PolicyVerdict {
    /// A verdict of a single finding made before there was evidence to decide on: the image is not covered,
    /// the registry gave no answer, the policy cannot be compiled.
    #[must_use]
    pub fn of_code(
        policy: PolicyId,
        mode: Mode,
        on_undecided: OnUndecided,
        code: Code,
        found: &str,
        wanted: &str,
    ) -> Self {
        let requirement = if code == Code::PolicyInvalid { Requirement::Policy } else { Requirement::Image };
        let finding = Finding::new(&policy.name, requirement, code, found, wanted);
        Self { policy, mode, on_undecided, verdict: Verdict::new(vec![finding], None) }
    }

    /// What is to be done about it. Never stricter than the mode.
    #[must_use]
    pub fn effect(&self) -> Effect {
        let relaxable = self.verdict.findings.iter().all(|finding| finding.code.relaxable());
        Effect::of(self.verdict.outcome, self.mode, self.on_undecided, relaxable)
    }

    /// The findings that count against the image, so without notices.
    pub fn objections(&self) -> impl Iterator<Item = &Finding> {
        self.verdict.findings.iter().filter(|finding| finding.code.class() != Class::Notice)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::testing::policy_id;

    #[rstest]
    #[case(Mode::Enforce, OnUndecided::Deny, Code::ScanStale, Effect::Deny)]
    #[case(Mode::Enforce, OnUndecided::InsecureAllow, Code::ScanStale, Effect::Deny)]
    #[case(Mode::Warn, OnUndecided::Deny, Code::ScanStale, Effect::Warn)]
    #[case(Mode::Audit, OnUndecided::Deny, Code::ScanStale, Effect::Audit)]
    #[case(Mode::Enforce, OnUndecided::Deny, Code::RegistryUnreachable, Effect::Deny)]
    #[case(Mode::Enforce, OnUndecided::InsecureAllow, Code::RegistryUnreachable, Effect::Warn)]
    #[case(Mode::Warn, OnUndecided::Deny, Code::RegistryUnreachable, Effect::Warn)]
    #[case(Mode::Warn, OnUndecided::InsecureAllow, Code::RegistryUnreachable, Effect::Warn)]
    #[case(Mode::Audit, OnUndecided::Deny, Code::RegistryUnreachable, Effect::Audit)]
    #[case(Mode::Audit, OnUndecided::InsecureAllow, Code::RegistryUnreachable, Effect::Audit)]
    #[case(Mode::Enforce, OnUndecided::InsecureAllow, Code::NotReady, Effect::Deny)]
    #[case(Mode::Enforce, OnUndecided::InsecureAllow, Code::ObjectUnreadable, Effect::Deny)]
    #[case(Mode::Enforce, OnUndecided::InsecureAllow, Code::InternalError, Effect::Deny)]
    #[case(Mode::Enforce, OnUndecided::Deny, Code::EvidenceUnreadable, Effect::None)]
    fn mode_outcome_and_on_undecided_make_the_effect(
        #[case] mode: Mode,
        #[case] on_undecided: OnUndecided,
        #[case] code: Code,
        #[case] effect: Effect,
    ) {
        let verdict = PolicyVerdict::of_code(policy_id("p"), mode, on_undecided, code, "x", "y");
        assert_eq!(verdict.effect(), effect);
    }
}
