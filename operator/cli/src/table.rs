//! A report for people: one line an image, then the words of admission for what it would not let pass in silence.

use verdict::{Effect, Judgement, Outcome, prose};

use crate::check::Report;

/// The line under which words stand; there is no decision to look up, as nothing was recorded.
const NO_DECISION: &str = "none (a check)";

/// The table, with a line end after each row.
pub(crate) fn render(report: &Report) -> String {
    let mut rows = vec![["NAMESPACE", "OBJECT", "IMAGE", "VERDICT", "CODES"].map(str::to_owned)];
    for checked in &report.checked {
        let object = [checked.namespace.clone(), checked.object.clone()];
        match &checked.judgements {
            None => rows.push(row(object, "*", "not selected", "")),
            Some(judgements) => rows.extend(judgements.iter().map(|judgement| {
                let codes: Vec<&str> = judgement.codes().iter().map(|code| code.as_str()).collect();
                row(object.clone(), &judgement.image, verdict_of(judgement), &codes.join(","))
            })),
        }
    }
    rows.extend(
        report.not_checked.iter().map(|(object, _)| row(["-".to_owned(), object.clone()], "*", "not checked", "")),
    );
    align(&rows)
}

/// What admission would say, for everything that it would not let pass in silence.
pub(crate) fn words(report: &Report) -> String {
    let mut words = Vec::new();
    for judgements in report.checked.iter().filter_map(|checked| checked.judgements.as_deref()) {
        if judgements.iter().any(|judgement| judgement.effect() == Effect::Deny) {
            words.push(prose::denial(judgements, NO_DECISION));
        }
        words.extend(prose::warnings(judgements).iter().map(|warning| format!("warning: {warning}")));
    }
    words.extend(report.not_checked.iter().map(|(object, why)| format!("{object} was not checked: {why}")));
    words.join("\n")
}

/// One word for what would happen.
pub(crate) fn verdict_of(judgement: &Judgement) -> &'static str {
    let worst = judgement.policies.iter().map(|policy| policy.verdict.outcome).max().unwrap_or(Outcome::Allowed);
    match (judgement.effect(), worst) {
        (Effect::Deny, Outcome::Undecided) => "undecided",
        (Effect::Deny, Outcome::Denied | Outcome::Allowed) => "denied",
        (Effect::Warn, _) => "warned",
        (Effect::Audit, _) => "audited",
        (Effect::None, _) => "allowed",
    }
}

fn row(object: [String; 2], image: &str, verdict: &str, codes: &str) -> [String; 5] {
    let [namespace, object] = object;
    [namespace, object, image.to_owned(), verdict.to_owned(), codes.to_owned()]
}

/// Columns as wide as their widest cell, three spaces apart, nothing at the end of a line.
fn align(rows: &[[String; 5]]) -> String {
    let mut widths = [0; 5];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            line.push_str(&format!("{cell:<width$}   "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
