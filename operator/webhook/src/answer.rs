//! What is sent back: from judgements to allowed or not, with words, codes and annotations.
//!
//! Pure: no clock, no I/O, nothing about HTTP. Not here: the prose about findings, which is `verdict`'s.

use std::collections::{BTreeMap, BTreeSet};

use verdict::{Code, Effect, Judgement, Mode, prose};

use crate::{
    bounds::{MAX_WARNING, clip, join, printable},
    door::Door,
    metrics::Outcome,
    patch::Replace,
    reply::{Patch, Reply, Response, Status},
};

/// Longest account of why nothing could be judged, in characters. With the words around it, a hint and four
/// bytes a character it stays below the 4,096 bytes of a denial.
const MAX_FOUND: usize = 900;

/// What became of a request, before it is put into words.
#[derive(Debug)]
pub(crate) enum Ruling {
    /// Let through without a judgement, for the reason that [`Outcome`] names.
    Passed(Outcome),
    /// Every image judged.
    Judged(Vec<Judgement>),
    /// The pinning door's patch; may be empty.
    Pinned(Vec<Replace>),
    /// Nothing could be judged. Turned away at the Pod door whatever the policies say, a warning elsewhere.
    Unjudged {
        /// `NotReady`, `ObjectUnreadable`, `InternalError` and their like.
        code: Code,
        /// What was met.
        found: String,
    },
}

/// An answer, ready to be written.
#[derive(Debug)]
pub(crate) struct Answer {
    /// How it is counted.
    pub(crate) outcome: Outcome,
    /// Why the request is turned away; `None` when it goes on.
    denial: Option<String>,
    warnings: Vec<String>,
    annotations: BTreeMap<&'static str, String>,
    patch: Vec<Replace>,
}

// === impl Answer ===

impl Answer {
    /// The answer of `door` to `ruling`, under the name `decision`.
    pub(crate) fn of(door: Door, ruling: &Ruling, decision: &str) -> Self {
        match ruling {
            Ruling::Passed(outcome) => Self::passed(*outcome, decision),
            Ruling::Pinned(patch) => {
                let outcome = if patch.is_empty() { Outcome::Allowed } else { Outcome::Pinned };
                Self { patch: patch.clone(), ..Self::silent(outcome) }
            }
            Ruling::Judged(judgements) if judgements.is_empty() => {
                Self::unjudged(door, Code::ObjectUnreadable, "the object names no image", decision)
            }
            Ruling::Judged(judgements) => Self::judged(&as_seen_at(door, judgements), decision),
            Ruling::Unjudged { code, found } => Self::unjudged(door, *code, found, decision),
        }
    }

    /// Whether the request goes on.
    pub(crate) const fn is_allowed(&self) -> bool {
        self.denial.is_none()
    }

    /// The codes found, joined by commas; empty when there are none.
    pub(crate) fn codes(&self) -> &str {
        self.annotations.get("codes").map_or("", String::as_str)
    }

    /// The whole AdmissionReview that answers the request `uid`, in JSON.
    pub(crate) fn into_json(self, uid: &str) -> Vec<u8> {
        Reply::new(Response {
            uid,
            allowed: self.is_allowed(),
            status: self.denial.map(Status::forbidden),
            warnings: self.warnings,
            audit_annotations: self.annotations,
            patch: Patch::of(&self.patch),
        })
        .to_json()
    }

    fn silent(outcome: Outcome) -> Self {
        Self { outcome, denial: None, warnings: Vec::new(), annotations: BTreeMap::new(), patch: Vec::new() }
    }

    /// A static Pod is on record; everything else that passes is not a decision and leaves no trace.
    fn passed(outcome: Outcome, decision: &str) -> Self {
        let mut answer = Self::silent(outcome);
        if outcome == Outcome::Mirror {
            answer.annotations = annotations(outcome, decision, &[]);
        }
        answer
    }

    fn judged(judgements: &[Judgement], decision: &str) -> Self {
        let effect = judgements.iter().map(Judgement::effect).max().unwrap_or(Effect::None);
        let outcome = match effect {
            Effect::None | Effect::Audit => Outcome::Allowed,
            Effect::Warn => Outcome::Warned,
            Effect::Deny if denied_for_what_was_found(judgements) => Outcome::Denied,
            Effect::Deny => Outcome::Undecided,
        };
        Self {
            denial: (effect == Effect::Deny).then(|| prose::denial(judgements, decision)),
            warnings: prose::warnings(judgements),
            annotations: annotations(outcome, decision, judgements),
            ..Self::silent(outcome)
        }
    }

    fn unjudged(door: Door, code: Code, found: &str, decision: &str) -> Self {
        if door == Door::Pin {
            return Self::silent(Outcome::Allowed);
        }
        let found = printable(found);
        let outcome = if door.is_strict() { Outcome::Undecided } else { Outcome::Warned };
        let mut answer = Self::silent(outcome);
        answer.annotations = annotations(outcome, decision, &[]);
        answer.annotations.insert("codes", code.as_str().to_owned());
        if door.is_strict() {
            let found = clip(&found, MAX_FOUND);
            let hint = code.hint();
            let again = if code.retryable() { "retryable" } else { "not retryable" };
            answer.denial = Some(format!(
                "{code}: the object was held back: nothing could be judged\n  {code}: {found}\n    hint: {hint}\n\
                 decision {decision}; {again}"
            ));
        } else {
            answer.warnings.push(clip(&format!("{code}: nothing was judged: {found}"), MAX_WARNING));
        }
        answer
    }
}

/// At an early door an undecided image is only a warning: its Pods are judged again, at the door that decides.
fn as_seen_at(door: Door, judgements: &[Judgement]) -> Vec<Judgement> {
    let mut seen = judgements.to_vec();
    if !door.is_strict() {
        let verdicts = seen.iter_mut().flat_map(|judgement| &mut judgement.policies);
        for verdict in verdicts.filter(|verdict| verdict.verdict.outcome == verdict::Outcome::Undecided) {
            if verdict.mode == Mode::Enforce {
                verdict.mode = Mode::Warn;
            }
        }
    }
    seen
}

fn denied_for_what_was_found(judgements: &[Judgement]) -> bool {
    judgements.iter().flat_map(|judgement| &judgement.policies).any(|verdict| {
        verdict.effect() == Effect::Deny && verdict.verdict.outcome == verdict::Outcome::Denied
    })
}

/// For the API server's audit log: enough to find the decision again, and nothing about who asked.
fn annotations(outcome: Outcome, decision: &str, judgements: &[Judgement]) -> BTreeMap<&'static str, String> {
    let codes: BTreeSet<Code> = judgements.iter().flat_map(Judgement::codes).collect();
    let verdicts = judgements.iter().flat_map(|judgement| &judgement.policies);
    let policies: BTreeSet<&str> = verdicts.map(|verdict| verdict.policy.name.as_str()).collect();
    let digests = judgements.iter().filter_map(|judgement| judgement.digest.as_ref());
    let digests: BTreeSet<String> = digests.map(ToString::to_string).collect();
    let mut annotations = BTreeMap::from([
        ("decision", decision.to_owned()),
        ("outcome", format!("{outcome:?}")),
        ("codes", join(codes.into_iter().map(Code::as_str))),
        ("policies", join(policies)),
        ("digests", join(digests.iter().map(String::as_str))),
    ]);
    annotations.retain(|_, value| !value.is_empty());
    annotations
}

#[cfg(test)]
mod tests;
