//! Secrets and ConfigMaps as Pods take them: keys and bytes, read anew each time.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{Api, Client};

/// Keys and bytes.
pub(super) type Data = BTreeMap<String, Vec<u8>>;

/// Reads what Pods of one namespace may name.
#[derive(Debug)]
pub(super) struct Materials {
    config_maps: Api<ConfigMap>,
    secrets: Api<Secret>,
}

impl Materials {
    pub(super) fn new(client: &Client, namespace: &str) -> Self {
        Self {
            config_maps: Api::namespaced(client.clone(), namespace),
            secrets: Api::namespaced(client.clone(), namespace),
        }
    }

    /// A ConfigMap's data; empty if it is `optional` and not there.
    pub(super) async fn config_map(&self, name: &str, optional: bool) -> Result<Data> {
        let Some(map) = self.config_maps.get_opt(name).await? else {
            return absent("configmap", name, optional);
        };
        let text = map.data.into_iter().flatten().map(|(key, value)| (key, value.into_bytes()));
        let binary = map.binary_data.into_iter().flatten().map(|(key, value)| (key, value.0));
        Ok(text.chain(binary).collect())
    }

    /// A Secret's data; empty if it is `optional` and not there.
    pub(super) async fn secret(&self, name: &str, optional: bool) -> Result<Data> {
        let Some(secret) = self.secrets.get_opt(name).await? else {
            return absent("secret", name, optional);
        };
        Ok(secret.data.into_iter().flatten().map(|(key, value)| (key, value.0)).collect())
    }
}

fn absent(kind: &str, name: &str, optional: bool) -> Result<Data> {
    if optional {
        return Ok(Data::new());
    }
    bail!("{kind} \"{name}\" not found")
}
