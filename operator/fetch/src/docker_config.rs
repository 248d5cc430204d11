//! Pull secrets as bytes → entries. Both formats the kubelet knows; its rule for `auth` fields.
//!
//! Not here: which entry fits which image. A credential helper is never run: an entry that needs one is
//! ignored, and named so that a denial can say why the registry refused.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde::Deserialize;

use crate::keychain::Credential;

/// A Secret holds at most 1 MiB; more cannot come from a cluster.
const MAX_BYTES: usize = 1 << 20;

/// The two types of pull secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretKind {
    /// Type `kubernetes.io/dockerconfigjson`, key `.dockerconfigjson`.
    DockerConfigJson,
    /// Type `kubernetes.io/dockercfg`, key `.dockercfg`.
    DockerCfg,
}

impl SecretKind {
    /// By the Secret's `type`; `None` for any other.
    #[must_use]
    pub fn of_type(secret_type: &str) -> Option<Self> {
        match secret_type {
            "kubernetes.io/dockerconfigjson" => Some(Self::DockerConfigJson),
            "kubernetes.io/dockercfg" => Some(Self::DockerCfg),
            _ => None,
        }
    }
}

/// A part of a pull secret that was not used, and why. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    /// Not the JSON that its type promises, or larger than 1 MiB.
    #[error("a pull secret cannot be read")]
    Unreadable,
    /// `credsStore`: a program on somebody's desk, never run here.
    #[error("credsStore names a program; credential helpers are never run")]
    Store,
    /// `credHelpers` for this host.
    #[error("credHelpers names a program for {0}; credential helpers are never run")]
    Helper(String),
    /// An entry whose `auth` is not base64 of `user:password`.
    #[error("the auth field for {0} is not base64 of user:password")]
    Auth(String),
}

#[derive(Deserialize)]
struct ConfigFile {
    auths: Option<BTreeMap<String, Option<Entry>>>,
    #[serde(rename = "credHelpers")]
    helpers: Option<BTreeMap<String, serde::de::IgnoredAny>>,
    #[serde(rename = "credsStore")]
    store: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize, Default)]
struct Entry {
    username: Option<String>,
    password: Option<String>,
    auth: Option<String>,
    #[serde(rename = "identitytoken")]
    identity_token: Option<String>,
}

/// Locations with their credentials, in the secret's order by key.
pub(crate) fn read(kind: SecretKind, bytes: &[u8], ignored: &mut Vec<Ignored>) -> Vec<(String, Credential)> {
    let Some(entries) = entries(kind, bytes, ignored) else {
        ignored.push(Ignored::Unreadable);
        return Vec::new();
    };
    let mut found = Vec::new();
    for (location, entry) in entries {
        match credential(entry.unwrap_or_default()) {
            Some(Some(credential)) => found.push((location, credential)),
            Some(None) => {}
            None => ignored.push(Ignored::Auth(location)),
        }
    }
    found
}

fn entries(
    kind: SecretKind,
    bytes: &[u8],
    ignored: &mut Vec<Ignored>,
) -> Option<BTreeMap<String, Option<Entry>>> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    match kind {
        SecretKind::DockerCfg => serde_json::from_slice(bytes).ok(),
        SecretKind::DockerConfigJson => {
            let file: ConfigFile = serde_json::from_slice(bytes).ok()?;
            ignored.extend(file.store.map(|_| Ignored::Store));
            ignored.extend(file.helpers.unwrap_or_default().into_keys().map(Ignored::Helper));
            Some(file.auths.unwrap_or_default())
        }
    }
}

/// `None`: unreadable. `Some(None)`: an entry without any credential, as Docker leaves beside a helper.
fn credential(entry: Entry) -> Option<Option<Credential>> {
    let (username, password) = match entry.auth.as_deref().map(str::trim).filter(|auth| !auth.is_empty()) {
        // `auth` wins over the plain fields, as in the kubelet.
        Some(auth) => user_and_password(auth)?,
        None => (entry.username.unwrap_or_default(), entry.password.unwrap_or_default()),
    };
    let identity_token = entry.identity_token.filter(|token| !token.is_empty());
    if username.is_empty() && password.is_empty() && identity_token.is_none() {
        return Some(None);
    }
    Some(Some(Credential::new(username, password, identity_token)))
}

fn user_and_password(auth: &str) -> Option<(String, String)> {
    let engine = if auth.ends_with('=') { &STANDARD } else { &STANDARD_NO_PAD };
    let text = String::from_utf8(engine.decode(auth).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
