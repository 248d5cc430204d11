//! Step 3: every object as it should be. Pure but for the keys it draws.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::{
    ByteString,
    api::{
        admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
        core::v1::Secret,
    },
};
use kube::api::ObjectMeta;

use super::{
    Error, Installation,
    authority::{self, Pair},
    registration,
    validate::{Kept, Validated, Wanted},
};

/// What is to be written. `None`: it is in order as it is.
pub(super) struct Prepared {
    pub(super) authority: Option<Secret>,
    pub(super) leaf: Option<Secret>,
    pub(super) webhooks: Webhooks,
}

/// What is to become of the registration.
pub(super) enum Webhooks {
    Apply(Box<(ValidatingWebhookConfiguration, MutatingWebhookConfiguration)>),
    Leave,
    Withdraw,
}

pub(super) fn build(
    validated: Validated,
    installation: &Installation,
    now: Timestamp,
) -> Result<Prepared, Error> {
    let Validated { authority, leaf, wanted, owner } = validated;
    let (authority, new_authority) = match authority {
        Kept::Sound(pair) => (pair, None),
        Kept::Due { resource_version } => {
            let pair = authority::new_authority(&installation.release, now)?;
            let secret =
                secret(&installation.authority_secret(), installation, resource_version, &pair, None);
            (pair, Some(secret))
        }
    };
    let leaf = match leaf {
        Kept::Sound(_) => None,
        Kept::Due { resource_version } => {
            let pair = authority::new_leaf(&authority, &installation.server_name(), now)?;
            let ca = Some(authority.certificate.as_str());
            Some(secret(&installation.leaf_secret(), installation, resource_version, &pair, ca))
        }
    };
    let webhooks = match wanted {
        Wanted::Registered => {
            let bundle = ByteString(authority.certificate.into_bytes());
            Webhooks::Apply(Box::new((
                registration::validating(installation, &bundle, owner.as_ref()),
                registration::mutating(installation, &bundle, owner.as_ref()),
            )))
        }
        Wanted::NotYet => Webhooks::Leave,
        Wanted::Withdrawn => Webhooks::Withdraw,
    };
    Ok(Prepared { authority: new_authority, leaf, webhooks })
}

/// A Secret in cert-manager's shape.
fn secret(
    name: &str,
    installation: &Installation,
    resource_version: Option<String>,
    pair: &Pair,
    ca: Option<&str>,
) -> Secret {
    let mut data = BTreeMap::from([
        ("tls.crt".to_owned(), ByteString(pair.certificate.clone().into_bytes())),
        ("tls.key".to_owned(), ByteString(pair.key.clone().into_bytes())),
    ]);
    if let Some(ca) = ca {
        data.insert("ca.crt".to_owned(), ByteString(ca.as_bytes().to_vec()));
    }
    Secret {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            namespace: Some(installation.namespace.clone()),
            resource_version,
            labels: Some(registration::labels(installation)),
            ..ObjectMeta::default()
        },
        type_: Some("kubernetes.io/tls".to_owned()),
        data: Some(data),
        ..Secret::default()
    }
}
