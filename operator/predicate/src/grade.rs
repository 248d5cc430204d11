//! How well an attribution is backed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The grade of an attribution, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Grade {
    /// Somebody said so: a commit trailer, a configuration file, a property of a bill of materials.
    Declared,
    /// The tool's own record, made while writing.
    Observed,
    /// Such a record, signed or logged before the build.
    Witnessed,
}

impl Grade {
    /// As documents and policies write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declared => "Declared",
            Self::Observed => "Observed",
            Self::Witnessed => "Witnessed",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
