//! Which tools and models wrote the code, held against those that may.
//!
//! Every grade counts: a tool that is only declared is still named.

use evidence::{AiProvenance, ToolUse};
use jiff::Timestamp;
use names::{Captures, TextPattern, Version, VersionRange};

use crate::{
    alias,
    code::Code,
    tool_rules::{ApprovedTool, DeniedTool, ToolRules, Unlisted},
};

/// A tool, a model of it if one is stated, and lines they wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Use<'a> {
    pub(crate) tool: &'a ToolUse,
    pub(crate) model: Option<&'a str>,
    pub(crate) lines: u64,
}

/// A use that may not be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ToolObjection<'a> {
    /// A denied entry names it.
    Denied { used: Use<'a>, entry: &'a DeniedTool },
    /// A denied entry might name it, and what would tell is not stated.
    NotRuledOut { used: Use<'a>, entry: &'a DeniedTool, lacking: Lacking },
    /// It is approved in some versions, and which it was is not stated.
    VersionMissing { used: Use<'a>, entry: &'a ApprovedTool },
    /// It is approved in other versions.
    OtherVersion { used: Use<'a>, entry: &'a ApprovedTool },
    /// No entry names it.
    Unlisted { used: Use<'a> },
    /// Lines by AI that no tool is stated for.
    Unattributed { lines: u64 },
}

/// What would tell whether a denied entry is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lacking {
    Version,
    Model,
}

/// Whether something holds, when not everything is stated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    Yes,
    No,
    Unstated,
}

// === impl ToolObjection ===

impl ToolObjection<'_> {
    pub(crate) const fn code(&self) -> Code {
        match self {
            Self::Denied { .. } => Code::ToolDenied,
            Self::NotRuledOut { .. }
            | Self::VersionMissing { .. }
            | Self::OtherVersion { .. }
            | Self::Unlisted { .. }
            | Self::Unattributed { .. } => Code::ToolNotApproved,
        }
    }

    /// The instant from which the policy itself objects, where it names one.
    pub(crate) const fn since(&self) -> Option<Timestamp> {
        match self {
            Self::Denied { entry, .. } | Self::NotRuledOut { entry, .. } => entry.from,
            Self::VersionMissing { .. }
            | Self::OtherVersion { .. }
            | Self::Unlisted { .. }
            | Self::Unattributed { .. } => None,
        }
    }
}

/// Tells `object` of every use that `rules` do not allow.
pub(crate) fn examine<'a>(
    rules: &'a ToolRules,
    ai: &'a AiProvenance,
    now: Timestamp,
    mut object: impl FnMut(ToolObjection<'a>),
) {
    for used in ai.tools.iter().flat_map(uses) {
        if let Some(objection) = objection(rules, used, now) {
            object(objection);
        }
    }
    // Lines without a tool are one unlisted tool; and no denied tool can be ruled out for them.
    let lines = ai.unattributed();
    let denied = rules.denied.iter().any(|entry| entry.in_force(now));
    if lines > 0 && (rules.unlisted == Unlisted::Deny || denied) {
        object(ToolObjection::Unattributed { lines });
    }
}

/// A tool's uses: one for each model, and one for the lines that no model is stated for.
fn uses(tool: &ToolUse) -> impl Iterator<Item = Use<'_>> {
    let by_model =
        tool.models.iter().map(move |model| Use { tool, model: Some(&model.id), lines: model.lines });
    let rest = tool.lines_without_model();
    let without = (rest > 0 || tool.models.is_empty()).then_some(Use { tool, model: None, lines: rest });
    by_model.chain(without)
}

fn objection<'a>(rules: &'a ToolRules, used: Use<'a>, now: Timestamp) -> Option<ToolObjection<'a>> {
    let denied = rules.denied.iter().filter(|entry| entry.in_force(now));
    let mut not_ruled_out = None;
    for entry in denied.filter(|entry| alias::same_tool(&entry.name, &used.tool.name)) {
        match (within(entry.versions.as_ref(), used.tool), among(&entry.models, used.model)) {
            (Match::No, _) | (_, Match::No) => {}
            (Match::Yes, Match::Yes) => return Some(ToolObjection::Denied { used, entry }),
            (Match::Unstated, _) => not_ruled_out = Some((entry, Lacking::Version)),
            (Match::Yes, Match::Unstated) => not_ruled_out = Some((entry, Lacking::Model)),
        }
    }
    if let Some((entry, lacking)) = not_ruled_out {
        return Some(ToolObjection::NotRuledOut { used, entry, lacking });
    }

    let mut named = None;
    let approved = rules.approved.iter().filter(|entry| alias::same_tool(&entry.name, &used.tool.name));
    for entry in approved.filter(|entry| among(&entry.models, used.model) == Match::Yes) {
        match within(entry.versions.as_ref(), used.tool) {
            Match::Yes => return None,
            Match::No => named = Some(ToolObjection::OtherVersion { used, entry }),
            Match::Unstated => named = Some(ToolObjection::VersionMissing { used, entry }),
        }
    }
    named.or_else(|| (rules.unlisted == Unlisted::Deny).then_some(ToolObjection::Unlisted { used }))
}

/// No range holds every version. A version that cannot be read is as good as none.
fn within(range: Option<&VersionRange>, tool: &ToolUse) -> Match {
    let Some(range) = range else { return Match::Yes };
    match tool.version.as_deref().and_then(|version| Version::parse(version.trim()).ok()) {
        Some(version) if range.contains(&version) => Match::Yes,
        Some(_) => Match::No,
        None => Match::Unstated,
    }
}

/// No pattern holds every model. The model matches as it is written, or with its provider.
fn among(patterns: &[TextPattern], model: Option<&str>) -> Match {
    if patterns.is_empty() {
        return Match::Yes;
    }
    let Some(id) = model else { return Match::Unstated };
    let full = alias::model(id);
    let matches =
        |pattern: &TextPattern| [id, &full].iter().any(|text| pattern.matches(text, &mut Captures::new()));
    if patterns.iter().any(matches) { Match::Yes } else { Match::No }
}

#[cfg(test)]
mod tests;
