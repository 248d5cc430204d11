//! How the program ends, as other programs see it.

use std::process::ExitCode;

use crate::ruling::Ruling;

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
    pub(crate) fn of(rulings: impl IntoIterator<Item = Ruling>) -> Self {
        match rulings.into_iter().max() {
            Some(Ruling::Denied) => Self::Denied,
            Some(Ruling::Undecided) => Self::Undecided,
            Some(Ruling::Allowed | Ruling::NotJudged | Ruling::Audited | Ruling::Warned) | None => Self::Pass,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denied_beats_undecided_beats_pass() {
        let all = [Ruling::Undecided, Ruling::Denied, Ruling::Allowed];
        assert_eq!(Exit::of(all), Exit::Denied);
        assert_eq!(Exit::of([Ruling::Undecided, Ruling::Warned]), Exit::Undecided);
        assert_eq!(Exit::of([Ruling::Warned, Ruling::Audited, Ruling::NotJudged]), Exit::Pass);
        assert_eq!(Exit::of([]), Exit::Pass);
    }
}
