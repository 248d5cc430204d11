//! What is read of a scanner's result, and what makes it unreadable.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

const GOOD: &str = r#"{
 "invocation":{"parameters":null,"uri":"","event_id":"","builder.id":""},
 "scanner":{"uri":"pkg:github/aquasecurity/trivy@0.70.0","version":"0.70.0","db":{"uri":"","version":""},
  "result":{"SchemaVersion":2,"ArtifactName":"cart","Results":[
   {"Target":"debian","Class":"os-pkgs","Vulnerabilities":[
     {"VulnerabilityID":"CVE-1","Severity":"CRITICAL"},{"VulnerabilityID":"CVE-2","Severity":"HIGH"}]},
   {"Target":"app","Class":"lang-pkgs","Vulnerabilities":null},
   {"Target":"keys","Class":"secret","Secrets":[{"Severity":"CRITICAL"}]},
   {"Target":"jar","Class":"lang-pkgs","Vulnerabilities":[
     {"VulnerabilityID":"CVE-3","Severity":"HIGH"},{"VulnerabilityID":"CVE-4"},{"VulnerabilityID":"CVE-5","Severity":"DIRE"}],
    "ExperimentalModifiedFindings":[
     {"Type":"vulnerability","Status":"ignored","Finding":{"VulnerabilityID":"CVE-6","Severity":"LOW"}},
     {"Type":"secret","Status":"ignored","Finding":{"Severity":"CRITICAL"}}]}]}},
 "metadata":{"scanStartedOn":"2026-11-22T08:59:00Z","scanFinishedOn":"2026-11-22T09:00:00Z"}}"#;

fn finished() -> Option<Timestamp> {
    Some("2026-11-22T09:00:00Z".parse().unwrap())
}

fn with_scanner(scanner: &str) -> String {
    format!(r#"{{"{scanner},"metadata":{{"scanFinishedOn":"2026-11-22T09:00:00Z"}}}}"#)
}

const ONE: &str = r#"{"uri":"trivy","result":{"SchemaVersion":2}}"#;

#[test]
fn vulnerabilities_are_counted_by_severity_the_suppressed_ones_too() {
    let scan = Scan::read(GOOD).unwrap();
    let counts = Severity::ALL.map(|severity| (severity, scan.findings.of(severity)));
    let wanted = [
        (Severity::Critical, 1),
        (Severity::High, 2),
        (Severity::Medium, 0),
        (Severity::Low, 1),
        (Severity::Negligible, 0),
        (Severity::Unknown, 2),
    ];
    assert_eq!(counts, wanted);
    assert_eq!(scan.finished_at, finished());
    assert_eq!(
        (scan.scanner.name.as_deref(), scan.scanner.version.as_deref()),
        (Some("trivy"), Some("0.70.0"))
    );
}

#[rstest]
#[case(r#"scanner":{"uri":"trivy"}"#)]
#[case(r#"scanner":{"uri":"trivy","result":null}"#)]
fn a_scan_without_a_result_is_not_clean(#[case] scanner: &str) {
    let unreadable = Scan::read(&with_scanner(scanner)).unwrap_err();
    assert_eq!((unreadable.reason, unreadable.time), (Reason::ResultMissing, finished()));
}

#[test]
fn a_scan_without_a_scanner_is_not_clean() {
    let unreadable = Scan::read(&with_scanner(r#"scanner":null"#)).unwrap_err();
    assert_eq!((unreadable.reason, unreadable.time), (Reason::Scanners { count: 0 }, finished()));
}

#[rstest]
#[case("{}")]
#[case("[]")]
#[case(r#"[{"Target":"x","Vulnerabilities":null}]"#)]
#[case(r#""clean""#)]
#[case(r#"{"SchemaVersion":1,"Results":[]}"#)]
#[case(r#"{"SchemaVersion":3,"Results":[]}"#)]
#[case(r#"{"matches":[],"descriptor":{"name":"grype"}}"#)]
fn a_result_that_is_no_trivy_report_is_not_clean_and_keeps_its_place(#[case] result: &str) {
    let unreadable =
        Scan::read(&with_scanner(&format!(r#"scanner":{{"uri":"trivy","result":{result}}}"#))).unwrap_err();
    assert_eq!(unreadable.reason, Reason::ResultFormat, "{result}");
    assert_eq!((unreadable.time, unreadable.scanner.as_deref()), (finished(), Some("trivy")));
}

#[rstest]
#[case(r#"{"SchemaVersion":2}"#)]
#[case(r#"{"SchemaVersion":2,"Results":null}"#)]
#[case(r#"{"SchemaVersion":2,"Results":[]}"#)]
#[case(r#"{"SchemaVersion":2,"Results":[{"Target":"x"}]}"#)]
fn a_report_that_lists_nothing_found_nothing(#[case] result: &str) {
    let scan =
        Scan::read(&with_scanner(&format!(r#"scanner":{{"uri":"trivy","result":{result}}}"#))).unwrap();
    assert_eq!(scan.findings, SeverityCounts::default());
}

#[rstest]
#[case(0, Some(0))]
#[case(1, None)]
#[case(2, Some(2))]
fn a_list_of_scanners_is_read_when_it_has_exactly_one(#[case] count: usize, #[case] refused: Option<usize>) {
    let read = Scan::read(&with_scanner(&format!("scanners\":[{}]", vec![ONE; count].join(","))));
    let wanted = refused.map(|count| Reason::Scanners { count });
    assert_eq!(read.err().map(|unreadable| unreadable.reason), wanted);
}

#[test]
fn a_scanner_beside_a_list_of_scanners_is_one_too_many() {
    let read = Scan::read(&with_scanner(&format!("scanner\":{ONE},\"scanners\":[{ONE}]")));
    assert_eq!(read.unwrap_err().reason, Reason::Scanners { count: 2 });
}

#[rstest]
#[case("0001-01-01T00:00:00Z")]
#[case("")]
fn the_zero_time_is_no_time(#[case] text: &str) {
    let scan = Scan::read(&GOOD.replace("2026-11-22T09:00:00Z", text)).unwrap();
    assert_eq!(scan.finished_at, None);
}

#[test]
fn a_finish_that_is_no_time_is_unreadable_and_names_its_scanner() {
    let unreadable = Scan::read(&GOOD.replace("2026-11-22T09:00:00Z", "22/11/2026")).unwrap_err();
    assert_eq!(unreadable.reason, Reason::Time { field: "metadata.scanFinishedOn" });
    assert_eq!(unreadable.scanner.as_deref(), Some("trivy"));
}

#[rstest]
#[case(r#"scanner":{"uri":"trivy","result":{"SchemaVersion":2,"Results":[{"Vulnerabilities":[1]}]}}"#)]
#[case(r#"scanner":{"uri":"trivy","result":{"SchemaVersion":2,"Results":{"Vulnerabilities":[]}}}"#)]
#[case(r#"scanner":{"uri":"trivy","result":{"SchemaVersion":2,"Results":[],"Results":[]}}"#)]
#[case(r#"scanner":{"uri":"trivy","result":{"SchemaVersion":2},"result":{"SchemaVersion":2}}"#)]
fn a_misshapen_or_twofold_result_is_unreadable(#[case] scanner: &str) {
    let reason = Scan::read(&with_scanner(scanner)).unwrap_err().reason;
    assert!(matches!(reason, Reason::Shape { .. }), "{reason:?}");
}

#[test]
fn a_predicate_that_is_a_text_is_unreadable() {
    assert!(matches!(Scan::read(r#""all clear""#).unwrap_err().reason, Reason::Shape { .. }));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Scan::read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_change_to_a_good_document_makes_it_panic(at in 0..GOOD.len(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = GOOD.as_bytes().to_vec();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let _ = Scan::read(&String::from_utf8_lossy(&bytes));
    }
}
