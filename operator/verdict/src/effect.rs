//! What a verdict does to a request: the policy's mode, its word on undecided verdicts, and the effect.

use serde::Serialize;

use crate::verdict::Outcome;

/// What a policy's findings do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Mode {
    /// They deny.
    Enforce,
    /// They are said to who asks, and nothing is stopped.
    Warn,
    /// They are written down.
    Audit,
}

/// What happens when the question could not be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum OnUndecided {
    /// As if the answer were no.
    Deny,
    /// Let through, with a warning where the mode has one.
    InsecureAllow,
}

/// What is to be done; the strictest of several wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Effect {
    /// Nothing.
    None,
    /// Write it down.
    Audit,
    /// Say it, and let through.
    Warn,
    /// Turn away.
    Deny,
}

// === impl Effect ===

impl Effect {
    /// The effect of `outcome` under a policy. `relaxable` says whether each finding that left the verdict
    /// undecided may be let through at all. Never stricter than the mode.
    pub(crate) fn of(outcome: Outcome, mode: Mode, on_undecided: OnUndecided, relaxable: bool) -> Self {
        let by_mode = match mode {
            Mode::Enforce => Self::Deny,
            Mode::Warn => Self::Warn,
            Mode::Audit => Self::Audit,
        };
        match (outcome, on_undecided) {
            (Outcome::Allowed, _) => Self::None,
            (Outcome::Undecided, OnUndecided::InsecureAllow) if relaxable => by_mode.min(Self::Warn),
            (Outcome::Undecided | Outcome::Denied, _) => by_mode,
        }
    }
}
