//! One object for every rule of the schema: accepted ones pass all, refused ones break one and no other.
//!
//! The refused objects say in two comments who refuses them (`by: rule`, a CEL rule; `by: schema`, a type, range
//! or pattern; `by: list`, the uniqueness of a list) and what the API server's message holds.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::AIToolPolicy;
use names::{Age, ImagePattern, TextPattern, VersionRange};
use rstest::rstest;
use serde_json::Value;

struct Object {
    text: String,
    value: Value,
}

impl Object {
    fn comment(&self, key: &str) -> &str {
        let mark = format!("# {key}: ");
        self.text.lines().find_map(|line| line.strip_prefix(mark.as_str())).unwrap()
    }
}

fn objects(folder: &str) -> BTreeMap<String, Object> {
    fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let value = serde_saphyr::from_str(&text).unwrap();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), Object { text, value })
        })
        .collect()
}

fn schema() -> Value {
    let definition = serde_json::to_value(crate::all().pop().unwrap()).unwrap();
    definition.pointer("/spec/versions/0/schema/openAPIV3Schema").unwrap().clone()
}

/// The messages of all CEL rules that `object` breaks.
fn broken_rules(object: &Value) -> Vec<String> {
    let result = kube_cel::validate(&schema(), object, None);
    result.err().into_iter().flat_map(|errors| errors.into_vec()).map(|error| error.message).collect()
}

/// The places in `object` that break a type, range or pattern, as the API server writes places.
fn misshapen(object: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    validator
        .iter_errors(object)
        .map(|error| {
            let mut place = String::new();
            for part in error.instance_path().to_string().split('/').skip(1) {
                match (part.parse::<usize>(), place.is_empty()) {
                    (Ok(index), _) => place += &format!("[{index}]"),
                    (Err(_), true) => place += part,
                    (Err(_), false) => place += &format!(".{part}"),
                }
            }
            place
        })
        .collect()
}

fn names_of_signers(object: &Value) -> Vec<&str> {
    let signers = object["spec"]["signers"].as_array().unwrap();
    signers.iter().filter_map(|signer| signer["name"].as_str()).collect()
}

#[test]
fn accepted_objects_break_nothing_and_are_read_as_written() {
    let accepted = objects("accepted");
    assert_eq!(accepted.len(), 3);
    for (name, object) in accepted {
        assert_eq!(misshapen(&object.value), [""; 0], "{name}");
        assert_eq!(broken_rules(&object.value), [""; 0], "{name}");
        let read: AIToolPolicy = serde_json::from_value(object.value.clone()).expect(&name);
        let defaulted = kube_cel::apply_defaults(&schema(), &object.value);
        assert_eq!(serde_json::to_value(&read).unwrap()["spec"], defaulted["spec"], "{name}");
    }
}

#[test]
fn refused_objects_break_the_one_rule_they_say() {
    for (name, object) in objects("refused") {
        assert_eq!(object.value["metadata"]["name"], format!("refused-{name}"));
        let (shape, rules) = (misshapen(&object.value), broken_rules(&object.value));
        let message = object.comment("message");
        match object.comment("by") {
            "rule" => assert_eq!((shape, rules), (vec![], vec![message.to_owned()]), "{name}"),
            "schema" => {
                assert!(!shape.is_empty(), "{name} has a shape that the schema allows");
                if let Some(place) = message.strip_prefix("spec.").filter(|place| !place.contains(' ')) {
                    let deepest = shape.iter().max_by_key(|place| place.len()).unwrap();
                    assert!(deepest.starts_with(&format!("spec.{place}")), "{name}: {shape:?}");
                }
            }
            "list" => {
                assert_eq!((shape, rules), (vec![], vec![]), "{name}");
                let all = names_of_signers(&object.value);
                assert!(all.iter().collect::<BTreeSet<_>>().len() < all.len(), "{name}");
            }
            other => panic!("{name}: refused by {other}?"),
        }
    }
}

#[test]
fn every_rule_has_an_object_that_breaks_it() {
    fn messages(schema: &Value, into: &mut BTreeSet<String>) {
        match schema {
            Value::Object(members) => {
                for rule in
                    members.get("x-kubernetes-validations").and_then(Value::as_array).into_iter().flatten()
                {
                    into.insert(rule["message"].as_str().unwrap().to_owned());
                }
                members.values().for_each(|member| messages(member, into));
            }
            Value::Array(all) => all.iter().for_each(|one| messages(one, into)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut stated = BTreeSet::new();
    messages(&schema(), &mut stated);
    let broken: BTreeSet<_> = objects("refused")
        .values()
        .filter(|object| object.comment("by") == "rule")
        .map(|object| object.comment("message").to_owned())
        .collect();
    assert_eq!(stated, broken);
}

/// Whether the schema allows `text` at `pointer` of the accepted keyless policy.
fn allowed(pointer: &str, text: &str) -> bool {
    let mut object = objects("accepted").remove("keyless").unwrap().value;
    *object.pointer_mut(pointer).unwrap() = text.into();
    misshapen(&object).is_empty()
}

#[rstest]
#[case("24h", true)]
#[case("1h30m", true)]
#[case("90m10s", true)]
#[case("9d", false)]
#[case("", false)]
#[case("1.5h", false)]
#[case("30m1h", false)]
#[case("-1h", false)]
fn the_schema_reads_ages_as_the_parser_does(#[case] text: &str, #[case] readable: bool) {
    assert_eq!(allowed("/spec/require/sbom/maxAge", text), readable);
    assert_eq!(Age::parse(text).is_ok(), readable);
}

#[rstest]
#[case("registry.example.com/shop/**", true)]
#[case("localhost/x", true)]
#[case("localhost:5000/{team}/*", true)]
#[case("*.example.com/x", true)]
#[case("*/x", true)]
#[case("[fd00::1]:5000/x", true)]
#[case("shop/**", false)]
#[case("**", false)]
#[case("registry.example.com", false)]
#[case("registry.example.com/", false)]
#[case("registry.example.com/Shop", false)]
#[case("registry.example.com/x:1", false)]
#[case("registry.example.com/x{team}", false)]
fn the_schema_reads_image_patterns_as_the_parser_does(#[case] text: &str, #[case] readable: bool) {
    assert_eq!(allowed("/spec/select/images/0", text), readable);
    assert_eq!(ImagePattern::parse(text).is_ok(), readable);
}

#[rstest]
#[case("https://github.com/shop/{repo}/.github/workflows/release.yml@refs/heads/main", true)]
#[case("https://github.com/**", true)]
#[case("spiffe://cluster.local/ns/*/sa/build", true)]
#[case("{a}{b}", false)]
#[case("x{a}", false)]
#[case("{}", false)]
#[case("{A}", false)]
fn the_schema_reads_text_patterns_as_the_parser_does(#[case] text: &str, #[case] readable: bool) {
    assert_eq!(allowed("/spec/signers/0/keyless/subject", text), readable);
    assert_eq!(TextPattern::parse(text).is_ok(), readable);
}

#[rstest]
#[case(">=2", true)]
#[case(">=0.69.4, <=0.69.6", true)]
#[case("v1.2", true)]
#[case("=1.2.3.4", true)]
#[case("1.2-rc.1", true)]
#[case("latest", false)]
#[case("^1", false)]
#[case(">=", false)]
#[case(">=1,", false)]
#[case("1.2.3.4.5", false)]
#[case("1,1,1,1,1,1,1,1,1", false)]
fn the_schema_reads_version_ranges_as_the_parser_does(#[case] text: &str, #[case] readable: bool) {
    assert_eq!(allowed("/spec/tools/approved/0/versions", text), readable);
    assert_eq!(VersionRange::parse(text).is_ok(), readable);
}

#[test]
fn the_example_of_the_manual_page_is_accepted() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("AIToolPolicy.md")).unwrap();
    let example = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let object: Value = serde_saphyr::from_str(example).unwrap();
    assert_eq!(misshapen(&object), [""; 0]);
    assert_eq!(broken_rules(&object), [""; 0]);
}
