//! How lines count by who wrote them and how well that is known.

use evidence::{Lines, ToolUse};
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::testing::{NOW, at};

fn provenance(ai: u64, human: u64, unknown: u64, human_grade: Grade, tools: &[(Grade, u64)]) -> AiProvenance {
    let tool = |(grade, lines): &(Grade, u64)| ToolUse {
        name: "claude-code".to_owned(),
        version: None,
        grade: *grade,
        lines: *lines,
        models: Vec::new(),
    };
    let lines = Lines { ai, human, unknown, human_grade };
    AiProvenance { collected_at: at(NOW), lines, tools: tools.iter().map(tool).collect() }
}

fn rule(minimum: Option<Grade>, unknown: Option<u8>, ai: Option<u8>) -> AiProvenanceRule {
    AiProvenanceRule {
        signed_by: Vec::new(),
        max_age: None,
        minimum_grade: minimum,
        max_unknown_percent: unknown,
        max_ai_percent: ai,
    }
}

fn codes(rule: &AiProvenanceRule, ai: &AiProvenance) -> Vec<Code> {
    let mut codes = Vec::new();
    examine(rule, ai, |code, _| codes.push(code));
    codes
}

#[rstest]
#[case(20, 20, true)]
#[case(20, 21, false)]
#[case(0, 0, true)]
#[case(0, 1, false)]
#[case(100, 100, true)]
fn exactly_the_share_of_unknown_lines_is_allowed(
    #[case] most: u8,
    #[case] unknown: u64,
    #[case] allowed: bool,
) {
    let ai = provenance(0, 100 - unknown, unknown, Grade::Observed, &[]);
    assert_eq!(codes(&rule(None, Some(most), None), &ai).is_empty(), allowed);
}

#[rstest]
#[case(80, true)]
#[case(81, false)]
fn exactly_the_share_of_ai_lines_is_allowed_on_any_grounds(#[case] lines: u64, #[case] allowed: bool) {
    let ai = provenance(lines, 100 - lines, 0, Grade::Observed, &[(Grade::Declared, lines)]);
    let wanted = if allowed { vec![] } else { vec![Code::AiShareExceeded] };
    assert_eq!(codes(&rule(None, None, Some(80)), &ai), wanted);
}

#[test]
fn a_share_just_above_the_limit_is_not_rounded_away() {
    let ai = provenance(0, 79_999, 20_001, Grade::Observed, &[]);
    assert_eq!(codes(&rule(None, Some(20), None), &ai), [Code::UnknownShareExceeded]);
}

#[rstest]
#[case::human_lines(provenance(0, 90, 10, Grade::Declared, &[]), 90)]
#[case::one_tools_lines(provenance(50, 40, 10, Grade::Observed, &[(Grade::Observed, 30), (Grade::Declared, 20)]), 20)]
#[case::lines_without_a_tool(provenance(50, 40, 10, Grade::Witnessed, &[(Grade::Witnessed, 30)]), 20)]
fn lines_below_the_minimum_count_as_unknown(#[case] ai: AiProvenance, #[case] below: u64) {
    let mut told = Vec::new();
    examine(&rule(Some(Grade::Observed), Some(10), None), &ai, |_, lines| told.push(lines));
    let minimum = Some(Grade::Observed);
    assert_eq!(told, [LineObjection::Unknown { unknown: below + 10, below, total: 100, most: 10, minimum }]);
}

#[test]
fn without_a_share_for_unknown_lines_one_line_below_the_minimum_is_too_many() {
    let weak = provenance(1, 99, 0, Grade::Observed, &[(Grade::Declared, 1)]);
    let firm = provenance(1, 99, 0, Grade::Observed, &[(Grade::Observed, 1)]);
    assert_eq!(codes(&rule(Some(Grade::Observed), None, None), &weak), [Code::GradeTooLow]);
    assert_eq!(codes(&rule(Some(Grade::Observed), None, None), &firm), []);
    assert_eq!(codes(&rule(None, None, None), &weak), []);
}

#[test]
fn both_shares_are_told_at_once() {
    let ai = provenance(60, 0, 40, Grade::Observed, &[]);
    let wanted = [Code::UnknownShareExceeded, Code::AiShareExceeded];
    assert_eq!(codes(&rule(None, Some(10), Some(10)), &ai), wanted);
}

proptest! {
    #[test]
    fn a_share_is_exceeded_exactly_when_the_exact_fraction_is(part in any::<u64>(), rest in any::<u64>(), most in 0_u8..=100) {
        let total = part.saturating_add(rest);
        prop_assume!(total > 0);
        // The same comparison by division with remainder, which no product can overflow.
        let scaled = u128::from(part) * 100;
        let wanted = scaled / u128::from(total) > u128::from(most)
            || (scaled / u128::from(total) == u128::from(most) && scaled % u128::from(total) > 0);
        prop_assert_eq!(exceeds(part, most, total), wanted);
    }
}
