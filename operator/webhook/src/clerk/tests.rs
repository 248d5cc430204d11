//! Whole reviews, as an API server sends them, against a court that is told what to say.

use std::{future, time::Duration};

use futures::future::BoxFuture;
use gate::Stage;
use prometheus_client::registry::Registry;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::sync::Barrier;
use verdict::{Judgement, Mode, OnUndecided};

use super::*;
use crate::court::fake::{FakeCourt, Selects, clean, denied, found, unresolved};

mod pinning;
mod telemetry;

const CART: &str = "registry.example.com/shop/cart:1.4";

fn document(name: &str) -> Vec<u8> {
    let path = format!("{}/testdata/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn clerk(court: FakeCourt) -> Clerk<FakeCourt> {
    let clock: Clock = Arc::new(|| "2026-11-22T10:00:00Z".parse().unwrap());
    Clerk::new(court, clock, Metrics::register(&mut Registry::default()))
}

/// The `response` to `body`, which must echo the uid of the request.
async fn answer_to(clerk: &Clerk<FakeCourt>, path: Path, body: &[u8]) -> Value {
    let deadline = Instant::now() + Duration::from_secs(8);
    let answer = clerk.attend(path, body, deadline).await.expect("the request has a uid");
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["apiVersion"], "admission.k8s.io/v1");
    assert_eq!(answer["kind"], "AdmissionReview");
    assert_eq!(answer["response"]["uid"], review::uid(body).unwrap());
    answer["response"].clone()
}

async fn validated(court: FakeCourt, name: &str) -> Value {
    answer_to(&clerk(court), Path::Validate, &document(name)).await
}

/// One new or changed object of every kind and through every way in.
const JUDGED: [&str; 20] = [
    "pod-create",
    "pod-create-dry-run",
    "pod-create-every-list",
    "pod-update-image",
    "pod-update-image-while-deleted",
    "pod-ephemeral-containers",
    "pod-mirror-forged",
    "pod-by-node-without-mirror",
    "pod-own-annotations-forged",
    "pod-older-api-version",
    "replicationcontroller-create",
    "replicaset-create",
    "deployment-create",
    "deployment-create-zero-replicas",
    "deployment-update-scaled-down-with-image",
    "statefulset-create",
    "daemonset-create",
    "job-create",
    "cronjob-create",
    "pod-create-forged-owner",
];

fn is_pod(name: &str) -> bool {
    name.starts_with("pod-")
}

#[tokio::test]
async fn every_kind_is_denied_when_its_image_is() {
    for name in JUDGED {
        let response = validated(FakeCourt::judging(denied), name).await;
        assert_eq!(response["allowed"], false, "{name}");
        assert_eq!(response["status"]["code"], 403, "{name}");
        assert_eq!(response["status"]["reason"], "Forbidden", "{name}");
        assert!(
            response["status"]["message"].as_str().unwrap().starts_with("SbomMissing"),
            "{name}: {response}"
        );
        assert_eq!(response["auditAnnotations"]["outcome"], "Denied", "{name}");
        assert_eq!(response["auditAnnotations"]["codes"], "SbomMissing", "{name}");
        assert_eq!(response["auditAnnotations"]["policies"], "production", "{name}");
    }
}

#[tokio::test]
async fn every_kind_is_admitted_when_its_images_are() {
    for name in JUDGED {
        let response = validated(FakeCourt::judging(clean), name).await;
        assert_eq!(response["allowed"], true, "{name}");
        assert_eq!(response.get("warnings"), None, "{name}");
        assert_eq!(response.get("status"), None, "{name}");
        assert!(response["auditAnnotations"]["digests"].as_str().unwrap().starts_with("sha256:"), "{name}");
    }
}

#[tokio::test]
async fn an_undecided_image_is_turned_away_as_a_pod_and_only_warned_of_in_a_template() {
    for name in JUDGED {
        let response = validated(FakeCourt::judging(unresolved), name).await;
        assert_eq!(response["allowed"], !is_pod(name), "{name}");
        assert_eq!(response["auditAnnotations"]["codes"], "RegistryUnreachable", "{name}");
        if is_pod(name) {
            assert_eq!(response["auditAnnotations"]["outcome"], "Undecided", "{name}");
        } else {
            assert!(response["warnings"][0].as_str().unwrap().contains("RegistryUnreachable"), "{name}");
        }
    }
}

#[rstest]
#[case::warn(Mode::Warn, true)]
#[case::audit(Mode::Audit, false)]
#[tokio::test]
async fn a_milder_mode_admits_and_warns_or_only_annotates(#[case] mode: Mode, #[case] warns: bool) {
    for name in ["pod-create", "deployment-create"] {
        let court = FakeCourt::judging(move |image| found(image, mode, OnUndecided::Deny, Code::SbomMissing));
        let response = validated(court, name).await;
        assert_eq!(response["allowed"], true, "{name}");
        assert_eq!(response.get("warnings").is_some(), warns, "{name}");
        assert_eq!(response["auditAnnotations"]["codes"], "SbomMissing", "{name}");
    }
}

#[tokio::test]
async fn a_policy_that_relaxes_the_undecided_admits_the_pod() {
    let court = FakeCourt::judging(|image| {
        found(image, Mode::Enforce, OnUndecided::InsecureAllow, Code::RegistryUnreachable)
    });
    assert_eq!(validated(court, "pod-create").await["allowed"], true);
}

#[tokio::test]
async fn where_no_policy_selects_nothing_is_asked() {
    for path in [Path::Validate, Path::Pin] {
        for name in JUDGED.into_iter().chain(["pod-create-null-object", "pod-create-no-containers"]) {
            let clerk = clerk(FakeCourt::unselecting());
            let response = answer_to(&clerk, path, &document(name)).await;
            assert_eq!(response["allowed"], true, "{name}");
            assert_eq!(response.as_object().unwrap().len(), 2, "{name}: {response}");
            assert_eq!(clerk.court().asked(), ["selection shop"], "{name}");
        }
    }
}

#[rstest]
#[case::labels("pod-update-labels")]
#[case::finalizer("pod-update-finalizer-removed")]
#[case::scaled("deployment-update-scaled")]
#[case::delete("pod-delete")]
#[case::exec("pod-exec")]
#[case::mirror("pod-mirror-by-node")]
#[tokio::test]
async fn what_brings_no_image_passes_without_a_question_even_blind(#[case] name: &str) {
    for path in [Path::Validate, Path::Pin] {
        let clerk = clerk(FakeCourt::judging(denied).selecting(Selects::Blind(Code::NotReady)));
        let response = answer_to(&clerk, path, &document(name)).await;
        assert_eq!(response["allowed"], true);
        assert_eq!(response.get("warnings"), None);
        assert_eq!(clerk.court().asked(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn only_an_update_can_be_unchanged() {
    let mut review: Value = serde_json::from_slice(&document("pod-update-labels")).unwrap();
    review["request"]["operation"] = json!("CREATE");
    let clerk = clerk(FakeCourt::judging(denied));
    let response = answer_to(&clerk, Path::Validate, &serde_json::to_vec(&review).unwrap()).await;
    assert_eq!(response["allowed"], false);
}

#[tokio::test]
async fn a_static_pod_reported_by_its_node_is_on_record() {
    let response = validated(FakeCourt::judging(denied), "pod-mirror-by-node").await;
    assert_eq!(response["auditAnnotations"]["outcome"], "Mirror");
}

#[tokio::test]
async fn blind_is_not_open() {
    for name in JUDGED {
        let court = FakeCourt::judging(clean).selecting(Selects::Blind(Code::NotReady));
        let response = validated(court, name).await;
        assert_eq!(response["allowed"], !is_pod(name), "{name}");
        let said = if is_pod(name) { &response["status"]["message"] } else { &response["warnings"][0] };
        assert!(said.as_str().unwrap().starts_with("NotReady: "), "{name}: {said}");
        assert!(said.as_str().unwrap().contains("not listed yet"), "{name}: {said}");
        assert_eq!(response["auditAnnotations"]["codes"], "NotReady", "{name}");
    }
}

#[rstest]
#[case::null("pod-create-null-object", false)]
#[case::no_containers("pod-create-no-containers", false)]
#[case::wrong_shape("pod-create-containers-not-a-list", false)]
#[case::template_without_containers("deployment-create-no-containers", true)]
#[case::a_kind_nobody_knows("configmap-create", true)]
#[tokio::test]
async fn an_unreadable_object_is_turned_away_as_a_pod_and_warned_of_elsewhere(
    #[case] name: &str,
    #[case] allowed: bool,
) {
    let clerk = clerk(FakeCourt::judging(|image| panic!("asked to judge {image}")));
    let response = answer_to(&clerk, Path::Validate, &document(name)).await;
    assert_eq!(response["allowed"], allowed);
    let said = if allowed { &response["warnings"][0] } else { &response["status"]["message"] };
    assert!(said.as_str().unwrap().starts_with("ObjectUnreadable: "), "{said}");
    assert_eq!(clerk.court().asked(), ["selection shop"]);
}

#[tokio::test]
async fn a_pod_without_a_namespace_is_not_let_in() {
    let mut review: Value = serde_json::from_slice(&document("pod-create")).unwrap();
    for namespace in [Value::Null, json!("")] {
        review["request"]["namespace"] = namespace;
        let clerk = clerk(FakeCourt::unselecting());
        let response = answer_to(&clerk, Path::Validate, &serde_json::to_vec(&review).unwrap()).await;
        assert_eq!(response["allowed"], false);
        assert_eq!(response["auditAnnotations"]["codes"], "ObjectUnreadable");
    }
}

#[tokio::test]
async fn a_body_broken_behind_its_uid_is_answered_and_one_without_is_not() {
    let whole = document("pod-create");
    let clerk = clerk(FakeCourt::judging(clean));
    let mut bad_utf8 = whole.clone();
    let name = whole.windows(4).rposition(|four| four == b"cart").unwrap();
    bad_utf8[name] = 0xff;
    for body in [&whole[..whole.len() / 2], &bad_utf8] {
        let response = answer_to(&clerk, Path::Validate, body).await;
        assert_eq!(response["allowed"], false);
        assert_eq!(response["auditAnnotations"]["codes"], "ObjectUnreadable");
        assert_eq!(
            answer_to(&clerk, Path::Pin, body).await["allowed"],
            true,
            "the pinning door never denies"
        );
    }
    let deadline = Instant::now() + Duration::from_secs(8);
    for body in [b"".as_slice(), b"not json", b"{}", b"\xff\xff", br#"{"request":{"kind":{}}}"#] {
        assert_eq!(clerk.attend(Path::Validate, body, deadline).await, None);
    }
}

#[rstest]
#[case::pod("pod-create", false)]
#[case::template("deployment-create", true)]
#[tokio::test]
async fn a_panic_is_one_undecided_request_under_its_own_uid(#[case] name: &str, #[case] allowed: bool) {
    let court = FakeCourt::judging(|image| panic!("tripped over {image}"));
    let response = validated(court, name).await;
    assert_eq!(response["allowed"], allowed);
    assert_eq!(response["auditAnnotations"]["codes"], "InternalError");
    assert!(!response.to_string().contains("tripped"), "what panicked is for the log: {response}");
}

#[tokio::test(start_paused = true)]
async fn judging_that_never_ends_is_given_up_just_after_the_deadline() {
    let mut court = FakeCourt::judging(clean);
    court.judge = Box::new(|_, _| Box::pin(future::pending()));
    let started = Instant::now();
    let response = validated(court, "pod-create").await;
    assert_eq!(response["allowed"], false);
    assert_eq!(response["auditAnnotations"]["codes"], "InternalError");
    // Tokio's timer counts whole milliseconds, rounded up.
    let late = started.elapsed() - Duration::from_secs(8);
    assert!(late >= BACKSTOP && late <= BACKSTOP + Duration::from_millis(1), "{late:?}");
}

#[tokio::test(start_paused = true)]
async fn each_distinct_image_is_judged_once_and_all_at_the_same_time() {
    let mut court = FakeCourt::judging(clean);
    let together = Arc::new(Barrier::new(3));
    court.judge = Box::new(move |image, _stage| -> BoxFuture<'static, Judgement> {
        let together = Arc::clone(&together);
        Box::pin(async move {
            together.wait().await;
            clean(&image)
        })
    });
    let clerk = clerk(court);
    let response = answer_to(&clerk, Path::Validate, &document("pod-create-every-list")).await;
    assert_eq!(response["allowed"], true, "{response}");
    assert_eq!(
        clerk.court().asked(),
        [
            "selection shop",
            "context shop cart",
            "judge registry.example.com/shop/migrate:1",
            "judge registry.example.com/shop/cart:1.4",
            "judge registry.example.com/models/rank:3",
        ]
    );
}

#[rstest]
#[case::container("pod-create-every-list", CART)]
#[case::init_container("pod-create-every-list", "registry.example.com/shop/migrate:1")]
#[case::image_volume("pod-create-every-list", "registry.example.com/models/rank:3")]
#[case::ephemeral_container("pod-ephemeral-containers", "registry.example.com/tools/debug:2")]
#[tokio::test]
async fn one_bad_image_in_any_list_turns_the_pod_away(#[case] name: &str, #[case] bad: &'static str) {
    let court = FakeCourt::judging(move |image| if image == bad { denied(image) } else { clean(image) });
    let response = validated(court, name).await;
    assert_eq!(response["allowed"], false);
    assert!(response["status"]["message"].as_str().unwrap().contains(bad));
}

#[tokio::test]
async fn more_images_than_are_judged_is_undecided_not_cut() {
    let mut review: Value = serde_json::from_slice(&document("pod-create")).unwrap();
    for (count, allowed) in [(MAX_IMAGES, true), (MAX_IMAGES + 1, false)] {
        let containers: Vec<_> = (0..count)
            .map(|n| json!({ "name": format!("c{n}"), "image": format!("r.example.com/i:{n}") }))
            .collect();
        review["request"]["object"]["spec"]["containers"] = Value::Array(containers);
        let clerk = clerk(FakeCourt::judging(clean));
        let response = answer_to(&clerk, Path::Validate, &serde_json::to_vec(&review).unwrap()).await;
        assert_eq!(response["allowed"], allowed, "{count}");
        if !allowed {
            assert_eq!(response["auditAnnotations"]["codes"], "LimitExceeded");
            assert_eq!(clerk.court().asked(), ["selection shop"]);
        }
    }
}
