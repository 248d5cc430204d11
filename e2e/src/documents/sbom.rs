//! A CycloneDX 1.6 SBOM as syft and cdxgen write one: tools as components, a document time, packages by purl.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Document, written};

/// A CycloneDX SBOM. Build it from [`Sbom::good`].
#[derive(Debug, Clone)]
pub struct Sbom {
    /// `specVersion`.
    pub spec_version: String,
    /// `metadata.timestamp`; `None` leaves the document undated.
    pub timestamp: Option<Timestamp>,
    /// Name and version of each producing tool.
    pub tools: Vec<(String, String)>,
    /// Name of the thing described.
    pub name: String,
    /// What the image contains.
    pub components: Vec<Component>,
}

/// One package of an SBOM.
#[derive(Debug, Clone)]
pub struct Component {
    /// Package name.
    pub name: String,
    /// Package version.
    pub version: String,
    /// Package URL.
    pub purl: String,
    /// SPDX licence identifiers.
    pub licenses: Vec<String>,
}

impl Component {
    /// A crate from crates.io under a common licence.
    pub fn cargo(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            purl: format!("pkg:cargo/{name}@{version}"),
            licenses: vec!["MIT".to_owned()],
        }
    }
}

impl Sbom {
    /// An SBOM written an hour before `now`, with three components.
    pub fn good(now: Timestamp) -> Self {
        Self {
            spec_version: "1.6".to_owned(),
            timestamp: Some(now - SignedDuration::from_hours(1)),
            tools: vec![("syft".to_owned(), "1.38.0".to_owned())],
            name: "shop/cart".to_owned(),
            components: vec![
                Component::cargo("serde", "1.0.229"),
                Component::cargo("tokio", "1.54.1"),
                Component::cargo("hyper", "1.12.0"),
            ],
        }
    }
}

impl Document for Sbom {
    fn cosign_type(&self) -> &'static str {
        "cyclonedx"
    }

    fn predicate_type(&self) -> &'static str {
        "https://cyclonedx.org/bom"
    }

    fn predicate(&self) -> Value {
        let tools: Vec<Value> = self
            .tools
            .iter()
            .map(|(name, version)| json!({"type": "application", "name": name, "version": version}))
            .collect();
        let components: Vec<Value> = self
            .components
            .iter()
            .map(|component| {
                let licenses: Vec<Value> =
                    component.licenses.iter().map(|id| json!({"license": {"id": id}})).collect();
                json!({
                    "bom-ref": component.purl, "type": "library", "name": component.name,
                    "version": component.version, "purl": component.purl, "licenses": licenses,
                })
            })
            .collect();
        let mut metadata = json!({
            "tools": {"components": tools},
            "component": {"bom-ref": "image", "type": "container", "name": self.name},
        });
        if let (Some(timestamp), Some(fields)) = (self.timestamp, metadata.as_object_mut()) {
            fields.insert("timestamp".to_owned(), json!(written(timestamp)));
        }
        json!({
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": self.spec_version,
            "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
            "version": 1,
            "metadata": metadata,
            "components": components,
        })
    }
}
