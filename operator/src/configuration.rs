//! The operator's configuration: one typed, validated file, mounted from a ConfigMap, read again when it changes.
//!
//! Not here: policy. What an image must prove is in AIToolPolicy and nowhere else.

use std::{net::IpAddr, path::Path, sync::Arc, time::Duration};

use serde::Deserialize;
use tokio::sync::watch;

/// A ConfigMap holds at most 1 MiB, so a longer file is not one of ours.
const MAX_BYTES: u64 = 1 << 20;
/// The kubelet brings a changed ConfigMap within about a minute; this adds little to it.
const POLL: Duration = Duration::from_secs(5);
/// As in the chart's schema.
const MAX_ENTRIES: usize = 64;

/// The file as written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Configuration {
    /// Name of the release.
    pub(crate) release: String,
    /// How the API server reaches the webhook.
    pub(crate) webhook: Webhook,
    /// Namespaces that the webhooks leave out, beside the operator's own.
    #[serde(default)]
    pub(crate) excluded_namespaces: Vec<String>,
    /// Namespaces whose image pull secrets may be read; `*` is all.
    #[serde(default)]
    pub(crate) pull_secret_namespaces: Vec<String>,
    /// How single registries are reached.
    #[serde(default)]
    pub(crate) registries: Vec<Registry>,
}

/// The webhook's Service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Webhook {
    /// Name of the Service.
    pub(crate) service: String,
    /// How long the API server waits, in seconds: 5 to 30.
    pub(crate) timeout_seconds: i32,
}

/// One registry that is not reached the usual way.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Registry {
    /// `host` or `host:port`, exactly as references name it.
    pub(crate) host: String,
    /// Speak http.
    #[serde(default)]
    pub(crate) plain_http: bool,
    /// Trust these certificates, PEM.
    #[serde(default)]
    pub(crate) ca: Option<String>,
    /// Ask this host instead.
    #[serde(default)]
    pub(crate) mirror: Option<String>,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the configuration {path} could not be read")]
    Read {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("the configuration {path} has {bytes} bytes; at most {MAX_BYTES} are read")]
    TooLong { path: String, bytes: u64 },
    #[error("the configuration {path} is not as it should be")]
    Parse {
        path: String,
        #[source]
        source: Box<serde_saphyr::Error>,
    },
    #[error("the configuration says {field}: {found}; wanted is {wanted}")]
    Value { field: &'static str, found: String, wanted: &'static str },
}

impl Configuration {
    /// Reads and checks the file.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let shown = || path.display().to_string();
        let read = |source| Error::Read { path: shown(), source };
        let bytes = std::fs::metadata(path).map_err(read)?.len();
        if bytes > MAX_BYTES {
            return Err(Error::TooLong { path: shown(), bytes });
        }
        let text = std::fs::read_to_string(path).map_err(read)?;
        let configuration: Self = serde_saphyr::from_str(&text)
            .map_err(|source| Error::Parse { path: shown(), source: Box::new(source) })?;
        configuration.check()?;
        Ok(configuration)
    }

    fn check(&self) -> Result<(), Error> {
        let refuse = |field, found: String, wanted| Err(Error::Value { field, found, wanted });
        if self.release.is_empty() {
            return refuse("release", "nothing".to_owned(), "the name of the release");
        }
        if !(5..=30).contains(&self.webhook.timeout_seconds) {
            let found = self.webhook.timeout_seconds.to_string();
            return refuse("webhook.timeoutSeconds", found, "5 to 30");
        }
        for (field, entries) in [
            ("excludedNamespaces", self.excluded_namespaces.len()),
            ("pullSecretNamespaces", self.pull_secret_namespaces.len()),
            ("registries", self.registries.len()),
        ] {
            if entries > MAX_ENTRIES {
                return refuse(field, format!("{entries} entries"), "at most 64");
            }
        }
        if let Some(registry) = self.registries.iter().find(|registry| registry.host.is_empty()) {
            return refuse("registries[].host", format!("{:?}", registry.host), "host or host:port");
        }
        Ok(())
    }

    /// What the registry client is told. A host that the administrator lists may have any address; no other host
    /// may have that of the API server.
    pub(crate) fn fetch(&self) -> fetch::Config {
        let hosts = self
            .registries
            .iter()
            .map(|registry| fetch::HostConfig {
                host: registry.host.clone(),
                plain_http: registry.plain_http,
                ca_pem: registry.ca.clone().map(String::into_bytes),
                mirror: registry.mirror.clone(),
                any_address: true,
            })
            .collect();
        let forbidden_addresses = api_server_address().into_iter().collect();
        fetch::Config { hosts, forbidden_addresses, ..fetch::Config::default() }
    }

    /// Where pull secrets may be read.
    pub(crate) fn secret_namespaces(&self) -> cluster::SecretNamespaces {
        if self.pull_secret_namespaces.iter().any(|namespace| namespace == "*") {
            cluster::SecretNamespaces::All
        } else if self.pull_secret_namespaces.is_empty() {
            cluster::SecretNamespaces::None
        } else {
            cluster::SecretNamespaces::Listed(self.pull_secret_namespaces.iter().cloned().collect())
        }
    }

    /// What the certificates and the registration are made for.
    pub(crate) fn installation(&self, namespace: &str) -> controllers::certificates::Installation {
        controllers::certificates::Installation {
            release: self.release.clone(),
            namespace: namespace.to_owned(),
            service: self.webhook.service.clone(),
            timeout_seconds: self.webhook.timeout_seconds,
            excluded_namespaces: self.excluded_namespaces.clone(),
        }
    }
}

/// Where the API server is, as every Pod is told.
fn api_server_address() -> Option<IpAddr> {
    std::env::var("KUBERNETES_SERVICE_HOST").ok()?.parse().ok()
}

/// The configuration now and after each change. A changed file that cannot be used is named in the log, and the
/// one before it stays in force: an operator that stops over a typing error would close the cluster.
pub(crate) fn watched(path: &Path) -> Result<watch::Receiver<Arc<Configuration>>, Error> {
    let first = Configuration::read(path)?;
    let (sender, receiver) = watch::channel(Arc::new(first));
    let path = path.to_owned();
    tokio::spawn(async move {
        let mut refused = String::new();
        loop {
            tokio::time::sleep(POLL).await;
            match Configuration::read(&path) {
                Ok(read) => {
                    let changed = sender.send_if_modified(|current| {
                        let changes = **current != read;
                        if changes {
                            *current = Arc::new(read);
                        }
                        changes
                    });
                    refused.clear();
                    if changed {
                        tracing::info!("the configuration changed");
                    }
                }
                Err(error) => {
                    let said = error.to_string();
                    if said != refused {
                        tracing::error!(error = %said, "the changed configuration cannot be used; the one before it stays");
                        refused = said;
                    }
                }
            }
            if sender.is_closed() {
                return;
            }
        }
    });
    Ok(receiver)
}

#[cfg(test)]
mod tests;
