//! Tags at the pinning door, and how the others ask about what is left of them.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;

fn pinned(image: &str) -> String {
    format!("{image}@sha256:{}", "a".repeat(64))
}

fn pinning() -> FakeCourt {
    FakeCourt::judging(|image| panic!("the pinning door judged {image}"))
        .pinning(CART, &pinned(CART))
        .pinning("registry.example.com/shop/cart:1.5", &pinned("registry.example.com/shop/cart:1.5"))
        .pinning("registry.example.com/tools/debug:2", &pinned("registry.example.com/tools/debug:2"))
}

async fn patch_for(court: FakeCourt, name: &str) -> Option<Value> {
    let response = answer_to(&clerk(court), Path::Pin, &document(name)).await;
    assert_eq!(response["allowed"], true);
    assert_eq!(response.get("warnings"), None, "what cannot be pinned is said at the Pod door");
    let patch = response.get("patch")?;
    assert_eq!(response["patchType"], "JSONPatch");
    Some(serde_json::from_slice(&STANDARD.decode(patch.as_str().unwrap()).unwrap()).unwrap())
}

#[rstest]
#[case::created("pod-create", "/spec/containers/0/image", CART)]
#[case::changed("pod-update-image", "/spec/containers/0/image", "registry.example.com/shop/cart:1.5")]
#[case::added(
    "pod-ephemeral-containers",
    "/spec/ephemeralContainers/0/image",
    "registry.example.com/tools/debug:2"
)]
#[tokio::test]
async fn a_tag_that_the_request_brings_is_bound_to_its_digest(
    #[case] name: &str,
    #[case] at: &str,
    #[case] image: &str,
) {
    let patch = patch_for(pinning(), name).await.unwrap();
    assert_eq!(patch, json!([{ "op": "replace", "path": at, "value": pinned(image) }]));
}

#[tokio::test]
async fn a_template_is_never_rewritten() {
    for name in JUDGED.into_iter().filter(|name| !is_pod(name)) {
        assert_eq!(patch_for(pinning(), name).await, None, "{name}");
    }
}

#[tokio::test]
async fn where_nothing_is_to_be_pinned_no_secret_is_read_and_nothing_resolved() {
    let mut court = pinning();
    court.pins.clear();
    let clerk = clerk(court);
    let response = answer_to(&clerk, Path::Pin, &document("pod-create")).await;
    assert_eq!(response.get("patch"), None);
    assert_eq!(clerk.court().asked(), ["selection shop"]);
}

#[tokio::test]
async fn only_what_is_to_be_pinned_is_resolved() {
    let clerk = clerk(pinning());
    answer_to(&clerk, Path::Pin, &document("pod-create-every-list")).await;
    assert_eq!(clerk.court().asked(), ["selection shop", "context shop cart", &format!("pin {CART}")]);
}

#[tokio::test]
async fn what_cannot_be_resolved_is_left_as_it_is() {
    let mut court = pinning();
    court.pins.insert(CART.to_owned(), None);
    assert_eq!(patch_for(court, "pod-create").await, None);
}

/// A judge who finds a tag at a fault in a Pod, and lets it stand in a template.
fn demanding() -> FakeCourt {
    FakeCourt::judging_by_stage(|image, stage| match stage {
        Stage::Pod => found(image, Mode::Enforce, OnUndecided::Deny, Code::ImageNotPinned),
        Stage::Template => clean(image),
    })
}

#[tokio::test]
async fn a_pod_is_judged_as_a_pod_and_everything_else_as_a_template() {
    for name in JUDGED {
        let response = validated(demanding(), name).await;
        assert_eq!(response["allowed"], !is_pod(name), "{name}");
        if is_pod(name) {
            assert_eq!(response["auditAnnotations"]["codes"], "ImageNotPinned", "{name}");
        }
    }
}
