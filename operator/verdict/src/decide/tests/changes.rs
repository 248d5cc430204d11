//! `changes_at`: outcome and codes are constant until it, and others at it.

use std::sync::Arc;

use evidence::Document;
use jiff::SignedDuration;
use names::Age;
use proptest::prelude::*;
use trust::Proof;

use super::*;
use crate::{
    DeniedTool, ToolRules, Unlisted,
    testing::{CLAUDE, TODAY, age, ai_by, at, by_ci, by_key, evidence, sbom, scan, scan_by, scan_only},
};

fn codes_at(rules: &Rules, evidence: &Evidence, instant: Timestamp) -> (Outcome, Vec<Code>) {
    let verdict = decide(rules, evidence, instant);
    (verdict.outcome, verdict.codes())
}

#[test]
fn a_scan_that_passes_changes_the_verdict_when_it_goes_stale() {
    let verdict = decide(&scan_only(), &evidence(vec![scan(TODAY, 0)]), now());
    assert_eq!(verdict.changes_at, Some(at("2026-11-23T09:00:00.000000001Z")));
}

#[test]
fn the_first_of_several_requirements_to_go_stale_counts() {
    let verdict = decide(&rules(), &sound(), now());
    assert_eq!(verdict.changes_at, Some(at("2026-11-23T09:00:00.000000001Z")));
}

#[test]
fn a_statement_ahead_of_the_clock_changes_the_verdict_when_the_clock_comes_near() {
    let verdict = decide(&scan_only(), &evidence(vec![scan("2026-11-22T13:00:00Z", 0)]), now());
    assert_eq!(verdict.codes(), [Code::EvidenceUndated]);
    assert_eq!(verdict.changes_at, Some(at("2026-11-22T12:55:00Z")));
}

#[test]
fn a_tool_that_will_be_denied_changes_the_verdict_when_it_is() {
    let from = Some(at("2026-11-22T18:00:00Z"));
    let entry =
        DeniedTool { name: "claude".to_owned(), versions: None, models: Vec::new(), reason: None, from };
    let tools = ToolRules { unlisted: Unlisted::Allow, approved: Vec::new(), denied: vec![entry] };
    let rules = Rules { tools: Some(tools), ..rules() };
    assert_eq!(decide(&rules, &sound(), now()).changes_at, from);
}

#[test]
fn what_is_wrong_already_does_not_change_by_going_stale_elsewhere() {
    let verdict = decide(&scan_only(), &Evidence::default(), now());
    assert_eq!(verdict.changes_at, None);
    let stale = decide(&scan_only(), &evidence(vec![scan("2026-11-13T12:00:00Z", 0)]), now());
    assert_eq!(stale.changes_at, None);
}

/// Hours from now, some of which fall on each other, and half of which carry a nanosecond.
fn hours() -> impl Strategy<Value = Timestamp> {
    (-60_i64..60, 0_i64..2).prop_map(|(hours, nanos)| {
        let offset = SignedDuration::from_hours(hours) + SignedDuration::from_nanos(nanos);
        now().checked_add(offset).unwrap()
    })
}

fn text(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), |time| time.to_string())
}

/// Keyless with a proved time, keyless with none, or by the key.
fn proof() -> impl Strategy<Value = Proof> {
    prop_oneof![
        hours().prop_map(|time| by_ci(&time.to_string())),
        Just({
            let mut proof = by_ci(TODAY);
            proof.times.clear();
            proof
        }),
        Just(by_key()),
    ]
}

fn statement() -> impl Strategy<Value = Arc<Document>> {
    let time = || proptest::option::weighted(0.8, hours());
    prop_oneof![
        (time(), proof()).prop_map(|(time, proof)| sbom(&text(time), proof)),
        (hours(), proof()).prop_map(|(time, proof)| ai_by(&text(Some(time)), CLAUDE, proof)),
        (time(), proof(), 0_usize..2, 0_usize..3).prop_map(|(time, proof, critical, uri)| {
            scan_by(["trivy", "grype", ""][uri], &text(time), critical, proof)
        }),
    ]
}

fn ages() -> impl Strategy<Value = Option<Age>> {
    prop_oneof![Just(None), Just(age("1h")), Just(age("24h")), Just(age("36h"))]
}

fn policies() -> impl Strategy<Value = Rules> {
    (ages(), ages(), ages(), proptest::option::of(hours())).prop_map(|(sbom, ai, scan, from)| {
        let both = || vec!["ci".to_owned(), "scanner".to_owned()];
        let mut rules = rules();
        if let Some(rule) = &mut rules.sbom {
            (rule.max_age, rule.signed_by) = (sbom, both());
        }
        if let Some(rule) = &mut rules.ai_provenance {
            (rule.max_age, rule.signed_by) = (ai, both());
        }
        if let Some(rule) = &mut rules.scan {
            (rule.max_age, rule.signed_by) = (scan, both());
        }
        if let Some(tools) = &mut rules.tools {
            let (name, versions, models, reason) = ("claude-code".to_owned(), None, Vec::new(), None);
            tools.denied.extend(from.map(|from| DeniedTool {
                name,
                versions,
                models,
                reason,
                from: Some(from),
            }));
        }
        rules
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn outcome_and_codes_are_constant_until_it_and_others_at_it(
        rules in policies(),
        documents in proptest::collection::vec(statement(), 0..8),
        samples in proptest::collection::vec((0_i64..200 * 3600, 0_i64..3), 40),
    ) {
        let evidence = evidence(documents);
        let verdict = decide(&rules, &evidence, now());
        let current = (verdict.outcome, verdict.codes());
        if let Some(change) = verdict.changes_at {
            prop_assert!(change > now());
            prop_assert_ne!(&codes_at(&rules, &evidence, change), &current);
            let before = change.checked_sub(SignedDuration::from_nanos(1)).unwrap();
            prop_assert_eq!(&codes_at(&rules, &evidence, before), &current);
        }
        for (seconds, nanos) in samples {
            // Whole hours and a nanosecond around them are where things happen.
            let seconds = if nanos == 0 { seconds } else { seconds / 3600 * 3600 };
            let offset = SignedDuration::from_secs(seconds) + SignedDuration::from_nanos(nanos);
            let instant = now().checked_add(offset).unwrap();
            if verdict.changes_at.is_none_or(|change| instant < change) {
                prop_assert_eq!(&codes_at(&rules, &evidence, instant), &current, "at {}", instant);
            }
        }
    }
}
