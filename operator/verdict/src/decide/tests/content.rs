//! What the deciding statements say, and rules that judge nothing.

use names::Severity;
use rstest::rstest;

use super::*;
use crate::{
    AiProvenanceRule, ApprovedTool, ScanRule, ToolRules, Unlisted,
    finding::Requirement,
    testing::{
        CLAUDE, SBOM, TODAY, ai, ai_rule, at, by_ci, by_key, document, evidence, no_rules, sbom, scan,
        scan_only, scan_rule,
    },
};

#[rstest]
#[case(vec![(Severity::Critical, 0)], 0, true)]
#[case(vec![(Severity::Critical, 0)], 1, false)]
#[case(vec![(Severity::Critical, 1)], 1, true)]
#[case(vec![(Severity::High, 0)], 1, true)]
#[case(vec![], 1, true)]
#[case(vec![(Severity::High, 9), (Severity::Critical, 0)], 1, false)]
fn each_listed_severity_has_its_own_limit_and_others_are_not_judged(
    #[case] at_most: Vec<(Severity, u64)>,
    #[case] critical: usize,
    #[case] passes: bool,
) {
    let rules = Rules { scan: Some(ScanRule { at_most, ..scan_rule() }), ..no_rules() };
    let wanted = if passes { allowed() } else { denied(&[Code::SeverityExceeded]) };
    assert_eq!(judged(&rules, &evidence(vec![scan(TODAY, critical)])), wanted);
}

#[test]
fn a_requirement_that_the_policy_does_not_have_is_not_judged() {
    assert_eq!(judged(&scan_only(), &evidence(vec![scan(TODAY, 0)])), allowed());
}

#[test]
fn shares_and_tools_of_the_ai_provenance_are_judged() {
    let strict = AiProvenanceRule { max_unknown_percent: Some(4), max_ai_percent: Some(27), ..ai_rule() };
    let approved = vec![ApprovedTool { name: "codex".to_owned(), versions: None, models: Vec::new() }];
    let tools = ToolRules { unlisted: Unlisted::Deny, approved, denied: Vec::new() };
    let rules = Rules { ai_provenance: Some(strict), tools: Some(tools), ..no_rules() };
    let wanted = denied(&[Code::UnknownShareExceeded, Code::AiShareExceeded, Code::ToolNotApproved]);
    assert_eq!(judged(&rules, &evidence(vec![ai(TODAY, CLAUDE)])), wanted);
}

#[test]
fn a_finding_about_content_rests_on_its_statement_and_dates_from_it() {
    let bad = scan(TODAY, 1);
    let verdict = decide(&scan_only(), &evidence(vec![bad.clone()]), now());
    let [finding] = verdict.findings.as_slice() else { panic!("{verdict:?}") };
    assert_eq!(finding.evidence.as_ref(), Some(bad.digest()));
    assert_eq!((finding.since, finding.requirement), (Some(at(TODAY)), Requirement::VulnerabilityScan));
}

#[test]
fn an_unreadable_statement_of_the_right_type_and_signer_is_invalid_and_not_missing() {
    let broken = document(SBOM, r#"{"bomFormat":"CycloneDX","specVersion":"1.4"}"#, by_ci(TODAY));
    let rules = Rules { sbom: rules().sbom, ..no_rules() };
    assert_eq!(judged(&rules, &evidence(vec![broken])), denied(&[Code::PredicateInvalid]));
}

#[test]
fn a_statement_of_a_type_that_nobody_asked_for_is_skipped() {
    let other = document("https://slsa.dev/provenance/v1", "{}", by_key());
    let mut documents = sound().documents;
    documents.push(other.clone());
    assert_eq!(judged(&rules(), &evidence(documents)), allowed());
    assert_eq!(judged(&scan_only(), &evidence(vec![other])), denied(&[Code::ScanMissing]));
}

#[test]
fn the_order_in_which_evidence_arrives_changes_no_word() {
    let mut documents = vec![
        sbom(TODAY, by_key()),
        ai(TODAY, ""),
        scan(TODAY, 1),
        scan(TODAY, 2),
        scan("2026-11-20T09:00:00Z", 0),
        sbom("2026-11-20T09:00:00Z", by_key()),
    ];
    let first = decide(&rules(), &evidence(documents.clone()), now());
    assert_eq!(first.outcome, Outcome::Denied);
    for _ in 0..documents.len() {
        documents.rotate_left(1);
        assert_eq!(decide(&rules(), &evidence(documents.clone()), now()), first);
        documents.reverse();
        assert_eq!(decide(&rules(), &evidence(documents.clone()), now()), first);
    }
}

#[test]
fn one_payload_in_two_bundles_is_told_once() {
    let twice = evidence(vec![scan(TODAY, 1), scan(TODAY, 1)]);
    assert_eq!(decide(&scan_only(), &twice, now()).findings.len(), 1);
}

#[rstest]
#[case::requires_nothing(no_rules())]
#[case::believes_nobody(Rules { scan: Some(ScanRule { signed_by: Vec::new(), ..scan_rule() }), ..no_rules() })]
#[case::names_a_stranger(Rules { scan: Some(ScanRule { signed_by: vec!["x".to_owned()], ..scan_rule() }), ..no_rules() })]
#[case::tools_without_provenance(Rules { tools: rules().tools, ..scan_only() })]
fn a_policy_under_which_nothing_would_be_checked_is_never_allowed(#[case] rules: Rules) {
    assert_eq!(judged(&rules, &sound()), (Outcome::Undecided, vec![Code::PolicyInvalid]));
}
