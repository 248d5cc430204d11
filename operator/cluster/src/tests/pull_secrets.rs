//! The kubelet's rule, and what is read for it.

use std::time::Duration;

use k8s_openapi::ByteString;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::api_server::{ApiServer, Say};
use crate::{Cluster, ClusterError, MAX_PULL_SECRETS, PullSecrets, SecretNamespaces};

const ACCOUNT: &str = "/api/v1/namespaces/shop/serviceaccounts/default";

fn secret_path(name: &str) -> String {
    format!("/api/v1/namespaces/shop/secrets/{name}")
}

fn secret(name: &str, secret_type: &str, key: &str) -> Value {
    let data = ByteString(format!("config of {name}").into_bytes());
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": name, "namespace": "shop" },
            "type": secret_type, "data": { key: data } })
}

/// A namespace whose account names the secret `account`, and that has `own` and `account`.
fn server() -> ApiServer {
    let server = ApiServer::empty();
    let account = json!({ "apiVersion": "v1", "kind": "ServiceAccount",
                          "metadata": { "name": "default", "namespace": "shop" },
                          "imagePullSecrets": [{ "name": "account" }] });
    server.say(ACCOUNT, Say::Object(account));
    for name in ["own", "account"] {
        let object = secret(name, "kubernetes.io/dockerconfigjson", ".dockerconfigjson");
        server.say(&secret_path(name), Say::Object(object));
    }
    server
}

fn cluster(server: &ApiServer) -> Cluster {
    server.cluster(SecretNamespaces::Listed(["shop".to_owned()].into()))
}

async fn read(cluster: &Cluster, own: &[&str]) -> Result<PullSecrets, ClusterError> {
    let own: Vec<String> = own.iter().map(|name| (*name).to_owned()).collect();
    cluster.pull_secrets("shop", &own, "default", Instant::now() + Duration::from_secs(3)).await
}

fn names(found: &PullSecrets) -> Vec<&str> {
    found.secrets.iter().map(|secret| secret.name.as_str()).collect()
}

#[tokio::test]
async fn the_pods_own_secrets_count_alone() {
    let server = server();
    let found = read(&cluster(&server), &["own"]).await.unwrap();
    assert_eq!(names(&found), ["own"]);
    assert_eq!(found.secrets[0].data, b"config of own");
    assert_eq!(found.secrets[0].secret_type, "kubernetes.io/dockerconfigjson");
    assert_eq!(server.asked(ACCOUNT), 0);
}

#[tokio::test]
async fn the_accounts_secrets_count_when_the_pod_names_none() {
    let server = server();
    let cluster = cluster(&server);
    assert_eq!(names(&read(&cluster, &[]).await.unwrap()), ["account"]);
    let found = read(&cluster, &[""]).await.unwrap();
    assert!(found.secrets.is_empty(), "a list with one empty name is the Pod's own list");
}

#[tokio::test]
async fn what_does_not_exist_is_passed_over_and_read_again_next_time() {
    let server = server();
    let cluster = cluster(&server);
    assert_eq!(names(&read(&cluster, &["later", "own"]).await.unwrap()), ["own"]);
    server.say(&secret_path("later"), Say::Object(secret("later", "kubernetes.io/dockercfg", ".dockercfg")));
    assert_eq!(names(&read(&cluster, &["later", "own"]).await.unwrap()), ["later", "own"]);
    server.say(ACCOUNT, Say::Status(404));
    assert!(read(&cluster, &[]).await.unwrap().secrets.is_empty());
}

#[tokio::test]
async fn a_secret_of_another_type_or_without_the_key_of_its_type_is_passed_over() {
    let server = server();
    for (name, secret_type, key) in
        [("opaque", "Opaque", ".dockerconfigjson"), ("empty", "kubernetes.io/dockerconfigjson", ".dockercfg")]
    {
        server.say(&secret_path(name), Say::Object(secret(name, secret_type, key)));
    }
    let found = read(&cluster(&server), &["opaque", "empty", "own"]).await.unwrap();
    assert_eq!(names(&found), ["own"]);
}

#[tokio::test]
async fn a_secret_is_read_once_for_many_pods() {
    let server = server();
    let cluster = cluster(&server);
    let reads = (0..50).map(|_| read(&cluster, &[]));
    for found in futures::future::join_all(reads).await {
        assert_eq!(names(&found.unwrap()), ["account"]);
    }
    assert_eq!(server.asked(ACCOUNT), 1);
    assert_eq!(server.asked(&secret_path("account")), 1);
}

#[tokio::test]
async fn where_secrets_may_not_be_read_their_names_are_told_and_none_is_asked_for() {
    let server = server();
    for namespaces in [SecretNamespaces::None, SecretNamespaces::Listed(["other".to_owned()].into())] {
        let found = read(&server.cluster(namespaces), &[]).await.unwrap();
        assert!(found.secrets.is_empty());
        assert_eq!(found.not_readable, ["account"]);
    }
    assert_eq!(server.asked(&secret_path("account")), 0);
}

#[tokio::test]
async fn the_operators_own_secrets_are_never_read() {
    let server = server();
    let cluster = server.cluster(SecretNamespaces::All);
    let deadline = Instant::now() + Duration::from_secs(3);
    let own = ["ca".to_owned()];
    let found = cluster.pull_secrets("tidewaiter", &own, "default", deadline).await.unwrap();
    assert_eq!(found.not_readable, ["ca"]);
    assert_eq!(server.asked("/api/v1/namespaces/tidewaiter/secrets/ca"), 0);
}

#[tokio::test]
async fn a_refusal_is_an_error_and_not_an_absence() {
    for code in [403, 500] {
        let server = server();
        server.say(&secret_path("own"), Say::Status(code));
        let error = read(&cluster(&server), &["own"]).await.unwrap_err();
        assert!(matches!(error, ClusterError::Read { .. }), "{error}");
        server.say(ACCOUNT, Say::Status(code));
        let error = read(&cluster(&server), &[]).await.unwrap_err();
        assert!(matches!(error, ClusterError::Read { .. }), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_deadline_holds_for_accounts_and_secrets() {
    let server = server();
    server.say(ACCOUNT, Say::Nothing);
    server.say(&secret_path("own"), Say::Nothing);
    let cluster = cluster(&server);
    for own in [&[][..], &["own"]] {
        let began = Instant::now();
        let error = read(&cluster, own).await.unwrap_err();
        assert!(matches!(error, ClusterError::Deadline { .. }), "{error}");
        assert_eq!(began.elapsed().as_secs(), 3);
    }
}

#[tokio::test]
async fn more_secrets_than_the_bound_are_an_error_and_none_is_read() {
    let server = server();
    let own = vec!["own"; MAX_PULL_SECRETS + 1];
    let error = read(&cluster(&server), &own).await.unwrap_err();
    assert!(matches!(error, ClusterError::TooManyPullSecrets { found: 33, limit: 32 }), "{error}");
    assert_eq!(server.asked(&secret_path("own")), 0);
}

#[tokio::test]
async fn credentials_are_not_printed() {
    let found = read(&cluster(&server()), &["own"]).await.unwrap();
    let printed = format!("{found:?}");
    assert!(printed.contains("own") && !printed.contains("config of"), "{printed}");
}
