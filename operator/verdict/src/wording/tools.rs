//! Which tool wrote what, and what the policy has against it.

use super::{dated::minute, quoted};
use crate::{
    tool_rules::ApprovedTool,
    tools::{Lacking, ToolObjection, Use},
};

pub(super) fn tool_words(objection: ToolObjection<'_>) -> (String, String) {
    match objection {
        ToolObjection::Denied { used, entry } => {
            let since = entry.from.map(|from| format!(" since {}", minute(from))).unwrap_or_default();
            let reason =
                entry.reason.as_deref().map(|reason| format!(": {}", quoted(reason))).unwrap_or_default();
            (wrote(used), format!("the policy denies it{since}{reason}"))
        }
        ToolObjection::NotRuledOut { used, entry, lacking } => {
            let found = match lacking {
                Lacking::Version => format!("{}, and its version is not known", wrote(used)),
                Lacking::Model => wrote(used),
            };
            let name = quoted(&entry.name);
            (found, format!("the policy denies some of {name}, and this cannot be ruled out"))
        }
        ToolObjection::VersionMissing { used, entry } => (
            format!("{}, and its version is not known", wrote(used)),
            format!("the policy approves versions {}", versions(entry)),
        ),
        ToolObjection::OtherVersion { used, entry } => {
            (wrote(used), format!("the policy approves versions {}", versions(entry)))
        }
        ToolObjection::Unlisted { used } => {
            (wrote(used), "the policy approves no such tool and model".to_owned())
        }
        ToolObjection::Unattributed { lines } => (
            format!("AI wrote {} with a tool that is not stated", counted(lines)),
            "the policy approves tools by name".to_owned(),
        ),
    }
}

fn versions(entry: &ApprovedTool) -> String {
    entry.versions.as_ref().map_or_else(|| "of every kind".to_owned(), ToString::to_string)
}

/// `cursor 1.7 with acme/large wrote 12 lines`.
fn wrote(used: Use<'_>) -> String {
    let name = quoted(&used.tool.name);
    let version =
        used.tool.version.as_deref().map(|version| format!(" {}", quoted(version))).unwrap_or_default();
    let model = used
        .model
        .map_or_else(|| " with no model stated".to_owned(), |model| format!(" with {}", quoted(model)));
    format!("{name}{version}{model} wrote {}", counted(used.lines))
}

fn counted(lines: u64) -> String {
    if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") }
}
