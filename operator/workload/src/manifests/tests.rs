//! Texts as people and templates write them, and texts that mean harm.

use rstest::rstest;

use super::*;

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec:
  replicas: 0
  template:
    spec:
      containers:
      - { name: app, image: \"example.com/cart:1\" }
";

fn references(manifest: &Manifest) -> Vec<&str> {
    let Content::Workload(workload) = &manifest.content else {
        panic!("no workload: {:?}", manifest.content)
    };
    workload.images.iter().map(|image| image.reference.as_str()).collect()
}

#[test]
fn documents_are_read_in_order_and_empty_ones_skipped() {
    let text = format!(
        "---\n# nothing\n---\n{DEPLOYMENT}\n---\napiVersion: v1\nkind: Service\nmetadata: {{ name: s }}\n---\n"
    );
    let manifests = read(&text).unwrap();
    assert_eq!(manifests.len(), 2);
    assert_eq!(references(&manifests[0]), ["example.com/cart:1"]);
    assert_eq!(manifests[0].namespace.as_deref(), Some("shop"));
    assert_eq!(manifests[0].name.as_deref(), Some("cart"));
    assert!(matches!(manifests[1].content, Content::NotAWorkload));
    assert!(manifests[0].document < manifests[1].document);
}

#[test]
fn json_and_a_stream_of_json_are_read() {
    let pod =
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"a","image":"example.com/a"}]}}"#;
    let manifests = read(&format!("{pod}\n{pod}")).unwrap();
    assert_eq!(manifests.len(), 2);
    assert_eq!(references(&manifests[1]), ["example.com/a"]);
    assert_eq!(manifests[1].document, 2);
}

#[test]
fn yaml_in_flow_style_is_read() {
    let manifests =
        read("{apiVersion: v1, kind: Pod, spec: {containers: [{name: a, image: example.com/a}]}}").unwrap();
    assert_eq!(references(&manifests[0]), ["example.com/a"]);
}

#[test]
fn lists_are_opened_also_lists_in_lists() {
    let pod = "{ apiVersion: v1, kind: Pod, metadata: { name: NAME }, spec: { containers: [{ image: example.com/NAME }] } }";
    let (a, b) = (pod.replace("NAME", "a"), pod.replace("NAME", "b"));
    let text = format!(
        "apiVersion: v1\nkind: List\nitems:\n- {a}\n- apiVersion: v1\n  kind: List\n  items:\n  - {b}\n- apiVersion: v1\n  kind: List\n  items: null\n"
    );
    let manifests = read(&text).unwrap();
    let names: Vec<_> = manifests.iter().map(|manifest| manifest.name.as_deref()).collect();
    assert_eq!(names, [Some("a"), Some("b")]);
}

#[test]
fn the_elements_of_a_typed_list_take_its_kind() {
    let text = r#"{"apiVersion":"apps/v1","kind":"DeploymentList","items":[{"metadata":{"name":"x"},
        "spec":{"template":{"spec":{"containers":[{"image":"example.com/x"}]}}}}]}"#;
    assert_eq!(references(&read(text).unwrap()[0]), ["example.com/x"]);
}

#[rstest]
#[case::custom_kind(
    "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: { template: { spec: { containers: [{ image: example.com/a }] } } }"
)]
#[case::unserved_version(
    "apiVersion: extensions/v1beta1\nkind: Deployment\nspec: { template: { spec: { containers: [{ image: example.com/a }] } } }"
)]
#[case::template_alone(
    "apiVersion: v1\nkind: PodTemplate\ntemplate: { spec: { initContainers: [{ image: example.com/a }] } }"
)]
fn a_kind_that_is_not_known_but_has_containers_is_never_passed_over(#[case] text: &str) {
    assert!(matches!(read(text).unwrap()[0].content, Content::Unsupported));
}

#[test]
fn a_schema_that_speaks_of_containers_is_not_a_workload() {
    let text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: { properties: { containers: { type: array } } }";
    assert!(matches!(read(text).unwrap()[0].content, Content::NotAWorkload));
}

#[test]
fn a_workload_of_a_wrong_shape_is_kept_as_unreadable_beside_good_ones() {
    let manifests =
        read(&format!("apiVersion: v1\nkind: Pod\nspec: {{ containers: [] }}\n---\n{DEPLOYMENT}")).unwrap();
    assert!(matches!(manifests[0].content, Content::Unreadable(ObjectError::NoContainers { .. })));
    assert_eq!(references(&manifests[1]), ["example.com/cart:1"]);
}

#[test]
fn the_whole_object_is_kept_for_other_readers() {
    let manifests =
        read("apiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { env: prod } }").unwrap();
    let value: Value = serde_json::from_str(manifests[0].object.get()).unwrap();
    assert_eq!(value["metadata"]["labels"]["env"], "prod");
}

#[test]
fn what_is_not_an_object_or_has_no_type_is_an_error_with_its_place() {
    assert!(matches!(read("- a\n- b"), Err(ManifestError::NotAnObject { document: 1 })));
    assert!(matches!(
        read("metadata: {}\nkind: Pod"),
        Err(ManifestError::Untyped { field: "apiVersion", .. })
    ));
    assert!(matches!(read("apiVersion: v1\nkind: ''"), Err(ManifestError::Untyped { field: "kind", .. })));
}

#[test]
fn text_that_is_neither_yaml_nor_json_is_an_error() {
    assert!(matches!(read("a: [b"), Err(ManifestError::Yaml(_))));
    assert!(matches!(read("{\"a\": "), Err(ManifestError::Json(_))));
}

#[test]
fn a_key_written_twice_is_an_error_because_two_readers_would_take_different_ones() {
    let text = DEPLOYMENT.replace("replicas: 0", "template: {}");
    assert!(matches!(read(&text), Err(ManifestError::Yaml(_))));
}

#[test]
fn an_error_repeats_nothing_of_the_text() {
    let error = read("stringData: { password: hunter2 }\na: [hunter2").unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(!source.contains("hunter2"), "{source}");
}

#[test]
fn more_text_or_more_objects_than_the_bounds_are_refused() {
    assert!(matches!(read(&" ".repeat(MAX_TEXT_BYTES + 1)), Err(ManifestError::TooLarge { .. })));
    let objects = |n: usize| r#"{"apiVersion":"v1","kind":"X"}"#.repeat(n);
    assert_eq!(read(&objects(MAX_OBJECTS)).unwrap().len(), MAX_OBJECTS);
    assert!(matches!(read(&objects(MAX_OBJECTS + 1)), Err(ManifestError::TooManyObjects { .. })));
}

#[test]
fn aliases_that_unfold_without_end_are_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let previous = format!("*a{}, ", level - 1).repeat(10);
        text.push_str(&format!("a{level}: &a{level} [{previous}]\n"));
    }
    assert!(matches!(read(&text), Err(ManifestError::Yaml(_))));
}

#[test]
fn nesting_beyond_the_bound_is_refused() {
    let deep = format!("apiVersion: v1\nkind: X\na: {}1{}", "[".repeat(400), "]".repeat(400));
    assert!(matches!(read(&deep), Err(ManifestError::Yaml(_))));
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(400), "]".repeat(400));
    assert!(matches!(read(&deep), Err(ManifestError::Json(_))));
}
