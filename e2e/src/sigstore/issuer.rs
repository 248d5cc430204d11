//! An OpenID Connect issuer: discovery, keys, and RS256 tokens for anyone the tests want to be.
//!
//! Fulcio reads it over HTTP as it reads GitHub's; only the sign-in is missing.

use std::net::IpAddr;

use anyhow::{Context as _, Result};
use axum::{Json, Router, routing::get};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize, SigningKey as _};
use serde_json::{Value, json};

use super::{der::Element, served::Served};
use crate::listening::free_address;

/// Fulcio refuses tokens that live long; a run of cosign takes about a second.
const TOKEN_SECONDS: i64 = 600;

/// The audience that Fulcio is configured to accept.
pub(super) const AUDIENCE: &str = "sigstore";

/// A running issuer; it stops when dropped.
pub(super) struct Issuer {
    url: String,
    key: KeyPair,
    _served: Served,
}

impl Issuer {
    /// Starts on a free port of `host`.
    pub(super) async fn start(host: IpAddr) -> Result<Self> {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
        let listener = tokio::net::TcpListener::bind(free_address(host)?).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let keys = json!({"keys": [jwk(&key)?]});
        let discovery = json!({
            "issuer": url,
            "jwks_uri": format!("{url}/keys"),
            "authorization_endpoint": format!("{url}/auth"),
            "token_endpoint": format!("{url}/token"),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(move || async { Json(discovery) }))
            .route("/keys", get(move || async { Json(keys) }));
        Ok(Self { url, key, _served: Served::new(listener, router) })
    }

    /// The `iss` of its tokens.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A token with these claims, valid from now on.
    pub(super) fn token(&self, claims: Value) -> Result<String> {
        let now = Timestamp::now().as_second();
        let mut claims = claims;
        let fields = claims.as_object_mut().context("claims are an object")?;
        fields.insert("iss".to_owned(), json!(self.url));
        fields.insert("aud".to_owned(), json!(AUDIENCE));
        fields.insert("iat".to_owned(), json!(now));
        fields.insert("nbf".to_owned(), json!(now));
        fields.insert("exp".to_owned(), json!(now + TOKEN_SECONDS));
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": "1"});
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = self.key.sign(signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// The public key as a JSON Web Key; its DER form is a sequence of modulus and exponent.
fn jwk(key: &KeyPair) -> Result<Value> {
    use rcgen::PublicKeyData as _;
    let sequence = Element::read(key.der_bytes())?.0;
    let (modulus, rest) = Element::read(sequence.content)?;
    let (exponent, _) = Element::read(rest)?;
    // DER puts a zero byte before a number whose first bit is set; a JSON Web Key has none.
    let unsigned = |number: &[u8]| URL_SAFE_NO_PAD.encode(number.strip_prefix(&[0]).unwrap_or(number));
    Ok(json!({
        "kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
        "n": unsigned(modulus.content), "e": unsigned(exponent.content),
    }))
}
