//! From a registry's name to where it is dialled and with which TLS client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use names::Repository;
use reqwest::{Certificate, Client, ClientBuilder, redirect};
use url::{Host, Url};

use crate::address::{AddressRule, Refused};
use crate::config::{Config, ConfigError, HostConfig};
use crate::place::Place;
use crate::resolver::CheckedResolver;

/// Docker Hub's references name a website; this host serves them.
const DOCKER_HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");
/// A TCP and TLS handshake across the world takes under a second; a dead address should not take the
/// whole exchange.
const CONNECT: Duration = Duration::from_secs(3);

/// Host name and port: what a connection is made to, and what a credential belongs to.
pub(crate) type Authority = (String, u16);

/// The authority of a URL, its default port filled in; `None` when it has no host.
pub(crate) fn authority(url: &Url) -> Option<Authority> {
    Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
}

pub(crate) struct Hosts {
    listed: HashMap<Authority, Listed>,
    /// For every host that is not listed.
    client: Client,
    rule: AddressRule,
}

struct Listed {
    client: Client,
    config: HostConfig,
}

impl Hosts {
    pub(crate) fn new(config: &Config) -> Result<Self, ConfigError> {
        let rule = AddressRule::new(&config.forbidden_addresses);
        let mut listed = HashMap::new();
        for host in &config.hosts {
            let url =
                base(&host.host, host.plain_http).ok_or_else(|| ConfigError::Host(host.host.clone()))?;
            let authority = authority(&url).ok_or_else(|| ConfigError::Host(host.host.clone()))?;
            if let Some(mirror) = &host.mirror {
                base(mirror, false).ok_or_else(|| ConfigError::Host(mirror.clone()))?;
            }
            let mut builder = builder();
            if let Some(pem) = &host.ca_pem {
                builder = builder.tls_certs_only(certificates(&host.host, pem)?);
            }
            if !host.any_address {
                builder = builder.dns_resolver(CheckedResolver { rule: rule.clone() });
            }
            let client = builder.build().map_err(ConfigError::Client)?;
            listed.insert(authority, Listed { client, config: host.clone() });
        }
        let resolver = CheckedResolver { rule: rule.clone() };
        let client = builder().dns_resolver(resolver).build().map_err(ConfigError::Client)?;
        Ok(Self { listed, client, rule })
    }

    /// Where a repository is read; `None` when its host makes no URL.
    pub(crate) fn place(&self, repository: &Repository) -> Option<Place> {
        let named = repository.host();
        let mirror = self.by_name(named).and_then(|listed| listed.config.mirror.as_deref());
        let host = mirror.unwrap_or(named);
        let dialled = if host == DOCKER_HUB.0 { DOCKER_HUB.1 } else { host };
        let plain = self.by_name(dialled).is_some_and(|listed| listed.config.plain_http);
        Some(Place { base: base(dialled, plain)?, host: host.to_owned(), path: repository.path().to_owned() })
    }

    /// The client for one hop. An address in the URL itself is checked here, a name by the resolver.
    pub(crate) fn client(&self, url: &Url) -> Result<&Client, Refused> {
        let listed = authority(url).and_then(|authority| self.listed.get(&authority));
        if listed.is_none_or(|listed| !listed.config.any_address) {
            match url.host() {
                Some(Host::Ipv4(address)) => self.rule.check(IpAddr::V4(address))?,
                Some(Host::Ipv6(address)) => self.rule.check(IpAddr::V6(address))?,
                Some(Host::Domain(_)) | None => {}
            }
        }
        Ok(listed.map_or(&self.client, |listed| &listed.client))
    }

    /// Whether a URL may be asked at all: https, or http where the operator says so.
    pub(crate) fn scheme_is_allowed(&self, url: &Url) -> bool {
        match url.scheme() {
            "https" => true,
            "http" => authority(url)
                .and_then(|authority| self.listed.get(&authority))
                .is_some_and(|listed| listed.config.plain_http),
            _ => false,
        }
    }

    fn by_name(&self, host: &str) -> Option<&Listed> {
        [true, false].into_iter().find_map(|plain| {
            let listed = self.listed.get(&authority(&base(host, plain)?)?)?;
            (listed.config.plain_http == plain).then_some(listed)
        })
    }
}

fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("tidewaiter/", env!("CARGO_PKG_VERSION")))
        // Redirects are ours: each hop is checked again and may lose the credential.
        .redirect(redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT)
        .gzip(true)
}

fn certificates(host: &str, pem: &[u8]) -> Result<Vec<Certificate>, ConfigError> {
    let found = Certificate::from_pem_bundle(pem)
        .map_err(|cause| ConfigError::Ca { host: host.to_owned(), cause })?;
    if found.is_empty() { Err(ConfigError::NoCa(host.to_owned())) } else { Ok(found) }
}

/// `scheme://host[:port]/`, when `host` is a bare authority and nothing else.
fn base(host: &str, plain: bool) -> Option<Url> {
    let scheme = if plain { "http" } else { "https" };
    let url = Url::parse(&format!("{scheme}://{host}/")).ok()?;
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && !host.ends_with('/');
    (bare && url.host().is_some()).then_some(url)
}

#[cfg(test)]
mod tests {
    use names::ImageRef;

    use super::Hosts;
    use crate::config::{Config, ConfigError, HostConfig};

    fn hosts(hosts: Vec<HostConfig>) -> Result<Hosts, ConfigError> {
        Hosts::new(&Config { hosts, ..Config::default() })
    }

    fn base_of(hosts: &Hosts, image: &str) -> String {
        let image = ImageRef::parse(image).expect("a constant reference");
        hosts.place(image.repository()).expect("a host that makes a URL").base.into()
    }

    #[test]
    fn docker_hub_is_dialled_where_it_serves_and_others_by_their_name() {
        let hosts = hosts(Vec::new()).expect("the empty configuration");
        assert_eq!(base_of(&hosts, "nginx"), "https://registry-1.docker.io/");
        assert_eq!(base_of(&hosts, "registry.example.com:5000/a"), "https://registry.example.com:5000/");
    }

    #[test]
    fn a_mirror_takes_the_place_of_its_host_with_its_own_scheme() {
        let hosts = hosts(vec![
            HostConfig {
                host: "docker.io".into(),
                mirror: Some("mirror.example.com:5000".into()),
                ..HostConfig::default()
            },
            HostConfig { host: "mirror.example.com:5000".into(), plain_http: true, ..HostConfig::default() },
        ])
        .expect("a good configuration");
        assert_eq!(base_of(&hosts, "nginx"), "http://mirror.example.com:5000/");
    }

    #[test]
    fn a_host_or_mirror_that_is_not_a_bare_authority_is_refused() {
        for host in ["https://a.example.com", "a.example.com/", "a.example.com/x", "u@a.example.com", ""] {
            let named = HostConfig { host: host.into(), ..HostConfig::default() };
            assert!(matches!(hosts(vec![named]), Err(ConfigError::Host(_))), "{host:?}");
            let mirrored = HostConfig {
                host: "a.example.com".into(),
                mirror: Some(host.into()),
                ..HostConfig::default()
            };
            assert!(matches!(hosts(vec![mirrored]), Err(ConfigError::Host(_))), "mirror {host:?}");
        }
    }

    #[test]
    fn a_ca_without_a_certificate_is_refused() {
        let named = HostConfig {
            host: "a.example.com".into(),
            ca_pem: Some(b"no PEM".to_vec()),
            ..HostConfig::default()
        };
        assert!(matches!(hosts(vec![named]), Err(ConfigError::NoCa(_))));
    }
}
