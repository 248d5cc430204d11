//! What the controller reports about a policy.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use crate::schema::conditions;

/// What the controller last made of the policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AIToolPolicyStatus {
    /// Ready, and while they hold, Reconciling and Stalled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "conditions")]
    pub conditions: Vec<Condition>,

    /// The generation that the rest of the status speaks of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// How much the policy selects now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selects: Option<Selects>,

    /// The settings of this policy that loosen security, such as `onUndecided: InsecureAllow`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(max = 256)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub insecure: Vec<String>,
}

/// How much a policy selects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Selects {
    /// Namespaces whose labels match.
    #[schemars(range(max = 2_147_483_647_u32))]
    pub namespaces: u32,

    /// Workloads in these namespaces with an image that the patterns match.
    #[schemars(range(max = 2_147_483_647_u32))]
    pub workloads: u32,
}
