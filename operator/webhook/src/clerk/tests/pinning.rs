//! Tags at the pinning door, and what is left of them at the others.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;
use crate::court::TagRule;

fn pinned(image: &str) -> String {
    format!("{image}@sha256:{}", "a".repeat(64))
}

fn pinning() -> FakeCourt {
    FakeCourt::judging(|image| panic!("the pinning door judged {image}"))
        .selecting(Selects::By(vec![rule(Tags::Pin)]))
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

#[rstest]
#[case::tags_are_denied(vec![rule(Tags::Pin), rule(Tags::Deny)])]
#[case::tags_may_stand(vec![rule(Tags::InsecureAllow)])]
#[case::no_policy_covers_the_image(vec![])]
#[tokio::test]
async fn nothing_is_pinned_unless_pin_is_the_strictest_demand(#[case] rules: Vec<TagRule>) {
    let clerk = clerk(pinning().selecting(Selects::By(rules)));
    let response = answer_to(&clerk, Path::Pin, &document("pod-create")).await;
    assert_eq!(response.get("patch"), None);
    assert_eq!(clerk.court().asked(), ["selection shop"], "nor is anything resolved");
}

#[tokio::test]
async fn what_cannot_be_resolved_is_left_and_then_judged_by_its_own_code() {
    let mut court = pinning();
    court.pins.clear();
    assert_eq!(patch_for(court, "pod-create").await, None);
    let court = FakeCourt::judging(unresolved).selecting(Selects::By(vec![rule(Tags::Pin)]));
    let response = validated(court, "pod-create").await;
    assert_eq!(response["auditAnnotations"]["codes"], "RegistryUnreachable");
}

#[rstest]
#[case::a_pod_past_the_pinning_door("pod-create", Tags::Pin, false)]
#[case::a_template_to_be_pinned("deployment-create", Tags::Pin, true)]
#[case::a_template_where_tags_are_denied("deployment-create", Tags::Deny, false)]
#[tokio::test]
async fn a_tag_is_refused_where_a_digest_is_demanded(
    #[case] name: &str,
    #[case] tags: Tags,
    #[case] allowed: bool,
) {
    let court = FakeCourt::judging(clean).selecting(Selects::By(vec![rule(tags)]));
    let response = validated(court, name).await;
    assert_eq!(response["allowed"], allowed);
    if !allowed {
        assert_eq!(response["auditAnnotations"]["codes"], "ImageNotPinned");
    }
}
