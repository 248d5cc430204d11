//! A replica that cannot see the policies is not ready, and whoever asks it all the same is turned away: what
//! is not known is never taken for "no policy".

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{
    World, await_that,
    manifest::Kind,
    tidewaiter::{self, NAMESPACE, Replica, Tidewaiter, admitted},
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
        for replica in tw.replicas().await? {
            the_replica_lives_and_is_not_ready(&replica).await?;
            the_replica_admits_nothing(&replica, &good).await?;
        }
        nothing_comes_through_the_api_server(&tw, &good).await?;

        write_role(world, &role).await?;
        let status =
            ["rollout", "status", "deployment/tidewaiter-webhook", "--namespace", NAMESPACE, "--timeout=90s"];
        world.kubectl(&status).await?.ok()?;
        for replica in tw.replicas().await? {
            ensure!(
                replica.status("/readyz").await? == 200,
                "{} was rolled out, and is not ready",
                replica.pod
            );
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
    rules.retain(|rule| rule.get("apiGroups") != Some(&json!(["tidewaiter.dev"])));
    ensure!(rules.len() + 1 == before, "one rule is for policies: {role}");
    Ok(less)
}

async fn write_role(world: &World, role: &Value) -> Result<()> {
    let mut role = role.clone();
    let metadata = role.get_mut("metadata").and_then(Value::as_object_mut).context("a role has metadata")?;
    metadata.remove("resourceVersion");
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

async fn the_replica_lives_and_is_not_ready(replica: &Replica) -> Result<()> {
    await_that("the replica to live", SOON, async || {
        Ok((replica.status("/livez").await? == 200).then_some(()))
    })
    .await?;
    let ready = replica.status("/readyz").await?;
    ensure!(ready == 503, "{} answers {ready}", replica.pod);
    Ok(())
}

/// Asked directly, as an API server would that has not heard yet, about namespaces that a policy selects and
/// that none does: it cannot know which is which.
async fn the_replica_admits_nothing(replica: &Replica, good: &str) -> Result<()> {
    for namespace in ["shop", "default"] {
        let answer = replica.review(&Kind::Pod.of(namespace, "it", good)).await?;
        let why = answer.pointer("/status/message").and_then(Value::as_str).unwrap_or_default();
        ensure!(answer.get("allowed") == Some(&json!(false)), "{answer}");
        ensure!(why.starts_with("NotReady: ") && why.ends_with("; retryable"), "{answer}");

        // Templates run nothing: their author hears of it, and their Pods come to the door that decides.
        let answer = replica.review(&Kind::Deployment.of(namespace, "it", good)).await?;
        let warning = answer.pointer("/warnings/0").and_then(Value::as_str).unwrap_or_default();
        ensure!(answer.get("allowed") == Some(&json!(true)), "{answer}");
        ensure!(warning.starts_with("NotReady: "), "{answer}");
    }
    Ok(())
}

async fn nothing_comes_through_the_api_server(tw: &Tidewaiter<'_>, good: &str) -> Result<()> {
    let conditions = r#"{.items[*].status.conditions[?(@.type=="Ready")].status}"#;
    let ready = tw.read(NAMESPACE, &["pods", "--selector", WEBHOOK], conditions).await?;
    ensure!(ready == "False False", "the node says {ready}");
    let answer = tw.create(&Kind::Pod.of("shop", "early", good)).await?;
    ensure!(answer.code == 1 && answer.stderr.contains("failed calling webhook"), "{answer:?}");
    Ok(())
}
