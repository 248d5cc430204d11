//! A replica that cannot see the policies is not ready, and whoever asks it all the same is turned away: what is not
//! known is never taken for "no policy".

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{
    World, await_that,
    manifest::Kind,
    tidewaiter::{self, NAMESPACE, Tidewaiter, admitted},
};
use serde_json::{Value, json};

/// A replica that is told to leave stays for 5 s and then drains; the new one starts within a second or two.
const SOON: Duration = Duration::from_secs(60);
/// The ClusterRole by which replicas read policies and namespaces.
const ROLE: [&str; 2] = ["clusterrole", "tidewaiter-webhook"];
const WEBHOOK: &str = "app.kubernetes.io/component=webhook";

#[test]
fn a_replica_that_cannot_list_the_policies_is_not_ready_and_admits_nothing() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        tw.good_image("shop/good", "1").await?;
        tw.image("shop/bare", "1").await?;
        let (good, bare) = (tw.tagged("shop/good", "1"), tw.tagged("shop/bare", "1"));
        tw.guarded_namespace("shop", json!({})).await?;
        tw.await_guard("shop", &bare).await?;

        let role = world.kubectl(&[&["get"], &ROLE[..], &["--output=json"]].concat()).await?.ok()?.stdout;
        let role: Value = serde_json::from_str(&role)?;
        write_role(world, &without_policies(&role)?).await?;
        restart(&tw).await?;
        for address in addresses(&tw).await? {
            the_replica_lives_and_is_not_ready(&address).await?;
            the_replica_admits_nothing(&address, &good).await?;
        }
        nothing_comes_through_the_api_server(&tw, &good).await?;

        write_role(world, &role).await?;
        let status =
            ["rollout", "status", "deployment/tidewaiter-webhook", "--namespace", NAMESPACE, "--timeout=90s"];
        world.kubectl(&status).await?.ok()?;
        for address in addresses(&tw).await? {
            ensure!(get(&address, "readyz").await? == 200, "ready for the API server, and not by itself");
        }
        tw.await_guard("shop", &bare).await?;
        admitted(&tw.create(&Kind::Pod.of("shop", "good", &good)).await?)
    })
}

/// The role, and no right to policies in it. The one to namespaces stays.
fn without_policies(role: &Value) -> Result<Value> {
    let mut less = role.clone();
    let rules = less.get_mut("rules").and_then(Value::as_array_mut).context("a role has rules")?;
    let before = rules.len();
    rules.retain(|rule| rule["apiGroups"] != json!(["tidewaiter.dev"]));
    ensure!(rules.len() + 1 == before, "one rule is for policies: {role}");
    Ok(less)
}

async fn write_role(world: &World, role: &Value) -> Result<()> {
    let mut role = role.clone();
    if let Some(metadata) = role["metadata"].as_object_mut() {
        metadata.remove("resourceVersion");
    }
    world.kubectl_with(&["replace", "-f", "-"], &role.to_string()).await?.ok().map(drop)
}

/// Replaces every replica by one that has seen nothing yet.
async fn restart(tw: &Tidewaiter<'_>) -> Result<()> {
    let old = tw.webhook_pods().await?;
    tw.world().kubectl(&["delete", "pods", "--namespace", NAMESPACE, "--selector", WEBHOOK]).await?.ok()?;
    await_that("the new replicas to run", SOON, async || {
        let new = tw.webhook_pods().await?;
        let all_new = new.len() == old.len() && new.iter().all(|pod| !old.contains(pod));
        let path = "{.items[*].status.phase}";
        let phases = tw.read(NAMESPACE, &["pods", "--selector", WEBHOOK], path).await?;
        Ok((all_new && phases.split(' ').all(|phase| phase == "Running")).then_some(()))
    })
    .await
}

/// Where the replicas listen.
async fn addresses(tw: &Tidewaiter<'_>) -> Result<Vec<String>> {
    let found = tw.read(NAMESPACE, &["pods", "--selector", WEBHOOK], "{.items[*].status.podIP}").await?;
    let addresses: Vec<String> = found.split(' ').map(|address| format!("https://{address}:9443")).collect();
    ensure!(addresses.len() == 2, "two replicas, not {found}");
    Ok(addresses)
}

/// As a kubelet asks, which checks no certificate.
fn client() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).build()?)
}

async fn get(address: &str, path: &str) -> Result<u16> {
    Ok(client()?.get(format!("{address}/{path}")).send().await?.status().as_u16())
}

async fn the_replica_lives_and_is_not_ready(address: &str) -> Result<()> {
    await_that("the replica to live", SOON, async || Ok((get(address, "livez").await? == 200).then_some(())))
        .await?;
    let ready = get(address, "readyz").await?;
    ensure!(ready == 503, "{address} answers {ready}");
    Ok(())
}

/// Asked directly, as an API server that has not yet heard would, of namespaces that a policy selects and that none
/// does: it cannot know which is which.
async fn the_replica_admits_nothing(address: &str, good: &str) -> Result<()> {
    for namespace in ["shop", "default"] {
        let answer = review(address, Kind::Pod, namespace, good).await?;
        ensure!(answer["allowed"] == false, "{answer}");
        let why = answer["status"]["message"].as_str().unwrap_or_default();
        ensure!(why.starts_with("NotReady: ") && why.ends_with("; retryable"), "{answer}");

        // Templates run nothing: their author hears of it, and their Pods come to the door that decides.
        let answer = review(address, Kind::Deployment, namespace, good).await?;
        let warning = answer["warnings"][0].as_str().unwrap_or_default();
        ensure!(answer["allowed"] == true && warning.starts_with("NotReady: "), "{answer}");
    }
    Ok(())
}

/// The response to an AdmissionReview of a new object of this kind.
async fn review(address: &str, kind: Kind, namespace: &str, image: &str) -> Result<Value> {
    let object = kind.of(namespace, "it", image);
    let (group, version) = object["apiVersion"].as_str().context("a version")?.rsplit_once('/').unwrap_or(("", "v1"));
    let review = json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": { "group": group, "version": version, "kind": object["kind"] },
            "resource": { "group": group, "version": version, "resource": format!("{}s", kind.resource()) },
            "namespace": namespace,
            "name": "it",
            "operation": "CREATE",
            "userInfo": { "username": "admin" },
            "object": object,
            "oldObject": null,
            "dryRun": false,
        },
    });
    let request = client()?.post(format!("{address}/validate?timeout=10s"));
    let request = request.header("Content-Type", "application/json").body(review.to_string());
    let answer = request.send().await?.error_for_status()?.text().await?;
    let answer: Value = serde_json::from_str(&answer)?;
    answer.get("response").cloned().with_context(|| format!("no response in {answer}"))
}

async fn nothing_comes_through_the_api_server(tw: &Tidewaiter<'_>, good: &str) -> Result<()> {
    let conditions = r#"{.items[*].status.conditions[?(@.type=="Ready")].status}"#;
    let ready = tw.read(NAMESPACE, &["pods", "--selector", WEBHOOK], conditions).await?;
    ensure!(ready == "False False", "the node says {ready}");
    let answer = tw.create(&Kind::Pod.of("shop", "early", good)).await?;
    ensure!(answer.code == 1 && answer.stderr.contains("failed calling webhook"), "{answer:?}");
    Ok(())
}
