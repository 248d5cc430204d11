//! Who signs an attestation, and with what.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::sigstore::{Sigstore, Workflow};

/// A pair of signing keys.
#[derive(Debug, Clone)]
pub struct KeyFiles {
    /// The private key, encrypted with an empty password.
    pub private: PathBuf,
    /// The public key, PEM.
    pub public: PathBuf,
}

impl KeyFiles {
    /// The public key as a policy's signer carries it.
    pub fn public_pem(&self) -> Result<String> {
        std::fs::read_to_string(&self.public).context("public key")
    }
}

/// How an attestation is signed.
#[derive(Clone, Copy)]
pub enum Signer<'a> {
    /// By a workflow, with certificate, log entry and timestamp.
    Workflow(&'a Sigstore, &'a Workflow),
    /// By a workflow, with a certificate that is in no certificate log.
    WorkflowWithoutSct(&'a Sigstore, &'a Workflow),
    /// By somebody known by a mail address.
    Person(&'a Sigstore, &'a str),
    /// By a key alone: no log entry, no timestamp.
    Key(&'a KeyFiles),
    /// By a key, with log entry and timestamp.
    LoggedKey(&'a Sigstore, &'a KeyFiles),
}
