//! The one part of the private Sigstore that is a stand-in: a certificate log that signs what it is shown and
//! keeps nothing (RFC 6962, `add-pre-chain`).

use std::{net::IpAddr, sync::Arc};

use anyhow::{Context as _, Result};
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData as _, SigningKey as _};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{der, served::Served};
use crate::listening::free_address;

/// A running log; it stops when dropped.
pub(super) struct CtLog {
    url: String,
    key: Arc<KeyPair>,
    _served: Served,
}

#[derive(Deserialize)]
struct AddPreChain {
    chain: Vec<String>,
}

impl CtLog {
    /// Starts on a free port of `host`.
    pub(super) async fn start(host: IpAddr) -> Result<Self> {
        let key = Arc::new(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?);
        let listener = tokio::net::TcpListener::bind(free_address(host)?).await?;
        let url = format!("http://{}/log", listener.local_addr()?);
        let router =
            Router::new().route("/log/ct/v1/add-pre-chain", post(add_pre_chain)).with_state(Arc::clone(&key));
        Ok(Self { url, key, _served: Served::new(listener, router) })
    }

    /// For Fulcio's `--ct-log-url`.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Its public key, PEM.
    pub(super) fn public_key(&self) -> String {
        self.key.public_key_pem()
    }
}

async fn add_pre_chain(
    State(key): State<Arc<KeyPair>>,
    Json(request): Json<AddPreChain>,
) -> Result<Json<Value>, (StatusCode, String)> {
    sign(&key, &request).map(Json).map_err(|error| (StatusCode::BAD_REQUEST, format!("{error:#}")))
}

fn sign(key: &KeyPair, request: &AddPreChain) -> Result<Value> {
    let [precertificate, issuer, ..] = request.chain.as_slice() else {
        anyhow::bail!("the chain has no issuer");
    };
    let precertificate = STANDARD.decode(precertificate).context("precertificate")?;
    let issuer = STANDARD.decode(issuer).context("issuer")?;
    let tbs = der::tbs_without_poison(&precertificate)?;
    let millis = Timestamp::now().as_millisecond();

    // RFC 6962, 3.2: version, signature type, timestamp, entry type precert_entry, the hash of the issuer's
    // key, the TBSCertificate behind a 24-bit length, no extensions.
    let mut signed = vec![0, 0];
    signed.extend(millis.to_be_bytes());
    signed.extend([0, 1]);
    signed.extend(Sha256::digest(der::public_key_info(&issuer)?));
    let length = u32::try_from(tbs.len())?.to_be_bytes();
    signed.extend(length.iter().skip(1));
    signed.extend(&tbs);
    signed.extend([0, 0]);
    let signature = key.sign(&signed)?;

    // A DigitallySigned: SHA-256 (4), ECDSA (3), then the signature behind a 16-bit length.
    let mut digitally_signed = vec![4, 3];
    digitally_signed.extend(u16::try_from(signature.len())?.to_be_bytes());
    digitally_signed.extend(signature);
    Ok(json!({
        "sct_version": 0,
        "id": STANDARD.encode(Sha256::digest(key.subject_public_key_info())),
        "timestamp": millis,
        "extensions": "",
        "signature": STANDARD.encode(digitally_signed),
    }))
}
