//! While nobody answers the API server, nothing new runs where a policy may select it, and everything else
//! goes on: templates pass, what runs can be changed and removed, and the webhook itself comes back. One
//! replica is enough.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::{
    Output, World, await_that,
    manifest::{Kind, with},
    tidewaiter::{self, IN_FORCE_WITHIN, NAMESPACE, Tidewaiter, admitted, denied},
};
use serde_json::json;

/// A replica that is told to leave stays for 5 s and then drains; controllers try again with growing pauses.
const SOON: Duration = Duration::from_secs(60);
/// Answers in a row that have to be right once one of them is.
const IN_A_ROW: usize = 10;

struct Cast<'a> {
    tw: &'a Tidewaiter<'a>,
    good: String,
    bare: String,
}

#[test]
fn an_outage_stops_new_pods_and_nothing_else() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        tw.good_image("shop/good", "1").await?;
        tw.image("shop/bare", "1").await?;
        let cast = Cast { tw: &tw, good: tw.tagged("shop/good", "1"), bare: tw.tagged("shop/bare", "1") };
        tw.guarded_namespace("shop", json!({})).await?;
        tw.await_guard("shop", &cast.bare).await?;

        one_replica_killed_and_the_other_answers(&cast).await?;
        a_replica_that_leaves_drops_nobody(&cast).await?;
        what_runs_before(&cast).await?;
        scale(&cast, 0).await?;
        new_pods_are_refused(&cast).await?;
        templates_pass_and_their_pods_do_not(&cast).await?;
        what_runs_can_be_changed_and_removed(&cast).await?;
        excluded_namespaces_go_on(&cast).await?;
        the_webhook_comes_back(&cast).await
    })
}

/// Asks of an image that the policy turns away; only the webhook can say so.
async fn ask(cast: &Cast<'_>) -> Result<Output> {
    cast.tw.dry_run(&Kind::Pod.of("shop", "probe", &cast.bare)).await
}

/// Sets the number of replicas, and waits until there are so many.
async fn scale(cast: &Cast<'_>, replicas: usize) -> Result<()> {
    let number = format!("--replicas={replicas}");
    let deployment = "deployment/tidewaiter-webhook";
    cast.tw.world().kubectl(&["scale", deployment, "--namespace", NAMESPACE, &number]).await?.ok()?;
    await_that("the replicas", SOON, async || {
        Ok((cast.tw.webhook_pods().await?.len() == replicas).then_some(()))
    })
    .await
}

async fn rolled_out(cast: &Cast<'_>) -> Result<()> {
    let status =
        ["rollout", "status", "deployment/tidewaiter-webhook", "--namespace", NAMESPACE, "--timeout=90s"];
    cast.tw.world().kubectl(&status).await?.ok().map(drop)
}

/// A node that takes no new Pods keeps the killed replica away for as long as this looks.
async fn one_replica_killed_and_the_other_answers(cast: &Cast<'_>) -> Result<()> {
    let (tw, world) = (cast.tw, cast.tw.world());
    let replicas = tw.webhook_pods().await?;
    ensure!(replicas.len() == 2, "two replicas, not {replicas:?}");
    // Each in turn: one of them is the one that the API server is connected to.
    for killed in &replicas {
        world.kubectl(&["cordon", "node-1"]).await?.ok()?;
        let kill = ["delete", "pod", killed, "--namespace", NAMESPACE, "--grace-period=0", "--force"];
        world.kubectl(&kill).await?.ok()?;
        let good = Kind::Pod.of("shop", "probe", &cast.good);
        tw.await_answer(&good, |answer| admitted(answer).is_ok()).await?;
        for _ in 0..IN_A_ROW {
            denied(&ask(cast).await?, &["SbomMissing"])?;
        }
        let ready = "{.status.readyReplicas}";
        let left = tw.read(NAMESPACE, &["deployment", "tidewaiter-webhook"], ready).await?;
        ensure!(left == "1", "{left} replicas answered, not the one that was left");
        world.kubectl(&["uncordon", "node-1"]).await?.ok()?;
        rolled_out(cast).await?;
    }
    Ok(())
}

/// Asked all the while, and not one answer is the failure policy's.
async fn a_replica_that_leaves_drops_nobody(cast: &Cast<'_>) -> Result<()> {
    let leaving = scale(cast, 1);
    tokio::pin!(leaving);
    let mut asked = 0;
    loop {
        tokio::select! {
            left = &mut leaving => break left?,
            answer = ask(cast) => denied(&answer?, &["SbomMissing"])?,
        }
        asked += 1;
    }
    ensure!(asked > IN_A_ROW, "asked only {asked} times while the replica left");
    denied(&ask(cast).await?, &["SbomMissing"])
}

/// Objects with a finalizer that were admitted while somebody answered.
async fn what_runs_before(cast: &Cast<'_>) -> Result<()> {
    for kind in [Kind::Pod, Kind::Deployment] {
        let held = json!({ "metadata": { "finalizers": ["example.com/held"] } });
        let manifest = with(kind.of("shop", "before", &cast.good), held);
        admitted(&cast.tw.create(&manifest).await?)?;
    }
    let ready = ["wait", "--namespace", "shop", "--for=condition=Ready", "pods", "--all", "--timeout=60s"];
    cast.tw.world().kubectl(&ready).await?.ok().map(drop)
}

/// Holds that the failure policy answered, for want of anybody else.
fn refused(answer: &Output) -> Result<()> {
    let says = "failed calling webhook \"pods.validate.tidewaiter.dev\"";
    ensure!(
        answer.code == 1 && answer.stderr.contains(says),
        "was not refused by the failure policy: {answer:?}"
    );
    Ok(())
}

async fn new_pods_are_refused(cast: &Cast<'_>) -> Result<()> {
    let down = async || Ok(refused(&ask(cast).await?).is_ok().then_some(()));
    await_that("the API server to see that nobody answers", IN_FORCE_WITHIN, down).await?;
    for image in [&cast.good, &cast.bare] {
        refused(&cast.tw.create(&Kind::Pod.of("shop", "new", image)).await?)?;
    }
    let debug = ["debug", "before", "--namespace", "shop", "--image", &cast.good, "-c", "debugger"];
    refused(&cast.tw.world().kubectl(&debug).await?)?;
    let set = ["set", "image", "--namespace", "shop", "pod/before", &format!("it={}", cast.bare)];
    refused(&cast.tw.world().kubectl(&set).await?)
}

async fn templates_pass_and_their_pods_do_not(cast: &Cast<'_>) -> Result<()> {
    let tw = cast.tw;
    let makers = Kind::ALL.into_iter().filter(|kind| *kind != Kind::Pod);
    for kind in makers {
        admitted(&tw.create(&kind.of("shop", "unjudged", &cast.bare)).await?)?;
    }
    let condition = r#"{.status.conditions[?(@.type=="ReplicaFailure")].message}"#;
    await_that("the ReplicaSet to say why it has no Pod", SOON, async || {
        let shown = tw.read("shop", &["replicaset", "unjudged"], condition).await?;
        Ok(shown.contains("failed calling webhook").then_some(()))
    })
    .await?;
    let made = tw.read("shop", &["pods", "--selector", "app=unjudged"], "{.items[*].metadata.name}").await?;
    ensure!(made.is_empty(), "nobody judged {made}");
    Ok(())
}

async fn what_runs_can_be_changed_and_removed(cast: &Cast<'_>) -> Result<()> {
    let world = cast.tw.world();
    for object in ["pod/before", "deployment/before"] {
        let with = async |verb: &[&str]| {
            let arguments: Vec<&str> = [&["--namespace", "shop"], verb].concat();
            world.kubectl(&arguments).await?.ok()
        };
        with(&["label", object, "seen=down"]).await?;
        with(&["annotate", object, "example.com/seen=down"]).await?;
        with(&["delete", object, "--wait=false"]).await?;
        let held = with(&["get", object, "--output=jsonpath={.metadata.deletionTimestamp}"]).await?;
        ensure!(!held.stdout.is_empty(), "the finalizer does not hold {object}");
        with(&["patch", object, "--type=merge", "--patch", r#"{"metadata":{"finalizers":null}}"#]).await?;
        await_that("what was held to go", SOON, async || {
            let found = world.kubectl(&["get", object, "--namespace", "shop"]).await?;
            Ok(found.stderr.contains("NotFound").then_some(()))
        })
        .await?;
    }
    Ok(())
}

async fn excluded_namespaces_go_on(cast: &Cast<'_>) -> Result<()> {
    for namespace in ["kube-system", NAMESPACE] {
        admitted(&cast.tw.create(&Kind::Pod.of(namespace, "not-asked", &cast.bare)).await?)?;
    }
    Ok(())
}

async fn the_webhook_comes_back(cast: &Cast<'_>) -> Result<()> {
    let tw = cast.tw;
    refused(&ask(cast).await?)?;
    scale(cast, 2).await?;
    rolled_out(cast).await?;
    tw.await_guard("shop", &cast.bare).await?;
    admitted(&tw.create(&Kind::Pod.of("shop", "after", &cast.good)).await?)?;
    // What passed unjudged as a template is judged now, where it would run: its controllers go on trying.
    let made = tw.read("shop", &["pods", "--selector", "app=unjudged"], "{.items[*].metadata.name}").await?;
    ensure!(made.is_empty(), "denied, and yet there is {made}");
    Ok(())
}
