//! A report for programs: one JSON document. Fields may be added, never renamed.

use serde::Serialize;
use verdict::{Code, Judgement};

use crate::{check::Report, exit::Exit, ruling::Ruling};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    /// `pass`, `denied` or `undecided`, as the exit code says.
    result: &'static str,
    objects: Vec<Object<'a>>,
    not_checked: Vec<NotChecked<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    namespace: &'a str,
    object: &'a str,
    /// Does any policy select the namespace? If none does, there are no images here.
    selected: bool,
    images: Vec<Image<'a>>,
}

#[derive(Serialize)]
struct Image<'a> {
    /// `allowed`, `notJudged`, `audited`, `warned`, `undecided` or `denied`.
    verdict: Ruling,
    /// The distinct codes of all policies.
    codes: Vec<Code>,
    #[serde(flatten)]
    judgement: &'a Judgement,
}

#[derive(Serialize)]
struct NotChecked<'a> {
    namespace: &'a str,
    object: &'a str,
    why: &'a str,
}

/// The document, with a line end.
pub(crate) fn render(report: &Report) -> Result<String, serde_json::Error> {
    let objects = report.checked.iter().map(|checked| Object {
        namespace: &checked.namespace,
        object: &checked.object,
        selected: checked.judgements.is_some(),
        images: checked.judgements.iter().flatten().map(image).collect(),
    });
    let not_checked = report.not_checked.iter().map(|not| NotChecked {
        namespace: &not.namespace,
        object: &not.object,
        why: &not.why,
    });
    let document = Document {
        result: match report.exit() {
            Exit::Pass => "pass",
            Exit::Denied => "denied",
            Exit::Undecided | Exit::AskedWrongly => "undecided",
        },
        objects: objects.collect(),
        not_checked: not_checked.collect(),
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}

fn image(judgement: &Judgement) -> Image<'_> {
    Image { verdict: Ruling::of(judgement), codes: judgement.codes(), judgement }
}
