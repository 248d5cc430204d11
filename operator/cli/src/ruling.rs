//! One word for what would happen to one image.

use serde::Serialize;
use verdict::{Effect, Judgement, Outcome};

/// What would happen to an image. Worse is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Ruling {
    /// Every policy is content.
    Allowed,
    /// Let in unseen: no policy covers the image, and none that selects its namespace minds.
    NotJudged,
    /// Let in; what was found is written down.
    Audited,
    /// Let in with a warning.
    Warned,
    /// Turned away, because it could not be found out whether it may run.
    Undecided,
    /// Turned away for what was found.
    Denied,
}

impl Ruling {
    /// Only a policy that turns the image away says why it is turned away: what another one merely warns of does
    /// not make an undecided image a denied one.
    pub(crate) fn of(judgement: &Judgement) -> Self {
        let denied = |policy: &verdict::PolicyVerdict| {
            policy.effect() == Effect::Deny && policy.verdict.outcome == Outcome::Denied
        };
        match judgement.effect() {
            _ if judgement.policies.is_empty() => Self::NotJudged,
            Effect::None => Self::Allowed,
            Effect::Audit => Self::Audited,
            Effect::Warn => Self::Warned,
            Effect::Deny if judgement.policies.iter().any(denied) => Self::Denied,
            Effect::Deny => Self::Undecided,
        }
    }

    /// As it stands in a table.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::NotJudged => "not judged",
            Self::Audited => "audited",
            Self::Warned => "warned",
            Self::Undecided => "undecided",
            Self::Denied => "denied",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use names::Digest;
    use rstest::rstest;
    use verdict::{Code, Mode, OnUndecided, PolicyId, PolicyVerdict};

    use super::*;

    /// A judgement of an image with one finding for each policy.
    pub(crate) fn judgement(image: &str, policies: &[(Mode, OnUndecided, Code)]) -> Judgement {
        let verdicts = policies.iter().map(|(mode, on_undecided, code)| {
            let digest = Digest::sha256(b"a spec");
            let id = PolicyId { name: "production".to_owned(), uid: String::new(), generation: 1, digest };
            PolicyVerdict::of_code(id, *mode, *on_undecided, *code, "something was found", "")
        });
        Judgement::new(image.to_owned(), None, None, verdicts.collect())
    }

    use Code::{EvidenceUnreadable, RegistryUnreachable, ScanStale};
    use Mode::{Audit, Enforce, Warn};
    use OnUndecided::{Deny, InsecureAllow};

    #[rstest]
    #[case(&[], Ruling::NotJudged)]
    #[case(&[(Enforce, Deny, EvidenceUnreadable)], Ruling::Allowed)]
    #[case(&[(Audit, Deny, ScanStale)], Ruling::Audited)]
    #[case(&[(Warn, Deny, ScanStale)], Ruling::Warned)]
    #[case(&[(Enforce, InsecureAllow, RegistryUnreachable)], Ruling::Warned)]
    #[case(&[(Enforce, Deny, RegistryUnreachable)], Ruling::Undecided)]
    #[case(&[(Enforce, Deny, RegistryUnreachable), (Warn, Deny, ScanStale)], Ruling::Undecided)]
    #[case(&[(Enforce, Deny, RegistryUnreachable), (Enforce, Deny, ScanStale)], Ruling::Denied)]
    fn the_strictest_policy_gives_the_word(
        #[case] policies: &[(Mode, OnUndecided, Code)],
        #[case] expected: Ruling,
    ) {
        assert_eq!(Ruling::of(&judgement("registry.example.com/shop/cart:1.4", policies)), expected);
    }
}
