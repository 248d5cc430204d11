//! What several policies together make of one image.

use super::*;
use crate::{
    Mode, OnUndecided,
    testing::{at, digest, policy_id},
};

fn verdict(name: &str, mode: Mode, code: Code) -> PolicyVerdict {
    PolicyVerdict::of_code(policy_id(name), mode, OnUndecided::Deny, code, "found", "wanted")
}

fn judgement(policies: Vec<PolicyVerdict>) -> Judgement {
    Judgement::new("cart:1".to_owned(), ImageRef::parse("cart:1").ok(), Some(digest("image")), policies)
}

#[test]
fn the_strictest_policy_decides_in_any_order() {
    let warn = || verdict("a", Mode::Warn, Code::SbomMissing);
    let enforce = || verdict("b", Mode::Enforce, Code::ScanStale);
    assert_eq!(judgement(vec![warn(), enforce()]).effect(), Effect::Deny);
    assert_eq!(judgement(vec![enforce(), warn()]).effect(), Effect::Deny);
    assert_eq!(judgement(vec![warn()]).effect(), Effect::Warn);
    assert_eq!(judgement(vec![]).effect(), Effect::None);
}

#[test]
fn a_denial_is_retryable_only_when_all_that_denies_is() {
    let unreachable = || verdict("a", Mode::Enforce, Code::RegistryUnreachable);
    let stale = |mode| verdict("b", mode, Code::ScanStale);
    assert!(judgement(vec![unreachable()]).retryable());
    assert!(judgement(vec![unreachable(), stale(Mode::Warn)]).retryable());
    assert!(!judgement(vec![unreachable(), stale(Mode::Enforce)]).retryable());
    assert!(!judgement(vec![stale(Mode::Warn)]).retryable());
}

#[test]
fn every_finding_bears_the_images_digest_and_codes_are_distinct_and_in_order() {
    let judged = judgement(vec![
        verdict("a", Mode::Warn, Code::ScanStale),
        verdict("b", Mode::Warn, Code::SbomMissing),
        verdict("c", Mode::Warn, Code::ScanStale),
    ]);
    assert_eq!(judged.codes(), [Code::SbomMissing, Code::ScanStale]);
    let findings = judged.policies.iter().flat_map(|policy| &policy.verdict.findings);
    assert!(
        findings.clone().count() == 3
            && findings.clone().all(|finding| finding.digest == Some(digest("image")))
    );
}

#[test]
fn the_first_change_of_any_policy_is_the_judgements() {
    let mut policies =
        vec![verdict("a", Mode::Warn, Code::ScanStale), verdict("b", Mode::Warn, Code::ScanStale)];
    assert_eq!(judgement(policies.clone()).changes_at(), None);
    policies[0].verdict.changes_at = Some(at("2026-11-24T00:00:00Z"));
    policies[1].verdict.changes_at = Some(at("2026-11-23T00:00:00Z"));
    assert_eq!(judgement(policies).changes_at(), Some(at("2026-11-23T00:00:00Z")));
}

#[test]
fn it_is_written_with_the_names_that_programs_read() {
    let json = serde_json::to_value(judgement(vec![verdict("a", Mode::Warn, Code::ScanStale)])).unwrap();
    assert_eq!(json["image"], "cart:1");
    assert_eq!(json["reference"], "docker.io/library/cart:1");
    assert_eq!(json["policies"][0]["onUndecided"], "Deny");
    assert_eq!(json["policies"][0]["verdict"]["findings"][0]["code"], "ScanStale");
    assert_eq!(json["policies"][0]["verdict"]["findings"][0]["requirement"], "image");
    assert_eq!(json["policies"][0]["verdict"]["changesAt"], serde_json::Value::Null);
}
