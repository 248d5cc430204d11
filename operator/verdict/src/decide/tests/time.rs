//! Which statement decides, and how old it is.

use std::sync::Arc;

use evidence::Document;
use rstest::rstest;

use super::*;
use crate::{
    LogDemand, Proves, ScanRule, Signer,
    testing::{
        SBOM, TODAY, age, at, broken_scan, by_ci, by_key, ci, digest, document, evidence, no_rules, sbom,
        scan, scan_by, scan_only, scan_rule, scanner,
    },
};

const NINE_DAYS: &str = "2026-11-13T12:00:00Z";
const YESTERDAY: &str = "2026-11-21T13:00:00Z";
/// What cosign writes where there is no time.
const NONE: &str = "0001-01-01T00:00:00Z";

fn scans(documents: Vec<Arc<Document>>) -> (Outcome, Vec<Code>) {
    judged(&scan_only(), &evidence(documents))
}

#[rstest]
#[case("2026-11-21T12:00:00Z", true)]
#[case("2026-11-21T11:59:59.999999999Z", false)]
fn exactly_the_allowed_age_is_allowed(#[case] time: &str, #[case] passes: bool) {
    let wanted = if passes { allowed() } else { denied(&[Code::ScanStale]) };
    assert_eq!(scans(vec![scan(time, 0)]), wanted);
}

#[test]
fn each_requirement_has_its_own_age_and_code() {
    let mut rules = rules();
    rules.sbom.as_mut().unwrap().max_age = age("2h");
    rules.ai_provenance.as_mut().unwrap().max_age = age("2h");
    rules.scan.as_mut().unwrap().max_age = age("2h");
    let wanted = denied(&[Code::SbomStale, Code::AiProvenanceStale, Code::ScanStale]);
    assert_eq!(judged(&rules, &sound()), wanted);
    rules.sbom.as_mut().unwrap().max_age = None;
    rules.ai_provenance.as_mut().unwrap().max_age = None;
    rules.scan.as_mut().unwrap().max_age = None;
    assert_eq!(judged(&rules, &sound()), allowed());
}

#[test]
fn a_stale_finding_tells_since_when() {
    let verdict = decide(&scan_only(), &evidence(vec![scan(NINE_DAYS, 0)]), now());
    assert_eq!(verdict.findings[0].since, Some(at("2026-11-14T12:00:00.000000001Z")));
}

#[test]
fn an_older_good_scan_does_not_hide_a_newer_bad_one() {
    assert_eq!(scans(vec![scan(YESTERDAY, 0), scan(TODAY, 1)]), denied(&[Code::SeverityExceeded]));
}

#[test]
fn a_newer_good_scan_replaces_an_older_bad_one_of_any_version_of_its_scanner() {
    let older = scan_by("pkg:github/aquasecurity/trivy@0.69.0", YESTERDAY, 1, by_key());
    assert_eq!(scans(vec![older, scan(TODAY, 0)]), allowed());
}

#[test]
fn a_good_scan_does_not_replace_a_bad_one_of_another_scanner() {
    let other = |time| scan_by("pkg:github/anchore/grype@1", time, 1, by_key());
    assert_eq!(scans(vec![other(YESTERDAY), scan(TODAY, 0)]), denied(&[Code::SeverityExceeded]));
    // However old it is.
    assert_eq!(scans(vec![other(NINE_DAYS), scan(TODAY, 0)]), denied(&[Code::SeverityExceeded]));
}

#[test]
fn a_good_scan_that_is_stale_needs_only_one_fresh_beside_it() {
    let other = scan_by("pkg:github/anchore/grype@1", NINE_DAYS, 0, by_key());
    assert_eq!(scans(vec![other, scan(TODAY, 0)]), allowed());
}

#[test]
fn a_bad_scan_that_is_stale_fails_for_both() {
    assert_eq!(scans(vec![scan(NINE_DAYS, 1)]), denied(&[Code::ScanStale, Code::SeverityExceeded]));
}

#[test]
fn of_two_equally_new_the_worse_wins() {
    assert_eq!(scans(vec![scan(TODAY, 0), scan(TODAY, 1)]), denied(&[Code::SeverityExceeded]));
}

#[test]
fn a_signer_that_says_no_counts_beside_one_that_says_yes() {
    let triage = Signer {
        name: "triage".to_owned(),
        proves: Proves::Keys { keys: vec![digest("second")], root: None },
        log: LogDemand::InsecureNone,
    };
    let mut proof = by_key();
    proof.anchor = trust::AnchorId::Key(digest("second"));
    let bad = scan_by("trivy", YESTERDAY, 1, proof);
    let both = vec!["scanner".to_owned(), "triage".to_owned()];
    let rules = Rules {
        signers: vec![scanner(), triage],
        scan: Some(ScanRule { signed_by: both, ..scan_rule() }),
        ..no_rules()
    };
    assert_eq!(
        judged(&rules, &evidence(vec![bad.clone(), scan(TODAY, 0)])),
        denied(&[Code::SeverityExceeded])
    );
    // Whom the requirement does not name, it does not hear.
    let one = Rules { scan: Some(scan_rule()), ..rules };
    assert_eq!(judged(&one, &evidence(vec![bad, scan(TODAY, 0)])), allowed());
}

#[test]
fn a_broken_scan_replaces_the_older_of_its_scanner_and_is_replaced_by_a_newer() {
    let broken = |time| broken_scan(&format!(r#""scanFinishedOn":"{time}""#), by_key());
    assert_eq!(scans(vec![scan(YESTERDAY, 0), broken(TODAY)]), denied(&[Code::PredicateInvalid]));
    assert_eq!(scans(vec![scan(TODAY, 0), broken(YESTERDAY)]), allowed());
}

#[test]
fn a_broken_scan_that_names_no_scanner_may_be_any_scanners_newest() {
    let nameless = |verified| document(crate::testing::SCAN, r#""clear""#, by_ci(verified));
    let signed_by = vec!["ci".to_owned()];
    let rules = Rules { scan: Some(ScanRule { signed_by, ..scan_rule() }), ..no_rules() };
    let both = |broken, good| {
        evidence(vec![
            nameless(broken),
            scan_by("trivy", good, 0, by_ci(good)),
            scan_by("grype", good, 0, by_ci(good)),
        ])
    };
    assert_eq!(judged(&rules, &both(TODAY, YESTERDAY)), denied(&[Code::PredicateInvalid]));
    assert_eq!(judged(&rules, &both(YESTERDAY, TODAY)), allowed());
    assert_eq!(judged(&rules, &evidence(vec![nameless(TODAY)])), denied(&[Code::PredicateInvalid]));
}

#[rstest]
#[case("2026-11-22T12:05:00Z", true)]
#[case("2026-11-22T12:05:00.000000001Z", false)]
#[case("2027-11-22T12:00:00Z", false)]
fn a_time_may_be_ahead_of_now_by_the_drift_of_a_clock(#[case] time: &str, #[case] passes: bool) {
    let wanted = if passes { allowed() } else { denied(&[Code::EvidenceUndated]) };
    assert_eq!(scans(vec![scan(time, 0)]), wanted);
}

#[rstest]
#[case("2026-11-22T09:05:00Z", true)]
#[case("2026-11-22T09:05:01Z", false)]
fn a_time_may_be_ahead_of_the_proved_one_by_the_drift_of_a_clock(#[case] time: &str, #[case] passes: bool) {
    let rules = Rules { sbom: rules().sbom, ..no_rules() };
    let wanted = if passes { allowed() } else { denied(&[Code::EvidenceUndated]) };
    assert_eq!(judged(&rules, &evidence(vec![sbom(time, by_ci(TODAY))])), wanted);
}

#[test]
fn a_time_proved_under_a_root_that_the_signer_does_not_name_proves_nothing() {
    let mut proof = by_key();
    proof.times = vec![at(NINE_DAYS)];
    proof.root = Some(digest("strange"));
    assert_eq!(scans(vec![scan_by("trivy", TODAY, 0, proof)]), allowed());
}

#[test]
fn an_undated_statement_by_a_key_fails_every_age_and_loses_every_comparison() {
    assert_eq!(scans(vec![scan(NONE, 0)]), denied(&[Code::EvidenceUndated]));
    assert_eq!(scans(vec![scan(NONE, 1), scan(TODAY, 0)]), allowed());
    assert_eq!(scans(vec![scan(NONE, 0), scan(TODAY, 1)]), denied(&[Code::SeverityExceeded]));
}

#[test]
fn without_an_age_an_undated_statement_passes_on_what_it_says() {
    let rules = Rules { scan: Some(ScanRule { max_age: None, ..scan_rule() }), ..no_rules() };
    assert_eq!(judged(&rules, &evidence(vec![scan(NONE, 0)])), allowed());
    assert_eq!(judged(&rules, &evidence(vec![scan(NONE, 1)])), denied(&[Code::SeverityExceeded]));
}

#[test]
fn a_keyless_statement_without_a_time_has_the_proved_one() {
    let rules = Rules { sbom: rules().sbom, ..no_rules() };
    let undated =
        |verified| document(SBOM, r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#, by_ci(verified));
    assert_eq!(judged(&rules, &evidence(vec![undated(TODAY)])), allowed());
    assert_eq!(judged(&rules, &evidence(vec![undated("2026-01-01T00:00:00Z")])), denied(&[Code::SbomStale]));
}

#[test]
fn logging_an_old_statement_again_makes_it_no_newer() {
    let rules = Rules {
        signers: vec![ci()],
        scan: Some(ScanRule { signed_by: vec!["ci".to_owned()], ..scan_rule() }),
        ..no_rules()
    };
    let good_logged_today = scan_by("trivy", NINE_DAYS, 0, by_ci(TODAY));
    let bad_since = scan_by("trivy", YESTERDAY, 1, by_ci(YESTERDAY));
    assert_eq!(judged(&rules, &evidence(vec![good_logged_today.clone()])), denied(&[Code::ScanStale]));
    assert_eq!(
        judged(&rules, &evidence(vec![good_logged_today, bad_since])),
        denied(&[Code::SeverityExceeded])
    );
}

#[test]
fn a_time_that_is_no_time_is_invalid() {
    let text = r#"{"scanner":{"uri":"trivy","result":{"SchemaVersion":2}},"metadata":{"scanFinishedOn":"22 Nov 2026"}}"#;
    let odd = document(crate::testing::SCAN, text, by_key());
    assert!(scans(vec![odd]).1.contains(&Code::PredicateInvalid));
}
