//! Which credential fits which image: the kubelet's rule, to the letter.
//!
//! Not here: which Secrets a Pod may use, and where a credential is sent.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use names::{Digest, Repository};

use crate::docker_config::{self, Ignored, SecretKind};
use crate::{key, label_glob};

/// Docker Hub, as references name it.
const DOCKER_HUB: &str = "docker.io";
/// Docker Hub, as `docker login` files it.
const DOCKER_HUB_LOGIN: &str = "index.docker.io";

/// A name and a password, or a refresh token. Its `Debug` shows neither.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    username: String,
    password: String,
    identity_token: Option<String>,
    fingerprint: Digest,
}

impl Credential {
    pub(crate) fn new(username: String, password: String, identity_token: Option<String>) -> Self {
        let fingerprint = key::of([
            username.as_bytes(),
            password.as_bytes(),
            identity_token.as_deref().unwrap_or_default().as_bytes(),
        ]);
        Self { username, password, identity_token, fingerprint }
    }

    /// The value of an `Authorization: Basic` header; `None` when there is only a refresh token.
    pub(crate) fn basic(&self) -> Option<String> {
        if self.username.is_empty() && self.password.is_empty() {
            return None;
        }
        Some(format!("Basic {}", STANDARD.encode(format!("{}:{}", self.username, self.password))))
    }

    pub(crate) fn identity_token(&self) -> Option<&str> {
        self.identity_token.as_deref()
    }

    /// Tells credentials apart in cache keys.
    pub(crate) fn fingerprint(&self) -> &Digest {
        &self.fingerprint
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").finish_non_exhaustive()
    }
}

/// All credentials one asker may use. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Keychain {
    /// In the order in which they are tried.
    entries: Arc<[Entry]>,
    ignored: Arc<[Ignored]>,
}

#[derive(Debug)]
struct Entry {
    /// Host and path, as the kubelet files it.
    place: String,
    credential: Credential,
}

impl Keychain {
    /// No credential at all.
    #[must_use]
    pub fn anonymous() -> Self {
        Self::default()
    }

    /// From pull secrets, in the Pod's order. What cannot be used is in [`Keychain::ignored`].
    #[must_use]
    pub fn from_docker_configs(secrets: &[(SecretKind, Vec<u8>)]) -> Self {
        let mut ignored = Vec::new();
        let mut entries = Vec::new();
        for (kind, bytes) in secrets {
            for (location, credential) in docker_config::read(*kind, bytes, &mut ignored) {
                entries.push(Entry { place: filed(&location), credential });
            }
        }
        // Reverse order puts the longer path first; equal places keep the order of the secrets.
        entries.sort_by(|a, b| b.place.cmp(&a.place));
        Self { entries: entries.into(), ignored: ignored.into() }
    }

    /// What the secrets held and was not used, for the hint of a denial.
    #[must_use]
    pub fn ignored(&self) -> &[Ignored] {
        &self.ignored
    }

    /// The credentials to try for this repository, in turn; empty means anonymously.
    #[must_use]
    pub fn for_repository(&self, repository: &Repository) -> Vec<Credential> {
        self.matching(repository.host(), repository.path())
    }

    /// Equal for two keychains that try the same credentials for this repository: a part of cache keys.
    #[must_use]
    pub fn digest_for(&self, repository: &Repository) -> Digest {
        let credentials = self.for_repository(repository);
        key::of(credentials.iter().map(|credential| credential.fingerprint().hex().as_bytes()))
    }

    pub(crate) fn matching(&self, host: &str, path: &str) -> Vec<Credential> {
        let image = format!("{host}/{path}");
        let found: Vec<_> = self.chosen(|place| places_match(place, &image));
        if found.is_empty() && host == DOCKER_HUB {
            return self.chosen(|place| place == DOCKER_HUB_LOGIN);
        }
        found
    }

    fn chosen(&self, fits: impl Fn(&str) -> bool) -> Vec<Credential> {
        self.entries.iter().filter(|e| fits(&e.place)).map(|e| e.credential.clone()).collect()
    }
}

/// A location without scheme, user, query and a leading `/v1` or `/v2`.
fn filed(location: &str) -> String {
    let bare =
        location.strip_prefix("https://").or_else(|| location.strip_prefix("http://")).unwrap_or(location);
    let bare = bare.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = split_path(bare);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let path = match path.get(..4) {
        Some("/v1/" | "/v2/") => path.get(3..).unwrap_or_default(),
        Some(_) | None => path,
    };
    if path == "/" { host.to_owned() } else { format!("{host}{path}") }
}

/// The kubelet's `URLsMatch`: equal port, as many labels, each label a glob, the path a plain prefix.
fn places_match(glob: &str, image: &str) -> bool {
    let ((glob_host, glob_path), (host, path)) = (split_path(glob), split_path(image));
    let ((glob_name, glob_port), (name, port)) = (split_port(glob_host), split_port(host));
    glob_port == port
        && path.starts_with(glob_path)
        && glob_name.split('.').count() == name.split('.').count()
        && glob_name.split('.').zip(name.split('.')).all(|(glob, label)| label_glob::matches(glob, label))
}

fn split_path(place: &str) -> (&str, &str) {
    place.find('/').and_then(|at| place.split_at_checked(at)).unwrap_or((place, ""))
}

fn split_port(host: &str) -> (&str, &str) {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => {
            (name.trim_start_matches('[').trim_end_matches(']'), port)
        }
        Some(_) | None => (host, ""),
    }
}

#[cfg(test)]
mod tests;
