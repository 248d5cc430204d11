//! A report for programs: one JSON document. Fields may be added, never renamed.

use serde::Serialize;
use verdict::Judgement;

use crate::{
    check::Report,
    exit::Exit,
    table::verdict_of,
};

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
    /// Does any policy select the namespace?
    selected: bool,
    images: Vec<Image<'a>>,
}

#[derive(Serialize)]
struct Image<'a> {
    verdict: &'static str,
    #[serde(flatten)]
    judgement: &'a Judgement,
}

#[derive(Serialize)]
struct NotChecked<'a> {
    object: &'a str,
    why: &'a str,
}

/// The document, with a line end.
pub(crate) fn render(report: &Report) -> Result<String, serde_json::Error> {
    let document = Document {
        result: match report.exit() {
            Exit::Pass => "pass",
            Exit::Denied => "denied",
            Exit::Undecided | Exit::AskedWrongly => "undecided",
        },
        objects: report
            .checked
            .iter()
            .map(|checked| Object {
                namespace: &checked.namespace,
                object: &checked.object,
                selected: checked.judgements.is_some(),
                images: checked
                    .judgements
                    .iter()
                    .flatten()
                    .map(|judgement| Image { verdict: verdict_of(judgement), judgement })
                    .collect(),
            })
            .collect(),
        not_checked: report.not_checked.iter().map(|(object, why)| NotChecked { object, why }).collect(),
    };
    let mut text = serde_json::to_string_pretty(&document)?;
    text.push('\n');
    Ok(text)
}
