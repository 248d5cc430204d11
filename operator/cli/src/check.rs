//! `tidewaiter check`: manifests or images in, what admission would say out.

use jiff::Timestamp;
use verdict::Judgement;

use crate::{
    arguments::{self, Output},
    court::Court,
    exit::Exit,
    json, say, show,
    subjects::Subjects,
    table,
};

/// What was found about one object.
pub(crate) struct Checked {
    pub(crate) object: String,
    pub(crate) namespace: String,
    /// `None`: no policy selects the namespace.
    pub(crate) judgements: Option<Vec<Judgement>>,
}

/// Everything that was found.
pub(crate) struct Report {
    pub(crate) checked: Vec<Checked>,
    /// Objects that could not be judged, with the reason. They would be turned away unseen, so they never pass.
    pub(crate) not_checked: Vec<(String, String)>,
}

impl Report {
    pub(crate) fn judgements(&self) -> impl Iterator<Item = &Judgement> {
        self.checked.iter().flat_map(|checked| checked.judgements.iter().flatten())
    }

    pub(crate) fn exit(&self) -> Exit {
        match Exit::of(self.judgements()) {
            Exit::Pass if !self.not_checked.is_empty() => Exit::Undecided,
            exit => exit,
        }
    }
}

pub(crate) async fn run(check: arguments::Check) -> anyhow::Result<Exit> {
    let now = Timestamp::now();
    let subjects = Subjects::read(&check.files, &check.image, &check.namespace)?;
    let court = Court::new(&check, &subjects).await?;
    let mut checked = Vec::with_capacity(subjects.subjects.len());
    for subject in subjects.subjects {
        let judgements = court.judge(&subject, now).await?;
        checked.push(Checked { object: subject.object, namespace: subject.namespace, judgements });
    }
    let report = Report { checked, not_checked: subjects.not_checked };
    match check.output {
        Output::Table => {
            show(&table::render(&report));
            let words = table::words(&report);
            if !words.is_empty() {
                say(&words);
            }
        }
        Output::Json => show(&json::render(&report)?),
    }
    Ok(report.exit())
}
