//! What can go wrong between us and a registry, kept apart by what it says about the evidence.
//!
//! Not here: reason codes of verdicts; the gate maps these variants to them one by one.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use names::Digest;

/// Why a question to a registry has no answer. No variant means "there is no evidence".
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// 401 or 403, also from the token realm, with every credential that matched.
    #[error("{host} refused to serve {what} (HTTP {status})")]
    Refused {
        /// Registry or token realm, `host[:port]`.
        host: String,
        /// What was asked for.
        what: String,
        /// The HTTP status.
        status: u16,
    },
    /// 429, still after the one wait that fitted into the deadline.
    #[error("{host} limits the rate of requests; {what} was not served")]
    RateLimited {
        /// Registry or token realm, `host[:port]`.
        host: String,
        /// What was asked for.
        what: String,
        /// How long the registry asks us to stay away, if it said so.
        retry_after: Option<Duration>,
    },
    /// 5xx, no connection, a broken one, or one that stalled.
    #[error("{host} could not be reached for {what}")]
    Unreachable {
        /// Registry or token realm, `host[:port]`.
        host: String,
        /// What was asked for.
        what: String,
        /// How it failed.
        #[source]
        fault: Fault,
    },
    /// 404.
    #[error("{host} has no {what}")]
    NotFound {
        /// Registry, `host[:port]`.
        host: String,
        /// What was asked for.
        what: String,
    },
    /// An answer that is not what was asked for: another digest, unreadable, a redirect nowhere.
    #[error("{host} answered wrongly for {what}")]
    Invalid {
        /// Registry or token realm, `host[:port]`.
        host: String,
        /// What was asked for.
        what: String,
        /// What is wrong with the answer.
        #[source]
        flaw: Flaw,
    },
    /// A bound was reached before the answer was complete.
    #[error("{what} at {host} exceeds the limit of {bound}")]
    Limit {
        /// Registry, `host[:port]`.
        host: String,
        /// What was asked for.
        what: String,
        /// Which bound.
        bound: Bound,
    },
    /// The asker's time ran out first.
    #[error("{host} did not serve {what} within the deadline")]
    Deadline {
        /// Registry, `host[:port]`.
        host: String,
        /// What was asked for.
        what: String,
    },
    /// The host is, or resolves to, an address that no registry may have.
    #[error(
        "{host} has the address {address}, which is not allowed for a registry; list the host in the operator's configuration if it is one"
    )]
    ForbiddenAddress {
        /// The host as it was named, by the reference, a redirect or a challenge.
        host: String,
        /// The first address that was refused.
        address: IpAddr,
    },
}

impl Error {
    /// Whether asking again later, with nothing changed, can succeed: rate limit, outage, deadline.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Unreachable { .. } | Self::Deadline { .. } => true,
            Self::Refused { .. }
            | Self::NotFound { .. }
            | Self::Invalid { .. }
            | Self::Limit { .. }
            | Self::ForbiddenAddress { .. } => false,
        }
    }
}

/// How a registry was out of reach.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// A 5xx status.
    #[error("HTTP {0}")]
    Status(u16),
    /// Resolution, connection, TLS or the body's transport failed.
    #[error("the transport failed")]
    Transport(#[source] Arc<reqwest::Error>),
    /// One exchange took longer than a registry may hold its place.
    #[error("no complete answer within {0:?}")]
    Stalled(Duration),
    /// The task that asked ended without an answer.
    #[error("the task that asked was lost")]
    Lost,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Flaw {
    /// The body is not the one that was named.
    #[error("the body has the digest {found}, wanted {wanted}")]
    Digest {
        /// The digest that was asked for, or that the registry claims in `Docker-Content-Digest`.
        wanted: Digest,
        /// SHA-256 of the body that came.
        found: Digest,
    },
    /// `Docker-Content-Digest` is no digest.
    #[error("the Docker-Content-Digest header is not a digest")]
    DigestHeader,
    /// Not the JSON that was expected.
    #[error("the body cannot be read")]
    Json(#[source] Arc<serde_json::Error>),
    /// `Content-Encoding` promised what the body does not keep.
    #[error("the body cannot be decoded")]
    Encoding,
    /// Another content type than any that was asked for.
    #[error("the content type is {0:?}")]
    ContentType(String),
    /// A status that fits no other class.
    #[error("HTTP {0}")]
    Status(u16),
    /// A redirect without a usable target, or to plain http.
    #[error("the redirect leads nowhere allowed")]
    Redirect,
    /// The next page lies on another host, or the `Link` header cannot be read.
    #[error("the link to the next page is not on this registry")]
    Link,
    /// A challenge whose realm is missing, not https, or whose answer holds no token.
    #[error("the authentication challenge cannot be answered safely")]
    Challenge,
    /// The host of the reference makes no URL.
    #[error("the host makes no address")]
    Host,
}

/// A bound that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Bytes of a body, counted after any `Content-Encoding` is undone.
    Bytes(u64),
    /// Referrers of one image.
    Entries(usize),
    /// Pages of one list.
    Pages(usize),
    /// Bundles in one referrer.
    Bundles(usize),
    /// Redirects of one request.
    Redirects(usize),
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(n) => write!(f, "{n} bytes"),
            Self::Entries(n) => write!(f, "{n} referrers"),
            Self::Pages(n) => write!(f, "{n} pages"),
            Self::Bundles(n) => write!(f, "{n} bundles"),
            Self::Redirects(n) => write!(f, "{n} redirects"),
        }
    }
}
