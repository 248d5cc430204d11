//! What stood in the way at the registry, in the words of evidence. Exhaustive: a new error must choose.

use evidence::Obstacle;
use verdict::Code;

/// The obstacle that a failed fetch is to the judgement.
pub(crate) const fn of(error: &fetch::Error) -> Obstacle {
    use fetch::Error;
    match error {
        // Here it is we who refuse, and the administrator who may lift it: nothing is wrong with what is served.
        Error::Refused { .. } | Error::ForbiddenAddress { .. } => Obstacle::Refused,
        Error::RateLimited { .. } | Error::Unreachable { .. } => Obstacle::Unreachable,
        Error::NotFound { .. } => Obstacle::NotFound,
        Error::Invalid { .. } => Obstacle::Invalid,
        Error::Limit { .. } => Obstacle::Limit,
        Error::Deadline { .. } => Obstacle::Deadline,
    }
}

/// The code of an image whose tag could not be resolved. What an unread statement is called, `verdict` says: there
/// "not found" is the registry's contradiction, and here it is the answer.
pub(crate) const fn code(obstacle: Obstacle) -> Code {
    match obstacle {
        Obstacle::Refused => Code::RegistryRefused,
        Obstacle::Unreachable => Code::RegistryUnreachable,
        Obstacle::Invalid => Code::RegistryInvalid,
        Obstacle::NotFound => Code::ImageNotFound,
        Obstacle::Deadline => Code::DeadlineExceeded,
        Obstacle::Limit => Code::LimitExceeded,
    }
}
