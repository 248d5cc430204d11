//! An AdmissionReview as the API server sends it, read into the few fields that are judged.
//!
//! Two passes over one body. The first takes the `uid` alone and keeps it even when the document breaks
//! off or turns to nonsense behind it: an answer without the right `uid` counts as a failed webhook, and
//! then the failure policy decides instead of us. The second reads the fields below; the objects inside
//! stay raw text, so that no odd field of a Pod can spoil the reading of its images.
//!
//! Not here: what an object means (`workload`) and which door it came to (`door`).

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// Largest body read, in bytes. The API server accepts objects of up to 3 MiB; an UPDATE carries the new
/// and the old one, and 2 MiB are left for the frame around them.
pub const MAX_BODY: usize = 8 * 1024 * 1024;

/// Longest `uid` echoed, in bytes. The API server's are UUIDs of 36.
pub(crate) const MAX_UID: usize = 256;

/// The fields of an `AdmissionRequest` (admission.k8s.io/v1) that are judged.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Review<'a> {
    /// Group, version and kind of `object`, after the API server's conversion to what the rule asked for.
    #[serde(borrow)]
    pub(crate) kind: GroupVersionKind<'a>,
    /// What is being done.
    pub(crate) operation: Operation,
    /// Namespace of the request; absent for cluster-scoped objects.
    #[serde(default, borrow)]
    pub(crate) namespace: Option<Cow<'a, str>>,
    /// Who asks. Read only to tell a node's own mirror Pods apart; never logged.
    #[serde(default, borrow)]
    pub(crate) user_info: UserInfo<'a>,
    /// Nothing will be stored.
    #[serde(default)]
    pub(crate) dry_run: Option<bool>,
    /// The object as it would be stored; absent for DELETE.
    #[serde(default, borrow)]
    pub(crate) object: Option<&'a RawValue>,
    /// The object as it is stored; present for UPDATE and DELETE.
    #[serde(default, borrow)]
    pub(crate) old_object: Option<&'a RawValue>,
}

/// Group, version and kind. The version is not judged: containers lie at the same place in all of them.
#[derive(Debug, Deserialize)]
pub(crate) struct GroupVersionKind<'a> {
    /// API group, empty for the core group.
    #[serde(default, borrow)]
    pub(crate) group: Cow<'a, str>,
    /// Kind, as in `Pod`.
    #[serde(borrow)]
    pub(crate) kind: Cow<'a, str>,
}

/// The part of `userInfo` that is read.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct UserInfo<'a> {
    /// Authenticated name, as in `system:node:worker-1`.
    #[serde(default, borrow)]
    pub(crate) username: Cow<'a, str>,
}

/// What is being done to the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Operation {
    /// A new object.
    Create,
    /// A change to one, through the object or a subresource.
    Update,
    /// Its removal.
    Delete,
    /// `exec`, `attach`, `port-forward`, `proxy`.
    Connect,
}

/// The body could not be read as an AdmissionReview.
#[derive(Debug, thiserror::Error)]
#[error("the body could not be read as an AdmissionReview")]
pub(crate) struct ReviewError(#[source] serde_json::Error);

/// The `request.uid`, found even if the document is broken behind it. `None` when it is absent, empty,
/// longer than [`MAX_UID`], or lies behind the break.
pub(crate) fn uid(body: &[u8]) -> Option<String> {
    let mut found = None;
    let mut document = serde_json::Deserializer::from_slice(body);
    // The error, if any, is met again and reported by `read`; what was found before it counts.
    let _ = Descend { path: &["request", "uid"], found: &mut found }.deserialize(&mut document);
    found.filter(|uid| !uid.is_empty() && uid.len() <= MAX_UID)
}

/// Reads the request. Borrows from `body` wherever the text has no escapes.
pub(crate) fn read(body: &[u8]) -> Result<Review<'_>, ReviewError> {
    #[derive(Deserialize)]
    struct Document<'a> {
        #[serde(borrow)]
        request: Review<'a>,
    }
    serde_json::from_slice::<Document<'_>>(body).map(|document| document.request).map_err(ReviewError)
}

/// Walks down `path` through nested objects and puts the string at its end into `found` at once.
struct Descend<'p, 'f> {
    path: &'p [&'p str],
    found: &'f mut Option<String>,
}

impl<'de> DeserializeSeed<'de> for Descend<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            *self.found = Some(String::deserialize(deserializer)?);
            return Ok(());
        }
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Descend<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (wanted, rest) =
            self.path.split_first().ok_or_else(|| A::Error::custom("nothing left to find"))?;
        while let Some(key) = map.next_key::<Cow<'_, str>>()? {
            if key == *wanted {
                map.next_value_seed(Descend { path: rest, found: &mut *self.found })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
