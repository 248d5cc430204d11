//! Which tools and models are approved, denied, or neither.

use evidence::{Grade, Lines, ModelUse};
use rstest::rstest;

use super::*;
use crate::testing::{NOW, TODAY, at, pattern};

/// `claude-code 2.1.0 anthropic/claude-opus-4-6`: name, version or `-`, model or nothing.
fn provenance(tools: &[&str]) -> AiProvenance {
    let tool = |text: &&str| {
        let mut words = text.split(' ');
        let name = words.next().unwrap().to_owned();
        let version = words.next().filter(|version| *version != "-").map(str::to_owned);
        let models = words.map(|id| ModelUse { id: id.to_owned(), lines: 10 }).collect();
        ToolUse { name, version, grade: Grade::Declared, lines: 10, models }
    };
    let ai = 10 * tools.len() as u64;
    let lines = Lines { ai, human: 100, unknown: 0, human_grade: Grade::Observed };
    AiProvenance { collected_at: at(TODAY), lines, tools: tools.iter().map(tool).collect() }
}

fn approved(name: &str, versions: Option<&str>, models: &[&str]) -> ApprovedTool {
    let versions = versions.map(|range| range.parse().unwrap());
    ApprovedTool {
        name: name.to_owned(),
        versions,
        models: models.iter().map(|model| pattern(model)).collect(),
    }
}

fn denied(name: &str, versions: Option<&str>, models: &[&str], from: Option<&str>) -> DeniedTool {
    let ApprovedTool { name, versions, models } = approved(name, versions, models);
    DeniedTool { name, versions, models, reason: None, from: from.map(at) }
}

fn codes(rules: &ToolRules, ai: &AiProvenance) -> Vec<Code> {
    let mut codes = Vec::new();
    examine(rules, ai, at(NOW), |objection| codes.push(objection.code()));
    codes
}

fn usual(unlisted: Unlisted) -> ToolRules {
    ToolRules {
        unlisted,
        approved: vec![
            approved("claude-code", Some(">=2"), &["anthropic/claude-*"]),
            approved("codex", None, &[]),
        ],
        denied: vec![denied("cursor", Some("<2"), &["*/legacy-*"], None)],
    }
}

const NO: &[Code] = &[Code::ToolNotApproved];

#[rstest]
#[case::approved("claude-code 2.1.0 anthropic/claude-opus-4-6", &[], &[])]
#[case::alias("claude 2.1.0 claude-opus-4-6", &[], &[])]
#[case::old("claude-code 1.9.0 anthropic/claude-opus-4-6", NO, NO)]
#[case::version_not_given("claude-code - anthropic/claude-opus-4-6", NO, NO)]
#[case::version_unreadable("claude-code newest anthropic/claude-opus-4-6", NO, NO)]
#[case::other_model("claude-code 2.1.0 acme/large", NO, &[])]
#[case::model_not_given("claude-code 2.1.0", NO, &[])]
#[case::any_version_and_model("codex", &[], &[])]
#[case::no_entry("aider 1.0 acme/large", NO, &[])]
#[case::denied("cursor 1.7 acme/legacy-2", &[Code::ToolDenied], &[Code::ToolDenied])]
#[case::denied_in_another_case("Cursor 1.7 acme/legacy-2", &[Code::ToolDenied], &[Code::ToolDenied])]
#[case::denied_version_not_given("cursor - acme/legacy-2", NO, NO)]
#[case::denied_model_not_given("cursor 1.7", NO, NO)]
#[case::denied_nothing_given("cursor", NO, NO)]
#[case::ruled_out_by_version("cursor 2.0", NO, &[])]
#[case::ruled_out_by_model("cursor - acme/large", NO, &[])]
fn one_use_against_the_usual_rules(#[case] used: &str, #[case] if_deny: &[Code], #[case] if_allow: &[Code]) {
    let ai = provenance(&[used]);
    assert_eq!(codes(&usual(Unlisted::Deny), &ai), if_deny);
    assert_eq!(codes(&usual(Unlisted::Allow), &ai), if_allow);
}

#[test]
fn every_model_of_a_tool_is_judged_and_so_are_the_lines_without_one() {
    let mut ai = provenance(&["claude-code 2.1.0 anthropic/claude-opus-4-6 acme/large"]);
    ai.lines.ai = 30;
    ai.tools[0].lines = 30;
    assert_eq!(codes(&usual(Unlisted::Deny), &ai), [Code::ToolNotApproved, Code::ToolNotApproved]);
}

#[test]
fn one_of_several_entries_for_a_tool_suffices() {
    let mut rules = usual(Unlisted::Deny);
    rules.approved.insert(0, approved("claude-code", Some(">=3"), &[]));
    assert_eq!(codes(&rules, &provenance(&["claude-code 2.1.0 anthropic/claude-opus-4-6"])), []);
}

#[test]
fn a_denied_entry_beats_an_approved_one() {
    let mut rules = usual(Unlisted::Allow);
    rules.denied.push(denied("claude-code", None, &[], None));
    assert_eq!(
        codes(&rules, &provenance(&["claude-code 2.1.0 anthropic/claude-opus-4-6"])),
        [Code::ToolDenied]
    );
}

#[rstest]
#[case(Some("2026-11-22T12:00:00Z"), &[Code::ToolDenied])]
#[case(Some("2026-11-22T12:00:00.000000001Z"), &[])]
#[case(None, &[Code::ToolDenied])]
fn a_tool_is_denied_from_its_instant_on(#[case] from: Option<&str>, #[case] wanted: &[Code]) {
    let rules = ToolRules {
        unlisted: Unlisted::Allow,
        approved: vec![],
        denied: vec![denied("aider", None, &[], from)],
    };
    assert_eq!(codes(&rules, &provenance(&["aider"])), wanted);
}

#[test]
fn lines_without_a_tool_are_an_unlisted_tool_that_may_be_a_denied_one() {
    let mut ai = provenance(&["codex"]);
    ai.lines.ai = 11;
    assert_eq!(codes(&usual(Unlisted::Deny), &ai), NO);
    assert_eq!(codes(&usual(Unlisted::Allow), &ai), NO);
    let rules = ToolRules { denied: Vec::new(), ..usual(Unlisted::Allow) };
    assert_eq!(codes(&rules, &ai), []);
}

#[test]
fn code_without_ai_lines_needs_no_approval() {
    assert_eq!(codes(&usual(Unlisted::Deny), &provenance(&[])), []);
}
