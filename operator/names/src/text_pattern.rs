//! Patterns over other `/`-separated text: certificate identities, repository URIs, model names.

use std::{fmt, str::FromStr};

use crate::{Captures, PatternError, segments::Segments};

/// A workflow identity with a long path and ref stays well below this.
const MAX_PATTERN: usize = 512;

/// A pattern over `/`-separated text, matched from end to end, case-sensitive.
///
/// `*` stands for any run of characters inside a segment (a segment that is only `*`: at least one), `**`
/// for one or more whole segments, none of them empty, `{name}` for one whole segment that is equal wherever
/// the name is met again, in this pattern or the next one matched with the same [`Captures`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TextPattern {
    text: Box<str>,
    segments: Segments,
}

impl TextPattern {
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
        Ok(Self { text: text.into(), segments: Segments::parse(text)? })
    }

    /// Whether all of `text` matches. Names met for the first time are bound; on `false` nothing is.
    #[must_use]
    pub fn matches(&self, text: &str, captures: &mut Captures) -> bool {
        self.segments.matches(text, captures)
    }

    /// The names between braces, repeated ones repeatedly.
    pub fn captures(&self) -> impl Iterator<Item = &str> {
        self.segments.captures()
    }
}

impl fmt::Display for TextPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for TextPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TextPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests;
