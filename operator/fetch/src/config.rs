//! What the operator says about registries. Nothing here comes from a Pod, a policy or a registry.

use std::net::IpAddr;

use crate::Limits;

/// All that a `Registry` is made from.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// Hosts that need more than the defaults: https, the system's CAs, no forbidden address.
    pub hosts: Vec<HostConfig>,
    /// Addresses no registry may have beside the built-in ones: the API server's.
    pub forbidden_addresses: Vec<IpAddr>,
    /// Bounds.
    pub limits: Limits,
}

/// One host, exactly as references, redirects or realms name it.
#[derive(Debug, Clone, Default)]
pub struct HostConfig {
    /// `host` or `host:port`; no pattern, no scheme.
    pub host: String,
    /// Plain http, also where another host names this one as its token realm.
    pub plain_http: bool,
    /// PEM of the only CAs that may vouch for this host.
    pub ca_pem: Option<Vec<u8>>,
    /// `host[:port]` that is asked in place of this one, with the same paths. It is asked with the
    /// credentials filed under its own name, and there is no second try at the original.
    pub mirror: Option<String>,
    /// Any address: a registry on loopback, or beside the API server.
    pub any_address: bool,
}

/// Why no client can be made of a [`Config`].
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Not `host` or `host:port`.
    #[error("{0:?} is no registry host; write host or host:port")]
    Host(String),
    /// Not PEM certificates.
    #[error("the CA of {host} cannot be read")]
    Ca {
        /// The host it was given for.
        host: String,
        /// What the TLS library says.
        #[source]
        cause: reqwest::Error,
    },
    /// PEM without a certificate would trust nobody.
    #[error("the CA of {0} holds no certificate")]
    NoCa(String),
    /// The TLS client cannot start; without a host's own CA it needs the system's certificates.
    #[error("the https client cannot be built; are the system's CA certificates installed?")]
    Client(#[source] reqwest::Error),
}
