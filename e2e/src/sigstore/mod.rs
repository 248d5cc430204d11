//! A private Sigstore on loopback: real Fulcio, real Rekor v2, a real timestamp authority, and real cosign to
//! sign with them. Only the certificate log and the sign-in are ours.
//!
//! One [`Sigstore`] is one world of trust: its `trusted_root.json` vouches for nothing that another signed.

mod authorities;
mod ct_log;
mod der;
mod issuer;
mod served;
mod workflow;

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    sync::Arc,
};

use anyhow::Result;
use serde_json::json;

pub use self::workflow::Workflow;
use self::{
    authorities::{CertificateAuthority, Fulcio, Place, Rekor, TimestampAuthority},
    ct_log::CtLog,
    issuer::Issuer,
};
use crate::{cosign::Cosign, world::World};

/// Everything listens here; worlds do not meet because each has a network namespace of its own.
const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The log's name: origin of its checkpoints, and host of its address in the trusted root, from which verifiers
/// derive the origin they accept.
const LOG_NAME: &str = "rekor.local";

/// A running private Sigstore. Everything stops when it is dropped.
pub struct Sigstore {
    folder: PathBuf,
    workflows: Issuer,
    people: Issuer,
    trusted_root: String,
    _ct_log: CtLog,
    _fulcio: Fulcio,
    _unlogged: Fulcio,
    _rekor: Rekor,
    timestamps: Arc<TimestampAuthority>,
}

impl Sigstore {
    /// Starts all parts, ready within about two seconds. A world can hold only one timestamp authority, so a
    /// second Sigstore comes from [`Sigstore::start_other`].
    pub async fn start(world: &World, name: &str) -> Result<Self> {
        let folder = world.folder(name)?;
        let timestamps = TimestampAuthority::start(&Place { world, folder: &folder, name }).await?;
        Self::start_with(world, name, Arc::new(timestamps)).await
    }

    /// Starts another Sigstore beside this one: issuers, certificate authority and logs of its own, the same
    /// timestamp authority.
    pub async fn start_other(&self, world: &World, name: &str) -> Result<Self> {
        Self::start_with(world, name, Arc::clone(&self.timestamps)).await
    }

    async fn start_with(world: &World, name: &str, timestamps: Arc<TimestampAuthority>) -> Result<Self> {
        let folder = world.folder(name)?;
        let place = Place { world, folder: &folder, name };
        let (workflows, people) = (Issuer::start(HOST).await?, Issuer::start(HOST).await?);
        let ct_log = CtLog::start(HOST).await?;
        let ct_key = folder.join("ct.pub");
        std::fs::write(&ct_key, ct_log.public_key())?;
        let authority = CertificateAuthority::make(&folder)?;
        let logged = Some((ct_log.url(), ct_key.as_path()));
        let (fulcio, unlogged, rekor) = tokio::try_join!(
            Fulcio::start(&place, "fulcio", &authority, (&workflows, &people), logged),
            Fulcio::start(&place, "fulcio-without-ct", &authority, (&workflows, &people), None),
            Rekor::start(&place, LOG_NAME),
        )?;
        let cosign = Cosign::new(world, name).await?;
        let trusted_root = cosign
            .create_trusted_root(
                &folder.join("trusted_root.json"),
                &[
                    (
                        "fulcio",
                        format!(
                            "url={},certificate-chain={}",
                            fulcio.url(),
                            authority.certificate().display()
                        ),
                    ),
                    (
                        "rekor",
                        format!(
                            "url=https://{LOG_NAME},public-key={},start-time={START},origin={LOG_NAME}",
                            rekor.public_key().display()
                        ),
                    ),
                    (
                        "ctfe",
                        format!("url={},public-key={},start-time={START}", ct_log.url(), ct_key.display()),
                    ),
                    (
                        "tsa",
                        format!(
                            "url={},certificate-chain={}",
                            timestamps.url(),
                            timestamps.chain().display()
                        ),
                    ),
                ],
            )
            .await?;
        for (file, fulcio) in [(SIGNING_CONFIG, &fulcio), (UNLOGGED_SIGNING_CONFIG, &unlogged)] {
            cosign
                .create_signing_config(
                    &folder.join(file),
                    &[
                        ("fulcio", service(fulcio.url(), 1)),
                        ("rekor", service(rekor.url(), 2)),
                        ("rekor-config", "ANY".to_owned()),
                        ("oidc-provider", service(workflows.url(), 1)),
                        ("tsa", service(timestamps.url(), 1)),
                        ("tsa-config", "ANY".to_owned()),
                    ],
                )
                .await?;
        }
        Ok(Self {
            folder,
            workflows,
            people,
            trusted_root,
            _ct_log: ct_log,
            _fulcio: fulcio,
            _unlogged: unlogged,
            _rekor: rekor,
            timestamps,
        })
    }

    /// The `trusted_root.json` that a policy's ConfigMap carries.
    pub fn trusted_root(&self) -> &str {
        &self.trusted_root
    }

    /// The same as a file, for cosign.
    pub fn trusted_root_file(&self) -> PathBuf {
        self.folder.join("trusted_root.json")
    }

    /// The OIDC issuer that a policy's keyless signer names.
    pub fn issuer(&self) -> &str {
        self.workflows.url()
    }

    /// The issuer of [`Sigstore::person_token`]'s identities.
    pub fn person_issuer(&self) -> &str {
        self.people.url()
    }

    /// An identity token of a workflow run.
    pub fn token(&self, workflow: &Workflow) -> Result<String> {
        self.workflows.token(workflow.claims())
    }

    /// An identity token of somebody known by a mail address.
    pub fn person_token(&self, address: &str) -> Result<String> {
        self.people.token(json!({"sub": "1", "email": address, "email_verified": true}))
    }

    /// Where to sign: certificate, log and timestamp.
    pub fn signing_config_file(&self) -> PathBuf {
        self.folder.join(SIGNING_CONFIG)
    }

    /// The same, but with a Fulcio that submits nothing to a certificate log: bundles without an SCT, good in
    /// everything else under the same trusted root.
    pub fn signing_config_without_sct_file(&self) -> PathBuf {
        self.folder.join(UNLOGGED_SIGNING_CONFIG)
    }
}

const SIGNING_CONFIG: &str = "signing-config.json";
const UNLOGGED_SIGNING_CONFIG: &str = "signing-config-without-sct.json";

/// Since when keys and services count as valid: long before any test, so that no clock matters.
const START: &str = "2026-01-01T00:00:00Z";

fn service(url: &str, api_version: u8) -> String {
    format!("url={url},api-version={api_version},start-time={START},operator=local")
}
