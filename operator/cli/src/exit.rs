//! How the program ends, as other programs see it.

use std::process::ExitCode;

use verdict::{Effect, Judgement, Outcome};

/// The exit codes. They are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: nothing would be turned away.
    Pass,
    /// 1: something would be turned away, for what was found.
    Denied,
    /// 2: the question cannot be answered as asked.
    AskedWrongly,
    /// 3: something would be turned away because it could not be found out whether it may run.
    Undecided,
}

impl Exit {
    /// Denied beats undecided beats pass; what a policy only warns of passes.
    pub(crate) fn of<'a>(judgements: impl IntoIterator<Item = &'a Judgement>) -> Self {
        let mut exit = Self::Pass;
        for policy in judgements.into_iter().flat_map(|judgement| &judgement.policies) {
            match (policy.effect(), policy.verdict.outcome) {
                (Effect::Deny, Outcome::Denied) => return Self::Denied,
                (Effect::Deny, Outcome::Undecided | Outcome::Allowed) => exit = Self::Undecided,
                (Effect::None | Effect::Audit | Effect::Warn, _) => {}
            }
        }
        exit
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Pass => 0,
            Exit::Denied => 1,
            Exit::AskedWrongly => 2,
            Exit::Undecided => 3,
        })
    }
}
