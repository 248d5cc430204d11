//! The acts, in order.

use std::time::Duration;

use anyhow::Result;
use e2e::{Output, await_that};
use serde_json::json;

use crate::{
    images::Images,
    stage::{Script, Stage},
};

/// A rolled-out Deployment has its Pods within a second; its controller retries a denied Pod with growing pauses.
const WITHIN: Duration = Duration::from_secs(60);

pub(crate) async fn play(stage: &mut Stage<'_>, images: &Images) -> Result<()> {
    set_up(stage).await?;
    turned_away(stage, images).await?;
    admitted(stage, images).await?;
    who_signed(stage, images).await?;
    warned(stage, images).await?;
    asked_before(stage, images).await?;
    tightened(stage, images).await
}

/// One policy that enforces, one that warns.
async fn set_up(stage: &mut Stage<'_>) -> Result<()> {
    let tidewaiter = stage.tidewaiter();
    let believes_ci = json!({ "require": {
        "sbom": { "signedBy": ["ci", "key"] },
        "aiProvenance": { "signedBy": ["ci", "key"] },
        "vulnerabilityScan": { "signedBy": ["ci", "key"] },
    } });
    tidewaiter.guarded_namespace("shop", believes_ci).await?;
    tidewaiter.guarded_namespace("lab", json!({ "mode": "Warn" })).await?;
    // In force once the first denial comes; from then on every act meets it.
    let probe = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "probe", "namespace": "shop" },
        "spec": { "containers": [{ "name": "probe", "image": tidewaiter.tagged("shop/bare", "1") }] },
    });
    tidewaiter.await_answer(&probe, |answer| answer.stderr.contains("SbomMissing")).await?;
    await_that("the policies' status", WITHIN, async || {
        let shown = stage.tidewaiter().world().kubectl(&["get", "aitoolpolicies"]).await?.ok()?;
        Ok((shown.stdout.matches("Compiled").count() == 2).then_some(()))
    })
    .await?;
    let shown = tidewaiter.world().kubectl(&["get", "aitoolpolicies"]).await?;
    stage.act(
        &Script {
            title: "Two policies: one enforces, one warns",
            succeeds: true,
            says: &["shop", "Enforce", "lab", "Warn", "True"],
            never_says: &["False"],
            proved: "both compile, and their status says what they select",
        },
        &shown,
    )
}

async fn create(stage: &Stage<'_>, name: &str, image: &str, namespace: &str) -> Result<Output> {
    let world = stage.tidewaiter().world();
    world.kubectl(&["create", "deployment", name, "--image", image, "--namespace", namespace]).await
}

async fn turned_away(stage: &mut Stage<'_>, images: &Images) -> Result<()> {
    let denied = "denied the request";
    let output = create(stage, "bare", &images.bare, "shop").await?;
    stage.act(
        &Script {
            title: "An image without attestations",
            succeeds: false,
            says: &[denied, "SbomMissing", "AiProvenanceMissing", "ScanMissing"],
            never_says: &[],
            proved: "denied, and one message names everything that is missing",
        },
        &output,
    )?;
    let output = create(stage, "without-provenance", &images.without_provenance, "shop").await?;
    stage.act(
        &Script {
            title: "SBOM and scan are there, AI provenance is not",
            succeeds: false,
            says: &[denied, "AiProvenanceMissing"],
            never_says: &["SbomMissing", "ScanMissing"],
            proved: "denied for that alone",
        },
        &output,
    )?;
    let output = create(stage, "unapproved-model", &images.unapproved_model, "shop").await?;
    stage.act(
        &Script {
            title: "Written with a model that nobody approved",
            succeeds: false,
            says: &[denied, "ToolNotApproved", "acme/coder-9"],
            never_says: &["Missing"],
            proved: "denied, and the message names the model",
        },
        &output,
    )?;
    let output = create(stage, "mostly-unknown", &images.mostly_unknown, "shop").await?;
    stage.act(
        &Script {
            title: "Nobody can say who wrote 45 % of it",
            succeeds: false,
            says: &[denied, "UnknownShareExceeded"],
            never_says: &["Missing"],
            proved: "unknown is a number, and it is too high",
        },
        &output,
    )?;
    let output = create(stage, "scanned-long-ago", &images.scanned_long_ago, "shop").await?;
    stage.act(
        &Script {
            title: "Scanned nine days ago",
            succeeds: false,
            says: &[denied, "ScanStale", "9 days", "24h", "hint:"],
            never_says: &["Missing"],
            proved: "denied by the scan's own signed time, with what to do about it",
        },
        &output,
    )?;
    let output = create(stage, "vulnerable", &images.vulnerable, "shop").await?;
    stage.act(
        &Script {
            title: "Scanned today: one critical vulnerability",
            succeeds: false,
            says: &[denied, "SeverityExceeded", "critical"],
            never_says: &["Missing", "Stale"],
            proved: "denied by what the scan found",
        },
        &output,
    )
}

async fn admitted(stage: &mut Stage<'_>, images: &Images) -> Result<()> {
    let output = create(stage, "cart", &images.good, "shop").await?;
    stage.act(
        &Script {
            title: "Everything in order",
            succeeds: true,
            says: &["deployment.apps/cart created"],
            never_says: &["Warning"],
            proved: "admitted",
        },
        &output,
    )?;
    let columns =
        "custom-columns=NAME:.metadata.name,PHASE:.status.phase,RUNS:.status.containerStatuses[*].imageID";
    let pods = ["get", "pods", "--namespace", "shop", "--selector", "app=cart", "--output", columns];
    let running = await_that("the Pod to run", WITHIN, async || {
        let pods = stage.tidewaiter().world().kubectl(&pods).await?;
        Ok(pods.stdout.contains("Running").then_some(pods))
    })
    .await?;
    stage.act(
        &Script {
            title: "What runs is what was judged",
            succeeds: true,
            says: &["Running", &images.good_digest],
            never_says: &[],
            proved: "the Pod runs the digest that was judged, though the Deployment names a tag",
        },
        &running,
    )
}

async fn who_signed(stage: &mut Stage<'_>, images: &Images) -> Result<()> {
    let output = create(stage, "other-workflow", &images.other_workflow, "shop").await?;
    stage.act(
        &Script {
            title: "The same evidence, signed by another workflow",
            succeeds: false,
            says: &["denied the request", "SignerNotTrusted"],
            never_says: &["Missing"],
            proved: "a valid signature of somebody else is nobody's word",
        },
        &output,
    )?;
    let output = create(stage, "key-signed", &images.key_signed, "shop").await?;
    stage.act(
        &Script {
            title: "Signed by the policy's key",
            succeeds: true,
            says: &["deployment.apps/key-signed created"],
            never_says: &["Warning"],
            proved: "admitted: a key, where the policy names one, needs no log",
        },
        &output,
    )?;
    let output = create(stage, "unknown-key", &images.unknown_key, "shop").await?;
    stage.act(
        &Script {
            title: "Signed by an unknown key",
            succeeds: false,
            says: &["denied the request", "SignatureInvalid"],
            never_says: &["Missing"],
            proved: "denied: the signature verifies under no key of the policy",
        },
        &output,
    )
}

async fn warned(stage: &mut Stage<'_>, images: &Images) -> Result<()> {
    let output = create(stage, "bare", &images.bare, "lab").await?;
    stage.act(
        &Script {
            title: "The bare image again, where the policy only warns",
            succeeds: true,
            says: &["created", "Warning: ", "SbomMissing"],
            never_says: &[],
            proved: "admitted, and whoever typed the command reads what an enforcing policy would say",
        },
        &output,
    )
}

/// `tidewaiter check` on the manifests of Deployments from the acts before.
async fn asked_before(stage: &mut Stage<'_>, images: &Images) -> Result<()> {
    let manifest = |name: &str, image: &str| {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": { "name": name, "namespace": "shop" },
            "spec": {
                "selector": { "matchLabels": { "app": name } },
                "template": {
                    "metadata": { "labels": { "app": name } },
                    "spec": { "containers": [{ "name": name, "image": image }] },
                },
            },
        })
    };
    let all = [
        manifest("bare", &images.bare),
        manifest("vulnerable", &images.vulnerable),
        manifest("other-workflow", &images.other_workflow),
        manifest("cart", &images.good),
    ];
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": all }).to_string();
    let registry = stage.tidewaiter().registry.address().to_owned();
    let output =
        stage.tidewaiter().tidewaiter(&["check", "-", "--plain-http", &registry], Some(&list)).await?;
    stage.act(
        &Script {
            title: "The same question in a pull request: tidewaiter check",
            succeeds: false,
            says: &["SbomMissing,AiProvenanceMissing,ScanMissing", "SeverityExceeded", "SignerNotTrusted", "allowed"],
            never_says: &[],
            proved: "the same manifests get the same verdicts, and exit code 1, before they reach the cluster",
        },
        &output,
    )
}

/// A Deployment that was admitted, a policy that is tightened, a Pod that has to be made again.
async fn tightened(stage: &mut Stage<'_>, images: &Images) -> Result<()> {
    let world = stage.tidewaiter().world();
    let stricter = json!({ "spec": { "require": { "aiProvenance": { "maxAIPercent": 10 } } } }).to_string();
    let patched =
        world.kubectl(&["patch", "aitoolpolicy", "shop", "--type", "merge", "--patch", &stricter]).await?;
    stage.aside("the policy is tightened: at most 10 % written by AI", &patched.ok()?);
    let probe = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "probe", "namespace": "shop" },
        "spec": { "containers": [{ "name": "probe", "image": images.good }] },
    });
    stage.tidewaiter().await_answer(&probe, |answer| answer.stderr.contains("AiShareExceeded")).await?;
    let deleted = world.kubectl(&["delete", "pods", "--namespace", "shop", "--selector", "app=cart"]).await?;
    stage.aside("and the admitted Deployment loses its Pod", &deleted.ok()?);
    let condition = "jsonpath={.items[0].status.conditions[?(@.type==\"ReplicaFailure\")].message}";
    let shown =
        ["get", "replicasets", "--namespace", "shop", "--selector", "app=cart", "--output", condition];
    let failure = await_that("the ReplicaSet to say why", WITHIN, async || {
        let shown = stage.tidewaiter().world().kubectl(&shown).await?;
        Ok(shown.stdout.contains("AiShareExceeded").then_some(shown))
    })
    .await?;
    stage.act(
        &Script {
            title: "The Pod is not made again, and the ReplicaSet says why",
            succeeds: true,
            says: &["denied the request", "AiShareExceeded"],
            never_says: &[],
            proved: "what was admitted once is judged anew whenever it starts",
        },
        &failure,
    )
}
