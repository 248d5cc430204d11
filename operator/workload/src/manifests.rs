//! The text of manifest files, YAML or JSON, as objects in the order they stand: what runs images is read,
//! what might run images in a way that is not known here is said to be so, and the rest is named.
//!
//! Not here: reading files and standard input.

use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use crate::{Kind, ObjectError, Workload};

mod documents;
#[cfg(test)]
mod tests;

/// The most bytes of text that are read at once. The manifests of a large cluster in one file are about 5 MB.
pub const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;

/// The most objects that a text may hold, those inside `List`s included; also the most YAML documents.
pub const MAX_OBJECTS: usize = 10_000;

/// How deep a text may nest. `serde_json` itself stops at 128; Kubernetes objects outside CRD schemas stay
/// below 30, CRD schemas below 90.
pub const MAX_NESTING: usize = 128;

/// Text that could not be read as manifests.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// More text than is read at once.
    #[error("the text is {bytes} bytes long; at most {limit} are read at once")]
    TooLarge {
        /// Its length in bytes.
        bytes: usize,
        /// The most that is read.
        limit: usize,
    },
    /// Not YAML, or YAML that unfolds beyond a bound.
    #[error("the text is not readable as YAML")]
    Yaml(#[source] Box<serde_saphyr::Error>),
    /// Begins as JSON and then is not.
    #[error("the text is not readable as JSON")]
    Json(#[source] serde_json::Error),
    /// A document is a list, a text or a number.
    #[error("document {document} is not an object")]
    NotAnObject {
        /// Its place in the text, from 1.
        document: usize,
    },
    /// An object does not say what it is.
    #[error("an object in document {document} has no {field}")]
    Untyped {
        /// Its place in the text, from 1.
        document: usize,
        /// `apiVersion` or `kind`.
        field: &'static str,
    },
    /// More objects than are read at once.
    #[error("the text holds more than {limit} objects")]
    TooManyObjects {
        /// The most that are read.
        limit: usize,
    },
    /// An object that was read cannot be written as JSON.
    #[error("an object in document {document} cannot be written as JSON")]
    Unwritable {
        /// Its place in the text, from 1.
        document: usize,
        /// What the encoder met.
        #[source]
        source: serde_json::Error,
    },
}

/// One object of a text.
#[derive(Debug)]
pub struct Manifest {
    /// The document it stands in, from 1; the objects of a `List` share their document's number.
    pub document: usize,
    /// `apiVersion`.
    pub api_version: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.namespace`, if written.
    pub namespace: Option<String>,
    /// `metadata.name`, if written.
    pub name: Option<String>,
    /// What it holds.
    pub content: Content,
    /// The whole object as JSON, for readers of other kinds.
    pub object: Box<RawValue>,
}

/// What an object holds.
#[derive(Debug)]
pub enum Content {
    /// A built-in kind that runs images.
    Workload(Workload),
    /// A built-in kind that runs images, of a shape that cannot be read.
    Unreadable(ObjectError),
    /// Some other kind, with a list of containers in it. Its images were not looked at, so nothing follows.
    Unsupported,
    /// Some other kind, without a list of containers.
    NotAWorkload,
}

/// Reads every object of a text. Empty documents are skipped, `List`s are opened.
///
/// # Errors
/// When the text cannot be read or a bound is crossed. One workload of a wrong shape is no error of the text:
/// it is [`Content::Unreadable`].
pub fn read(text: &str) -> Result<Vec<Manifest>, ManifestError> {
    let mut manifests = Vec::new();
    for (index, value) in documents::split(text)?.into_iter().enumerate() {
        let document = index.saturating_add(1);
        if !value.is_null() {
            open(document, value, None, &mut manifests)?;
        }
    }
    Ok(manifests)
}

/// Adds an object, or the objects of a list. Nesting is bounded by [`MAX_NESTING`] of the text.
fn open(
    document: usize,
    value: Value,
    element_of: Option<(&str, &str)>,
    manifests: &mut Vec<Manifest>,
) -> Result<(), ManifestError> {
    let Value::Object(mut fields) = value else {
        return Err(ManifestError::NotAnObject { document });
    };
    let stated =
        |field: &'static str| fields.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let fallback = |field| ManifestError::Untyped { document, field };
    let api_version = stated("apiVersion")
        .or_else(|| element_of.map(|(api_version, _)| api_version))
        .ok_or_else(|| fallback("apiVersion"))?
        .to_owned();
    let kind = stated("kind")
        .or_else(|| element_of.map(|(_, kind)| kind))
        .ok_or_else(|| fallback("kind"))?
        .to_owned();

    if let Some(element_kind) = kind.strip_suffix("List")
        && fields.get("items").is_some_and(|items| items.is_array() || items.is_null())
    {
        // The typed lists of the API (PodList, …) leave apiVersion and kind out of their elements.
        let element_of = (!element_kind.is_empty()).then_some((api_version.as_str(), element_kind));
        let items = match fields.remove("items") {
            Some(Value::Array(items)) => items,
            _ => Vec::new(),
        };
        return items.into_iter().try_for_each(|item| open(document, item, element_of, manifests));
    }

    if manifests.len() == MAX_OBJECTS {
        return Err(ManifestError::TooManyObjects { limit: MAX_OBJECTS });
    }
    let metadata = |field| {
        fields
            .get("metadata")
            .and_then(|metadata| metadata.get(field))
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let (namespace, name) = (metadata("namespace"), metadata("name"));
    let value = Value::Object(fields);
    let object = to_raw_value(&value).map_err(|source| ManifestError::Unwritable { document, source })?;
    let content = match Kind::of(&api_version, &kind) {
        Some(known) => match Workload::read(known, &object) {
            Ok(workload) => Content::Workload(workload),
            Err(error) => Content::Unreadable(error),
        },
        None if has_containers(&value) => Content::Unsupported,
        None => Content::NotAWorkload,
    };
    manifests.push(Manifest { document, api_version, kind, namespace, name, content, object });
    Ok(())
}

/// Whether a list of containers stands anywhere in an object. Recursion is bounded by [`MAX_NESTING`].
fn has_containers(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(field, inner)| {
            let names_containers = matches!(field.as_str(), "containers" | "initContainers");
            let lists_objects = inner.as_array().is_some_and(|entries| entries.iter().any(Value::is_object));
            (names_containers && lists_objects) || has_containers(inner)
        }),
        Value::Array(entries) => entries.iter().any(has_containers),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
