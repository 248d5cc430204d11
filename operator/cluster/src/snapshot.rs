//! The policies and what they name, as they were at one instant.

use std::{collections::BTreeMap, sync::Arc};

use crds::AIToolPolicy;
use kube::core::error_boundary::InvalidObject;

/// The longest explanation of an unreadable policy, in characters: what fits a condition's first line.
const MAX_WHY: usize = 256;

/// All policies and all ConfigMaps of the operator's namespace. Exists only once both are fully listed.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Every policy, by name.
    pub policies: Vec<Arc<AIToolPolicy>>,
    /// Policies that exist and cannot be decoded. What they select is not known, so nothing may be concluded
    /// from their absence above.
    pub unreadable: Vec<UnreadablePolicy>,
    /// `data` of every ConfigMap of the operator's namespace, by name.
    pub config_maps: BTreeMap<String, BTreeMap<String, String>>,
}

/// A policy that exists and cannot be decoded, as after a downgrade of the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadablePolicy {
    /// `metadata.name`
    pub name: String,
    /// `metadata.uid`
    pub uid: String,
    /// `metadata.generation`
    pub generation: i64,
    /// What the decoder met.
    pub why: String,
}

/// A policy as the view keeps it.
#[derive(Clone, Debug)]
pub(crate) enum KeptPolicy {
    Read(Arc<AIToolPolicy>),
    Unreadable(UnreadablePolicy),
}

impl KeptPolicy {
    /// Drops what nobody judges by: managed fields and status. They are most of the bytes of many objects.
    pub(crate) fn keep(object: Result<AIToolPolicy, InvalidObject>) -> (String, Self) {
        match object {
            Ok(mut policy) => {
                policy.metadata.managed_fields = None;
                policy.status = None;
                (policy.metadata.name.clone().unwrap_or_default(), Self::Read(Arc::new(policy)))
            }
            Err(invalid) => {
                let name = invalid.metadata.name.unwrap_or_default();
                let unreadable = UnreadablePolicy {
                    name: name.clone(),
                    uid: invalid.metadata.uid.unwrap_or_default(),
                    generation: invalid.metadata.generation.unwrap_or_default(),
                    why: invalid.error.chars().take(MAX_WHY).collect(),
                };
                (name, Self::Unreadable(unreadable))
            }
        }
    }
}
