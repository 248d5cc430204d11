//! Why a bundle was refused: the step that stopped it, and what was wrong.

use std::fmt;

use jiff::Timestamp;
use names::Digest;
use thiserror::Error;

use crate::detail::Detail;

/// The steps of [`verify`](crate::verify) in the order they are taken; a later step is greater. Of several
/// refusals the one that got furthest says most about what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Step {
    /// 1: bytes of the bundle.
    Size = 1,
    /// 2: JSON in UTF-8, each key once.
    Parse = 2,
    /// 3: bundle version.
    MediaType = 3,
    /// 4: numbers of log entries, certificates and timestamps.
    Amounts = 4,
    /// 5: one DSSE envelope with one signature.
    Envelope = 5,
    /// 6: the envelope's payload type.
    PayloadType = 6,
    /// 7: the payload is one in-toto statement within its bounds.
    Statement = 7,
    /// 8: the statement's `_type`.
    StatementType = 8,
    /// 9: the statement's `predicateType`.
    PredicateType = 9,
    /// 10: the statement is about the digest that was looked up.
    Subject = 10,
    /// 11: signed in the way that the anchor can prove.
    Material = 11,
    /// 12: every log entry carries its own proof.
    LogProof = 12,
    /// 13: a proved time.
    Time = 13,
    /// 14: the certificate's chain, use and validity.
    Certificate = 14,
    /// 15: the certificate's own log.
    Sct = 15,
    /// 16: Merkle path, checkpoint and promise.
    Log = 16,
    /// 17: the signature over the payload.
    Signature = 17,
    /// 18: the log entry is about this signature.
    Entry = 18,
    /// 19: the library claims to have checked all that was asked.
    Complete = 19,
    /// 20: the log entries' own log, open at the proved times.
    LogWindow = 20,
    /// 21: identity and issuer are there.
    Identity = 21,
    /// 22: nothing from the future.
    Clock = 22,
}

impl Step {
    /// The step's number in the list at [`verify`](crate::verify).
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// What the step is about, for prose.
    const fn subject(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Parse => "form",
            Self::MediaType => "bundle version",
            Self::Amounts => "amounts",
            Self::Envelope => "envelope",
            Self::PayloadType => "payload type",
            Self::Statement => "statement",
            Self::StatementType => "statement type",
            Self::PredicateType => "predicate type",
            Self::Subject => "subject",
            Self::Material => "kind of signature",
            Self::LogProof => "log proof",
            Self::Time => "time",
            Self::Certificate => "certificate",
            Self::Sct => "certificate log",
            Self::Log => "log",
            Self::Signature => "signature",
            Self::Entry => "log entry",
            Self::Complete => "completeness",
            Self::LogWindow => "log's validity",
            Self::Identity => "identity",
            Self::Clock => "clock",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.subject())
    }
}

/// A bundle that was not believed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the bundle was refused at step {} ({step})", .step.number())]
pub struct Refused {
    /// The step that stopped it.
    pub step: Step,
    /// The predicate type that the payload claims. Nobody vouches for it; at most 256 bytes.
    pub predicate_type: Option<String>,
    /// SHA-256 of the bundle's bytes; `None` where there were too many to hash.
    pub bundle: Option<Digest>,
    /// What was wrong.
    #[source]
    pub reason: Reason,
}

/// What was wrong with a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// More than a bound allows.
    #[error("{found} {what}; at most {most} are read")]
    TooMany {
        /// What was counted.
        what: &'static str,
        /// How many there were.
        found: usize,
        /// How many are allowed.
        most: usize,
    },
    /// Not JSON, not UTF-8, a key twice, or a part missing or misshapen.
    #[error("it cannot be read")]
    Unreadable(#[source] Detail),
    /// A part that must be there is not.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Two things where only one may be.
    #[error("{0}")]
    Ambiguous(&'static str),
    /// Another value than the only ones allowed.
    #[error("{what} is {found:?}; wanted {wanted}")]
    Unexpected {
        /// Whose value it is.
        what: &'static str,
        /// The value, cut to 240 characters.
        found: Detail,
        /// What is allowed.
        wanted: &'static str,
    },
    /// No subject of the statement has the digest that was looked up.
    #[error("no subject of the statement is {wanted}")]
    OtherSubject {
        /// The digest that was looked up.
        wanted: Digest,
    },
    /// A certificate where a key was wanted, or the reverse.
    #[error("it is signed with {found}; the anchor proves {wanted}")]
    OtherMaterial {
        /// How it is signed.
        found: &'static str,
        /// What the anchor can prove.
        wanted: &'static str,
    },
    /// A log entry without inclusion proof or checkpoint.
    #[error("log entry {entry} has no {part}")]
    Unproved {
        /// The entry's place in the bundle, from 0.
        entry: usize,
        /// What it lacks.
        part: &'static str,
    },
    /// An inclusion proof says otherwise than the checkpoint or entry that it repeats.
    #[error("the inclusion proof of log entry {entry} states another {part} than was proved")]
    Contradicted {
        /// The entry's place in the bundle, from 0.
        entry: usize,
        /// What it states.
        part: &'static str,
    },
    /// The cryptographic library refused it.
    #[error("it was not proved")]
    NotProved(#[source] Detail),
    /// The library returned success without having checked what was asked.
    #[error("{0} was not checked")]
    Unchecked(&'static str),
    /// The entry names a log that the root does not list.
    #[error("log entry {entry} names a log that the root does not list")]
    UnknownLog {
        /// The entry's place in the bundle, from 0.
        entry: usize,
    },
    /// The checkpoint is signed by another log of the root than the entry names.
    #[error("log entry {entry} names one log and is signed by another")]
    OtherLog {
        /// The entry's place in the bundle, from 0.
        entry: usize,
    },
    /// The log was not in use at that time, by the root's own dates.
    #[error("the log of entry {entry} was not in use at {time}")]
    LogClosed {
        /// The entry's place in the bundle, from 0.
        entry: usize,
        /// The proved time, or now where none is proved.
        time: Timestamp,
    },
    /// A proved time that lies ahead of now.
    #[error("its time {time} lies after now, {now}")]
    Future {
        /// The proved time.
        time: Timestamp,
        /// The time it was verified at.
        now: Timestamp,
    },
}
