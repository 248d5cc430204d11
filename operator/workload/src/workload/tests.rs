//! Reading objects of every kind, odd ones included, and telling updates apart.

use rstest::rstest;
use serde_json::{Value, json, value::to_raw_value};

use super::*;
use crate::MAX_ENTRIES;

fn read(kind: Kind, object: &Value) -> Result<Workload, ObjectError> {
    Workload::read(kind, &raw(object))
}

fn raw(object: &Value) -> Box<RawValue> {
    to_raw_value(object).unwrap()
}

/// An object of the kind around a Pod spec.
fn object(kind: Kind, spec: &Value) -> Value {
    let mut inner = spec.clone();
    for segment in kind.pod_spec_pointer().trim_start_matches('/').rsplit('/') {
        inner = json!({ segment: inner });
    }
    inner["metadata"] = json!({ "name": "cart", "namespace": "shop" });
    inner
}

fn pod(spec: &Value) -> Workload {
    read(Kind::Pod, &object(Kind::Pod, spec)).unwrap()
}

fn one_image(reference: &str) -> Workload {
    pod(&json!({ "containers": [{ "name": "app", "image": reference }] }))
}

#[test]
fn every_kind_gives_its_images_with_the_place_each_stands_at() {
    let spec = json!({
        "initContainers": [{ "name": "init", "image": "example.com/init:1" }],
        "containers": [{ "name": "app", "image": "example.com/app:1" }],
        "ephemeralContainers": [{ "name": "debug", "image": "example.com/debug:1" }],
        "volumes": [{ "name": "scratch", "emptyDir": {} },
                    { "name": "model", "image": { "reference": "example.com/model:1" } }],
    });
    for kind in Kind::ALL {
        let object = object(kind, &spec);
        let workload = read(kind, &object).unwrap();
        let found: Vec<_> =
            workload.images.iter().map(|i| (i.list, i.name.as_str(), i.reference.as_str())).collect();
        assert_eq!(
            found,
            [
                (List::InitContainers, "init", "example.com/init:1"),
                (List::Containers, "app", "example.com/app:1"),
                (List::EphemeralContainers, "debug", "example.com/debug:1"),
                (List::ImageVolumes, "model", "example.com/model:1"),
            ],
            "{kind}"
        );
        for image in &workload.images {
            let at_pointer = object.pointer(&image.pointer).and_then(Value::as_str);
            assert_eq!(at_pointer, Some(image.reference.as_str()), "{kind} {}", image.pointer);
        }
        assert_eq!(workload.namespace.as_deref(), Some("shop"));
        assert_eq!(workload.display_name(), "cart");
    }
}

#[test]
fn a_kind_is_known_by_its_group_and_version_too() {
    for kind in Kind::ALL {
        assert_eq!(Kind::of(kind.api_version(), kind.as_str()), Some(kind));
        assert_eq!(Kind::of("example.com/v1", kind.as_str()), None);
    }
    assert_eq!(Kind::of("extensions/v1beta1", "Deployment"), None);
    assert_eq!(Kind::of("v1", "Service"), None);
}

#[test]
fn null_lists_and_null_entries_are_read_as_the_api_server_reads_them() {
    let workload = pod(&json!({
        "initContainers": null, "ephemeralContainers": null, "volumes": null, "imagePullSecrets": null,
        "serviceAccountName": null,
        "containers": [null, { "name": null, "image": null }, { "name": "app", "image": "example.com/app" }],
    }));
    let references: Vec<_> = workload.images.iter().map(|image| image.reference.as_str()).collect();
    assert_eq!(references, ["", "", "example.com/app"]);
    assert_eq!(workload.service_account, "default");
    assert!(workload.pull_secrets.is_empty());
}

#[rstest]
#[case::absent(json!({ "name": "app" }))]
#[case::null(json!({ "name": "app", "image": null }))]
#[case::empty(json!({ "name": "app", "image": "" }))]
fn a_container_without_an_image_stays_in_the_list(#[case] container: Value) {
    let workload = pod(&json!({ "containers": [container] }));
    assert_eq!(workload.images.len(), 1);
    assert_eq!(workload.images[0].reference, "");
    assert_eq!(workload.images[0].pointer, "/spec/containers/0/image");
}

#[test]
fn an_image_volume_without_a_reference_stays_in_the_list_and_other_volumes_do_not() {
    let workload = pod(&json!({
        "containers": [{ "name": "app", "image": "example.com/app" }],
        "volumes": [null, { "name": "a", "image": {} }, { "name": "b", "image": null }, { "name": "c", "emptyDir": {} }],
    }));
    let volumes: Vec<_> = workload.images.iter().filter(|i| i.list == List::ImageVolumes).collect();
    assert_eq!(volumes.len(), 1);
    assert_eq!((volumes[0].name.as_str(), volumes[0].reference.as_str()), ("a", ""));
    assert_eq!(volumes[0].pointer, "/spec/volumes/1/image/reference");
}

#[test]
fn two_containers_of_one_name_are_both_kept() {
    let workload = pod(&json!({
        "containers": [{ "name": "app", "image": "example.com/a" }, { "name": "app", "image": "example.com/b" }],
    }));
    let references: Vec<_> = workload.images.iter().map(|image| image.reference.as_str()).collect();
    assert_eq!(references, ["example.com/a", "example.com/b"]);
}

#[test]
fn the_pods_own_pull_secrets_and_account_are_read() {
    let workload = pod(&json!({
        "containers": [{ "name": "app", "image": "example.com/a" }],
        "imagePullSecrets": [{ "name": "one" }, { "name": "two" }, {}],
        "serviceAccountName": "builder", "serviceAccount": "older", "nodeName": "n1",
    }));
    assert_eq!(workload.pull_secrets, ["one", "two", ""]);
    assert_eq!(workload.service_account, "builder");
    assert_eq!(workload.node_name.as_deref(), Some("n1"));
}

#[test]
fn the_deprecated_account_field_counts_when_the_other_is_empty() {
    let workload = pod(&json!({
        "containers": [{ "name": "app", "image": "example.com/a" }],
        "serviceAccountName": "", "serviceAccount": "older",
    }));
    assert_eq!(workload.service_account, "older");
}

#[test]
fn only_a_pod_can_be_a_mirror() {
    let spec = json!({ "containers": [{ "name": "app", "image": "example.com/a" }] });
    for kind in [Kind::Pod, Kind::Deployment] {
        let mut annotated = object(kind, &spec);
        annotated["metadata"]["annotations"] = json!({ "kubernetes.io/config.mirror": "abc", "other": "x" });
        assert_eq!(read(kind, &annotated).unwrap().mirror, kind == Kind::Pod);
    }
    let mut other = object(Kind::Pod, &spec);
    other["metadata"]["annotations"] = json!({ "kubernetes.io/config.source": "file" });
    assert!(!read(Kind::Pod, &other).unwrap().mirror);
}

#[test]
fn an_object_named_by_its_prefix_shows_the_prefix() {
    let object = json!({
        "metadata": { "generateName": "cart-" },
        "spec": { "containers": [{ "name": "app", "image": "example.com/a" }] },
    });
    assert_eq!(read(Kind::Pod, &object).unwrap().display_name(), "cart-*");
}

#[test]
fn a_null_object_is_an_error() {
    assert!(matches!(read(Kind::Pod, &Value::Null), Err(ObjectError::Null { kind: Kind::Pod })));
}

#[test]
fn an_object_without_a_pod_spec_is_an_error_for_every_kind() {
    for kind in Kind::ALL {
        for odd in [json!({}), json!({ "spec": null }), object(kind, &Value::Null)] {
            let error = read(kind, &odd).unwrap_err();
            assert!(matches!(error, ObjectError::NoPodSpec { .. }), "{kind}: {error}");
        }
    }
}

#[test]
fn an_object_without_a_container_is_an_error_for_every_kind() {
    for kind in Kind::ALL {
        for spec in [
            json!({}),
            json!({ "containers": null }),
            json!({ "containers": [], "initContainers": [{ "name": "a", "image": "example.com/a" }] }),
        ] {
            let error = read(kind, &object(kind, &spec)).unwrap_err();
            assert!(matches!(error, ObjectError::NoContainers { .. }), "{kind}: {error}");
        }
    }
}

#[rstest]
#[case::list_is_a_map(json!({ "containers": { "app": {} } }))]
#[case::image_is_a_number(json!({ "containers": [{ "name": "a", "image": 3 }] }))]
#[case::init_is_a_text(json!({ "containers": [{ "name": "a", "image": "x" }], "initContainers": "no" }))]
#[case::volume_image_is_a_text(json!({ "containers": [{ "name": "a", "image": "x" }], "volumes": [{ "image": "x" }] }))]
fn a_field_of_another_type_is_an_error(#[case] spec: Value) {
    let error = read(Kind::Pod, &object(Kind::Pod, &spec)).unwrap_err();
    assert!(matches!(error, ObjectError::Unreadable { kind: Kind::Pod, .. }), "{error}");
}

#[test]
fn a_repeated_list_is_an_error_because_two_readers_would_take_different_ones() {
    let json =
        r#"{"spec":{"containers":[{"image":"example.com/a"}],"containers":[{"image":"example.com/b"}]}}"#;
    let raw = RawValue::from_string(json.to_owned()).unwrap();
    assert!(matches!(Workload::read(Kind::Pod, &raw), Err(ObjectError::Unreadable { .. })));
}

#[test]
fn a_list_is_read_up_to_its_bound_and_refused_beyond() {
    let spec = |n: usize| json!({ "containers": vec![json!({ "name": "a", "image": "example.com/a" }); n] });
    assert_eq!(pod(&spec(MAX_ENTRIES)).images.len(), MAX_ENTRIES);
    let error = read(Kind::Pod, &object(Kind::Pod, &spec(MAX_ENTRIES + 1))).unwrap_err();
    let source = std::error::Error::source(&error).expect("the decoder says why").to_string();
    assert!(source.contains("more than 1024 entries"), "{source}");
}

#[test]
fn an_object_longer_than_the_api_server_takes_is_refused_unread() {
    let mut long = object(Kind::Pod, &json!({ "containers": [{ "name": "a", "image": "example.com/a" }] }));
    long["padding"] = Value::String("x".repeat(MAX_OBJECT_BYTES));
    assert!(matches!(read(Kind::Pod, &long), Err(ObjectError::TooLarge { .. })));
}

#[test]
fn an_update_that_keeps_every_reference_is_unchanged_whatever_the_order() {
    let a = json!({ "name": "a", "image": "example.com/a" });
    let b = json!({ "name": "b", "image": "example.com/b" });
    let old = pod(&json!({ "containers": [a, b] }));
    assert!(!changed_images(&old, &old.clone()));
    assert!(!changed_images(&old, &pod(&json!({ "containers": [b, a], "nodeName": "n1" }))));
}

#[rstest]
#[case::another_tag("example.com/app:1", "example.com/app:2")]
#[case::tag_added("example.com/app", "example.com/app:latest")]
#[case::host_spelled_out("nginx", "docker.io/library/nginx")]
fn an_update_that_writes_a_reference_differently_is_changed(#[case] old: &str, #[case] new: &str) {
    assert!(changed_images(&one_image(old), &one_image(new)));
}

#[test]
fn a_reference_that_moves_to_another_list_or_name_or_goes_away_is_changed() {
    let app = json!({ "name": "app", "image": "example.com/app" });
    let old = pod(&json!({ "containers": [app] }));
    let renamed = pod(&json!({ "containers": [{ "name": "app2", "image": "example.com/app" }] }));
    let added = pod(&json!({ "containers": [app], "initContainers": [app] }));
    let ephemeral = pod(&json!({ "containers": [app], "ephemeralContainers": [app] }));
    assert!(changed_images(&old, &renamed));
    assert!(changed_images(&old, &added));
    assert!(changed_images(&added, &old));
    assert!(changed_images(&added, &ephemeral));
}

#[test]
fn of_two_containers_of_one_name_neither_hides_the_other() {
    let two = |first: &str, second: &str| {
        pod(&json!({ "containers": [{ "name": "a", "image": first }, { "name": "a", "image": second }] }))
    };
    assert!(changed_images(&two("example.com/x", "example.com/y"), &two("example.com/x", "example.com/x")));
}
