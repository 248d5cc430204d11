//! The definition as it is installed: generated, bounded, and named field by field in the manual page.

use std::{env, fs, path::PathBuf};

use serde_json::Value;

const HEADER: &str = "# Generated from the types in crds/src: UPDATE_GOLDEN=1 cargo test -p crds\n";

fn crate_file(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn schema() -> Value {
    let definition = serde_json::to_value(crate::all().pop().unwrap()).unwrap();
    definition.pointer("/spec/versions/0/schema/openAPIV3Schema").unwrap().clone()
}

/// Every schema below `schema` with the path of the field it describes: `spec.signers[].name`.
fn walk(schema: &Value, at: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(at, schema);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let dot = if at.is_empty() { "" } else { "." };
        walk(property, &format!("{at}{dot}{name}"), visit);
    }
    if let Some(items) = schema.get("items") {
        walk(items, &format!("{at}[]"), visit);
    }
    if let Some(values) = schema.get("additionalProperties") {
        walk(values, &format!("{at}[]"), visit);
    }
}

fn all_that(wrong: impl Fn(&Value) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    walk(&schema(), "", &mut |at, schema| {
        if wrong(schema) {
            found.push(at.to_owned());
        }
    });
    found
}

#[test]
fn the_chart_holds_what_the_types_say() {
    let mut generated = HEADER.to_owned();
    for definition in crate::all() {
        generated += &serde_saphyr::to_string(&definition).unwrap();
    }
    let golden = crate_file("../charts/tidewaiter-crds/templates/aitoolpolicies.yaml");
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&golden, &generated).unwrap();
    }
    let written = fs::read_to_string(&golden).unwrap();
    assert!(written == generated, "run it again with UPDATE_GOLDEN=1 and look at the difference");
    assert!(!written.contains("{{"), "Helm would take this for a template");
    let read: Value = serde_saphyr::from_str(&written).unwrap();
    assert_eq!(normal(read), normal(serde_json::to_value(crate::all().pop().unwrap()).unwrap()));
}

/// YAML does not keep 100.0 and 100 apart.
fn normal(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().map_or(Value::Null, Value::from),
        Value::Array(all) => all.into_iter().map(normal).collect(),
        Value::Object(members) => members.into_iter().map(|(name, member)| (name, normal(member))).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::String(_)) => other,
    }
}

#[test]
fn every_text_list_and_map_has_a_maximum() {
    let unbounded = all_that(|schema| match schema["type"].as_str() {
        Some("string") => schema.get("maxLength").is_none() && schema.get("enum").is_none(),
        Some("array") => schema.get("maxItems").is_none(),
        _ => schema.get("additionalProperties").is_some() && schema.get("maxProperties").is_none(),
    });
    assert_eq!(unbounded, [""; 0]);
}

#[test]
fn every_integer_has_a_format_that_the_api_server_knows_and_every_setting_a_range() {
    let strange = all_that(|schema| schema["type"] == "integer" && schema["format"] != "int64");
    assert_eq!(strange, [""; 0]);
    let open = all_that(|schema| {
        schema["type"] == "integer" && (schema.get("maximum").is_none() || schema.get("minimum").is_none())
    });
    // Both are the API server's own numbers.
    assert_eq!(open, ["status.conditions[].observedGeneration", "status.observedGeneration"]);
}

#[test]
fn nothing_is_nullable_and_every_field_is_explained() {
    assert_eq!(all_that(|schema| schema.get("nullable").is_some()), [""; 0]);
    let mut mute = Vec::new();
    walk(&schema(), "", &mut |at, schema| {
        if !at.ends_with("[]") && schema.get("description").is_none() {
            mute.push(at.to_owned());
        }
    });
    assert_eq!(mute, [""; 0]);
}

#[test]
fn times_have_the_format_of_times() {
    let times = all_that(|schema| schema["format"] == "date-time");
    assert_eq!(times, ["spec.tools.denied[].from", "status.conditions[].lastTransitionTime"]);
}

#[test]
fn what_is_not_written_gets_the_strict_choice() {
    let schema = schema();
    let default = |pointer: &str| schema.pointer(pointer).unwrap()["default"].clone();
    assert_eq!(default("/properties/spec/properties/onUndecided"), "Deny");
    assert_eq!(default("/properties/spec/properties/tags"), "Pin");
    assert_eq!(default("/properties/spec/properties/select/properties/otherImages"), "Deny");
    assert_eq!(default("/properties/spec/properties/signers/items/properties/proof"), "InclusionProof");
    assert_eq!(default("/properties/spec/properties/tools/properties/unlisted"), "Deny");
}

#[test]
fn signers_are_told_apart_by_name_and_settings_that_loosen_security_say_so() {
    let schema = schema();
    let signers = schema.pointer("/properties/spec/properties/signers").unwrap();
    assert_eq!(signers["x-kubernetes-list-type"], "map");
    assert_eq!(signers["x-kubernetes-list-map-keys"], serde_json::json!(["name"]));
    let insecure = all_that(|schema| {
        schema["enum"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|value| value.as_str().is_some_and(|value| value.contains("Insecure")))
    });
    let wanted = ["spec.onUndecided", "spec.select.otherImages", "spec.signers[].proof", "spec.tags"];
    assert_eq!(insecure, wanted);
}

#[test]
fn the_manual_page_names_every_field_and_every_choice() {
    let page = fs::read_to_string(crate_file("AIToolPolicy.md")).unwrap();
    let mut missing = Vec::new();
    walk(&schema(), "", &mut |at, schema| {
        if at.contains('.') && !at.ends_with("[]") && !page.contains(&format!("`{at}`")) {
            missing.push(at.to_owned());
        }
        for choice in schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !page.contains(&format!("`{choice}`")) {
                missing.push(format!("{at}: {choice}"));
            }
        }
    });
    missing.extend(
        crate::ai_tool_policy::CLAIMS.map(str::to_owned).into_iter().filter(|claim| !page.contains(claim)),
    );
    assert_eq!(missing, [""; 0]);
}
