//! The few fields of Kubernetes objects that lead to an image, a pull secret or an account. Everything else
//! is skipped unread. `null` stands for "absent" wherever the API server's own decoder takes it so.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, SeqAccess, Visitor},
};

use crate::Kind;

#[cfg(test)]
mod tests;

/// The most entries that one list of a Pod spec may have. An object of 1.5 MiB (etcd's default limit of a
/// request) has room for some 7,000 containers of the least length that API defaults leave; the largest Pods
/// in the field have a few dozen. A longer list is refused as unreadable, not cut.
pub const MAX_ENTRIES: usize = 1024;

/// The metadata and the Pod spec of an object of any kind.
pub(crate) struct Object {
    pub(crate) metadata: Metadata,
    pub(crate) pod_spec: Option<PodSpec>,
}

impl Object {
    /// Reads the object along the path on which its kind keeps the Pod spec.
    pub(crate) fn read(kind: Kind, json: &str) -> Result<Self, serde_json::Error> {
        match kind {
            Kind::Pod => {
                let pod: WithSpec<PodSpec> = serde_json::from_str(json)?;
                Ok(Self { metadata: pod.metadata.unwrap_or_default(), pod_spec: pod.spec })
            }
            Kind::ReplicationController
            | Kind::ReplicaSet
            | Kind::Deployment
            | Kind::StatefulSet
            | Kind::DaemonSet
            | Kind::Job => {
                let owner: WithSpec<TemplateOwner> = serde_json::from_str(json)?;
                Ok(Self {
                    metadata: owner.metadata.unwrap_or_default(),
                    pod_spec: owner.spec.and_then(TemplateOwner::pod_spec),
                })
            }
            Kind::CronJob => {
                let cron_job: WithSpec<CronJobSpec> = serde_json::from_str(json)?;
                let job = cron_job.spec.and_then(|spec| spec.job_template).and_then(|template| template.spec);
                Ok(Self {
                    metadata: cron_job.metadata.unwrap_or_default(),
                    pod_spec: job.and_then(TemplateOwner::pod_spec),
                })
            }
        }
    }
}

#[derive(Deserialize)]
struct WithSpec<S> {
    metadata: Option<Metadata>,
    spec: Option<S>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CronJobSpec {
    job_template: Option<JobTemplate>,
}

#[derive(Deserialize)]
struct JobTemplate {
    spec: Option<TemplateOwner>,
}

#[derive(Deserialize)]
struct TemplateOwner {
    template: Option<PodTemplate>,
}

impl TemplateOwner {
    fn pod_spec(self) -> Option<PodSpec> {
        self.template.and_then(|template| template.spec)
    }
}

#[derive(Deserialize)]
struct PodTemplate {
    spec: Option<PodSpec>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) namespace: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) generate_name: Option<String>,
    pub(crate) annotations: Option<Annotations>,
}

/// Of the annotations, the one by which a kubelet marks the API's copy of a static Pod.
#[derive(Deserialize)]
pub(crate) struct Annotations {
    #[serde(rename = "kubernetes.io/config.mirror")]
    pub(crate) mirror: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodSpec {
    #[serde(default)]
    pub(crate) init_containers: Entries<Container>,
    #[serde(default)]
    pub(crate) containers: Entries<Container>,
    #[serde(default)]
    pub(crate) ephemeral_containers: Entries<Container>,
    #[serde(default)]
    pub(crate) volumes: Entries<Volume>,
    #[serde(default)]
    pub(crate) image_pull_secrets: Entries<SecretName>,
    pub(crate) service_account_name: Option<String>,
    /// The deprecated name of the field above; the API server copies it there when the other is empty.
    pub(crate) service_account: Option<String>,
    pub(crate) node_name: Option<String>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Container {
    pub(crate) name: Option<String>,
    pub(crate) image: Option<String>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Volume {
    pub(crate) name: Option<String>,
    pub(crate) image: Option<ImageVolume>,
}

#[derive(Deserialize)]
pub(crate) struct ImageVolume {
    pub(crate) reference: Option<String>,
}

#[derive(Default, Deserialize)]
pub(crate) struct SecretName {
    pub(crate) name: Option<String>,
}

/// A list that may be `null`, whose entries may be `null` (an entry with nothing set, as the API server's
/// decoder reads it), and that has at most [`MAX_ENTRIES`].
pub(crate) struct Entries<T>(pub(crate) Vec<T>);

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Default + Deserialize<'de>> Deserialize<'de> for Entries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntriesVisitor(PhantomData))
    }
}

struct EntriesVisitor<T>(PhantomData<T>);

impl<'de, T: Default + Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
    type Value = Entries<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or null")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Entries::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = seq.next_element::<Option<T>>()? {
            if entries.len() == MAX_ENTRIES {
                return Err(de::Error::custom(format_args!("a list has more than {MAX_ENTRIES} entries")));
            }
            entries.push(entry.unwrap_or_default());
        }
        Ok(Entries(entries))
    }
}
