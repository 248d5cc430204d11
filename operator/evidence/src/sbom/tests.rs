//! What is read of a CycloneDX document, and what makes it unreadable.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

const GOOD: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1,"unknown":{"a":[1]},
 "metadata":{"timestamp":"2026-11-22T09:00:00Z","component":{"type":"container","name":"cart"}},
 "components":[{"type":"library","name":"a","components":[{"name":"b"},{"name":"c"}]},{"type":"library","name":"d"}]}"#;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn components_are_counted_with_those_nested_in_them() {
    let sbom = Sbom::read(GOOD).unwrap();
    assert_eq!(sbom, Sbom { components: 4, timestamp: Some(time("2026-11-22T09:00:00Z")) });
}

#[rstest]
#[case(r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#)]
#[case(r#"{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":null,"components":null}"#)]
#[case(r#"{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"timestamp":null},"components":[]}"#)]
fn what_is_absent_or_null_is_empty(#[case] text: &str) {
    assert_eq!(Sbom::read(text), Ok(Sbom { components: 0, timestamp: None }));
}

#[rstest]
#[case(r#""specVersion":"1.6""#, r#""specVersion":"1.5""#, "1.5")]
#[case(r#""specVersion":"1.6""#, r#""specVersion":"1.60""#, "1.60")]
#[case(r#""specVersion":"1.6","#, "", "missing")]
#[case(r#""specVersion":"1.6""#, r#""specVersion":"bob@example.com""#, "unrecognisable")]
fn another_version_is_unreadable_and_keeps_its_place_in_time(
    #[case] from: &str,
    #[case] to: &str,
    #[case] found: &str,
) {
    let unreadable = Sbom::read(&GOOD.replace(from, to)).unwrap_err();
    assert_eq!(unreadable.reason, Reason::SpecVersion { found: found.to_owned() });
    assert_eq!(unreadable.time, Some(time("2026-11-22T09:00:00Z")));
}

#[test]
fn another_format_is_unreadable() {
    let unreadable = Sbom::read(&GOOD.replace("CycloneDX", "SPDX")).unwrap_err();
    assert_eq!(unreadable.reason, Reason::BomFormat);
}

#[test]
fn a_timestamp_that_is_no_time_is_not_a_missing_one() {
    let unreadable = Sbom::read(&GOOD.replace("2026-11-22T09:00:00Z", "last week")).unwrap_err();
    assert_eq!(unreadable.reason, Reason::Time { field: "metadata.timestamp" });
}

#[rstest]
#[case(
    r#"{"bomFormat":"CycloneDX","specVersion":"1.5","specVersion":"1.6"}"#,
    "duplicate field `specVersion`"
)]
#[case(
    r#"{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{"timestamp":null,"timestamp":"2026-11-22T09:00:00Z"}}"#,
    "duplicate field `timestamp`"
)]
#[case(r#"{"specVersion":"1.6"}"#, "missing field `bomFormat`")]
#[case(r#"{"bomFormat":"CycloneDX","specVersion":1.6}"#, "a value of another type than the format says")]
#[case(
    r#"{"bomFormat":"CycloneDX","components":["bob@example.com"]}"#,
    "a value of another type than the format says"
)]
#[case(r#""bob@example.com""#, "a value of another type than the format says")]
#[case("{", "not JSON")]
fn a_misshapen_document_says_where_and_quotes_nothing(#[case] text: &str, #[case] wanted: &str) {
    let reason = Sbom::read(text).unwrap_err().reason;
    let Reason::Shape { problem, line: 1, .. } = reason else { panic!("{reason:?}") };
    assert_eq!(problem, wanted);
}

#[test]
fn more_components_than_are_counted_is_unreadable() {
    let many = |count: u64| {
        let list = vec!["{}"; usize::try_from(count).unwrap()].join(",");
        Sbom::read(&format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{list}]}}"#))
    };
    assert_eq!(many(stream::MAX_ENTRIES).unwrap().components, stream::MAX_ENTRIES);
    let said = many(stream::MAX_ENTRIES + 1).unwrap_err().to_string();
    assert!(said.ends_with("more than 500000 components"), "{said}");
}

#[test]
fn components_nested_without_end_are_unreadable() {
    let deep = r#"{"components":["#.repeat(10_000);
    assert!(
        Sbom::read(&format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{deep}"#))
            .is_err()
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Sbom::read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_change_to_a_good_document_makes_it_panic(at in 0..GOOD.len(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = GOOD.as_bytes().to_vec();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        if let Ok(sbom) = Sbom::read(&String::from_utf8_lossy(&bytes)) {
            prop_assert!(sbom.components <= 4);
        }
    }
}
