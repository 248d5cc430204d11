//! The AdmissionReview that goes back, field by field as admission.k8s.io/v1 has it.
//!
//! Not here: what the fields say (`answer`).

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;

use crate::patch::Replace;

/// A review with its response.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply<'a> {
    api_version: &'static str,
    kind: &'static str,
    response: Response<'a>,
}

/// The response; `uid` must be the request's, or the API server counts the webhook as failed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Response<'a> {
    pub(crate) uid: &'a str,
    pub(crate) allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<Status>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) audit_annotations: BTreeMap<&'static str, String>,
    #[serde(flatten)]
    pub(crate) patch: Option<Patch>,
}

/// Why a request is turned away. `reason` is the API's word for machines (`kubectl` prints
/// `Error from server (Forbidden)`); ours is in the message.
#[derive(Serialize)]
pub(crate) struct Status {
    status: &'static str,
    code: u16,
    reason: &'static str,
    message: String,
}

/// A JSON patch in the encoding that the response wants.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Patch {
    patch_type: &'static str,
    patch: String,
}

// === impl Reply ===

impl<'a> Reply<'a> {
    pub(crate) fn new(response: Response<'a>) -> Self {
        Self { api_version: "admission.k8s.io/v1", kind: "AdmissionReview", response }
    }

    pub(crate) fn to_json(&self) -> Vec<u8> {
        json(self)
    }
}

// === impl Status ===

impl Status {
    pub(crate) fn forbidden(message: String) -> Self {
        Self { status: "Failure", code: 403, reason: "Forbidden", message }
    }
}

// === impl Patch ===

impl Patch {
    /// `None` for no operation: an empty patch would still count as a mutation.
    pub(crate) fn of(operations: &[Replace]) -> Option<Self> {
        (!operations.is_empty())
            .then(|| Self { patch_type: "JSONPatch", patch: STANDARD.encode(json(&operations)) })
    }
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("strings, numbers and maps with string keys are always JSON")
}
