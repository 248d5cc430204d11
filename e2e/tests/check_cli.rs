//! `tidewaiter check` says what admission would say: the same codes for the same manifests, with the cluster's
//! policies and with exported ones where there is no cluster, and an exit code that a pipeline can go by.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use e2e::{
    Output, World, built,
    cosign::Signer,
    documents::Scan,
    manifest::Kind,
    sigstore::Workflow,
    tidewaiter::{self, Evidence, NAMESPACE, Tidewaiter, codes_of, pod},
};
use jiff::SignedDuration;
use serde_json::{Value, json};

const SHOP: &str = "shop";

#[test]
fn a_check_ends_as_admission_would() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        tw.guarded_namespace(SHOP, json!({})).await?;
        tw.guarded_namespace("lab", json!({ "mode": "Warn" })).await?;
        tw.namespace("open", json!({})).await?;
        let images = images(&tw).await?;
        let exported = export(&tw).await?;
        let check = Check { tw: &tw, exported: &exported };

        same_codes(&check, &images).await.context("the same codes")?;
        exit_codes(&check, &images).await.context("exit codes")?;
        asked_wrongly(&check, &images).await.context("a question that cannot be answered")
    })
}

/// References, by what is wrong with them.
struct Images {
    good: String,
    bare: String,
    stale: String,
    stranger: String,
    absent: String,
}

async fn images(tw: &Tidewaiter<'_>) -> Result<Images> {
    let (good, key) = (Evidence::good(tw.now), Signer::Key(&tw.key));
    let nine_days_ago = tw.now - SignedDuration::from_hours(9 * 24);
    let stale = Evidence { scan: Some(Scan::finished(nine_days_ago)), ..good.clone() };
    let other = Workflow::of("shop/other");
    let stranger = Signer::Workflow(&tw.sigstore, &other);
    tw.image("check/bare", "1").await?;
    tw.attested("check/good", "1", &good, key).await?;
    tw.attested("check/stale", "1", &stale, key).await?;
    tw.attested("check/stranger", "1", &good, stranger).await?;
    let tagged = |name: &str| tw.tagged(&format!("check/{name}"), "1");
    Ok(Images {
        good: tagged("good"),
        bare: tagged("bare"),
        stale: tagged("stale"),
        stranger: tagged("stranger"),
        absent: tagged("absent"),
    })
}

/// What a platform engineer would put into a repository: policies, the ConfigMaps they name, and namespaces.
async fn export(tw: &Tidewaiter<'_>) -> Result<String> {
    let file = tw.world().folder("exported")?.join("policies.yaml");
    let mut exported = String::new();
    for what in [
        &["aitoolpolicies"][..],
        &["configmaps", "sigstore", "release-key", "-n", NAMESPACE],
        &["namespaces"],
    ] {
        let get = [&["get"], what, &["-o", "yaml"]].concat();
        exported += &tw.world().kubectl(&get).await?.ok()?.stdout;
        exported += "---\n";
    }
    std::fs::write(&file, exported)?;
    Ok(file.display().to_string())
}

/// Where the policies come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum From {
    Cluster,
    Files,
}

struct Check<'a> {
    tw: &'a Tidewaiter<'a>,
    exported: &'a str,
}

impl Check<'_> {
    /// `tidewaiter check`, with the policies from there; from files, without a way to any cluster.
    async fn run(&self, from: From, arguments: &[&str], stdin: Option<&str>) -> Result<Output> {
        let registry = ["--plain-http", self.tw.registry.address()];
        match from {
            From::Cluster => {
                let all = [&["check"], arguments, &registry].concat();
                self.tw.tidewaiter(&all, stdin).await
            }
            From::Files => {
                let policies = ["--policy", self.exported];
                self.without_cluster(&[&["check"], arguments, &registry, &policies].concat(), stdin).await
            }
        }
    }

    async fn without_cluster(&self, arguments: &[&str], stdin: Option<&str>) -> Result<Output> {
        let program = built("tidewaiter")?.display().to_string();
        let all = [&["KUBECONFIG=/nowhere/kubeconfig", &program], arguments].concat();
        self.tw.world().program(Path::new("/usr/bin/env"), &all, stdin).await
    }

    /// The codes of the one image in one manifest, from JSON.
    async fn codes(&self, from: From, manifest: &Value) -> Result<(i32, Vec<String>)> {
        let output = self.run(from, &["-", "--output", "json"], Some(&manifest.to_string())).await?;
        let report: Value = serde_json::from_str(&output.stdout)
            .with_context(|| format!("no JSON: {}{}", output.stdout, output.stderr))?;
        let images = report.pointer("/objects/0/images").and_then(Value::as_array);
        let images = images.with_context(|| format!("no images: {report}"))?;
        ensure!(images.len() == 1, "not one image: {report}");
        let mut codes = Vec::new();
        for policy in images.iter().filter_map(|image| image.get("policies")).flat_map(values) {
            for finding in policy.pointer("/verdict/findings").into_iter().flat_map(values) {
                let code = finding.get("code").and_then(Value::as_str);
                codes.push(code.with_context(|| format!("a finding without code: {finding}"))?.to_owned());
            }
        }
        Ok((output.code, codes))
    }
}

fn values(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn sorted<T: Ord>(codes: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut codes: Vec<T> = codes.into_iter().collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// One image after the other, asked of admission and of both kinds of check.
async fn same_codes(check: &Check<'_>, images: &Images) -> Result<()> {
    let tw = check.tw;
    let nothing = ["SbomMissing", "AiProvenanceMissing", "ScanMissing"];
    tw.comes_to_deny(&pod(SHOP, &images.bare), &nothing).await?;
    for (image, codes, exit) in [
        (&images.good, &[][..], 0),
        (&images.bare, &nothing, 1),
        (&images.stale, &["ScanStale"], 1),
        (&images.stranger, &["SignerNotTrusted"], 1),
        (&images.absent, &["ImageNotFound"], 3),
    ] {
        let admission = tw.dry_run(&pod(SHOP, image)).await?;
        ensure!(codes_of(&admission.stderr) == codes, "{image}: {}", admission.stderr);
        for from in [From::Cluster, From::Files] {
            for manifest in [pod(SHOP, image), Kind::CronJob.of(SHOP, "nightly", image)] {
                let (code, found) = check.codes(from, &manifest).await?;
                ensure!(
                    sorted(found) == sorted(codes.iter().map(ToString::to_string)),
                    "{image} by {from:?}"
                );
                ensure!(code == exit, "{image} by {from:?} ended with {code}");
            }
        }
    }
    Ok(())
}

/// Denied beats undecided beats pass; a warning passes, and so does what no policy selects.
async fn exit_codes(check: &Check<'_>, images: &Images) -> Result<()> {
    let stream =
        |manifests: &[Value]| manifests.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n---\n");
    for from in [From::Cluster, From::Files] {
        for (manifests, exit, says) in [
            (vec![pod(SHOP, &images.good)], 0, &["allowed"][..]),
            (vec![pod("lab", &images.bare)], 0, &["warned", "SbomMissing", "warning: "]),
            (vec![pod("open", &images.bare)], 0, &["not selected"]),
            (vec![pod(SHOP, &images.good), pod(SHOP, &images.bare)], 1, &["allowed", "denied", "hint:"]),
            (vec![pod(SHOP, &images.good), pod(SHOP, &images.absent)], 3, &["allowed", "undecided"]),
            (vec![pod(SHOP, &images.absent), pod(SHOP, &images.bare)], 1, &["denied", "undecided"]),
        ] {
            let output = check.run(from, &["-"], Some(&stream(&manifests))).await?;
            let said = format!("{}{}", output.stdout, output.stderr);
            ensure!(output.code == exit, "{from:?} was to end with {exit}, not {}:\n{said}", output.code);
            for wanted in says {
                ensure!(said.contains(wanted), "{from:?} does not say {wanted:?}:\n{said}");
            }
        }
        let output = check.run(from, &["--image", &images.stale, "--namespace", SHOP], None).await?;
        ensure!(output.code == 1 && output.stdout.contains("ScanStale"), "{output:?}");
    }
    let file = check.tw.world().folder("manifests")?.join("cart.yaml");
    std::fs::write(&file, pod(SHOP, &images.bare).to_string())?;
    let output = check.run(From::Cluster, &[&file.display().to_string()], None).await?;
    ensure!(output.code == 1 && output.stdout.contains("Pod/probe"), "{output:?}");
    Ok(())
}

/// 2, with a word on what is missing; never a pass.
async fn asked_wrongly(check: &Check<'_>, images: &Images) -> Result<()> {
    let service =
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "cart" } }).to_string();
    let policy = check.tw.world().folder("empty")?.join("no-policy.yaml");
    std::fs::write(&policy, &service)?;
    let no_policy = policy.display().to_string();
    let bare = pod(SHOP, &images.bare).to_string();
    for (arguments, stdin, says) in [
        (&["check"][..], None, "FILE"),
        (&["check", "-"], Some(service.as_str()), "nothing to check"),
        (&["check", "-"], Some(""), "nothing to check"),
        (&["check", "-"], Some("{ not: [yaml"), "cannot be read as manifests"),
        (&["check", "/nowhere/cart.yaml"], None, "could not be read"),
        (&["check", "-"], Some(&bare), "--policy"),
        (&["check", "-", "--policy", &no_policy], Some(&bare), "hold no AIToolPolicy"),
        (&["check", "-", "--policy", check.exported, "-n", "unheard-of"], Some(UNNAMED), "--namespace-label"),
    ] {
        let output = check.without_cluster(arguments, stdin).await?;
        ensure!(output.code == 2, "{arguments:?} was to end with 2: {output:?}");
        ensure!(output.stderr.contains(says), "{arguments:?} does not say {says:?}: {}", output.stderr);
        ensure!(output.stdout.is_empty(), "{arguments:?} prints a result: {}", output.stdout);
    }
    Ok(())
}

/// A Pod of a namespace that the command line gives.
const UNNAMED: &str = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},
    "spec":{"containers":[{"name":"c","image":"registry.example/cart:1"}]}}"#;
