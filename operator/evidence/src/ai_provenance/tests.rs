//! What is believed of an AI-provenance predicate, and what makes it unreadable.

use std::{fs, path::Path};

use predicate::{Inconsistent, Part};
use proptest::prelude::*;
use rstest::rstest;

use super::*;

const GOOD: &str = r#"{"source":{"uri":"git+https://git.example/shop/cart","digest":{"gitCommit":"0123456789abcdef0123456789abcdef01234567"}},
 "collector":{"name":"tidewaiter","version":"0.1.0","methods":["trailers"]},
 "collectedAt":"2026-11-22T09:00:00Z","later":{"field":[]},
 "scope":{"kind":"tree","lines":4400,"notExamined":900},
 "lines":{"ai":1200,"human":3000,"unknown":200,"humanGrade":"Observed"},
 "tools":[{"name":"claude-code","version":"2.1.0","grade":"Observed","lines":1000,
   "models":[{"id":"anthropic/claude-opus-4-6","lines":700}]}]}"#;

fn vectors(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../predicate/testdata").join(folder);
    let entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!entries.is_empty());
    let read = |path: &std::path::PathBuf| (path.display().to_string(), fs::read_to_string(path).unwrap());
    entries.iter().map(read).collect()
}

#[test]
fn lines_and_tools_are_taken_over_and_the_rest_of_each_is_known() {
    let ai = AiProvenance::read(GOOD).unwrap();
    assert_eq!(ai.collected_at, "2026-11-22T09:00:00Z".parse().unwrap());
    assert_eq!(ai.lines, Lines { ai: 1200, human: 3000, unknown: 200, human_grade: Grade::Observed });
    assert_eq!(ai.lines.total(), 4400);
    let models = vec![ModelUse { id: "anthropic/claude-opus-4-6".to_owned(), lines: 700 }];
    let version = Some("2.1.0".to_owned());
    let tool =
        ToolUse { name: "claude-code".to_owned(), version, grade: Grade::Observed, lines: 1000, models };
    assert_eq!((ai.unattributed(), tool.lines_without_model()), (200, 300));
    assert_eq!(ai.tools, [tool]);
}

#[test]
fn a_grade_that_nobody_states_is_the_weakest() {
    let ai = AiProvenance::read(&GOOD.replace(r#","humanGrade":"Observed""#, "")).unwrap();
    assert_eq!(ai.lines.human_grade, Grade::Declared);
}

#[test]
fn every_valid_vector_of_the_format_is_read_and_no_inconsistent_one() {
    for (name, text) in vectors("valid") {
        assert!(AiProvenance::read(&text).is_ok(), "{name}");
    }
    for (name, text) in vectors("inconsistent") {
        let reason = AiProvenance::read(&text).unwrap_err().reason;
        assert!(matches!(reason, Reason::Inconsistent(_)), "{name}: {reason:?}");
    }
}

#[rstest]
#[case(r#""kind":"tree""#, r#""kind":"diff""#, Inconsistent::ScopeKind)]
#[case(r#""lines":4400"#, r#""lines":0"#, Inconsistent::NoLines)]
#[case(r#""human":3000"#, r#""human":2999"#, Inconsistent::LineSum { scope: 4400, found: 4399 })]
#[case(r#""lines":1000"#, r#""lines":1201"#, Inconsistent::Exceeds { part: Part::ToolLines, found: 1201, limit: 1200 })]
#[case(r#""lines":700"#, r#""lines":1001"#, Inconsistent::Exceeds { part: Part::ModelLines, found: 1001, limit: 1000 })]
fn parts_that_do_not_fit_are_unreadable_and_keep_their_place_in_time(
    #[case] from: &str,
    #[case] to: &str,
    #[case] rule: Inconsistent,
) {
    let unreadable = AiProvenance::read(&GOOD.replace(from, to)).unwrap_err();
    assert_eq!(unreadable.reason, Reason::Inconsistent(rule));
    assert_eq!(unreadable.time, Some("2026-11-22T09:00:00Z".parse().unwrap()));
}

#[rstest]
#[case(r#""ai":1200"#, r#""ai":"1200""#)]
#[case(r#""ai":1200"#, r#""ai":1200,"ai":1"#)]
#[case(r#""ai":1200,"#, "")]
fn a_misshapen_count_is_unreadable_and_keeps_its_place_in_time(#[case] from: &str, #[case] to: &str) {
    let unreadable = AiProvenance::read(&GOOD.replace(from, to)).unwrap_err();
    assert!(matches!(unreadable.reason, Reason::Shape { .. }), "{unreadable:?}");
    assert!(unreadable.time.is_some());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = AiProvenance::read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_changed_document_is_unreadable_or_still_adds_up(at in 0..GOOD.len(), byte in any::<u8>()) {
        let mut bytes = GOOD.as_bytes().to_vec();
        bytes[at] = byte;
        if let Ok(ai) = AiProvenance::read(&String::from_utf8_lossy(&bytes)) {
            prop_assert_eq!(ai.lines.total(), 4400);
            prop_assert!(ai.unattributed() <= ai.lines.ai);
        }
    }
}
