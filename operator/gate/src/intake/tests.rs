//! What is seen of a cluster, and what is said when it is not seen.

use std::time::Duration;

use cluster::SecretNamespaces;
use serde_json::{Value, json, value::to_raw_value};
use tokio::time::timeout;
use workload::Kind;

use super::*;
use crate::{
    book::keep_rulebook,
    tests::{
        api_server::{ApiServer, POLICIES},
        fixtures::{Written, keyless},
    },
};

const SECRET: &str = "/api/v1/namespaces/shop/secrets/pull";

/// Time is the test's, so nobody waits this long.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

fn start(server: &ApiServer, secrets: SecretNamespaces) -> Intake {
    let cluster = server.cluster(secrets);
    let (rulebook, keep) = keep_rulebook(cluster.clone());
    tokio::spawn(keep);
    Intake::new(cluster, rulebook)
}

async fn listed(server: &ApiServer, secrets: SecretNamespaces) -> Intake {
    let intake = start(server, secrets);
    timeout(Duration::from_secs(20), intake.listed()).await.expect("the cluster can be listed");
    intake
}

fn by_label(name: &str) -> Written {
    keyless(name).with("select:\n", "select:\n  namespaces: { matchLabels: { env: prod } }\n")
}

fn names(selection: &Selection) -> Vec<&str> {
    selection.policies().iter().map(|policy| policy.id.name.as_str()).collect()
}

fn pod(image: &str) -> Workload {
    let object = json!({ "spec": { "imagePullSecrets": [{ "name": "pull" }],
                                   "containers": [{ "name": "cart", "image": image }] } });
    Workload::read(Kind::Pod, &to_raw_value(&object).unwrap()).unwrap()
}

/// A Secret of this docker configuration.
fn secret(config: &Value) -> Value {
    let data = json!({ ".dockerconfigjson": k8s_base64(&config.to_string()) });
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "pull", "namespace": "shop" },
            "type": "kubernetes.io/dockerconfigjson", "data": data })
}

fn k8s_base64(text: &str) -> Value {
    serde_json::to_value(k8s_openapi::ByteString(text.as_bytes().to_vec())).unwrap()
}

#[tokio::test(start_paused = true)]
async fn policies_are_selected_by_the_namespaces_labels() {
    let intake = listed(&ApiServer::with(&[by_label("a"), keyless("b")]), SecretNamespaces::None).await;
    assert_eq!(names(&intake.selection("shop", soon()).await.unwrap()), ["a", "b"]);
}

#[tokio::test(start_paused = true)]
async fn before_everything_is_listed_nothing_is_said_to_be_unselected() {
    let server = ApiServer::with(&[]);
    server.silence(POLICIES);
    let intake = start(&server, SecretNamespaces::None);
    assert!(timeout(Duration::from_secs(5), intake.listed()).await.is_err());
    assert!(!intake.ready());
    let blind = intake.selection("shop", soon()).await.unwrap_err();
    assert_eq!(blind.code, Code::NotReady);
    assert!(blind.message.contains("not fully listed"), "{}", blind.message);
}

#[tokio::test(start_paused = true)]
async fn a_listed_cluster_without_a_rulebook_made_of_it_is_not_ready() {
    let cluster = ApiServer::with(&[]).cluster(SecretNamespaces::None);
    timeout(Duration::from_secs(20), cluster.listed()).await.unwrap();
    let (_sender, rulebook) = watch::channel(Arc::new(RuleBook::default()));
    let intake = Intake::new(cluster, rulebook);
    assert!(!intake.ready());
    assert_eq!(intake.selection("shop", soon()).await.unwrap_err().code, Code::NotReady);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_is_not_cached_and_cannot_be_read_is_blind_and_not_unselected() {
    let server = ApiServer::with(&[by_label("a")]);
    let intake = listed(&server, SecretNamespaces::None).await;
    let blind = intake.selection("new", soon()).await.unwrap_err();
    assert_eq!(blind.code, Code::NotReady);
    server.silence("/api/v1/namespaces/slow");
    let began = Instant::now();
    let blind = intake.selection("slow", began + Duration::from_secs(3)).await.unwrap_err();
    assert_eq!(blind.code, Code::NotReady);
    assert!(began.elapsed() <= Duration::from_millis(3001), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_is_not_cached_is_read_live_but_only_if_labels_matter() {
    let server = ApiServer::with(&[by_label("a")]);
    let metadata = json!({ "name": "new", "labels": { "env": "prod" }, "resourceVersion": "9" });
    server.say(
        "/api/v1/namespaces/new",
        json!({ "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": metadata }),
    );
    let intake = listed(&server, SecretNamespaces::None).await;
    assert_eq!(names(&intake.selection("new", soon()).await.unwrap()), ["a"]);

    for policies in [vec![], vec![keyless("a")]] {
        let server = ApiServer::with(&policies);
        let intake = listed(&server, SecretNamespaces::None).await;
        assert_eq!(intake.selection("new", soon()).await.unwrap().policies().len(), policies.len());
        assert_eq!(server.asked("/namespaces/new"), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn no_secret_is_read_where_no_image_is_to_be_judged() {
    let server = ApiServer::with(&[keyless("a")]);
    let intake = listed(&server, SecretNamespaces::All).await;
    let selected = intake.selection("shop", soon()).await.unwrap();
    for (selection, image) in [
        (&Selection::default(), "registry.example.com/shop/cart:1"),
        (&selected, "registry.example.com/other/cart:1"),
        (&selected, "Registry.example.com/shop/cart:1"),
    ] {
        intake.context("shop", &pod(image), selection, soon()).await;
        assert_eq!(server.asked("/secrets/"), Vec::<String>::new(), "{image}");
    }
    intake.context("shop", &pod("registry.example.com/shop/cart:1"), &selected, soon()).await;
    assert_eq!(server.asked("/secrets/"), [SECRET]);
}

#[tokio::test(start_paused = true)]
async fn the_pods_pull_secrets_make_the_keychain() {
    let server = ApiServer::with(&[keyless("a")]);
    let config =
        json!({ "auths": { "registry.example.com": { "username": "robot", "password": "secret" } } });
    server.say(SECRET, secret(&config));
    let intake = listed(&server, SecretNamespaces::All).await;
    let selection = intake.selection("shop", soon()).await.unwrap();
    let image = "registry.example.com/shop/cart:1";
    let context = intake.context("shop", &pod(image), &selection, soon()).await;
    let repository = ImageRef::parse(image).unwrap().repository().clone();
    assert_eq!(context.keychain.for_repository(&repository).len(), 1);
    assert_eq!(context.notes, Vec::<String>::new());
    assert_eq!(names(context.selection()), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_may_not_or_cannot_be_read_is_told_in_a_note() {
    let server = ApiServer::with(&[keyless("a")]);
    let image = pod("registry.example.com/shop/cart:1");
    let intake = listed(&server, SecretNamespaces::None).await;
    let selection = intake.selection("shop", soon()).await.unwrap();
    let context = intake.context("shop", &image, &selection, soon()).await;
    let [note] = context.notes.as_slice() else { panic!("{:?}", context.notes) };
    for part in ["\"pull\"", "\"shop\"", "pullSecrets.namespaces"] {
        assert!(note.contains(part), "{note}");
    }

    server.silence(SECRET);
    let intake = listed(&server, SecretNamespaces::All).await;
    let context = intake.context("shop", &image, &selection, soon()).await;
    let [note] = context.notes.as_slice() else { panic!("{:?}", context.notes) };
    assert!(note.contains("could not be read"), "{note}");
}
