//! Tidewaiter in a world: its charts installed by Helm, unchanged, beside a registry and a private Sigstore.
//!
//! What is here is what a platform engineer would do by hand: install, write the trust root and the key into
//! ConfigMaps, push an image, attest, apply a policy. Not here: what any of it should lead to.

mod answers;
mod asking;
mod evidence;
mod policy;
mod replica;

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    Options, Output, Program, World, await_that, built,
    cosign::{Cosign, KeyFiles, Signer},
    image::{Image, push_image},
    registry::Registry,
    sigstore::{Sigstore, Workflow},
};

pub use answers::{codes_of, pod};
pub use asking::{admitted, denied};
pub use evidence::Evidence;
pub use replica::Replica;

/// The namespace of the release.
pub const NAMESPACE: &str = "tidewaiter-system";
/// The ConfigMap with the private Sigstore's root, and its key.
const ROOT: (&str, &str) = ("sigstore", "trusted_root.json");
/// The ConfigMap with the public key that policies believe, and its key.
const KEY: (&str, &str) = ("release-key", "cosign.pub");
/// A namespace's ServiceAccount comes a moment after it.
const ACCOUNT_WITHIN: Duration = Duration::from_secs(20);
/// A policy is in force a moment after it was applied; on a busy machine the watch may take longer.
pub const IN_FORCE_WITHIN: Duration = Duration::from_secs(20);

/// An installation, and what it is used with.
pub struct Tidewaiter<'w> {
    world: &'w World,
    /// The registry of every image.
    pub registry: Registry,
    /// The Sigstore whose root the policies name.
    pub sigstore: Sigstore,
    /// Attests.
    pub cosign: Cosign,
    /// The key that the policies believe.
    pub key: KeyFiles,
    /// The workflow that the policies believe.
    pub workflow: Workflow,
    /// When it was installed; documents are dated by it.
    pub now: Timestamp,
}

/// The options of a world that can run what the chart installs.
///
/// # Errors
/// When the operator cannot be built.
pub fn options() -> Result<Options> {
    Ok(Options::running([Program::new("tidewaiter-operator", &built("tidewaiter-operator")?)]))
}

impl<'w> Tidewaiter<'w> {
    /// Installs with the chart's own values, but for how the registry is reached.
    ///
    /// # Errors
    /// When any part does not come up.
    pub async fn install(world: &'w World) -> Result<Self> {
        Self::install_with(world, json!({})).await
    }

    /// Installs with further values.
    ///
    /// # Errors
    /// When any part does not come up.
    pub async fn install_with(world: &'w World, values: Value) -> Result<Self> {
        let (registry, sigstore, cosign) = tokio::try_join!(
            Registry::start(world, "registry"),
            Sigstore::start(world, "sigstore"),
            Cosign::new(world, "release"),
        )?;
        let key = cosign.generate_key_pair("release").await?;
        let this = Self {
            world,
            registry,
            sigstore,
            cosign,
            key,
            workflow: Workflow::default(),
            now: Timestamp::now(),
        };
        this.world.helm(&["install", "tidewaiter-crds", &chart("tidewaiter-crds")]).await?.ok()?;
        this.install_release(values).await?;
        this.write_materials().await?;
        Ok(this)
    }

    /// The world it is in.
    #[must_use]
    pub const fn world(&self) -> &'w World {
        self.world
    }

    /// Installs the release, as the README has it, and waits until the API server asks the webhook.
    ///
    /// # Errors
    /// When Helm, or the registration, fails.
    pub async fn install_release(&self, values: Value) -> Result<()> {
        let mut all = json!({ "registries": [{ "host": self.registry.address(), "plainHttp": true }] });
        merge(&mut all, values);
        let file = self.world.folder("values")?.join("values.json");
        std::fs::write(&file, all.to_string())?;
        let (tidewaiter, values) = (chart("tidewaiter"), file.display().to_string());
        let mut arguments = vec!["install", "tidewaiter", &tidewaiter, "--namespace", NAMESPACE];
        arguments.extend(["--create-namespace", "--wait", "--timeout", "150s", "--values", &values]);
        let installed = self.world.helm(&arguments).await?;
        if !installed.succeeded() {
            let pods = self.world.kubectl(&["get", "pods,events", "-n", NAMESPACE]).await?;
            anyhow::bail!("{}\n{}\n{}", installed.stdout, installed.stderr, pods.stdout);
        }
        self.registered().await
    }

    /// Waits until the API server asks the webhook: the registration comes a moment after the endpoints.
    async fn registered(&self) -> Result<()> {
        await_that("the webhooks to be registered", IN_FORCE_WITHIN, async || {
            let found = self
                .world
                .kubectl(&[
                    "get",
                    "validatingwebhookconfigurations,mutatingwebhookconfigurations",
                    "-o",
                    "name",
                ])
                .await?
                .ok()?;
            Ok((found.stdout.matches("/tidewaiter").count() == 2).then_some(()))
        })
        .await
    }

    async fn write_materials(&self) -> Result<()> {
        self.config_map(ROOT, self.sigstore.trusted_root()).await?;
        self.config_map(KEY, &self.key.public_pem()?).await
    }

    /// Writes a ConfigMap of one key into the operator's namespace.
    ///
    /// # Errors
    /// When the API server does not take it.
    pub async fn config_map(&self, (name, key): (&str, &str), value: &str) -> Result<()> {
        let map = json!({
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": { "name": name, "namespace": NAMESPACE },
            "data": { key: value },
        });
        self.world.apply(&map.to_string()).await.map(drop)
    }

    /// Makes a namespace with labels, and waits until Pods can be made in it.
    ///
    /// # Errors
    /// When that does not come about.
    pub async fn namespace(&self, name: &str, labels: Value) -> Result<()> {
        let namespace = json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": { "name": name, "labels": labels },
        });
        self.world.apply(&namespace.to_string()).await?;
        await_that("the namespace's default ServiceAccount", ACCOUNT_WITHIN, async || {
            let account = self.world.kubectl(&["get", "serviceaccount", "default", "-n", name]).await?;
            Ok(account.succeeded().then_some(()))
        })
        .await
    }

    /// Pushes an image that nobody attests anything of.
    ///
    /// # Errors
    /// When the registry does not take it.
    pub async fn image(&self, repository: &str, tag: &str) -> Result<Image> {
        push_image(&self.registry, repository, tag, &format!("{repository}:{tag}")).await
    }

    /// Pushes an image and attests `evidence` to it.
    ///
    /// # Errors
    /// When the registry or cosign fails.
    pub async fn attested(
        &self,
        repository: &str,
        tag: &str,
        evidence: &Evidence,
        signer: Signer<'_>,
    ) -> Result<Image> {
        let image = self.image(repository, tag).await?;
        self.cosign.attest_all(&image.reference(), &evidence.documents(), signer).await?;
        Ok(image)
    }

    /// The workflow that the policies believe, as a signer.
    #[must_use]
    pub fn ci(&self) -> Signer<'_> {
        Signer::Workflow(&self.sigstore, &self.workflow)
    }

    /// Pushes an image with everything in order, signed by the workflow that the policies believe.
    ///
    /// # Errors
    /// When the registry or cosign fails.
    pub async fn good_image(&self, repository: &str, tag: &str) -> Result<Image> {
        self.attested(repository, tag, &Evidence::good(self.now), self.ci()).await
    }

    /// Where an image of this registry is, by tag.
    #[must_use]
    pub fn tagged(&self, repository: &str, tag: &str) -> String {
        self.registry.tagged(repository, tag)
    }

    /// Runs the command line `tidewaiter`.
    ///
    /// # Errors
    /// When it cannot be run. How it ended is in the output.
    pub async fn tidewaiter(&self, arguments: &[&str], stdin: Option<&str>) -> Result<Output> {
        self.world.program(&built("tidewaiter")?, arguments, stdin).await
    }

    /// Asks with a dry run until the answer is as told, which it is once a change is in force.
    ///
    /// # Errors
    /// When it never is: says what the last answer was.
    pub async fn await_answer(&self, manifest: &Value, as_told: impl Fn(&Output) -> bool) -> Result<Output> {
        let text = manifest.to_string();
        let mut last = None;
        let found = await_that("the answer of admission to change", IN_FORCE_WITHIN, async || {
            let answer = self.world.kubectl_with(&["create", "--dry-run=server", "-f", "-"], &text).await?;
            let fits = as_told(&answer);
            last = Some(answer.clone());
            Ok(fits.then_some(answer))
        })
        .await;
        found.with_context(|| format!("the last answer was {last:?}"))
    }

    /// The names of the webhook's Pods.
    ///
    /// # Errors
    /// When they cannot be listed.
    pub async fn webhook_pods(&self) -> Result<Vec<String>> {
        let component = "app.kubernetes.io/component=webhook";
        let names = "jsonpath={.items[*].metadata.name}";
        let pods = ["get", "pods", "-n", NAMESPACE, "-l", component, "-o", names];
        let found = self.world.kubectl(&pods).await?.ok()?;
        Ok(found.stdout.split_whitespace().map(str::to_owned).collect())
    }
}

/// Where a chart is, as it is shipped.
#[must_use]
pub fn chart(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../charts").join(name).display().to_string()
}

/// Lays `over` over `under`, field by field; anything but an object replaces.
pub(crate) fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                merge(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}
