//! The pattern language: segments between slashes, matched from both ends.

use crate::{Captures, PatternError, glob::Glob};

/// The longest text a pattern is held against. A longer one never matches. It is twice the 1,024 bytes at
/// which a certificate authority in use cuts an identity, and far above a reference's 255.
const MAX_TEXT: usize = 2048;

/// A capture's name is a word of the policy's author, repeated by hand.
const MAX_CAPTURE_NAME: usize = 32;

/// `/`-separated parts of a pattern, with at most one `**`.
///
/// With one `**` there is one way only to lay a pattern over a text: what stands before it counts from the
/// front, what stands after it from the back. So captures are unambiguous and time is linear.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Segments {
    /// Before `**`, or all there is.
    front: Vec<Segment>,
    /// After `**`, if there is one.
    back: Option<Vec<Segment>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Segment {
    Glob(Glob),
    Capture(String),
}

impl Segments {
    pub(crate) fn parse(text: &str) -> Result<Self, PatternError> {
        let mut front = Vec::new();
        let mut back: Option<Vec<Segment>> = None;
        for part in text.split('/') {
            if part == "**" {
                if back.replace(Vec::new()).is_some() {
                    return Err(PatternError::ManyDoubleStars);
                }
            } else {
                back.as_mut().unwrap_or(&mut front).push(Segment::parse(part)?);
            }
        }
        Ok(Self { front, back })
    }

    /// Whether all of `text` matches. On `false`, `captures` is as it was.
    pub(crate) fn matches(&self, text: &str, captures: &mut Captures) -> bool {
        let mark = captures.mark();
        let matched = text.len() <= MAX_TEXT && self.lay_over(text, captures);
        if !matched {
            captures.forget_after(mark);
        }
        matched
    }

    fn lay_over(&self, text: &str, captures: &mut Captures) -> bool {
        let mut parts = text.split('/');
        if !self.front.iter().all(|segment| parts.next().is_some_and(|part| segment.matches(part, captures)))
        {
            return false;
        }
        let Some(back) = &self.back else { return parts.next().is_none() };
        if !back
            .iter()
            .rev()
            .all(|segment| parts.next_back().is_some_and(|part| segment.matches(part, captures)))
        {
            return false;
        }
        let mut many = parts.peekable();
        many.peek().is_some() && many.all(|part| !part.is_empty())
    }

    /// The names of the captures, repeated ones repeatedly.
    pub(crate) fn captures(&self) -> impl Iterator<Item = &str> {
        self.front.iter().chain(self.back.iter().flatten()).filter_map(|segment| match segment {
            Segment::Capture(name) => Some(name.as_str()),
            Segment::Glob(_) => None,
        })
    }
}

impl Segment {
    fn parse(part: &str) -> Result<Self, PatternError> {
        if part.contains("**") {
            return Err(PatternError::DoubleStar(part.to_owned()));
        }
        if !part.contains(['{', '}']) {
            return Ok(Self::Glob(Glob::new(part)));
        }
        part.strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .filter(|name| is_capture_name(name))
            .map(|name| Self::Capture(name.to_owned()))
            .ok_or_else(|| PatternError::Capture(part.to_owned()))
    }

    fn matches(&self, part: &str, captures: &mut Captures) -> bool {
        match self {
            Self::Glob(glob) => glob.matches(part),
            Self::Capture(name) => captures.bind(name, part),
        }
    }
}

fn is_capture_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_CAPTURE_NAME
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte))
}
