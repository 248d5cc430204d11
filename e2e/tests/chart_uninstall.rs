//! The chart leaves as cleanly as it came: the moment `helm uninstall` returns, Pods can be created; the
//! policies stay; it can be installed again. What it is told while it runs takes effect, and what would lock
//! a cluster it refuses.

use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::{
    World, await_that,
    manifest::Kind,
    tidewaiter::{self, NAMESPACE, Tidewaiter, admitted, chart, denied},
};
use serde_json::{Value, json};

/// A changed file is seen within 5 s, and the registration is held against it every 30 s.
const TAKES_EFFECT_WITHIN: Duration = Duration::from_secs(60);
/// A replica stays for 5 s after it was told to leave, and then drains.
const GONE_WITHIN: Duration = Duration::from_secs(60);

#[test]
fn the_release_can_be_changed_removed_and_installed_again() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        values_that_would_lock_a_cluster_are_refused(world).await?;

        let tw = Tidewaiter::install(world).await?;
        tw.good_image("shop/good", "1").await?;
        tw.image("shop/bare", "1").await?;
        let (good, bare) = (tw.tagged("shop/good", "1"), tw.tagged("shop/bare", "1"));
        tw.guarded_namespace("shop", json!({})).await?;
        tw.await_guard("shop", &bare).await?;

        an_upgrade_takes_effect(&tw, &bare).await?;
        pods_can_be_created_the_moment_it_is_gone(&tw, &bare).await?;
        nothing_registers_again(&tw).await?;

        let kept = world.kubectl(&["get", "aitoolpolicy", "shop", "--output=name"]).await?.ok()?;
        ensure!(kept.stdout.trim() == "aitoolpolicy.tidewaiter.dev/shop", "{kept:?}");
        tw.install_release(json!({})).await?;
        tw.await_guard("shop", &bare).await?;
        admitted(&tw.create(&Kind::Pod.of("shop", "good", &good)).await?)?;

        the_definitions_are_a_release_of_their_own(&tw, &bare).await
    })
}

async fn values_that_would_lock_a_cluster_are_refused(world: &World) -> Result<()> {
    let chart = chart("tidewaiter");
    for (value, says) in [
        ("webhook.replicas=1", ["/webhook/replicas", "minimum"]),
        ("webhook.timeoutSeconds=4", ["/webhook/timeoutSeconds", "minimum"]),
        ("webhook.replica=2", ["/webhook", "'replica'"]),
        ("excludedNamespaces={Shop_1}", ["/excludedNamespaces/0", "pattern"]),
        (
            "pullSecrets.namespaces={tidewaiter-system}",
            ["pullSecrets.namespaces", "the operator's keys live there"],
        ),
    ] {
        let rendered =
            world.helm(&["template", "tidewaiter", &chart, "--namespace", NAMESPACE, "--set", value]).await?;
        ensure!(!rendered.succeeded(), "{value} is taken");
        for wanted in says {
            ensure!(rendered.stderr.contains(wanted), "{value}: {wanted} is not said: {}", rendered.stderr);
        }
    }
    world.helm(&["template", "tidewaiter", &chart, "--namespace", NAMESPACE]).await?.ok().map(drop)
}

/// The namespaces that every registered door leaves out.
async fn excluded(tw: &Tidewaiter<'_>) -> Result<Vec<Vec<String>>> {
    let configurations =
        "validatingwebhookconfigurations/tidewaiter,mutatingwebhookconfigurations/tidewaiter";
    let mut all = Vec::new();
    for configuration in configurations.split(',') {
        let shown = tw.world().kubectl(&["get", configuration, "--output=json"]).await?.ok()?.stdout;
        let shown: Value = serde_json::from_str(&shown)?;
        for door in shown.get("webhooks").and_then(Value::as_array).into_iter().flatten() {
            let values = door.pointer("/namespaceSelector/matchExpressions/0/values");
            all.push(serde_json::from_value(values.cloned().unwrap_or_default())?);
        }
    }
    ensure!(all.len() == 3, "three doors are registered, not {}", all.len());
    Ok(all)
}

async fn upgrade(tw: &Tidewaiter<'_>, excluded_namespaces: &[&str]) -> Result<()> {
    let value = format!("excludedNamespaces={}", json!(excluded_namespaces));
    let (chart, within) = (chart("tidewaiter"), ["--wait", "--timeout", "120s"]);
    let upgrade =
        ["upgrade", "tidewaiter", &chart, "--namespace", NAMESPACE, "--reuse-values", "--set-json", &value];
    tw.world().helm(&[&upgrade[..], &within].concat()).await?.ok()?;
    let mut wanted = excluded_namespaces.to_vec();
    wanted.push(NAMESPACE);
    await_that("the registration to follow", TAKES_EFFECT_WITHIN, async || {
        let found = excluded(tw).await?;
        ensure!(found.iter().all(|door| *door == wanted), "{found:?}");
        Ok(Some(()))
    })
    .await
}

async fn an_upgrade_takes_effect(tw: &Tidewaiter<'_>, bare: &str) -> Result<()> {
    let before = excluded(tw).await?;
    ensure!(before.iter().all(|door| *door == ["kube-system", NAMESPACE]), "{before:?}");
    upgrade(tw, &["kube-system", "shop"]).await?;
    let probe = Kind::Pod.of("shop", "probe", bare);
    tw.await_answer(&probe, |answer| admitted(answer).is_ok()).await?;
    upgrade(tw, &["kube-system"]).await?;
    tw.await_guard("shop", bare).await
}

/// No waiting and no second try between the two commands.
async fn pods_can_be_created_the_moment_it_is_gone(tw: &Tidewaiter<'_>, bare: &str) -> Result<()> {
    denied(&tw.create(&Kind::Pod.of("shop", "free", bare)).await?, &["SbomMissing"])?;
    let uninstalled = tw.world().helm(&["uninstall", "tidewaiter", "--namespace", NAMESPACE]).await?;
    let created = tw.create(&Kind::Pod.of("shop", "free", bare)).await?;
    uninstalled.ok()?;
    admitted(&created)
}

/// Once the last process of the release has ended, so that none is left to do it.
async fn nothing_registers_again(tw: &Tidewaiter<'_>) -> Result<()> {
    let world = tw.world();
    await_that("the release's Pods to end", GONE_WITHIN, async || {
        let left = tw.read(NAMESPACE, &["pods"], "{.items[*].metadata.name}").await?;
        Ok(left.is_empty().then_some(()))
    })
    .await?;
    let all =
        "validatingwebhookconfigurations,mutatingwebhookconfigurations,clusterroles,clusterrolebindings";
    let left = world.kubectl(&["get", all, "--output=name"]).await?.ok()?.stdout;
    ensure!(!left.contains("tidewaiter"), "uninstalling left {left}");
    let left = world.kubectl(&["get", "all", "--namespace", NAMESPACE, "--output=name"]).await?.ok()?.stdout;
    ensure!(left.is_empty(), "uninstalling left {left}");
    Ok(())
}

/// Removing it takes no policy away: the gate goes on judging.
async fn the_definitions_are_a_release_of_their_own(tw: &Tidewaiter<'_>, bare: &str) -> Result<()> {
    let world = tw.world();
    world.helm(&["uninstall", "tidewaiter-crds"]).await?.ok()?;
    world.kubectl(&["get", "crd", "aitoolpolicies.tidewaiter.dev"]).await?.ok()?;
    world.kubectl(&["get", "aitoolpolicy", "shop"]).await?.ok()?;
    denied(&tw.create(&Kind::Pod.of("shop", "bad", bare)).await?, &["SbomMissing"])
}
