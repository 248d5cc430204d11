//! A container's environment: literal values, fields of its Pod, keys of ConfigMaps and Secrets, and `$(NAME)`.

use std::{collections::BTreeMap, net::Ipv4Addr};

use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::{Container, EnvVarSource, Pod};
use kube::ResourceExt as _;

use super::materials::{Data, Materials};
use crate::{control_plane::apiserver_port, network::WORLD_ADDRESS};

/// Names and values.
pub(super) type Environment = BTreeMap<String, String>;

/// The environment `container` gets, those variables included that say where the API server is.
pub(super) async fn of(
    container: &Container,
    pod: &Pod,
    address: Ipv4Addr,
    materials: &Materials,
) -> Result<Environment> {
    let port = apiserver_port().to_string();
    let mut all: Environment = [
        ("KUBERNETES_SERVICE_HOST", WORLD_ADDRESS.to_string()),
        ("KUBERNETES_SERVICE_PORT", port.clone()),
        ("KUBERNETES_SERVICE_PORT_HTTPS", port),
        ("HOSTNAME", pod.name_any()),
        // What images that name none get from container engines.
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    for source in container.env_from.iter().flatten() {
        let mut data = Data::new();
        if let Some(map) = &source.config_map_ref {
            data.extend(materials.config_map(&map.name, map.optional.unwrap_or_default()).await?);
        }
        if let Some(secret) = &source.secret_ref {
            data.extend(materials.secret(&secret.name, secret.optional.unwrap_or_default()).await?);
        }
        let prefix = source.prefix.as_deref().unwrap_or_default();
        for (key, value) in data {
            all.insert(format!("{prefix}{key}"), String::from_utf8(value)?);
        }
    }
    for variable in container.env.iter().flatten() {
        let value = match (&variable.value, &variable.value_from) {
            (Some(value), _) => Some(expand(value, &all)),
            (None, Some(source)) => {
                let value = taken_from(source, pod, address, materials).await;
                value.with_context(|| format!("environment variable {}", variable.name))?
            }
            (None, None) => Some(String::new()),
        };
        if let Some(value) = value {
            all.insert(variable.name.clone(), value);
        }
    }
    Ok(all)
}

/// `None` if the source is optional and not there.
async fn taken_from(
    source: &EnvVarSource,
    pod: &Pod,
    address: Ipv4Addr,
    materials: &Materials,
) -> Result<Option<String>> {
    if let Some(reference) = &source.field_ref {
        return field(pod, address, &reference.field_path).map(Some);
    }
    let (mut data, key, optional) = if let Some(reference) = &source.config_map_key_ref {
        let optional = reference.optional.unwrap_or_default();
        (materials.config_map(&reference.name, optional).await?, &reference.key, optional)
    } else if let Some(reference) = &source.secret_key_ref {
        let optional = reference.optional.unwrap_or_default();
        (materials.secret(&reference.name, optional).await?, &reference.key, optional)
    } else {
        bail!("this node reads fieldRef, configMapKeyRef and secretKeyRef only");
    };
    match data.remove(key) {
        Some(value) => Ok(Some(String::from_utf8(value)?)),
        None if optional => Ok(None),
        None => bail!("couldn't find key {key}"),
    }
}

/// The Pod's field at `path`, as the downward API names it.
pub(super) fn field(pod: &Pod, address: Ipv4Addr, path: &str) -> Result<String> {
    let spec = pod.spec.as_ref();
    let keyed = |prefix: &str| path.strip_prefix(prefix)?.strip_prefix("['")?.strip_suffix("']");
    let value = match path {
        "metadata.name" => Some(pod.name_any()),
        "metadata.namespace" => pod.namespace(),
        "metadata.uid" => pod.uid(),
        "spec.nodeName" => spec.and_then(|spec| spec.node_name.clone()),
        "spec.serviceAccountName" => spec.and_then(|spec| spec.service_account_name.clone()),
        "status.podIP" | "status.podIPs" => Some(address.to_string()),
        "status.hostIP" => Some(WORLD_ADDRESS.to_string()),
        _ => keyed("metadata.labels").map(|key| pod.labels().get(key).cloned().unwrap_or_default()).or_else(
            || {
                keyed("metadata.annotations")
                    .map(|key| pod.annotations().get(key).cloned().unwrap_or_default())
            },
        ),
    };
    value.with_context(|| format!("this node does not know the field {path}"))
}

/// Replaces `$(NAME)` where NAME is known; `$$(NAME)` is `$(NAME)` itself.
pub(super) fn expand(text: &str, known: &Environment) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        result.push_str(before);
        let name = after.strip_prefix('(').and_then(|inner| inner.split_once(')'));
        rest = match (after.strip_prefix('$'), name) {
            (Some(after), _) => {
                result.push('$');
                after
            }
            (None, Some((name, after))) if known.contains_key(name) => {
                result.extend(known.get(name).map(String::as_str));
                after
            }
            _ => {
                result.push('$');
                after
            }
        };
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_are_expanded_and_all_else_is_kept() {
        let known = Environment::from([("A".to_owned(), "1".to_owned())]);
        assert_eq!(expand("$(A)-$(B)-$$(A)-$A-$", &known), "1-$(B)-$(A)-$A-$");
    }

    #[test]
    fn a_field_nobody_wrote_a_reader_for_is_an_error() {
        let pod = Pod::default();
        assert!(field(&pod, Ipv4Addr::LOCALHOST, "spec.unknown").is_err());
        assert_eq!(field(&pod, Ipv4Addr::LOCALHOST, "metadata.labels['a']").unwrap(), "");
        assert_eq!(field(&pod, Ipv4Addr::LOCALHOST, "status.podIP").unwrap(), "127.0.0.1");
    }
}
