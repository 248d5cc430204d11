//! The schema behind the types: grammars as regular expressions, foreign types with bounds, and the definition
//! as it is installed.
//!
//! The expressions say as much of a grammar as one can; the rest is said when a policy is compiled. They are in
//! the part of the syntax that the API server's engine (RE2) and ECMA-262 share.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use kube::CustomResourceExt;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::{AIToolPolicy, ai_tool_policy::CLAIMS};

/// A DNS label, as Kubernetes names things.
pub(crate) const SIGNER_NAME: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

/// A host with `.`, `:` or `*`, or `localhost`, then path segments, each a glob or a whole `{name}`.
pub(crate) const IMAGE_PATTERN: &str =
    r"^(localhost|\*|[a-z0-9:*\[\]-]*[.:][a-z0-9.:*\[\]-]*)(/([a-z0-9._*-]+|\{[a-z0-9_-]{1,32}\}))+$";

/// Segments, each a glob or a whole `{name}`.
pub(crate) const TEXT_PATTERN: &str =
    r"^([^{}/\s]*|\{[a-z0-9_-]{1,32}\})(/([^{}/\s]*|\{[a-z0-9_-]{1,32}\}))*$";

/// Hours, minutes and seconds, each at most once.
pub(crate) const AGE: &str = "^([0-9]{1,7}h)?([0-9]{1,7}m)?([0-9]{1,7}s)?$";

/// One to eight bounds.
pub(crate) const VERSION_RANGE: &str = r"^ *(>=|<=|>|<|=)? *[vV]?[0-9]{1,9}(\.[0-9]{1,9}){0,3}([-+][0-9A-Za-z.+-]*)?( *, *(>=|<=|>|<|=)? *[vV]?[0-9]{1,9}(\.[0-9]{1,9}){0,3}([-+][0-9A-Za-z.+-]*)?){0,7} *$";

/// A word that a producer of AI provenance writes; no space at either end.
pub(crate) const TOOL_NAME: &str = "^[a-zA-Z0-9]([a-zA-Z0-9 ._/@+-]*[a-zA-Z0-9+])?$";

/// A URL without spaces. Plain HTTP is left to private identity providers.
pub(crate) const ISSUER: &str = r"^https?://[^\s/]+\S*$";

/// A public key in PEM. A private key pasted by mistake must not reach etcd.
pub(crate) const PEM: &str = r"^\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END PUBLIC KEY-----\s*$";

/// A DNS subdomain.
pub(crate) const CONFIG_MAP_NAME: &str = "^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$";

/// What a ConfigMap allows as a key.
pub(crate) const CONFIG_MAP_KEY: &str = "^[-._a-zA-Z0-9]+$";

/// RFC 3339 with an offset. The format alone lets other forms through.
pub(crate) const DATE_TIME: &str =
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$";

/// A LabelSelector with the bounds that Kubernetes has for labels: 63 characters a name or value, 253 and a
/// slash before a name. A selector of more than 32 parts is nobody's.
pub(crate) fn label_selector(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "x-kubernetes-map-type": "atomic",
        "properties": {
            "matchLabels": {
                "description": "Labels that a namespace must have, all of them.",
                "type": "object",
                "maxProperties": 32,
                "additionalProperties": { "type": "string", "maxLength": 63 },
            },
            "matchExpressions": {
                "description": "Conditions on labels, all of which must hold.",
                "type": "array",
                "maxItems": 32,
                "x-kubernetes-list-type": "atomic",
                "items": {
                    "type": "object",
                    "required": ["key", "operator"],
                    "properties": {
                        "key": { "description": "The label.", "type": "string", "minLength": 1, "maxLength": 317 },
                        "operator": {
                            "description": "How the label relates to the values.",
                            "type": "string",
                            "enum": ["In", "NotIn", "Exists", "DoesNotExist"],
                        },
                        "values": {
                            "description": "For In and NotIn: the values, at least one. For the others: none.",
                            "type": "array",
                            "maxItems": 64,
                            "x-kubernetes-list-type": "atomic",
                            "items": { "type": "string", "maxLength": 63 },
                        },
                    },
                    "x-kubernetes-validations": [{
                        "rule": "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
                        "message": "values belong to In and NotIn, which need at least one",
                    }],
                },
            },
        },
    })
}

/// Claims by name. They are a map and not fields of their own, because the API server drops a field it does
/// not know: a claim with a slip in its name would then be no demand at all.
pub(crate) fn claims(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "maxProperties": CLAIMS.len(),
        "additionalProperties": { "type": "string", "minLength": 1, "maxLength": 512, "pattern": TEXT_PATTERN },
        "x-kubernetes-validations": [{
            "rule": format!("self.all(claim, claim in ['{}'])", CLAIMS.join("', '")),
            "message": format!("claims are {}", CLAIMS.join(", ")),
        }],
    })
}

/// A list of standard conditions, with the bounds that Kubernetes documents for them. Three types are in use.
pub(crate) fn conditions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "maxItems": 8,
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["type"],
        "items": {
            "type": "object",
            "required": ["type", "status", "lastTransitionTime", "reason", "message"],
            "properties": {
                "type": { "description": "What the condition is about.", "type": "string", "maxLength": 316 },
                "status": {
                    "description": "Whether it holds.",
                    "type": "string",
                    "enum": ["True", "False", "Unknown"],
                },
                "observedGeneration": {
                    "description": "The generation that the condition speaks of.",
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                },
                "lastTransitionTime": {
                    "description": "When the status last changed.",
                    "type": "string",
                    "format": "date-time",
                    "maxLength": 40,
                },
                "reason": { "description": "Why, in one word.", "type": "string", "minLength": 1, "maxLength": 1024 },
                "message": { "description": "Why, in full.", "type": "string", "maxLength": 32768 },
            },
        },
    })
}

/// Every definition this API has, as it is installed.
#[must_use]
pub fn all() -> Vec<CustomResourceDefinition> {
    vec![tidied(AIToolPolicy::crd())]
}

/// Takes out what the derivation puts in and the API server does not want.
fn tidied(mut definition: CustomResourceDefinition) -> CustomResourceDefinition {
    for version in &mut definition.spec.versions {
        if let Some(schema) = version.schema.as_mut().and_then(|schema| schema.open_api_v3_schema.as_mut()) {
            tidy(schema);
        }
    }
    definition
}

/// - `nullable`: without it the API server drops an explicit `null` and applies the default, so that a rule's
///   `has()` and our types see the same.
/// - `null` among an enum's values, for the same reason.
/// - Rust's names for integer formats, which the API server warns about as unrecognised. The range is what
///   counts, and every integer has one.
fn tidy(schema: &mut JSONSchemaProps) {
    schema.nullable = None;
    if let Some(values) = schema.enum_.as_mut() {
        values.retain(|value| value.0 != Value::Null);
    }
    if schema.type_.as_deref() == Some("integer") {
        schema.format = Some("int64".to_owned());
    }
    for property in schema.properties.iter_mut().flat_map(|properties| properties.values_mut()) {
        tidy(property);
    }
    match schema.items.as_mut() {
        Some(JSONSchemaPropsOrArray::Schema(items)) => tidy(items),
        Some(JSONSchemaPropsOrArray::Schemas(all)) => all.iter_mut().for_each(tidy),
        None => {}
    }
    if let Some(JSONSchemaPropsOrBool::Schema(values)) = schema.additional_properties.as_mut() {
        tidy(values);
    }
}
