//! One exchange with a registry: a place in the queue, redirects hop by hop, the challenge, a capped body.
//!
//! Not here: what the answer means. Any status comes back as a [`Reply`]; [`Reply::success`] sorts it
//! into the classes.

use std::sync::Arc;

use bytes::Bytes;
use names::Digest;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::address::Refused;
use crate::body::{self, BodyError};
use crate::challenge::Challenge;
use crate::config::{Config, ConfigError};
use crate::counters::{Counters, Kind};
use crate::hosts::{Hosts, authority};
use crate::keychain::Credential;
use crate::limits::Limits;
use crate::place::Place;
use crate::shares::{Permit, Shares};
use crate::token::Tokens;
use crate::{Bound, Error, Fault, Flaw, retry};

/// On whose behalf, where, as whom and until when.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) namespace: Arc<str>,
    pub(crate) place: Place,
    pub(crate) credential: Option<Credential>,
    pub(crate) deadline: Instant,
}

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) kind: Kind,
    /// In the words of an error: "the tag 1.4 of team/app".
    pub(crate) what: String,
    pub(crate) url: Url,
    pub(crate) accept: &'static str,
    /// Bytes of body that are read at most.
    pub(crate) cap: usize,
}

/// What came back, of whatever status. The body of a failure is not read.
pub(crate) struct Reply {
    /// Who answered: after a redirect, the last host.
    pub(crate) host: String,
    pub(crate) what: String,
    pub(crate) url: Url,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Everything an exchange needs that outlives it.
pub(crate) struct Wire {
    pub(crate) hosts: Hosts,
    pub(crate) tokens: Tokens,
    pub(crate) limits: Limits,
    pub(crate) counters: Arc<Counters>,
    shares: Shares,
}

/// A response whose body has not been read, with the place it occupies.
pub(crate) struct Hop {
    url: Url,
    pub(crate) host: String,
    pub(crate) response: Response,
    _permit: Permit,
}

impl Wire {
    pub(crate) fn new(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            hosts: Hosts::new(config)?,
            tokens: Tokens::new(),
            shares: Shares::new(&config.limits),
            limits: config.limits.clone(),
            counters: Arc::new(Counters::default()),
        })
    }

    /// Asks once, and once more with an answer to the challenge if there is one and we have it. The
    /// first try is made with the token that served last, else without any.
    pub(crate) async fn get(&self, caller: &Caller, question: &Question) -> Result<Reply, Error> {
        let known = self.tokens.known(caller).await;
        let mut hop = self.follow(caller, question, known).await?;
        // Only the registry itself may ask for its credential, not the host it redirected to.
        if hop.response.status() == StatusCode::UNAUTHORIZED
            && authority(&hop.url) == authority(&question.url)
            && let Some(challenge) = Challenge::best(hop.response.headers())
        {
            drop(hop);
            self.tokens.forget(caller).await;
            let Some(proof) = self.answer(caller, question, challenge).await? else {
                return Err(refused(authority_text(&question.url), &question.what, StatusCode::UNAUTHORIZED));
            };
            hop = self.follow(caller, question, Some(proof)).await?;
        }
        self.finish(caller, question, hop).await
    }

    async fn follow(
        &self,
        caller: &Caller,
        question: &Question,
        mut proof: Option<HeaderValue>,
    ) -> Result<Hop, Error> {
        let mut url = question.url.clone();
        for _ in 0..=self.limits.redirects {
            let request = |client: &Client| {
                let request = client.get(url.clone()).header(ACCEPT, question.accept);
                proof.iter().fold(request, |request, proof| request.header(AUTHORIZATION, proof))
            };
            let hop = self.hop(caller, question, &url, request).await?;
            if !is_redirect(hop.response.status()) {
                return Ok(hop);
            }
            let next = target(&url, hop.response.headers()).filter(|next| self.hosts.scheme_is_allowed(next));
            let next = next.ok_or_else(|| invalid(&hop.host, &question.what, Flaw::Redirect))?;
            if next.scheme() != url.scheme() || authority(&next) != authority(&url) {
                proof = None;
            }
            url = next;
        }
        Err(limit(authority_text(&url), &question.what, Bound::Redirects(self.limits.redirects)))
    }

    /// One request to one address, up to the response's headers.
    pub(crate) async fn hop(
        &self,
        caller: &Caller,
        question: &Question,
        url: &Url,
        request: impl FnOnce(&Client) -> RequestBuilder,
    ) -> Result<Hop, Error> {
        let host = authority_text(url);
        let client = self
            .hosts
            .client(url)
            .map_err(|Refused(address)| Error::ForbiddenAddress { host: host.clone(), address })?;
        let place = self.shares.exchange(&caller.namespace, &host);
        let permit = timeout_at(caller.deadline, place)
            .await
            .map_err(|_| Error::Deadline { host: host.clone(), what: question.what.clone() })?;
        self.counters.count(question.kind);
        let until = self.until(caller);
        match timeout_at(until, request(client).send()).await {
            Ok(Ok(response)) => Ok(Hop { url: url.clone(), host, response, _permit: permit }),
            Ok(Err(cause)) => Err(transport(host, &question.what, cause)),
            Err(_) => Err(self.out_of_time(caller, host, &question.what, until)),
        }
    }

    /// The rest of a response: its body, if it is a success.
    pub(crate) async fn finish(
        &self,
        caller: &Caller,
        question: &Question,
        hop: Hop,
    ) -> Result<Reply, Error> {
        let Hop { url, host, response, _permit } = hop;
        let what = question.what.clone();
        let (status, headers) = (response.status(), response.headers().clone());
        if !status.is_success() {
            self.shares.answers(&host);
            return Ok(Reply { host, what, url, status, headers, body: Bytes::new() });
        }
        let too_long = |host: String| limit(host, &question.what, Bound::Bytes(question.cap as u64));
        let Some(room) = body::room(&response, question.cap) else { return Err(too_long(host)) };
        let _memory = timeout_at(caller.deadline, self.shares.memory(&caller.namespace, room))
            .await
            .map_err(|_| Error::Deadline { host: host.clone(), what: what.clone() })?;
        let until = self.until(caller);
        match timeout_at(until, body::read(response, question.cap)).await {
            Ok(Ok(body)) => {
                self.shares.answers(&host);
                Ok(Reply { host, what, url, status, headers, body })
            }
            Ok(Err(BodyError::TooLong)) => Err(too_long(host)),
            Ok(Err(BodyError::Transport(cause))) => Err(transport(host, &what, cause)),
            Err(_) => Err(self.out_of_time(caller, host, &what, until)),
        }
    }

    fn until(&self, caller: &Caller) -> Instant {
        (Instant::now() + self.limits.exchange).min(caller.deadline)
    }

    fn out_of_time(&self, caller: &Caller, host: String, what: &str, until: Instant) -> Error {
        if until == caller.deadline {
            return Error::Deadline { host, what: what.to_owned() };
        }
        self.shares.stalls(&host);
        let fault = Fault::Stalled(self.limits.exchange);
        Error::Unreachable { host, what: what.to_owned(), fault }
    }
}

impl Reply {
    /// This reply, if its status is a success.
    ///
    /// # Errors
    /// The class of any other status.
    pub(crate) fn success(self) -> Result<Self, Error> {
        let Self { host, what, status, headers, .. } = &self;
        let (host, what) = (host.clone(), what.clone());
        match status.as_u16() {
            200..=299 => Ok(self),
            401 | 403 => Err(refused(host, &what, *status)),
            404 => Err(Error::NotFound { host, what }),
            429 => Err(Error::RateLimited { host, what, retry_after: retry::after(headers) }),
            code @ 500..=599 => Err(Error::Unreachable { host, what, fault: Fault::Status(code) }),
            code => Err(invalid(&host, &what, Flaw::Status(code))),
        }
    }

    /// The content type without parameters.
    pub(crate) fn content_type(&self) -> &str {
        let value = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim()
    }

    /// Holds the registry to its own `Docker-Content-Digest`, if it sent one.
    pub(crate) fn check_header_digest(&self) -> Result<(), Error> {
        let Some(value) = self.headers.get("docker-content-digest") else { return Ok(()) };
        match value.to_str().ok().and_then(|text| Digest::parse(text).ok()) {
            Some(claimed) => self.check_digest(&claimed),
            None => Err(self.flawed(Flaw::DigestHeader)),
        }
    }

    /// Holds the body to the digest it was asked by.
    pub(crate) fn check_digest(&self, wanted: &Digest) -> Result<(), Error> {
        if crate::content::proves(wanted, &self.body) {
            return Ok(());
        }
        let found = Digest::sha256(&self.body);
        Err(self.flawed(Flaw::Digest { wanted: wanted.clone(), found }))
    }

    /// The body as JSON.
    pub(crate) fn json<'de, T: serde::Deserialize<'de>>(&'de self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|cause| self.flawed(Flaw::Json(Arc::new(cause))))
    }

    pub(crate) fn flawed(&self, flaw: Flaw) -> Error {
        invalid(&self.host, &self.what, flaw)
    }
}

pub(crate) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads; a target with a user name in it leads nowhere.
fn target(current: &Url, headers: &HeaderMap) -> Option<Url> {
    let next = current.join(headers.get(LOCATION)?.to_str().ok()?).ok()?;
    (next.username().is_empty() && next.password().is_none()).then_some(next)
}

/// `host[:port]` for messages and queues.
pub(crate) fn authority_text(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

pub(crate) fn invalid(host: &str, what: &str, flaw: Flaw) -> Error {
    Error::Invalid { host: host.to_owned(), what: what.to_owned(), flaw }
}

pub(crate) fn limit(host: String, what: &str, bound: Bound) -> Error {
    Error::Limit { host, what: what.to_owned(), bound }
}

fn refused(host: String, what: &str, status: StatusCode) -> Error {
    Error::Refused { host, what: what.to_owned(), status: status.as_u16() }
}

/// A failed transport; the resolver's refusal travels inside it. The URL is left out: after a redirect
/// it may hold a signature that is as good as a password.
fn transport(host: String, what: &str, cause: reqwest::Error) -> Error {
    let mut inner: Option<&(dyn std::error::Error + 'static)> = Some(&cause);
    while let Some(error) = inner {
        if let Some(Refused(address)) = error.downcast_ref::<Refused>() {
            return Error::ForbiddenAddress { host, address: *address };
        }
        inner = error.source();
    }
    if cause.is_decode() {
        return invalid(&host, what, Flaw::Encoding);
    }
    let fault = Fault::Transport(Arc::new(cause.without_url()));
    Error::Unreachable { host, what: what.to_owned(), fault }
}
