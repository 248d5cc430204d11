//! A software bill of materials, from CycloneDX 1.6 JSON.
//!
//! Judged are its age and that it can be read; components are counted, not kept. Other versions and SPDX
//! are not read yet and say so.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use crate::{
    stream,
    text::Text,
    timestamp,
    unreadable::{Reason, Unreadable},
};

/// Longest `specVersion` that is repeated in a message; real ones have three characters.
const MAX_VERSION_SHOWN: usize = 8;

/// What an image is made of, as far as it is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sbom {
    /// Components listed, those nested in others too.
    pub components: u64,
    /// `metadata.timestamp`.
    pub timestamp: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a> {
    #[serde(borrow)]
    bom_format: Text<'a>,
    #[serde(borrow, default)]
    spec_version: Option<Text<'a>>,
    #[serde(borrow, default)]
    metadata: Option<Metadata<'a>>,
    #[serde(default, deserialize_with = "count")]
    components: u64,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    timestamp: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(default, deserialize_with = "count")]
    components: u64,
}

// === impl Sbom ===

impl Sbom {
    /// Reads a CycloneDX predicate.
    pub(crate) fn read(predicate: &str) -> Result<Self, Unreadable> {
        let bom: Bom<'_> =
            serde_json::from_str(predicate).map_err(|error| Unreadable::new(Reason::from_json(&error)))?;
        let stated = bom.metadata.as_ref().and_then(|metadata| metadata.timestamp.as_ref());
        let timestamp =
            timestamp::read(stated.map(|text| &*text.0), "metadata.timestamp").map_err(Unreadable::new)?;
        let refused = |reason| Unreadable { reason, time: timestamp, scanner: None };
        if bom.bom_format.0 != "CycloneDX" {
            return Err(refused(Reason::BomFormat));
        }
        match bom.spec_version.as_ref().map(|text| &*text.0) {
            Some("1.6") => Ok(Self { components: bom.components, timestamp }),
            other => Err(refused(Reason::SpecVersion { found: shown(other) })),
        }
    }
}

/// The version if it looks like one; the document's other words do not belong in a message.
fn shown(version: Option<&str>) -> String {
    match version {
        None => "missing".to_owned(),
        Some(text)
            if text.len() <= MAX_VERSION_SHOWN
                && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') =>
        {
            text.to_owned()
        }
        Some(_) => "unrecognisable".to_owned(),
    }
}

fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    stream::fold(deserializer, "components", 0_u64, |total, component: Component| {
        *total = total.saturating_add(1).saturating_add(component.components);
    })
}

#[cfg(test)]
mod tests;
