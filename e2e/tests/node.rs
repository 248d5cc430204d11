//! What the world's node does with Pods: shows those of ordinary images as running, with the digest their registry
//! gave, and runs those whose image is a program, as a kubelet would.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use e2e::{
    Options, Program, World, await_that, image,
    registry::{Registry, User},
};
use serde_json::Value;

/// Anything here takes a second or two on a quiet machine.
const SOON: Duration = Duration::from_secs(60);

fn with_the_witness() -> Options {
    Options::running([Program::new("witness", Path::new(env!("CARGO_BIN_EXE_witness")))])
}

/// The Pods of a label, as the API server has them.
async fn pods(world: &World, label: &str) -> Result<Vec<Value>> {
    let output = world.kubectl(&["get", "pods", "-l", label, "-o", "json"]).await?.ok()?;
    let mut list: Value = serde_json::from_str(&output.stdout)?;
    list.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take).context("no list")
}

/// What the witness at this address answers, if it does.
async fn ask(address: &str, path: &str) -> Result<Option<String>> {
    let response = reqwest::get(format!("http://{address}:8080{path}")).await?;
    Ok(if response.status().is_success() { Some(response.text().await?) } else { None })
}

#[test]
fn a_deployments_pods_run_with_the_digest_of_their_tag_and_end_when_it_is_deleted() -> Result<()> {
    World::run(Options::default(), async |world| {
        let registry = Registry::start(world, "registry").await?;
        let image = image::push_image(&registry, "shop/api", "1", "first").await?;
        let reference = registry.tagged("shop/api", "1");
        let create = ["create", "deployment", "api", "--replicas=2", "--image", &reference];
        world.kubectl(&create).await?.ok()?;
        world.kubectl(&["rollout", "status", "deployment/api", "--timeout=60s"]).await?.ok()?;
        for pod in pods(world, "app=api").await? {
            assert_eq!(pod["status"]["phase"], "Running");
            assert_eq!(pod["status"]["containerStatuses"][0]["imageID"], image.reference());
        }
        world.kubectl(&["delete", "deployment", "api"]).await?.ok()?;
        await_that("the Pods to go", SOON, async || {
            Ok(pods(world, "app=api").await?.is_empty().then_some(()))
        })
        .await
    })
}

#[test]
fn a_container_keeps_its_digest_and_a_new_one_gets_what_the_tag_names_then() -> Result<()> {
    World::run(Options::default(), async |world| {
        let registry = Registry::start(world, "registry").await?;
        let first = image::push_image(&registry, "shop/api", "1", "first").await?;
        let reference = registry.tagged("shop/api", "1");
        world.kubectl(&["run", "old", "--image", &reference]).await?.ok()?;
        world.kubectl(&["wait", "--for=condition=Ready", "pod/old", "--timeout=60s"]).await?.ok()?;
        let second = image::push_image(&registry, "shop/api", "1", "second").await?;
        world.kubectl(&["debug", "old", "--image", &reference, "-c", "later"]).await?.ok()?;
        let pod = await_that("the ephemeral container", SOON, async || {
            let pod = pods(world, "run=old").await?.pop().context("no Pod")?;
            Ok(pod["status"]["ephemeralContainerStatuses"][0]["imageID"].is_string().then_some(pod))
        })
        .await?;
        assert_eq!(pod["status"]["containerStatuses"][0]["imageID"], first.reference());
        assert_eq!(pod["status"]["ephemeralContainerStatuses"][0]["imageID"], second.reference());
        Ok(())
    })
}

#[test]
fn an_image_volume_and_an_init_container_are_resolved_too() -> Result<()> {
    World::run(Options::default(), async |world| {
        let registry = Registry::start(world, "registry").await?;
        let image = image::push_image(&registry, "shop/api", "1", "first").await?;
        let pod = |name: &str, mounted: &str| {
            let (tag, mounted) = (registry.tagged("shop/api", "1"), registry.tagged("shop/api", mounted));
            format!(
                "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{run: {name}}}}}, spec: {{ \
                 initContainers: [{{name: first, image: '{tag}'}}], containers: [{{name: it, image: '{tag}'}}], \
                 volumes: [{{name: model, image: {{reference: '{mounted}'}}}}]}}}}"
            )
        };
        world.apply(&pod("good", "1")).await?;
        world.kubectl(&["wait", "--for=condition=Ready", "pod/good", "--timeout=60s"]).await?.ok()?;
        let good = pods(world, "run=good").await?.pop().context("no Pod")?;
        let first = &good["status"]["initContainerStatuses"][0];
        assert_eq!(first["imageID"], image.reference());
        assert_eq!(first["state"]["terminated"]["exitCode"], 0);
        world.apply(&pod("bad", "absent")).await?;
        await_that("ErrImagePull for the volume", SOON, async || {
            let bad = pods(world, "run=bad").await?.pop().context("no Pod")?;
            let waiting = &bad["status"]["containerStatuses"][0]["state"]["waiting"];
            Ok(waiting["message"].as_str().unwrap_or_default().contains("shop/api:absent").then_some(()))
        })
        .await
    })
}

#[test]
fn an_image_the_registry_does_not_have_is_waited_for() -> Result<()> {
    World::run(Options::default(), async |world| {
        let registry = Registry::start(world, "registry").await?;
        world.kubectl(&["run", "late", "--image", &registry.tagged("shop/late", "1")]).await?.ok()?;
        await_that("ErrImagePull", SOON, async || {
            let pod = pods(world, "run=late").await?.pop().context("no Pod")?;
            let waiting = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
            Ok((waiting["reason"] == "ErrImagePull" && pod["status"]["phase"] == "Pending").then_some(()))
        })
        .await?;
        image::push_image(&registry, "shop/late", "1", "at last").await?;
        world.kubectl(&["wait", "--for=condition=Ready", "pod/late", "--timeout=60s"]).await?.ok()?;
        Ok(())
    })
}

#[test]
fn a_private_image_is_resolved_with_the_pods_pull_secret_and_not_without() -> Result<()> {
    World::run(Options::default(), async |world| {
        let registry = Registry::start(world, "registry").await?;
        let image = image::push_image(&registry, "shop/api", "1", "private").await?;
        let server = format!("--docker-server={}", registry.address());
        let secret = [
            "create",
            "secret",
            "docker-registry",
            "pull",
            &server,
            "--docker-username=u",
            "--docker-password=p",
        ];
        world.kubectl(&secret).await?.ok()?;
        for (scheme, basic) in [("basic", true), ("bearer", false)] {
            let users = vec![User::new("u", "p")];
            if basic {
                registry.require_basic(users).await?;
            } else {
                registry.require_token(users).await?;
            }
            let reference = registry.tagged("shop/api", "1");
            let with = format!("with-{scheme}");
            let secrets = r#"--overrides={"spec": {"imagePullSecrets": [{"name": "pull"}]}}"#;
            world.kubectl(&["run", &format!("without-{scheme}"), "--image", &reference]).await?.ok()?;
            world.kubectl(&["run", &with, "--image", &reference, secrets]).await?.ok()?;
            world.kubectl(&["wait", "--for=condition=Ready", "pod", &with, "--timeout=60s"]).await?.ok()?;
            let pod = pods(world, &format!("run={with}")).await?.pop().context("no Pod")?;
            assert_eq!(pod["status"]["containerStatuses"][0]["imageID"], image.reference());
            await_that("the refusal", SOON, async || {
                let pod = pods(world, &format!("run=without-{scheme}")).await?.pop().context("no Pod")?;
                let waiting = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
                Ok(waiting["message"].as_str().unwrap_or_default().contains("401").then_some(()))
            })
            .await?;
        }
        Ok(())
    })
}

const WITNESSES: &str = r#"
apiVersion: v1
kind: Secret
metadata: { name: material }
stringData: { word: one }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: witness }
spec:
  replicas: 2
  selector: { matchLabels: { app: witness } }
  template:
    metadata: { labels: { app: witness } }
    spec:
      terminationGracePeriodSeconds: 1
      securityContext: { runAsNonRoot: true, runAsUser: 4711, runAsGroup: 4712 }
      initContainers:
      - { name: first, image: "registry.example/witness:1", args: ["0"] }
      containers:
      - name: witness
        image: registry.example/witness:1
        args: ["$(PORT)"]
        env:
        - { name: PORT, value: "8080" }
        - { name: WHO, valueFrom: { fieldRef: { fieldPath: metadata.name } } }
        ports: [{ name: http, containerPort: 8080 }]
        readinessProbe: { httpGet: { path: /ready, port: http } }
        securityContext: { readOnlyRootFilesystem: true }
        volumeMounts:
        - { name: material, mountPath: /etc/material }
        - { name: scratch, mountPath: /scratch }
      volumes:
      - { name: material, secret: { secretName: material } }
      - { name: scratch, emptyDir: {} }
---
apiVersion: v1
kind: Service
metadata: { name: witness }
spec: { selector: { app: witness }, ports: [{ port: 80, targetPort: http }] }
"#;

#[test]
fn a_pod_whose_image_is_a_program_runs_as_its_spec_says() -> Result<()> {
    World::run(with_the_witness(), async |world| {
        world.apply(WITNESSES).await?;
        let addresses = await_that("two witnesses that answer", SOON, async || {
            let mut addresses = Vec::new();
            for pod in pods(world, "app=witness").await? {
                let address = pod["status"]["podIP"].as_str().unwrap_or_default().to_owned();
                // Both listen on one port: each has an address of its own.
                if ask(&address, "/env/WHO").await? == pod["metadata"]["name"].as_str().map(str::to_owned) {
                    addresses.push(address);
                }
            }
            Ok((addresses.len() == 2).then_some(addresses))
        })
        .await?;
        let address = addresses.first().context("no address")?;
        assert_eq!(ask(address, "/id").await?.as_deref(), Some("4711 4712"));
        assert_eq!(ask(address, "/write/scratch/a").await?.as_deref(), Some(""));
        assert_eq!(ask(address, "/write/tmp/a").await?, None, "the root file system is read-only");
        assert_eq!(ask(address, "/file/etc/material/word").await?.as_deref(), Some("one"));
        let account = "/file/var/run/secrets/kubernetes.io/serviceaccount";
        assert_eq!(ask(address, &format!("{account}/namespace")).await?.as_deref(), Some("default"));
        let token = ask(address, &format!("{account}/token")).await?.context("no token")?;
        let review =
            format!("{{apiVersion: authentication.k8s.io/v1, kind: TokenReview, spec: {{token: {token}}}}}");
        let review = world.kubectl_with(&["create", "-f", "-", "-o", "json"], &review).await?.ok()?;
        let review: Value = serde_json::from_str(&review.stdout)?;
        let user = &review["status"]["user"];
        assert_eq!(user["username"], "system:serviceaccount:default:default", "{review}");
        let name = ask(address, "/env/WHO").await?.context("no name")?;
        assert_eq!(
            user["extra"]["authentication.kubernetes.io/pod-name"][0], name,
            "bound to its Pod: {review}"
        );

        world
            .apply("{apiVersion: v1, kind: Secret, metadata: {name: material}, stringData: {word: two}}")
            .await?;
        await_that("the Secret's new word", SOON, async || {
            Ok((ask(address, "/file/etc/material/word").await?.as_deref() == Some("two")).then_some(()))
        })
        .await
    })
}

#[test]
fn a_pod_is_ready_when_its_probe_says_so_and_its_service_has_its_address_then() -> Result<()> {
    World::run(with_the_witness(), async |world| {
        world.apply(WITNESSES).await?;
        let endpoints = async || {
            let slices = ["get", "endpointslices", "-l", "kubernetes.io/service-name=witness", "-o", "json"];
            let slices: Value = serde_json::from_str(&world.kubectl(&slices).await?.ok()?.stdout)?;
            let all = slices["items"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|slice| slice["endpoints"].as_array());
            let all = all
                .flatten()
                .map(|one| (one["addresses"][0].to_string(), one["conditions"]["ready"] == true));
            Ok::<Vec<_>, anyhow::Error>(all.collect())
        };
        let found = await_that("two endpoints", SOON, async || {
            Ok(Some(endpoints().await?).filter(|found| found.len() == 2))
        })
        .await?;
        assert!(found.iter().all(|(_, ready)| !ready), "{found:?}");
        for (address, _) in &found {
            await_that("the door to open", SOON, async || ask(address.trim_matches('"'), "/open").await)
                .await?;
        }
        world.kubectl(&["rollout", "status", "deployment/witness", "--timeout=60s"]).await?.ok()?;
        await_that("ready endpoints", SOON, async || {
            Ok((endpoints().await?.iter().filter(|(_, ready)| *ready).count() == 2).then_some(()))
        })
        .await?;

        let address = found.first().context("no endpoint")?.0.trim_matches('"').to_owned();
        // It ends in the middle of its answer.
        let _ = ask(&address, "/exit/3").await;
        await_that("a restart", SOON, async || {
            let pods = pods(world, "app=witness").await?;
            let status = pods.iter().map(|pod| &pod["status"]["containerStatuses"][0]);
            let mut again =
                status.filter(|status| status["restartCount"] == 1 && status["state"]["running"].is_object());
            Ok(again.next().map(|status| assert_eq!(status["lastState"]["terminated"]["exitCode"], 3)))
        })
        .await
    })
}

#[test]
fn a_job_ends_as_its_program_ends() -> Result<()> {
    let job = |name: &str, env: &str| {
        format!(
            "{{apiVersion: batch/v1, kind: Job, metadata: {{name: {name}}}, spec: {{backoffLimit: 0, template: {{spec: \
             {{restartPolicy: Never, containers: [{{name: it, image: witness, args: ['0'], env: {env}}}]}}}}}}}}"
        )
    };
    World::run(with_the_witness(), async |world| {
        world.apply(&job("good", "[]")).await?;
        world.apply(&job("bad", "[{name: FAIL, value: 'yes'}]")).await?;
        world.kubectl(&["wait", "--for=condition=Complete", "job/good", "--timeout=60s"]).await?.ok()?;
        world.kubectl(&["wait", "--for=condition=Failed", "job/bad", "--timeout=60s"]).await?.ok()?;
        Ok(())
    })
}

#[test]
fn a_volume_that_is_not_there_yet_is_waited_for() -> Result<()> {
    World::run(with_the_witness(), async |world| {
        let (secret, rest) = WITNESSES.split_once("---").context("no second document")?;
        world.apply(rest).await?;
        await_that("the missing Secret to be told", SOON, async || {
            let pods = pods(world, "app=witness").await?;
            let texts = pods.iter().map(|pod| pod["status"]["containerStatuses"].to_string());
            Ok(texts
                .filter(|text| text.contains("secret \\\"material\\\" not found"))
                .count()
                .eq(&2)
                .then_some(()))
        })
        .await?;
        world.apply(secret).await?;
        await_that("both to start", SOON, async || {
            let pods = pods(world, "app=witness").await?;
            Ok(pods.iter().all(|pod| pod["status"]["phase"] == "Running").then_some(()))
        })
        .await
    })
}
