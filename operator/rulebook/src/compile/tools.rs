//! Tools: version ranges, model patterns and instants parsed.

use crds::ai_tool_policy::{Tools, Unlisted as WrittenUnlisted};
use jiff::Timestamp;
use names::{TextPattern, VersionRange};
use verdict::{ApprovedTool, DeniedTool, ToolRules, Unlisted};

use crate::policy_error::Faults;

pub(super) fn compile(written: &Tools, faults: &mut Faults) -> ToolRules {
    let approved = written
        .approved
        .iter()
        .enumerate()
        .map(|(index, tool)| {
            let field = format!("spec.tools.approved[{index}]");
            ApprovedTool {
                name: tool.name.clone(),
                versions: versions(&field, tool.versions.as_deref(), faults),
                models: models(&field, &tool.models, faults),
            }
        })
        .collect();
    let denied = written
        .denied
        .iter()
        .enumerate()
        .map(|(index, tool)| {
            let field = format!("spec.tools.denied[{index}]");
            DeniedTool {
                name: tool.name.clone(),
                versions: versions(&field, tool.versions.as_deref(), faults),
                models: models(&field, &tool.models, faults),
                reason: tool.reason.clone(),
                from: from(&field, tool.from.as_deref(), faults),
            }
        })
        .collect();
    let unlisted = match written.unlisted {
        WrittenUnlisted::Deny => Unlisted::Deny,
        WrittenUnlisted::Allow => Unlisted::Allow,
    };
    ToolRules { unlisted, approved, denied }
}

fn versions(field: &str, text: Option<&str>, faults: &mut Faults) -> Option<VersionRange> {
    let wanted = "versions such as >=2, or >=0.69.4, <=0.69.6";
    faults.keep(&format!("{field}.versions"), VersionRange::parse(text?), wanted, "correct the versions")
}

fn models(field: &str, texts: &[String], faults: &mut Faults) -> Vec<TextPattern> {
    let mut models = Vec::with_capacity(texts.len());
    for (index, text) in texts.iter().enumerate() {
        let wanted = "a pattern over provider/model, such as anthropic/claude-*";
        let field = format!("{field}.models[{index}]");
        models.extend(faults.keep(&field, TextPattern::parse(text), wanted, "correct the pattern"));
    }
    models
}

fn from(field: &str, text: Option<&str>, faults: &mut Faults) -> Option<Timestamp> {
    let text = text?;
    let instant = text.parse().ok();
    if instant.is_none() {
        // The parser's own words are about digits, and do not say what was there.
        let found = format!("{text:?} is no instant with a time zone");
        let wanted = "an instant such as 2026-09-01T00:00:00Z";
        faults.add(&format!("{field}.from"), found, wanted, "correct the instant");
    }
    instant
}
