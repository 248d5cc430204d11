//! Tokens: what a challenge is answered with, and the tokens that served before.
//!
//! A credential is sent to the registry it is filed for and to the https realm which that registry
//! names; a realm's redirects are not followed.

use std::time::Duration;

use moka::future::Cache;
use names::Digest;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use tokio::time::Instant;
use url::{Url, form_urlencoded};

use crate::challenge::Challenge;
use crate::counters::Kind;
use crate::keychain::Credential;
use crate::wire::{Caller, Question, Wire, authority_text, invalid, is_redirect};
use crate::{Error, Flaw, key};

/// Tokens kept: one per repository and credential, each 1 to 4 KiB.
const KEPT: u64 = 2_048;
/// A token reply is one token; the longest known (with many claims) stay under 16 KiB.
const REPLY_BYTES: usize = 64 << 10;
/// The lifetime of a token whose realm names none, by the distribution specification.
const DEFAULT_LIFE: Duration = Duration::from_secs(60);
/// No token is kept longer, whatever its realm says.
const LONGEST_LIFE: Duration = Duration::from_secs(3600);

/// Proofs by host, repository and credential: never shared between two credentials.
pub(crate) struct Tokens {
    kept: Cache<Digest, Proof>,
}

#[derive(Clone)]
struct Proof {
    header: HeaderValue,
    until: Instant,
}

#[derive(Deserialize)]
struct TokenReply {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<u64>,
}

impl Tokens {
    pub(crate) fn new() -> Self {
        Self { kept: Cache::new(KEPT) }
    }

    /// What served last and has not expired.
    pub(crate) async fn known(&self, caller: &Caller) -> Option<HeaderValue> {
        let proof = self.kept.get(&key_of(caller)).await?;
        (Instant::now() < proof.until).then_some(proof.header)
    }

    pub(crate) async fn forget(&self, caller: &Caller) {
        self.kept.invalidate(&key_of(caller)).await;
    }

    async fn keep(&self, caller: &Caller, header: HeaderValue, life: Duration) {
        // A tenth early: the token must still be good when it arrives.
        let until = Instant::now() + life.min(LONGEST_LIFE) / 10 * 9;
        self.kept.insert(key_of(caller), Proof { header, until }).await;
    }
}

fn key_of(caller: &Caller) -> Digest {
    let credential = caller.credential.as_ref().map(|c| c.fingerprint().hex()).unwrap_or_default();
    key::of([caller.place.base.as_str().as_bytes(), caller.place.path.as_bytes(), credential.as_bytes()])
}

impl Wire {
    /// The header that answers a challenge; `None` when it asks for a password that we do not have.
    pub(crate) async fn answer(
        &self,
        caller: &Caller,
        question: &Question,
        challenge: Challenge,
    ) -> Result<Option<HeaderValue>, Error> {
        let (header, life) = match challenge {
            Challenge::Basic => {
                let Some(basic) = caller.credential.as_ref().and_then(Credential::basic) else {
                    return Ok(None);
                };
                (basic, LONGEST_LIFE)
            }
            Challenge::Bearer { realm, service, scope } => {
                let scope = scope.unwrap_or_else(|| format!("repository:{}:pull", caller.place.path));
                self.token(caller, &realm, service.as_deref(), &scope).await?
            }
        };
        let host = authority_text(&question.url);
        let mut header =
            HeaderValue::try_from(header).map_err(|_| invalid(&host, &question.what, Flaw::Challenge))?;
        header.set_sensitive(true);
        self.tokens.keep(caller, header.clone(), life).await;
        Ok(Some(header))
    }

    async fn token(
        &self,
        caller: &Caller,
        realm: &str,
        service: Option<&str>,
        scope: &str,
    ) -> Result<(String, Duration), Error> {
        let what = format!("a token to read {}", caller.place.path);
        let url = Url::parse(realm)
            .ok()
            .filter(|url| self.hosts.scheme_is_allowed(url))
            .filter(|url| url.username().is_empty() && url.password().is_none())
            .ok_or_else(|| invalid(&caller.place.host, &what, Flaw::Challenge))?;
        let question =
            Question { kind: Kind::Token, what, url, accept: "application/json", cap: REPLY_BYTES };
        let request = |client: &Client| token_request(client, &question, caller, service, scope);
        let hop = self.hop(caller, &question, &question.url, request).await?;
        if is_redirect(hop.response.status()) {
            return Err(invalid(&hop.host, &question.what, Flaw::Challenge));
        }
        let reply = self.finish(caller, &question, hop).await?.success()?;
        let found: TokenReply = reply.json()?;
        let token = found.token.or(found.access_token).filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| reply.flawed(Flaw::Challenge))?;
        let life = found.expires_in.map_or(DEFAULT_LIFE, Duration::from_secs);
        Ok((format!("Bearer {token}"), life))
    }
}

/// OAuth2 with a refresh token, else the older GET with name and password, else anonymous.
fn token_request(
    client: &Client,
    question: &Question,
    caller: &Caller,
    service: Option<&str>,
    scope: &str,
) -> RequestBuilder {
    let refresh = caller.credential.as_ref().and_then(Credential::identity_token);
    if let Some(refresh) = refresh {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "refresh_token")
            .append_pair("client_id", "tidewaiter")
            .append_pair("refresh_token", refresh)
            .append_pair("scope", scope)
            .extend_pairs(service.map(|service| ("service", service)));
        return client
            .post(question.url.clone())
            .header(ACCEPT, question.accept)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.finish());
    }
    let mut url = question.url.clone();
    url.query_pairs_mut()
        .extend_pairs(service.map(|service| ("service", service)))
        .extend_pairs(scope.split_whitespace().map(|scope| ("scope", scope)));
    let request = client.get(url).header(ACCEPT, question.accept);
    let basic = caller.credential.as_ref().and_then(Credential::basic);
    basic.into_iter().fold(request, |request, basic| request.header(AUTHORIZATION, basic))
}
