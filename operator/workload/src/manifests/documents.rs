//! Text into the documents it holds. Not here: what a document means.

use serde_json::Value;

use super::{MAX_NESTING, MAX_OBJECTS, MAX_TEXT_BYTES, ManifestError};

/// The most YAML nodes (maps, lists, scalars) of a text, aliases unfolded: one per 16 bytes of the longest
/// text, where real manifests have about one per 20.
const MAX_NODES: usize = MAX_TEXT_BYTES / 16;

/// The most parser events that the aliases of a document may replay. A file that names each of its objects'
/// labels by an alias replays a few thousand; one that means harm multiplies tenfold a line.
const MAX_REPLAYED_EVENTS: usize = 100_000;

/// Splits a text into its documents, empty ones as `null` or left out. A text that begins with `{` is a
/// sequence of JSON objects or, failing that, YAML in flow style.
pub(super) fn split(text: &str) -> Result<Vec<Value>, ManifestError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(ManifestError::TooLarge { bytes: text.len(), limit: MAX_TEXT_BYTES });
    }
    if text.trim_start().starts_with('{') {
        return json(text).or_else(|error| yaml(text).map_err(|_| ManifestError::Json(error)));
    }
    yaml(text)
}

fn json(text: &str) -> Result<Vec<Value>, serde_json::Error> {
    serde_json::Deserializer::from_str(text).into_iter().collect()
}

fn yaml(text: &str) -> Result<Vec<Value>, ManifestError> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_NESTING,
            max_documents: MAX_OBJECTS,
            max_nodes: MAX_NODES,
            max_events: MAX_NODES.saturating_mul(2),
            max_total_scalar_bytes: MAX_TEXT_BYTES,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MAX_REPLAYED_EVENTS,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        // A quoted piece of the text could be of a Secret that stands in the same file.
        with_snippet: false,
    };
    serde_saphyr::from_multiple_with_options(text, options)
        .map_err(|error| ManifestError::Yaml(Box::new(error)))
}
