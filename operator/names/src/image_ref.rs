//! An image reference, read by the rule of Docker and containerd, and refused where other parsers in use
//! would read something else.
//!
//! ```text
//! [host[:port]/]path[:tag][@digest]
//! ```
//! The part before the first `/` is a host if it is `localhost` or contains `.` or `:`. Runtimes also take
//! one with an upper-case letter for a host where other libraries take it for a path on Docker Hub; such a
//! reference is [`ReferenceError::Ambiguous`], never guessed at.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use crate::{Digest, Problem, ReferenceError, Repository};

/// What a name without host means, for every runtime that Kubernetes supports.
const DEFAULT_HOST: &str = "docker.io";

/// The host's former name, which runtimes rewrite.
const LEGACY_HOST: &str = "index.docker.io";

/// Where Docker Hub keeps names of one segment.
const DEFAULT_NAMESPACE: &str = "library";

/// Host and path together. Some parsers count the path alone, so the narrower reading holds.
const MAX_NAME: usize = 255;

/// Grammar of the distribution specification: one word character and up to 127 more.
const MAX_TAG: usize = 128;

/// `name:tag@sha512:` and its 128 digits.
const MAX_REFERENCE: usize = MAX_NAME + 1 + MAX_TAG + 1 + 7 + 128;

/// How much of a refused text an error repeats.
const SHOWN: usize = 128;

/// A fully qualified image reference.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImageRef {
    repository: Repository,
    tag: Option<Box<str>>,
    digest: Option<Digest>,
}

impl ImageRef {
    /// Reads a reference as it stands in an `image:` field.
    ///
    /// # Errors
    /// [`ReferenceError::Ambiguous`] when parsers in use disagree about the host, otherwise
    /// [`ReferenceError::Invalid`] with the rule that is broken.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        let invalid = |problem| ReferenceError::Invalid { reference: shown(text), problem };
        if text.is_empty() {
            return Err(invalid(Problem::Empty));
        }
        if text.len() > MAX_REFERENCE {
            return Err(invalid(Problem::TooLong { max: MAX_REFERENCE }));
        }
        let (host, rest) = split_host(text);
        let (rest, digest) = match rest.split_once('@') {
            Some((rest, digest)) => {
                (rest, Some(Digest::parse(digest).map_err(|e| invalid(Problem::Digest(e)))?))
            }
            None => (rest, None),
        };
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) if is_tag(tag) => (path, Some(tag)),
            Some((_, tag)) => return Err(invalid(Problem::Tag(shown(tag)))),
            None => (rest, None),
        };
        if !path.split('/').all(is_path_component) {
            return Err(invalid(Problem::Path(shown(path))));
        }
        if host.is_none() && is_image_id(path) {
            return Err(invalid(Problem::ImageId));
        }
        let host = match host {
            Some(written) if !is_host(written) => return Err(invalid(Problem::Host(shown(written)))),
            Some(written) if written.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                return Err(ambiguous(text, written, path));
            }
            Some(LEGACY_HOST) | None => DEFAULT_HOST,
            Some(written) => written,
        };
        let library = host == DEFAULT_HOST && !path.contains('/');
        let path = if library { format!("{DEFAULT_NAMESPACE}/{path}") } else { path.to_owned() };
        if host.len() + 1 + path.len() > MAX_NAME {
            return Err(invalid(Problem::TooLong { max: MAX_NAME }));
        }
        Ok(Self { repository: Repository::new(host, &path), tag: tag.map(Into::into), digest })
    }

    /// Host and path.
    #[must_use]
    pub const fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The tag as written.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest as written. Where there is one, runtimes pull it and ignore the tag.
    #[must_use]
    pub const fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The tag that a runtime would resolve: `latest` when neither tag nor digest is written, none when a
    /// digest is.
    #[must_use]
    pub fn tag_or_latest(&self) -> Option<&str> {
        match self.digest {
            Some(_) => None,
            None => Some(self.tag().unwrap_or("latest")),
        }
    }

    /// The same reference bound to `digest`; a tag stays for the reader.
    #[must_use]
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self { digest: Some(digest), ..self.clone() }
    }

    /// Whether what runs is fixed by the reference alone.
    #[must_use]
    pub const fn is_pinned(&self) -> bool {
        self.digest.is_some()
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ImageRef {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for ImageRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The host as written, if the first segment is one to Docker and containerd, and what follows it.
fn split_host(text: &str) -> (Option<&str>, &str) {
    match text.split_once('/') {
        Some((first, rest))
            if first == "localhost"
                || first.contains(['.', ':'])
                || first.bytes().any(|byte| byte.is_ascii_uppercase()) =>
        {
            (Some(first), rest)
        }
        _ => (None, text),
    }
}

fn ambiguous(text: &str, host: &str, path: &str) -> ReferenceError {
    let other = if host.contains(['.', ':']) {
        format!("{} on the host {}", path, host.to_ascii_lowercase())
    } else {
        format!("{host}/{path} on the host {DEFAULT_HOST}")
    };
    ReferenceError::Ambiguous {
        reference: shown(text),
        readings: [format!("{path} on the host {host}"), other],
    }
}

/// DNS name, IPv4 or bracketed IPv6 address, then perhaps a port.
fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            let bracketed =
                !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
            match (bracketed, rest.strip_prefix(':')) {
                (true, None) => return rest.is_empty(),
                (true, Some(port)) => return is_port(port),
                (false, _) => return false,
            }
        }
        None => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        },
    };
    port.is_none_or(is_port)
        && name.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

fn is_port(port: &str) -> bool {
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

/// `[a-z0-9]+` runs joined by `.`, `_`, `__` or any number of `-`.
fn is_path_component(component: &str) -> bool {
    let alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends_well = component.bytes().next().is_some_and(alphanumeric)
        && component.bytes().next_back().is_some_and(alphanumeric);
    ends_well
        && component.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()).all(|separator| {
            matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-')
        })
}

fn is_tag(tag: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= MAX_TAG
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|byte| word(byte) || byte == b'.' || byte == b'-')
}

fn is_image_id(path: &str) -> bool {
    path.len() == 64 && path.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests;
