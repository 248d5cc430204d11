//! Step 2: which of what is there can stay. Pure.

use jiff::Timestamp;
use k8s_openapi::{api::core::v1::Secret, apimachinery::pkg::apis::meta::v1::OwnerReference};

use super::{
    Installation,
    authority::{self, LEAF_RENEWAL, Pair},
    dereference::{Found, text},
};

/// A Secret as it should be, or what it has to replace.
pub(super) enum Kept {
    /// Sound: stays as it is.
    Sound(Pair),
    /// Missing, damaged or soon over. The version guards the replacement of one that is there.
    Due { resource_version: Option<String> },
}

/// What the ConfigMap and the endpoints say of the registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Registered, and kept up to date.
    Registered,
    /// Not yet: no endpoint is ready, and nothing is registered.
    NotYet,
    /// Taken back, and not to be registered again.
    Withdrawn,
}

/// What follows from what was found.
pub(super) struct Validated {
    pub(super) authority: Kept,
    pub(super) leaf: Kept,
    pub(super) wanted: Wanted,
    pub(super) owner: Option<OwnerReference>,
}

pub(super) fn validate(found: Found, installation: &Installation, now: Timestamp) -> Validated {
    let authority = match found.authority.as_ref().map(|secret| (secret, pair(secret))) {
        Some((_, Some(pair))) if authority_is_sound(&pair, now) => Kept::Sound(pair),
        other => due(other.map(|(secret, _)| secret)),
    };
    let leaf = match (&authority, found.leaf.as_ref().map(|secret| (secret, pair(secret)))) {
        (Kept::Sound(authority), Some((secret, Some(pair))))
            if text(secret, "ca.crt").as_deref() == Some(&authority.certificate)
                && leaf_is_sound(&pair, &installation.server_name(), now) =>
        {
            Kept::Sound(pair)
        }
        (_, other) => due(other.map(|(secret, _)| secret)),
    };
    let state = found.registration.as_ref().and_then(|map| map.data.as_ref()?.get("state").cloned());
    let wanted = match state.as_deref() {
        Some(super::withdraw::WITHDRAWN) => Wanted::Withdrawn,
        // What is registered stays so while its endpoints come and go: that is what a failure policy is for.
        _ if found.registered || found.endpoint_ready => Wanted::Registered,
        _ => Wanted::NotYet,
    };
    Validated { authority, leaf, wanted, owner: found.owner }
}

fn pair(secret: &Secret) -> Option<Pair> {
    Some(Pair { certificate: text(secret, "tls.crt")?, key: text(secret, "tls.key")? })
}

fn due(secret: Option<&Secret>) -> Kept {
    Kept::Due { resource_version: secret.and_then(|secret| secret.metadata.resource_version.clone()) }
}

fn authority_is_sound(pair: &Pair, now: Timestamp) -> bool {
    authority::facts(&pair.certificate)
        .is_some_and(|facts| facts.is_authority && facts.not_before <= now && now < facts.not_after)
        && authority::key_fits(pair)
}

fn leaf_is_sound(pair: &Pair, server_name: &str, now: Timestamp) -> bool {
    authority::facts(&pair.certificate).is_some_and(|facts| {
        facts.dns_names.iter().any(|name| name == server_name)
            && facts.not_before <= now
            && now.checked_add(LEAF_RENEWAL).is_ok_and(|soon| soon < facts.not_after)
    }) && authority::key_fits(pair)
}
