//! Holds the wire structs against the Pod spec of the newest Kubernetes API that this build knows.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::PodSpec;
use serde_json::Value;

/// Deeper than any path of the Pod spec, which nests twelve levels; recursion in the schema ends here.
const MAX_DEPTH: usize = 24;

/// Every string field of the Pod spec whose name or description speaks of an image, and whether it names a
/// container image that a node pulls.
const KNOWN: &[(&str, bool)] = &[
    ("containers[].image", true),
    ("containers[].imagePullPolicy", false),
    ("containers[].securityContext.windowsOptions.runAsUserName", false),
    ("containers[].workingDir", false),
    ("ephemeralContainers[].image", true),
    ("ephemeralContainers[].imagePullPolicy", false),
    ("ephemeralContainers[].securityContext.windowsOptions.runAsUserName", false),
    ("ephemeralContainers[].workingDir", false),
    ("initContainers[].image", true),
    ("initContainers[].imagePullPolicy", false),
    ("initContainers[].securityContext.windowsOptions.runAsUserName", false),
    ("initContainers[].workingDir", false),
    ("securityContext.windowsOptions.runAsUserName", false),
    ("volumes[].image.pullPolicy", false),
    ("volumes[].image.reference", true),
    // An image of a Ceph block device, not of a container.
    ("volumes[].rbd.image", false),
];

#[test]
fn every_field_of_the_newest_pod_spec_that_speaks_of_an_image_is_known_here() {
    let schema = serde_json::to_value(schemars::schema_for!(PodSpec)).expect("a schema is JSON");
    let mut found = BTreeSet::new();
    walk(&schema, &schema, "", "", 0, &mut found);
    let known: BTreeSet<String> = KNOWN.iter().map(|(path, _)| (*path).to_owned()).collect();
    assert_eq!(
        found, known,
        "a Pod spec field that speaks of an image came or went: say in KNOWN what it is, and read it if nodes pull it"
    );
}

#[test]
fn every_field_that_names_a_pulled_image_is_read() {
    for (path, _) in KNOWN.iter().filter(|(_, pulled)| *pulled) {
        let json = format!(r#"{{"spec":{}}}"#, nested(path, "example.com/a"));
        let spec = super::Object::read(crate::Kind::Pod, &json).expect(path).pod_spec.expect(path);
        let images = crate::workload::images_of(&spec, "/spec");
        assert_eq!(images.len(), 1, "{path}");
        assert_eq!(images[0].reference, "example.com/a", "{path}");
        let pointer = format!("/spec/{}", path.replace("[].", "/0/").replace('.', "/"));
        assert_eq!(images[0].pointer, pointer, "{path}");
    }
}

/// `a[].b.c` and a text become `{"a":[{"b":{"c":"text"}}]}`.
fn nested(path: &str, text: &str) -> Value {
    match path.split_once('.') {
        None => serde_json::json!({ path: text }),
        Some((head, rest)) => match head.strip_suffix("[]") {
            Some(list) => serde_json::json!({ list: [nested(rest, text)] }),
            None => serde_json::json!({ head: nested(rest, text) }),
        },
    }
}

fn walk(root: &Value, schema: &Value, path: &str, name: &str, depth: usize, found: &mut BTreeSet<String>) {
    assert!(depth <= MAX_DEPTH, "the schema nests deeper than {MAX_DEPTH} at {path}");
    let description = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    let speaks_of_an_image = |text: &str| text.to_ascii_lowercase().contains("image");
    if schema.get("type").and_then(Value::as_str) == Some("string")
        && (speaks_of_an_image(name) || speaks_of_an_image(description))
    {
        found.insert(path.to_owned());
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#')).expect("a $ref leads somewhere");
        walk(root, target, path, name, depth + 1, found);
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        walk(root, part, path, name, depth + 1, found);
    }
    for (field, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let inner_path = if path.is_empty() { field.clone() } else { format!("{path}.{field}") };
        walk(root, inner, &inner_path, field, depth + 1, found);
    }
    if let Some(items) = schema.get("items") {
        walk(root, items, &format!("{path}[]"), name, depth + 1, found);
    }
    if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
        walk(root, values, &format!("{path}{{}}"), name, depth + 1, found);
    }
}
