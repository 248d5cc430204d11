//! Every field has a case here that fails if compiling ignores it. Who is selected and who signs have files of
//! their own.

use std::fmt::Debug;

use rstest::rstest;
use verdict::{AiProvenanceRule, Mode, OnUndecided, Rules, SbomRule, ScanRule, ToolRules};

use super::{FULL, SHORT, compiled, edited};
use crate::Compiled;

fn rules(compiled: &Compiled) -> &Rules {
    compiled.rules.as_ref().unwrap()
}

fn sbom(compiled: &Compiled) -> &SbomRule {
    rules(compiled).sbom.as_ref().unwrap()
}

fn provenance(compiled: &Compiled) -> &AiProvenanceRule {
    rules(compiled).ai_provenance.as_ref().unwrap()
}

fn scan(compiled: &Compiled) -> &ScanRule {
    rules(compiled).scan.as_ref().unwrap()
}

fn tools(compiled: &Compiled) -> &ToolRules {
    rules(compiled).tools.as_ref().unwrap()
}

fn shown(value: impl Debug) -> String {
    format!("{value:?}")
}

#[rstest]
#[case::mode_warn("mode: Enforce", "mode: Warn", |it: &Compiled| shown((it.mode, rules(it).mode)), "(Enforce, Enforce)", "(Warn, Warn)")]
#[case::mode_audit("mode: Enforce", "mode: Audit", |it: &Compiled| shown((it.mode, rules(it).mode)), "(Enforce, Enforce)", "(Audit, Audit)")]
#[case::on_undecided(
    "onUndecided: Deny",
    "onUndecided: InsecureAllow",
    |it: &Compiled| shown((it.on_undecided, rules(it).on_undecided)),
    "(Deny, Deny)",
    "(InsecureAllow, InsecureAllow)"
)]
#[case::tags_deny("tags: Pin", "tags: Deny", |it: &Compiled| shown(it.tags), "Pin", "Deny")]
#[case::tags_allow("tags: Pin", "tags: InsecureAllow", |it: &Compiled| shown(it.tags), "Pin", "InsecureAllow")]
#[case::other_images(
    "otherImages: Deny",
    "otherImages: InsecureAllow",
    |it: &Compiled| shown(it.other_images),
    "Deny",
    "InsecureAllow"
)]
fn what_findings_do_is_as_written(
    #[case] from: &str,
    #[case] to: &str,
    #[case] field: fn(&Compiled) -> String,
    #[case] before: &str,
    #[case] after: &str,
) {
    assert_eq!(field(&compiled(FULL)), before);
    assert_eq!(field(&compiled(&edited(FULL, from, to))), after);
}

#[rstest]
#[case::sbom_signed_by("sbom: { signedBy: [ci]", "sbom: { signedBy: [scanner]", |it: &Compiled| shown(&sbom(it).signed_by), r#"["ci"]"#, r#"["scanner"]"#)]
#[case::sbom_max_age("maxAge: 2160h", "maxAge: 1h30m", |it: &Compiled| shown(sbom(it).max_age), "Some(2160h)", "Some(1h30m)")]
#[case::provenance_signed_by("[ci, scanner]", "[scanner]", |it: &Compiled| shown(&provenance(it).signed_by), r#"["ci", "scanner"]"#, r#"["scanner"]"#)]
#[case::provenance_max_age("maxAge: 720h", "maxAge: 90m", |it: &Compiled| shown(provenance(it).max_age), "Some(720h)", "Some(1h30m)")]
#[case::grade_declared("Grade: Observed", "Grade: Declared", |it: &Compiled| shown(provenance(it).minimum_grade), "Some(Observed)", "Some(Declared)")]
#[case::grade_witnessed("Grade: Observed", "Grade: Witnessed", |it: &Compiled| shown(provenance(it).minimum_grade), "Some(Observed)", "Some(Witnessed)")]
#[case::max_unknown_percent("UnknownPercent: 20", "UnknownPercent: 0", |it: &Compiled| shown(provenance(it).max_unknown_percent), "Some(20)", "Some(0)")]
#[case::max_ai_percent("AIPercent: 80", "AIPercent: 100", |it: &Compiled| shown(provenance(it).max_ai_percent), "Some(80)", "Some(100)")]
#[case::scan_signed_by("signedBy: [scanner]", "signedBy: [ci]", |it: &Compiled| shown(&scan(it).signed_by), r#"["scanner"]"#, r#"["ci"]"#)]
#[case::scan_max_age("maxAge: 24h", "maxAge: 48h", |it: &Compiled| shown(scan(it).max_age), "Some(24h)", "Some(48h)")]
fn requirements_are_as_written(
    #[case] from: &str,
    #[case] to: &str,
    #[case] field: fn(&Compiled) -> String,
    #[case] before: &str,
    #[case] after: &str,
) {
    assert_eq!(field(&compiled(FULL)), before);
    assert_eq!(field(&compiled(&edited(FULL, from, to))), after);
}

#[rstest]
#[case::critical(
    "critical: 0",
    "critical: 1",
    "[(critical, 1), (high, 5), (medium, 10), (low, 20), (negligible, 30), (unknown, 40)]"
)]
#[case::high(
    "high: 5",
    "high: 6",
    "[(critical, 0), (high, 6), (medium, 10), (low, 20), (negligible, 30), (unknown, 40)]"
)]
#[case::medium(
    "medium: 10",
    "medium: 11",
    "[(critical, 0), (high, 5), (medium, 11), (low, 20), (negligible, 30), (unknown, 40)]"
)]
#[case::low(
    "low: 20",
    "low: 21",
    "[(critical, 0), (high, 5), (medium, 10), (low, 21), (negligible, 30), (unknown, 40)]"
)]
#[case::negligible(
    "negligible: 30",
    "negligible: 31",
    "[(critical, 0), (high, 5), (medium, 10), (low, 20), (negligible, 31), (unknown, 40)]"
)]
#[case::unknown(
    "unknown: 40",
    "unknown: 41",
    "[(critical, 0), (high, 5), (medium, 10), (low, 20), (negligible, 30), (unknown, 41)]"
)]
#[case::without_critical(
    "critical: 0, ",
    "",
    "[(high, 5), (medium, 10), (low, 20), (negligible, 30), (unknown, 40)]"
)]
fn each_severity_has_its_own_bound_and_an_absent_one_has_none(
    #[case] from: &str,
    #[case] to: &str,
    #[case] bounds: &str,
) {
    let compiled = compiled(&edited(FULL, from, to));
    let at_most = &scan(&compiled).at_most;
    let shown: Vec<_> = at_most.iter().map(|(severity, most)| format!("({severity}, {most})")).collect();
    assert_eq!(format!("[{}]", shown.join(", ")), bounds);
}

#[rstest]
#[case::unlisted("unlisted: Deny", "unlisted: Allow", |it: &Compiled| shown(tools(it).unlisted), "Deny", "Allow")]
#[case::approved_name("claude-code", "codex", |it: &Compiled| shown(&tools(it).approved[0].name), r#""claude-code""#, r#""codex""#)]
#[case::approved_versions("\">=2\"", "\">=2.1, <3\"", |it: &Compiled| shown(&tools(it).approved[0].versions), "Some(>=2)", "Some(>=2.1, <3)")]
#[case::approved_models("\"anthropic/claude-*\"", "\"openai/*\", \"google/*\"", |it: &Compiled| shown(&tools(it).approved[0].models), "[anthropic/claude-*]", "[openai/*, google/*]")]
#[case::denied_name("cursor", "windsurf", |it: &Compiled| shown(&tools(it).denied[0].name), r#""cursor""#, r#""windsurf""#)]
#[case::denied_versions("\"<2\"", "\"1.2\"", |it: &Compiled| shown(&tools(it).denied[0].versions), "Some(<2)", "Some(1.2)")]
#[case::denied_models("\"*/legacy-*\"", "\"*/old-*\"", |it: &Compiled| shown(&tools(it).denied[0].models), "[*/legacy-*]", "[*/old-*]")]
#[case::denied_reason("fails the injection suite", "no licence", |it: &Compiled| shown(&tools(it).denied[0].reason), r#"Some("fails the injection suite")"#, r#"Some("no licence")"#)]
#[case::denied_from("2026-09-01T00:00:00Z", "2027-01-01T02:00:00+02:00", |it: &Compiled| shown(tools(it).denied[0].from), "Some(2026-09-01T00:00:00Z)", "Some(2027-01-01T00:00:00Z)")]
fn tools_are_as_written(
    #[case] from: &str,
    #[case] to: &str,
    #[case] field: fn(&Compiled) -> String,
    #[case] before: &str,
    #[case] after: &str,
) {
    assert_eq!(field(&compiled(FULL)), before);
    assert_eq!(field(&compiled(&edited(FULL, from, to))), after);
}

#[test]
fn all_entries_are_kept_in_their_order() {
    let second = "    approved:\n    - { name: codex }\n";
    let compiled = compiled(&edited(FULL, "    approved:\n", second));
    let names: Vec<_> = tools(&compiled).approved.iter().map(|tool| tool.name.as_str()).collect();
    assert_eq!(names, ["codex", "claude-code"]);
}

#[test]
fn an_absent_field_of_an_entry_bounds_nothing() {
    let bare = "    - { name: cursor }\n";
    let (head, _) = FULL.split_once("    - { name: cursor").unwrap();
    let compiled = compiled(&format!("{head}{bare}"));
    let denied = &tools(&compiled).denied[0];
    assert_eq!(
        shown((&denied.versions, &denied.models, &denied.reason, denied.from)),
        "(None, [], None, None)"
    );
}

#[test]
fn what_is_absent_is_the_safe_default_or_not_judged() {
    let compiled = compiled(SHORT);
    assert_eq!(compiled.mode, Mode::Warn);
    assert_eq!(compiled.on_undecided, OnUndecided::Deny);
    assert_eq!(shown((compiled.tags, compiled.other_images)), "(Pin, Deny)");
    let rules = rules(&compiled);
    assert!(rules.sbom.is_none() && rules.ai_provenance.is_none() && rules.tools.is_none());
    let scan = rules.scan.as_ref().unwrap();
    assert!(scan.max_age.is_none() && scan.at_most.is_empty());
}

#[rstest]
#[case::none("mode: Enforce", "mode: Warn", &[])]
#[case::on_undecided("onUndecided: Deny", "onUndecided: InsecureAllow", &["onUndecided: InsecureAllow"])]
#[case::tags("tags: Pin", "tags: InsecureAllow", &["tags: InsecureAllow"])]
#[case::other_images("otherImages: Deny", "otherImages: InsecureAllow", &["otherImages: InsecureAllow"])]
fn what_loosens_security_is_told(#[case] from: &str, #[case] to: &str, #[case] told: &[&str]) {
    let mut expected = told.to_vec();
    expected.push("signers[scanner].proof: InsecureNone");
    assert_eq!(compiled(&edited(FULL, from, to)).insecure, expected);
}

#[test]
fn the_rules_bear_the_policys_name_object_and_generation() {
    let compiled = compiled(FULL);
    let id = &compiled.id;
    assert_eq!((id.name.as_str(), id.uid.as_str(), id.generation), ("production", "5f3c", 7));
    assert_eq!(&rules(&compiled).policy, id);
}

#[test]
fn a_policy_from_a_file_has_neither_object_nor_generation() {
    let id = compiled(SHORT).id;
    assert_eq!((id.name.as_str(), id.uid.as_str(), id.generation), ("short", "", 0));
}

#[test]
fn a_policys_digest_is_of_its_spec_and_of_nothing_else() {
    let digest = |yaml: &str| compiled(yaml).id.digest;
    assert_eq!(digest(FULL), digest(&edited(FULL, "name: production", "name: staging")));
    assert_ne!(digest(FULL), digest(&edited(FULL, "tags: Pin", "tags: Deny")));
    assert_ne!(digest(FULL), digest(&edited(FULL, "critical: 0", "critical: 1")));
}
