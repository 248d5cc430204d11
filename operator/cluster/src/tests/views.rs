//! What is watched: when it is known, how it follows, and what no failure may turn it into.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, timeout};

use super::api_server::{ApiServer, CONFIG_MAPS, NAMESPACES, POLICIES, Say, config_map, namespace, policy};
use crate::{Cluster, ClusterError, SecretNamespaces, outage::MAX_OUTAGE};

/// Long enough for every pause of a watch; time is the test's, so nobody waits.
const SOON: Duration = Duration::from_secs(20);

fn start(server: &ApiServer) -> Cluster {
    server.cluster(SecretNamespaces::None)
}

/// Waits until a state is reached, looking whenever something changed.
async fn until(cluster: &Cluster, state: impl Fn(&Cluster) -> bool) {
    let mut changes = cluster.changes();
    timeout(SOON * 10, changes.wait_for(|_| state(cluster))).await.expect("the state is reached").unwrap();
}

fn soon() -> Instant {
    Instant::now() + SOON
}

async fn open_watch(server: &ApiServer, path: &str) {
    timeout(SOON, server.watched(path)).await.expect("the watch is opened");
}

fn names(cluster: &Cluster) -> Vec<String> {
    cluster.policies().iter().map(|policy| policy.metadata.name.clone().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn all_that_is_watched_is_there_once_listed() {
    let server = ApiServer::empty();
    server.list(POLICIES, &[policy("a", "Enforce"), policy("b", "Warn")]);
    server.list(CONFIG_MAPS, &[config_map("root", &json!({ "trusted_root.json": "{}" }))]);
    server.list(NAMESPACES, &[namespace("shop", &json!({ "env": "prod" }))]);
    let cluster = start(&server);
    timeout(SOON, cluster.listed()).await.unwrap();

    let snapshot = cluster.snapshot().unwrap();
    assert_eq!(names(&cluster), ["a", "b"]);
    assert_eq!(snapshot.policies[0].metadata.generation, Some(3));
    assert_eq!(snapshot.policies[0].status, None, "a status judges nothing and is not kept");
    assert!(snapshot.unreadable.is_empty());
    assert_eq!(snapshot.config_maps["root"]["trusted_root.json"], "{}");
    let shop = cluster.namespace("shop", soon()).await.unwrap();
    assert_eq!(shop.labels["env"], "prod");
    assert_eq!(server.asked("/api/v1/namespaces/shop"), 0, "a namespace that is known is not read again");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_known_while_one_list_is_outstanding() {
    for path in [POLICIES, CONFIG_MAPS, NAMESPACES] {
        let server = ApiServer::empty();
        server.list(POLICIES, &[policy("a", "Enforce")]);
        server.say(path, Say::Nothing);
        let cluster = start(&server);
        assert!(timeout(SOON, cluster.listed()).await.is_err(), "{path}");
        assert!(!cluster.is_listed());
        assert!(cluster.snapshot().is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_never_answered_is_asked_again() {
    let server = ApiServer::empty();
    server.say(POLICIES, Say::Nothing);
    let cluster = start(&server);
    assert!(timeout(SOON, cluster.listed()).await.is_err());
    server.list(POLICIES, &[]);
    timeout(SOON * 10, cluster.listed()).await.unwrap();
    assert!(server.asked(POLICIES) >= 2);
}

#[tokio::test(start_paused = true)]
async fn an_edit_a_deletion_and_a_new_policy_are_followed_and_counted() {
    let server = ApiServer::empty();
    server.list(POLICIES, &[policy("a", "Enforce")]);
    let cluster = start(&server);
    cluster.listed().await;
    open_watch(&server, POLICIES).await;

    server.event(POLICIES, "ADDED", &policy("b", "Warn"));
    until(&cluster, |cluster| names(cluster) == ["a", "b"]).await;
    server.event(POLICIES, "MODIFIED", &policy("a", "Audit"));
    until(&cluster, |cluster| cluster.policies()[0].spec.mode == crds::ai_tool_policy::Mode::Audit).await;
    server.event(POLICIES, "DELETED", &policy("a", "Audit"));
    until(&cluster, |cluster| names(cluster) == ["b"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_change_of_a_config_map_is_followed_and_counted() {
    let server = ApiServer::empty();
    let cluster = start(&server);
    cluster.listed().await;
    open_watch(&server, CONFIG_MAPS).await;
    server.event(CONFIG_MAPS, "ADDED", &config_map("keys", &json!({ "cosign.pub": "one" })));
    until(&cluster, |cluster| cluster.config_maps().contains_key("keys")).await;
    server.event(CONFIG_MAPS, "DELETED", &config_map("keys", &json!({})));
    until(&cluster, |cluster| cluster.config_maps().is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_cannot_be_decoded_is_named_and_hides_no_other() {
    let server = ApiServer::empty();
    let mut odd = policy("odd", "Enforce");
    odd["spec"]["mode"] = json!("Obey");
    server.list(POLICIES, &[policy("a", "Enforce"), odd.clone(), policy("z", "Enforce")]);
    let cluster = start(&server);
    cluster.listed().await;
    assert_eq!(names(&cluster), ["a", "z"]);
    let unreadable = cluster.unreadable();
    assert_eq!(unreadable.len(), 1);
    assert_eq!((unreadable[0].name.as_str(), unreadable[0].uid.as_str()), ("odd", "uid-odd"));
    assert!(unreadable[0].why.contains("Obey"), "{}", unreadable[0].why);

    open_watch(&server, POLICIES).await;
    let mut worse = policy("a", "Enforce");
    worse["spec"] = json!("not even an object");
    server.event(POLICIES, "MODIFIED", &worse);
    until(&cluster, |cluster| names(cluster) == ["z"] && cluster.unreadable().len() == 2).await;
    server.event(POLICIES, "MODIFIED", &policy("odd", "Enforce"));
    until(&cluster, |cluster| names(cluster) == ["odd", "z"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_missing_definition_means_unknown_until_it_comes() {
    let server = ApiServer::empty();
    server.say(POLICIES, Say::Status(404));
    let cluster = start(&server);
    assert!(timeout(SOON, cluster.listed()).await.is_err());
    server.list(POLICIES, &[policy("a", "Enforce")]);
    timeout(SOON, cluster.listed()).await.unwrap();
    assert_eq!(names(&cluster), ["a"]);
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_goes_away_makes_the_policies_unknown_and_not_empty() {
    let server = ApiServer::empty();
    server.list(POLICIES, &[policy("a", "Enforce")]);
    let cluster = start(&server);
    cluster.listed().await;
    open_watch(&server, POLICIES).await;

    server.say(POLICIES, Say::Status(404));
    server.refuse_watches(POLICIES, 404, 1);
    server.end_watch(POLICIES);
    until(&cluster, |cluster| !cluster.is_listed()).await;
    assert!(cluster.snapshot().is_none());

    server.list(POLICIES, &[policy("b", "Enforce")]);
    timeout(SOON, cluster.listed()).await.unwrap();
    assert_eq!(names(&cluster), ["b"]);
}

#[tokio::test(start_paused = true)]
async fn a_short_outage_of_the_api_server_changes_nothing_that_is_known() {
    let server = ApiServer::empty();
    server.list(POLICIES, &[policy("a", "Enforce")]);
    let cluster = start(&server);
    cluster.listed().await;
    open_watch(&server, POLICIES).await;

    server.refuse_watches(POLICIES, 500, 3);
    server.end_watch(POLICIES);
    open_watch(&server, POLICIES).await;
    assert!(cluster.is_listed());
    server.event(POLICIES, "ADDED", &policy("b", "Enforce"));
    until(&cluster, |cluster| names(cluster) == ["a", "b"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_long_outage_makes_the_view_unknown_and_the_next_list_known_again() {
    let server = ApiServer::empty();
    server.list(POLICIES, &[policy("a", "Enforce")]);
    let cluster = start(&server);
    cluster.listed().await;
    open_watch(&server, POLICIES).await;

    server.say(POLICIES, Say::Status(503));
    server.refuse_watches(POLICIES, 503, 1_000);
    server.end_watch(POLICIES);
    let began = Instant::now();
    until(&cluster, |cluster| !cluster.is_listed()).await;
    assert!(began.elapsed() >= MAX_OUTAGE);

    server.refuse_watches(POLICIES, 503, 0);
    server.list(POLICIES, &[policy("b", "Enforce")]);
    timeout(SOON, cluster.listed()).await.unwrap();
    assert_eq!(names(&cluster), ["b"]);
}

#[tokio::test(start_paused = true)]
async fn an_expired_watch_is_listed_anew() {
    let server = ApiServer::empty();
    server.list(POLICIES, &[policy("a", "Enforce")]);
    let cluster = start(&server);
    cluster.listed().await;
    open_watch(&server, POLICIES).await;
    server.list(POLICIES, &[policy("b", "Enforce")]);
    let expired = json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "too old",
                          "reason": "Expired", "code": 410 });
    server.event(POLICIES, "ERROR", &expired);
    until(&cluster, |cluster| names(cluster) == ["b"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_the_view_misses_is_read_live() {
    let server = ApiServer::empty();
    server.say("/api/v1/namespaces/new", Say::Object(namespace("new", &json!({ "env": "prod" }))));
    let cluster = start(&server);
    cluster.listed().await;
    assert_eq!(cluster.namespace("new", soon()).await.unwrap().labels["env"], "prod");
    assert_eq!(server.asked("/api/v1/namespaces/new"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_cannot_be_read_is_an_error_and_never_one_without_labels() {
    let server = ApiServer::empty();
    server.say("/api/v1/namespaces/forbidden", Say::Status(403));
    server.say("/api/v1/namespaces/slow", Say::Nothing);
    let cluster = start(&server);
    cluster.listed().await;
    let missing = cluster.namespace("missing", soon()).await.unwrap_err();
    assert!(matches!(missing, ClusterError::NoSuchNamespace { .. }), "{missing}");
    let forbidden = cluster.namespace("forbidden", soon()).await.unwrap_err();
    assert!(matches!(forbidden, ClusterError::Read { .. }) && !forbidden.is_transient(), "{forbidden}");
    let began = Instant::now();
    let slow = cluster.namespace("slow", began + Duration::from_secs(3)).await.unwrap_err();
    assert!(matches!(slow, ClusterError::Deadline { .. }) && slow.is_transient(), "{slow}");
    assert_eq!(began.elapsed().as_secs(), 3);
}
