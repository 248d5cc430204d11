//! What judging an object needs of it, and which updates leave its images alone.

use serde_json::value::RawValue;

use crate::{
    Kind, List, ObjectError,
    image_use::ImageUse,
    wire::{Container, Object, PodSpec, Volume},
};

#[cfg(test)]
mod tests;

/// The longest object that is read, in bytes: the API server's own limit of a request body
/// (`MaxRequestBodyBytes`, 3 MiB).
pub const MAX_OBJECT_BYTES: usize = 3 * 1024 * 1024;

/// The account of a Pod that names none (the ServiceAccount admission plugin sets it).
const DEFAULT_SERVICE_ACCOUNT: &str = "default";

/// An object that runs images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// What it is.
    pub kind: Kind,
    /// `metadata.namespace`; absent in files, and in objects that the API server is about to place.
    pub namespace: Option<String>,
    /// `metadata.name`; absent where only `generateName` is set.
    pub name: Option<String>,
    /// `metadata.generateName`.
    pub generate_name: Option<String>,
    /// The account whose pull secrets count when the Pod names none; `default` if the Pod names no account.
    pub service_account: String,
    /// `imagePullSecrets[].name` in order. Empty names are kept: a list with only such an entry still keeps
    /// the account's secrets from being used.
    pub pull_secrets: Vec<String>,
    /// Every image, in the order init containers, containers, ephemeral containers, image volumes. Never empty.
    pub images: Vec<ImageUse>,
    /// The Pod carries the annotation of a mirror Pod. Anybody can write it: only together with a node as the
    /// asking user does it mean that the Pod runs already.
    pub mirror: bool,
    /// `spec.nodeName`, set by the scheduler or by whoever wants to go around it.
    pub node_name: Option<String>,
}

impl Workload {
    /// Reads an object of a kind.
    ///
    /// # Errors
    /// When the object is null, too large, of another shape, or has no Pod spec or no container.
    pub fn read(kind: Kind, object: &RawValue) -> Result<Self, ObjectError> {
        let json = object.get();
        if json.len() > MAX_OBJECT_BYTES {
            return Err(ObjectError::TooLarge { kind, bytes: json.len(), limit: MAX_OBJECT_BYTES });
        }
        if json == "null" {
            return Err(ObjectError::Null { kind });
        }
        let Object { metadata, pod_spec } =
            Object::read(kind, json).map_err(|source| ObjectError::Unreadable { kind, source })?;
        let pointer = kind.pod_spec_pointer();
        let spec = pod_spec.ok_or(ObjectError::NoPodSpec { kind, pointer })?;
        if spec.containers.0.is_empty() {
            return Err(ObjectError::NoContainers { kind, pointer });
        }
        let images = images_of(&spec, pointer);
        let mirror = kind == Kind::Pod && metadata.annotations.is_some_and(|all| all.mirror.is_some());
        Ok(Self {
            kind,
            namespace: metadata.namespace,
            name: metadata.name,
            generate_name: metadata.generate_name,
            service_account: [spec.service_account_name, spec.service_account]
                .into_iter()
                .flatten()
                .find(|name| !name.is_empty())
                .unwrap_or_else(|| DEFAULT_SERVICE_ACCOUNT.to_owned()),
            pull_secrets: spec
                .image_pull_secrets
                .0
                .into_iter()
                .map(|secret| secret.name.unwrap_or_default())
                .collect(),
            images,
            mirror,
            node_name: spec.node_name.filter(|name| !name.is_empty()),
        })
    }

    /// What to call the object in a message: its name, else its `generateName` with a `*`.
    #[must_use]
    pub fn display_name(&self) -> String {
        match (&self.name, &self.generate_name) {
            (Some(name), _) if !name.is_empty() => name.clone(),
            (_, Some(prefix)) if !prefix.is_empty() => format!("{prefix}*"),
            _ => "(unnamed)".to_owned(),
        }
    }
}

/// Whether an update must be judged: true unless both objects carry the same images, byte for byte, under the
/// same (list, name). Order does not matter; a removed image counts as a change, because what was admitted
/// with it may be an object that nobody judged as it is now. Nothing else of the objects is looked at: a
/// replica count, a deletion timestamp or an owner excuses no changed image.
#[must_use]
pub fn changed_images(old: &Workload, new: &Workload) -> bool {
    fn sorted(workload: &Workload) -> Vec<(List, &str, &str)> {
        let mut images: Vec<_> = workload
            .images
            .iter()
            .map(|image| (image.list, image.name.as_str(), image.reference.as_str()))
            .collect();
        images.sort_unstable();
        images
    }
    old.images != new.images && sorted(old) != sorted(new)
}

/// Every image of a Pod spec that stands at `pointer`.
pub(crate) fn images_of(spec: &PodSpec, pointer: &str) -> Vec<ImageUse> {
    let containers = |list: List, entries: &[Container]| -> Vec<ImageUse> {
        let uses = entries.iter().enumerate();
        uses.map(|(index, entry)| image_use(list, pointer, index, entry.name.as_ref(), entry.image.as_ref()))
            .collect()
    };
    let volumes = |(index, volume): (usize, &Volume)| {
        let image = volume.image.as_ref()?;
        Some(image_use(List::ImageVolumes, pointer, index, volume.name.as_ref(), image.reference.as_ref()))
    };
    let mut images = containers(List::InitContainers, &spec.init_containers.0);
    images.extend(containers(List::Containers, &spec.containers.0));
    images.extend(containers(List::EphemeralContainers, &spec.ephemeral_containers.0));
    images.extend(spec.volumes.0.iter().enumerate().filter_map(volumes));
    images
}

fn image_use(
    list: List,
    pointer: &str,
    index: usize,
    name: Option<&String>,
    reference: Option<&String>,
) -> ImageUse {
    ImageUse {
        list,
        name: name.cloned().unwrap_or_default(),
        pointer: format!("{pointer}/{list}/{index}/{}", list.reference_path()),
        reference: reference.cloned().unwrap_or_default(),
    }
}
