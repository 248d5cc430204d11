//! Whom a policy selects.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{IMAGE_PATTERN, label_selector};

/// Which images the policy speaks of. A namespace that some policy selects is closed: an image in it that no
/// policy's patterns match is refused, unless `otherImages` says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Select {
    /// Namespaces by their labels. Absent: every namespace that the webhook sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "label_selector")]
    pub namespaces: Option<LabelSelector>,

    /// Patterns over `host/repository`, without tag or digest, such as `registry.example.com/shop/**`. The
    /// host must be written (`docker.io/library/nginx`); `*` stays inside a segment, `**` is one or more
    /// segments, `{name}` one whole segment. Absent: all images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 64), inner(length(min = 1, max = 255), regex(pattern = IMAGE_PATTERN)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub images: Vec<String>,

    /// Images in the selected namespaces that no policy's patterns match: Deny is a finding in the strictest
    /// mode of the policies that select the namespace; InsecureAllow lets them through if all of these
    /// policies say so.
    #[serde(default)]
    pub other_images: OtherImages,
}

/// What happens to images that no policy's patterns match.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum OtherImages {
    /// They are not covered, which is a finding.
    #[default]
    Deny,
    /// They go through unjudged.
    InsecureAllow,
}
