//! Which repositories a policy speaks of: host and path matched apart, each from end to end.

use std::{fmt, str::FromStr};

use crate::{Captures, PatternError, Repository, glob::Glob, segments::Segments};

/// A reference's name has at most 255 bytes; a pattern longer than that cannot match one.
const MAX_PATTERN: usize = 255;

/// A pattern over normalised repositories, such as `registry.example.com/shop/**`.
///
/// The host is mandatory. `*` stands for any run of characters inside a segment, `**` for one or more whole
/// segments of the path, `{name}` for one whole segment. Case matters, and nothing matches in part.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ImagePattern {
    text: Box<str>,
    host: Glob,
    path: Segments,
}

impl ImagePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`PatternError`] names the first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        if text.len() > MAX_PATTERN {
            return Err(PatternError::TooLong { max: MAX_PATTERN });
        }
        let missing = || PatternError::MissingHost(text.to_owned());
        let (host, path) = text.split_once('/').ok_or_else(missing)?;
        let host = if host == "index.docker.io" { "docker.io" } else { host };
        if host.contains("**") || !host.bytes().all(is_host_byte) {
            return Err(PatternError::Host(host.to_owned()));
        }
        if host != "localhost" && host != "*" && !host.contains(['.', ':']) {
            return Err(missing());
        }
        if let Some(part) = path.split('/').find(|part| part.is_empty() || !part.bytes().all(is_path_byte)) {
            return Err(PatternError::Path(part.to_owned()));
        }
        if host == "docker.io" && !path.contains('/') && path != "**" {
            return Err(PatternError::DockerLibrary(path.to_owned()));
        }
        Ok(Self { text: text.into(), host: Glob::new(host), path: Segments::parse(path)? })
    }

    /// Whether `repository` is one the pattern speaks of.
    #[must_use]
    pub fn matches(&self, repository: &Repository) -> bool {
        self.host.matches(repository.host()) && self.path.matches(repository.path(), &mut Captures::new())
    }
}

impl fmt::Display for ImagePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ImagePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ImagePattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Upper case is left out: a reference with such a host is refused as ambiguous, so nothing could match.
const fn is_host_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b':' | b'[' | b']' | b'*')
}

const fn is_path_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'*' | b'{' | b'}')
}

#[cfg(test)]
mod tests;
