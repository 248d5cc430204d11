//! Schema, types and vectors say the same.

use std::{collections::BTreeSet, fs, path::Path};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::*;

fn vectors(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder);
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            (path.file_name().unwrap().to_string_lossy().into_owned(), value)
        })
        .collect();
    all.sort_by(|left, right| left.0.cmp(&right.0));
    assert!(!all.is_empty());
    all
}

fn published() -> (Value, Validator) {
    let schema: Value = serde_json::from_str(schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    (schema, validator)
}

fn full() -> Value {
    vectors("valid").into_iter().find(|(name, _)| name == "full.json").unwrap().1
}

fn changed(pointer: &str, value: Value) -> AiProvenance {
    let mut document = full();
    *document.pointer_mut(pointer).unwrap() = value;
    serde_json::from_value(document).unwrap()
}

#[test]
fn valid_vectors_pass_the_schema_and_the_check_and_are_written_as_they_were_read() {
    let (_, validator) = published();
    for (name, vector) in vectors("valid") {
        assert!(validator.is_valid(&vector), "{name}");
        let read: AiProvenance = serde_json::from_value(vector.clone()).expect(&name);
        assert_eq!(read.check(), Ok(()), "{name}");
        assert_eq!(serde_json::to_value(&read).unwrap(), vector, "{name}");
    }
}

#[test]
fn invalid_vectors_are_refused_by_the_schema_and_by_the_types() {
    let (_, validator) = published();
    for (name, vector) in vectors("invalid") {
        assert!(!validator.is_valid(&vector), "{name} passes the schema");
        let read = serde_json::from_value::<AiProvenance>(vector);
        assert!(read.is_err() || read.unwrap().check().is_err(), "{name} passes the types");
    }
}

#[test]
fn inconsistent_vectors_have_the_right_shape_and_are_refused_by_the_check() {
    let (_, validator) = published();
    let found: Vec<_> = vectors("inconsistent")
        .into_iter()
        .map(|(name, vector)| {
            assert!(validator.is_valid(&vector), "{name}");
            let read: AiProvenance = serde_json::from_value(vector).expect(&name);
            (name, read.check().unwrap_err())
        })
        .collect();
    let exceeds = |part, found, limit| Inconsistent::Exceeds { part, found, limit };
    let sum = |found| Inconsistent::LineSum { scope: 4400, found };
    let wanted = [
        ("lines-do-not-add-up.json", sum(4401)),
        ("lines-overflow.json", sum(3 * u128::from(MAX_COUNT))),
        ("models-exceed-their-tool.json", exceeds(Part::ModelLines, 1201, 1200)),
        ("reviewed-changes-exceed-ai-changes.json", exceeds(Part::ReviewedChanges, 32, 31)),
        ("reviewed-lines-exceed-ai-lines.json", exceeds(Part::ReviewedLines, 1201, 1200)),
        ("tools-exceed-ai-lines.json", exceeds(Part::ToolLines, 1201, 1200)),
        ("two-tools-exceed-ai-lines.json", exceeds(Part::ToolLines, 1201, 1200)),
    ];
    assert_eq!(found, wanted.map(|(name, error)| (name.to_owned(), error)));
}

#[test]
fn the_full_vector_names_every_field_of_the_schema_and_no_other() {
    fn of_schema(schema: &Value, at: &str, into: &mut BTreeSet<String>) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            into.insert(format!("{at}.{name}"));
            of_schema(property, &format!("{at}.{name}"), into);
        }
        if let Some(items) = schema.get("items") {
            of_schema(items, at, into);
        }
    }
    fn of_value(value: &Value, at: &str, into: &mut BTreeSet<String>) {
        for (name, member) in value.as_object().into_iter().flatten() {
            into.insert(format!("{at}.{name}"));
            of_value(member, &format!("{at}.{name}"), into);
        }
        value.as_array().into_iter().flatten().for_each(|item| of_value(item, at, into));
    }
    let (mut in_schema, mut in_vector) = (BTreeSet::new(), BTreeSet::new());
    of_schema(&published().0, "", &mut in_schema);
    of_value(&full(), "", &mut in_vector);
    assert_eq!(in_schema, in_vector);
}

#[test]
fn fields_of_a_later_writer_are_ignored() {
    let mut document = full();
    document["energy"] = json!({ "kWh": 3 });
    document["tools"][0]["vendor"] = json!("example");
    assert!(published().1.is_valid(&document));
    let read: AiProvenance = serde_json::from_value(document).unwrap();
    assert_eq!(read, serde_json::from_value(full()).unwrap());
}

#[test]
fn a_field_written_twice_is_refused() {
    let twice = full().to_string().replacen(
        "\"scope\":",
        "\"scope\":{\"kind\":\"tree\",\"lines\":1,\"notExamined\":0},\"scope\":",
        1,
    );
    assert!(
        serde_json::from_str::<AiProvenance>(&twice).unwrap_err().to_string().contains("duplicate field")
    );
}

#[test]
fn every_list_and_text_is_bounded_alike_in_schema_and_check() {
    let (_, validator) = published();
    let document = full();
    let method = json!("trailers");
    let no_lines = |mut entry: Value| {
        entry["lines"] = json!(0);
        entry
    };
    let tool = no_lines(document["tools"][0].clone());
    let tool = {
        let mut tool = tool;
        tool["models"] = json!([]);
        tool
    };
    let model = no_lines(document["tools"][0]["models"][0].clone());
    let lists = [
        ("/collector/methods", method, MAX_METHODS),
        ("/tools", tool, MAX_TOOLS),
        ("/tools/0/models", model, MAX_MODELS),
        ("/mcpServers", document["mcpServers"][0].clone(), MAX_MCP_SERVERS),
        ("/findings", document["findings"][0].clone(), MAX_FINDINGS),
    ];
    let lists =
        lists.map(|(at, entry, max)| (at, json!(vec![entry.clone(); max]), json!(vec![entry; max + 1])));
    let texts = [
        ("/source/uri", MAX_URI),
        ("/collector/name", MAX_NAME),
        ("/collector/version", MAX_NAME),
        ("/collector/methods/0", MAX_NAME),
        ("/tools/0/name", MAX_NAME),
        ("/tools/0/version", MAX_NAME),
        ("/tools/0/models/0/id", MAX_NAME),
        ("/mcpServers/0/name", MAX_NAME),
        ("/mcpServers/0/transport", MAX_NAME),
        ("/findings/0/cwe", MAX_NAME),
        ("/findings/0/tool", MAX_NAME),
        ("/findings/0/model", MAX_NAME),
    ];
    let texts = texts.map(|(at, max)| (at, json!("ü".repeat(max)), json!("ü".repeat(max + 1))));
    for (at, fits, too_large) in lists.into_iter().chain(texts) {
        for (value, valid) in [(fits, true), (too_large, false)] {
            let mut changed_document = full();
            *changed_document.pointer_mut(at).unwrap() = value;
            assert_eq!(validator.is_valid(&changed_document), valid, "schema at {at}");
            let read: AiProvenance = serde_json::from_value(changed_document).unwrap();
            assert_eq!(read.check().is_ok(), valid, "check at {at}");
        }
    }
}

#[test]
fn an_empty_text_is_refused_by_its_name() {
    assert_eq!(changed("/source/uri", json!("")).check(), Err(Inconsistent::Empty { field: "source.uri" }));
    let field = "mcpServers[].transport";
    assert_eq!(changed("/mcpServers/0/transport", json!("")).check(), Err(Inconsistent::Empty { field }));
}

#[test]
fn counts_beyond_what_every_reader_keeps_exact_are_refused() {
    let fields = [
        ("/scope/lines", "scope.lines"),
        ("/scope/notExamined", "scope.notExamined"),
        ("/activity/changes/ai", "activity.changes"),
        ("/activity/changes/human", "activity.changes"),
        ("/activity/changes/unknown", "activity.changes"),
        ("/review/changes/ai", "review.changes.ai"),
        ("/findings/0/count", "findings[].count"),
    ];
    for (pointer, field) in fields {
        let refused = changed(pointer, json!(MAX_COUNT + 1)).check();
        assert_eq!(refused, Err(Inconsistent::TooLarge { field, max: MAX_COUNT }), "{pointer}");
    }
}

#[test]
fn scope_kinds_of_a_later_writer_can_be_read_and_prove_nothing() {
    let read = changed("/scope/kind", json!("diff"));
    assert_eq!(read.scope.kind, ScopeKind::Other("diff".into()));
    assert_eq!(read.check(), Err(Inconsistent::ScopeKind));
}

#[test]
fn grades_rise_from_declared_to_witnessed_and_human_lines_without_one_are_declared() {
    assert!(Grade::Declared < Grade::Observed && Grade::Observed < Grade::Witnessed);
    let lines = Lines { ai: 0, human: 1, unknown: 0, human_grade: None };
    assert_eq!(lines.human_grade(), Grade::Declared);
}

#[test]
fn the_schema_is_published_under_the_predicate_type() {
    assert_eq!(published().0["$id"], PREDICATE_TYPE);
}
