//! A tag may move; what was judged is what runs. A Pod carries the digest of its judgement, a new Pod is
//! judged anew, a template is never rewritten, and the policy may take no tag at all or leave tags alone.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{
    Output, World, await_that,
    image::{Image, tag},
    manifest::Kind,
    tidewaiter::{self, Tidewaiter, admitted, denied},
};
use serde_json::json;

/// Controllers make Pods within a second or two, and try again with growing pauses.
const SOON: Duration = Duration::from_secs(60);
/// Where a Pod, and where a template, names its image.
const IN_POD: &str = "{.spec.containers[0].image}";
const IN_TEMPLATE: &str = "{.spec.template.spec.containers[0].image}";

struct Cast<'a> {
    tw: &'a Tidewaiter<'a>,
    /// Both in the repository `shop/api`.
    good: Image,
    bare: Image,
}

impl Cast<'_> {
    /// The image's repository with this tag.
    fn tagged(&self, tag: &str) -> String {
        self.tw.tagged("shop/api", tag)
    }

    /// The image that a Pod of this one would have, by a dry run.
    async fn pinned(&self, namespace: &str, image: &str) -> Result<Output> {
        let pod = Kind::Pod.of(namespace, "it", image).to_string();
        let path = format!("jsonpath={IN_POD}");
        self.tw.world().kubectl_with(&["create", "--dry-run=server", "-f", "-", "-o", &path], &pod).await
    }

    /// How often it was asked what a tag means; dry runs make no Pod, so it was never the node.
    async fn resolutions(&self, tag: &str) -> Result<usize> {
        let path = format!("/v2/shop/api/manifests/{tag}");
        let requests = self.tw.registry.requests().await?;
        Ok(requests.0.iter().filter(|request| request.path == path).count())
    }
}

/// Beginning of a digest, as denials show it.
fn short(image: &Image) -> Result<&str> {
    image.digest.get(.."sha256:".len() + 12).context("a digest is longer")
}

#[test]
fn what_was_judged_is_what_runs_whatever_becomes_of_the_tag() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        let good = tw.good_image("shop/api", "1").await?;
        let bare = tw.image("shop/api", "bare").await?;
        let cast = Cast { tw: &tw, good, bare };
        for (namespace, tags) in [("shop", "Pin"), ("strict", "Deny"), ("loose", "InsecureAllow")] {
            tw.guarded_namespace(namespace, json!({ "tags": tags })).await?;
            tw.await_guard(namespace, &cast.bare.reference()).await?;
        }

        no_tag_is_taken_where_tags_are_denied(&cast).await?;
        a_tag_is_left_where_tags_are_allowed(&cast).await?;
        a_flipping_tag_is_resolved_once(&cast).await?;
        a_tag_that_moves_does_not_change_what_runs(&cast).await
    })
}

async fn no_tag_is_taken_where_tags_are_denied(cast: &Cast<'_>) -> Result<()> {
    for kind in Kind::ALL {
        let answer = cast.tw.dry_run(&kind.of("strict", "it", &cast.tagged("1"))).await?;
        denied(&answer, &["ImageNotPinned", "hint:"])?;
        // The image itself is beyond reproach.
        ensure!(!answer.stderr.contains("Missing"), "{answer:?}");
        admitted(&cast.tw.dry_run(&kind.of("strict", "it", &cast.good.reference())).await?)?;
        let both = format!("{}@{}", cast.tagged("1"), cast.good.digest);
        admitted(&cast.tw.dry_run(&kind.of("strict", "it", &both)).await?)?;
    }
    Ok(())
}

async fn a_tag_is_left_where_tags_are_allowed(cast: &Cast<'_>) -> Result<()> {
    let answer = cast.pinned("loose", &cast.tagged("1")).await?;
    admitted(&answer)?;
    ensure!(answer.stdout == cast.tagged("1"), "{answer:?}");
    // Left, but not unseen.
    denied(&cast.pinned("loose", &cast.tagged("bare")).await?, &["SbomMissing", short(&cast.bare)?])
}

/// The registry names another digest at every request: one that is good, and one that is not.
async fn a_flipping_tag_is_resolved_once(cast: &Cast<'_>) -> Result<()> {
    let (good, bare) = (cast.good.digest.as_str(), cast.bare.digest.as_str());
    let registry = &cast.tw.registry;
    registry.flip("shop/api", "good-first", &[good, bare]).await?;
    registry.flip("shop/api", "bare-first", &[bare, good]).await?;
    registry.reset_requests().await?;

    let answer = cast.pinned("shop", &cast.tagged("good-first")).await?;
    admitted(&answer)?;
    ensure!(answer.stdout == format!("{}@{good}", cast.tagged("good-first")), "{answer:?}");
    let answer = cast.pinned("shop", &cast.tagged("bare-first")).await?;
    denied(&answer, &["SbomMissing", short(&cast.bare)?])?;
    for tag in ["good-first", "bare-first"] {
        let resolutions = cast.resolutions(tag).await?;
        ensure!(resolutions == 1, "{tag} was resolved {resolutions} times for one Pod");
    }
    registry.reset().await
}

async fn a_tag_that_moves_does_not_change_what_runs(cast: &Cast<'_>) -> Result<()> {
    let tw = cast.tw;
    let (by_tag, judged) = (cast.tagged("1"), format!("{}@{}", cast.tagged("1"), cast.good.digest));
    admitted(&tw.create(&Kind::Deployment.of("shop", "api", &by_tag)).await?)?;
    let runs = "{.items[*].spec.containers[0].image} {.items[*].status.containerStatuses[0].imageID}";
    let runs_what_was_judged = async || {
        let shown = tw.read("shop", &["pods"], runs).await?;
        Ok((shown == format!("{judged} {}", cast.good.reference())).then_some(()))
    };
    await_that("the Pod to run the digest that was judged", SOON, runs_what_was_judged).await?;
    templates_name_the_tag(cast, &by_tag).await?;

    tag(&tw.registry, &cast.bare, "1").await?;
    // A tag's meaning is kept for seconds; from this answer on the new one is known.
    let moved = Kind::Pod.of("shop", "later", &by_tag);
    let answer = tw.await_answer(&moved, |answer| denied(answer, &["SbomMissing"]).is_ok()).await?;
    denied(&answer, &[short(&cast.bare)?])?;
    // A restart of the container would pull what the spec names, which the tag cannot reach any more.
    ensure!(runs_what_was_judged().await?.is_some(), "the running Pod changed");

    tw.world().kubectl(&["delete", "pods", "--namespace", "shop", "--selector", "app=api"]).await?.ok()?;
    let condition = r#"{.items[0].status.conditions[?(@.type=="ReplicaFailure")].message}"#;
    let failure = await_that("the ReplicaSet to say why there is no new Pod", SOON, async || {
        let shown = tw.read("shop", &["replicasets"], condition).await?;
        Ok(shown.contains("denied the request").then_some(shown))
    })
    .await?;
    ensure!(failure.contains("SbomMissing") && failure.contains(short(&cast.bare)?), "{failure}");
    let left = tw.read("shop", &["pods"], "{.items[*].metadata.name}").await?;
    ensure!(left.is_empty(), "the moved tag runs in {left}");
    templates_name_the_tag(cast, &by_tag).await
}

/// What was applied is what stands in the cluster, so that GitOps sees no drift.
async fn templates_name_the_tag(cast: &Cast<'_>, by_tag: &str) -> Result<()> {
    for kind in ["deployments", "replicasets"] {
        let path = IN_TEMPLATE.replace("{.", "{.items[*].");
        let named = cast.tw.read("shop", &[kind], &path).await?;
        ensure!(named == by_tag, "the template of {kind} names {named}");
    }
    Ok(())
}
