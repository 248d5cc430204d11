//! That the builders write what they promise; whether cosign and our readers accept it is shown end to end.

use jiff::{SignedDuration, Timestamp};

use super::{AiProvenance, Document, Sbom, Scan};

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().expect("a valid time")
}

#[test]
fn lines_add_up_to_the_scope_unless_a_test_overrides_it() {
    let good = AiProvenance::good(now()).predicate();
    assert_eq!(good["scope"]["lines"], 4400);
    let lying = AiProvenance { scope_lines: Some(1), ..AiProvenance::good(now()) }.predicate();
    assert_eq!(lying["scope"]["lines"], 1);
}

#[test]
fn tools_and_models_account_for_every_ai_line() {
    let predicate = AiProvenance::good(now()).predicate();
    assert_eq!(predicate["tools"][0]["lines"], predicate["lines"]["ai"]);
    assert_eq!(predicate["tools"][0]["models"][0]["lines"], predicate["lines"]["ai"]);
}

#[test]
fn times_are_rfc_3339_in_utc_and_an_absent_one_leaves_no_field() {
    assert_eq!(AiProvenance::good(now()).predicate()["collectedAt"], "2026-11-22T09:00:00Z");
    assert_eq!(Sbom::good(now()).predicate()["metadata"]["timestamp"], "2026-11-22T09:00:00Z");
    let undated = Sbom { timestamp: None, ..Sbom::good(now()) }.predicate();
    assert!(undated["metadata"].get("timestamp").is_none());
    let unfinished = Scan { finished: None, ..Scan::good(now()) }.predicate();
    assert!(unfinished["metadata"].get("scanFinishedOn").is_none());
}

#[test]
fn a_scan_counts_what_it_was_told_to_find() {
    let nine_days_ago = now() - SignedDuration::from_hours(9 * 24);
    let predicate = Scan::finished(nine_days_ago).with("CRITICAL", 2).predicate();
    assert_eq!(predicate["metadata"]["scanFinishedOn"], "2026-11-13T10:00:00Z");
    let rows = predicate["scanner"]["result"]["Results"][0]["Vulnerabilities"].as_array().expect("rows");
    assert_eq!(rows.iter().filter(|row| row["Severity"] == "CRITICAL").count(), 2);
    assert!(rows.iter().all(|row| row.get("FixedVersion").is_some()));
}
