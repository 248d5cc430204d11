//! Where an image lives: a registry host and a path on it, normalised as container runtimes do.
//!
//! Only [`crate::ImageRef`] makes one, so that every repository in the house went through one parser.

use std::fmt;

use serde::{Serialize, Serializer};

/// A normalised `host/path`, without tag or digest: `docker.io/library/nginx`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Repository {
    host: Box<str>,
    path: Box<str>,
}

impl Repository {
    /// The parts must have been validated; `image_ref` is the only caller.
    pub(crate) fn new(host: &str, path: &str) -> Self {
        Self { host: host.into(), path: path.into() }
    }

    /// The registry, with its port if one was written: `docker.io`, `localhost:5000`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path on the registry, at least one segment: `library/nginx`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.path)
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Repository {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
