//! The decision as a whole, by the promise that is tested.

mod absence;
mod changes;
mod content;
mod source;
mod time;
mod unread;

use evidence::Evidence;

use super::*;
use crate::{
    rules::Rules,
    testing::{now, rules, sound},
};

/// Outcome and codes now.
fn judged(rules: &Rules, evidence: &Evidence) -> (Outcome, Vec<Code>) {
    let verdict = decide(rules, evidence, now());
    (verdict.outcome, verdict.codes())
}

fn denied(codes: &[Code]) -> (Outcome, Vec<Code>) {
    (Outcome::Denied, codes.to_vec())
}

fn allowed() -> (Outcome, Vec<Code>) {
    (Outcome::Allowed, Vec::new())
}

#[test]
fn everything_in_order_is_allowed_without_a_finding() {
    assert_eq!(judged(&rules(), &sound()), allowed());
}

#[test]
fn every_finding_names_policy_statement_since_and_hint() {
    let verdict = decide(&rules(), &Evidence::default(), now());
    assert_eq!(verdict.codes(), [Code::SbomMissing, Code::AiProvenanceMissing, Code::ScanMissing]);
    for finding in &verdict.findings {
        assert_eq!(finding.policy, "production");
        assert_eq!(finding.hint.as_deref(), Some(finding.code.hint()));
    }
}
