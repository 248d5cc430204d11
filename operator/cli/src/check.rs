//! `tidewaiter check`: manifests or images in, what admission would say out.

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use verdict::Judgement;

use crate::{
    arguments::{self, Output},
    court::{Answer, Court},
    exit::Exit,
    input, json,
    ruling::Ruling,
    subjects::{NotChecked, Subjects},
    table,
    terminal::{say, show},
    words,
};

/// Objects that are judged at once: enough to hide the round trips of one behind those of others, too few to look
/// like an attack to a registry.
const AT_ONCE: usize = 8;

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
    pub(crate) not_checked: Vec<NotChecked>,
}

impl Report {
    pub(crate) fn judgements(&self) -> impl Iterator<Item = &Judgement> {
        self.checked.iter().flat_map(|checked| checked.judgements.iter().flatten())
    }

    /// What was not checked is undecided.
    pub(crate) fn exit(&self) -> Exit {
        let not_checked = self.not_checked.iter().map(|_| Ruling::Undecided);
        Exit::of(self.judgements().map(Ruling::of).chain(not_checked))
    }
}

pub(crate) async fn run(check: arguments::Check) -> anyhow::Result<Exit> {
    input::once(check.files.iter().chain(&check.policy))?;
    let subjects = Subjects::read(&check.files, &check.image, &check.namespace)?;
    let court = Court::new(&check, &subjects).await?;
    let report = judge(&court, subjects).await?;
    match check.output {
        Output::Table => {
            show(&table::render(&report))?;
            say(&words::render(&report));
        }
        Output::Json => show(&json::render(&report)?)?,
    }
    if let Some(words) = words::nothing_judged(&report) {
        say(words);
    }
    Ok(report.exit())
}

/// All subjects, in their order and as of one moment.
async fn judge(court: &Court, subjects: Subjects) -> anyhow::Result<Report> {
    let now = Timestamp::now();
    let answers = stream::iter(subjects.subjects).map(async |subject| {
        let answer = court.judge(&subject, now).await?;
        anyhow::Ok((subject, answer))
    });
    let answers: Vec<_> = answers.buffered(AT_ONCE).try_collect().await?;
    let mut report = Report { checked: Vec::with_capacity(answers.len()), not_checked: subjects.not_checked };
    for (subject, answer) in answers {
        let (object, namespace) = (subject.object, subject.namespace);
        match answer {
            Answer::NotSelected => report.checked.push(Checked { object, namespace, judgements: None }),
            Answer::Judged(all) => report.checked.push(Checked { object, namespace, judgements: Some(all) }),
            Answer::Blind(why) => report.not_checked.push(NotChecked { object, namespace, why }),
        }
    }
    Ok(report)
}
