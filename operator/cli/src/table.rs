//! A report for people: one line an image. Not here: the words about it.

use crate::{check::Report, ruling::Ruling, terminal::legible};

/// Between two columns.
const GAP: &str = "   ";

/// The table, with a line end after each row.
pub(crate) fn render(report: &Report) -> String {
    let mut rows = vec![["NAMESPACE", "OBJECT", "IMAGE", "VERDICT", "CODES"].map(str::to_owned)];
    for checked in &report.checked {
        let (namespace, object) = (&checked.namespace, &checked.object);
        match &checked.judgements {
            None => rows.push(row([namespace, object, "*", "not selected", ""])),
            Some(judgements) => rows.extend(judgements.iter().map(|judgement| {
                let codes: Vec<&str> = judgement.codes().iter().map(|code| code.as_str()).collect();
                let ruling = Ruling::of(judgement).as_str();
                row([namespace, object, &judgement.image, ruling, &codes.join(",")])
            })),
        }
    }
    let not_checked = report.not_checked.iter();
    rows.extend(not_checked.map(|not| row([&not.namespace, &not.object, "*", "not checked", ""])));
    align(&rows)
}

fn row(cells: [&str; 5]) -> [String; 5] {
    cells.map(legible)
}

/// Columns as wide as their widest cell, nothing at the end of a line.
fn align(rows: &[[String; 5]]) -> String {
    let mut widths = [0; 5];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let cells = widths.iter().zip(row).map(|(width, cell)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join(GAP).trim_end());
        text.push('\n');
    }
    text
}
