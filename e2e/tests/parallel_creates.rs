//! Two hundred parallel creates of one image fetch its evidence once per replica, and all are admitted.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use e2e::{
    World,
    cosign::Signer,
    registry::Kind,
    tidewaiter::{self, Evidence, Tidewaiter, pod},
};
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, api::PostParams};
use serde_json::json;

const CREATES: usize = 200;

#[test]
fn parallel_creates_of_one_image_fetch_its_evidence_once_per_replica() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        tw.guarded_namespace("crowd", json!({})).await?;
        let (good, key) = (Evidence::good(tw.now), Signer::Key(&tw.key));
        let image = tw.attested("crowd/cart", "1", &good, key).await?;
        let bare = tw.image("crowd/bare", "1").await?;
        tw.comes_to_deny(
            &pod("crowd", &bare.reference()),
            &["SbomMissing", "AiProvenanceMissing", "ScanMissing"],
        )
        .await?;

        // Through the API server, which keeps to as many replicas as it has connections to.
        tw.registry.reset_requests().await?;
        let pods: Api<Pod> = Api::namespaced(world.client(), "crowd");
        let params = PostParams { dry_run: true, ..PostParams::default() };
        let object: Pod = serde_json::from_value(pod("crowd", &image.reference()))?;
        let created = try_join_all((0..CREATES).map(|_| pods.create(&params, &object))).await;
        ensure!(created.context("a create was turned away")?.len() == CREATES, "a create got lost");
        for (path, times) in asked(&tw, "crowd/cart").await? {
            ensure!((1..=2).contains(&times), "{path} was asked for {times} times by two replicas");
        }

        // And each replica with as many of its own; what a replica knows it does not ask for again.
        let replicas = tw.replicas().await?;
        let probe = pod("crowd", &image.reference());
        let answers =
            try_join_all(replicas.iter().flat_map(|replica| (0..CREATES).map(|_| replica.codes(&probe))))
                .await?;
        ensure!(answers.len() == replicas.len() * CREATES, "an answer got lost");
        ensure!(answers.iter().all(Vec::is_empty), "turned away: {answers:?}");
        let asked = asked(&tw, "crowd/cart").await?;
        // One list; a manifest and a bundle for each of the three documents.
        ensure!(asked.len() == 7, "{} things were asked for: {asked:?}", asked.len());
        for (path, times) in asked {
            ensure!(
                times == replicas.len(),
                "{path} was asked for {times} times by {} replicas",
                replicas.len()
            );
        }
        Ok(())
    })
}

/// How often each path of a repository was asked for.
async fn asked(tw: &Tidewaiter<'_>, repository: &str) -> Result<BTreeMap<String, usize>> {
    let requests = tw.registry.requests().await?;
    let mut asked = BTreeMap::new();
    for request in requests.0.into_iter().filter(|request| request.path.contains(repository)) {
        ensure!(request.kind != Kind::ManifestTag, "a digest needs no tag: {}", request.path);
        *asked.entry(request.path).or_default() += 1;
    }
    ensure!(!asked.is_empty(), "nothing of {repository} was asked for, so nothing was checked");
    Ok(asked)
}
