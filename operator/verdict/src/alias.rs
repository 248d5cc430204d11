//! What producers write, joined to the names that policies use: two small tables.
//!
//! A tool that stands under no alias is its own name; a model with a provider is left as it is.

use std::borrow::Cow;

/// What producers call a tool, and what a policy calls it.
const TOOLS: &[(&str, &str)] = &[
    ("claude", "claude-code"),
    ("copilot", "github-copilot"),
    ("copilot-swe-agent", "github-copilot"),
    ("cursor-agent", "cursor"),
    ("cursor-cli", "cursor"),
    ("codex-cli", "codex"),
    ("openai-codex", "codex"),
    ("gemini", "gemini-cli"),
    ("gemini-cli-agent", "gemini-cli"),
    ("amazon-q-developer", "amazon-q"),
    ("devin-ai", "devin"),
];

/// How the name of a model family begins, and who makes it.
const MODELS: &[(&str, &str)] = &[
    ("claude-", "anthropic"),
    ("gpt-", "openai"),
    ("codex-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4-", "openai"),
    ("gemini-", "google"),
    ("grok-", "xai"),
    ("mistral-", "mistralai"),
    ("codestral-", "mistralai"),
    ("devstral-", "mistralai"),
    ("deepseek-", "deepseek"),
    ("qwen", "qwen"),
];

/// Whether two names stand for one tool: by alias, in any case, with space, `_` or `-` between words.
pub(crate) fn same_tool(left: &str, right: &str) -> bool {
    spelled(tool(left)).eq(spelled(tool(right)))
}

/// The model's name with its provider: `claude-sonnet-4-5` is `anthropic/claude-sonnet-4-5`.
pub(crate) fn model(id: &str) -> Cow<'_, str> {
    let provider = MODELS.iter().find(|(start, _)| id.starts_with(start)).map(|(_, provider)| provider);
    match provider {
        Some(provider) if !id.contains('/') => Cow::Owned(format!("{provider}/{id}")),
        _ => Cow::Borrowed(id),
    }
}

fn tool(name: &str) -> &str {
    let alias = TOOLS.iter().find(|(written, _)| spelled(written).eq(spelled(name)));
    alias.map_or(name, |(_, name)| name)
}

fn spelled(name: &str) -> impl Iterator<Item = char> {
    name.trim().chars().map(|character| match character {
        ' ' | '_' => '-',
        other => other.to_ascii_lowercase(),
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("claude", "claude-code")]
    #[case("Claude Code", "claude-code")]
    #[case("GitHub Copilot", "copilot")]
    #[case("some-tool", "Some Tool")]
    fn one_tool_under_two_names_is_one_tool(#[case] left: &str, #[case] right: &str) {
        assert!(same_tool(left, right));
        assert!(same_tool(right, left));
    }

    #[rstest]
    #[case("claude-code", "claude-codex")]
    #[case("cursor", "cursor2")]
    #[case("", "claude-code")]
    fn names_that_only_begin_alike_are_two_tools(#[case] left: &str, #[case] right: &str) {
        assert!(!same_tool(left, right));
    }

    #[rstest]
    #[case("claude-sonnet-4-5", "anthropic/claude-sonnet-4-5")]
    #[case("gpt-5", "openai/gpt-5")]
    #[case("anthropic/claude-opus-4-6", "anthropic/claude-opus-4-6")]
    #[case("acme/gpt-5", "acme/gpt-5")]
    #[case("house-model", "house-model")]
    fn a_model_gets_its_provider_only_where_it_has_none(#[case] written: &str, #[case] read: &str) {
        assert_eq!(model(written), read);
    }

    #[test]
    fn no_alias_leads_to_another_alias() {
        for (_, name) in TOOLS {
            assert_eq!(tool(name), *name);
        }
    }
}
