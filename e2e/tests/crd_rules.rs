//! The generated definition on a real API server: it takes every policy that it should, refuses one policy for
//! each of its rules and says which, explains its fields, and shows policies in columns.
//!
//! No operator runs here: the definition speaks for itself.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use e2e::{Options, World, await_that};
use futures::{StreamExt as _, TryStreamExt as _, stream};

/// A new kind is served within a second or two of its definition.
const SERVED_WITHIN: Duration = Duration::from_secs(30);
/// kubectl takes most of a processor while it starts; more at once would only queue.
const AT_ONCE: usize = 4;

#[test]
fn the_api_server_takes_the_definition_and_holds_policies_to_its_rules() -> Result<()> {
    World::run(Options::default(), async |world| {
        defined(world).await.context("the definition")?;
        accepted(world).await.context("accepted policies")?;
        refused(world).await.context("refused policies")?;
        misspelt(world).await.context("a misspelt field")?;
        explained(world).await.context("kubectl explain")?;
        shown(world).await.context("columns")
    })
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The files of a folder of `crds/testdata`, by name.
fn files(folder: &str) -> Result<Vec<PathBuf>> {
    let folder = repository("crds/testdata").join(folder);
    let files = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    ensure!(!files.is_empty(), "{} is empty", folder.display());
    Ok(files)
}

/// Installed by its chart, established, and structural (else the API server would prune nothing).
async fn defined(world: &World) -> Result<()> {
    let chart = repository("charts/tidewaiter-crds").display().to_string();
    world.helm(&["install", "tidewaiter-crds", &chart]).await?.ok()?;
    let definition = "crd/aitoolpolicies.tidewaiter.dev";
    let established = ["wait", "--for=condition=Established", definition, "--timeout=30s"];
    world.kubectl(&established).await?.ok()?;
    let conditions = ["get", definition, "-o", "jsonpath={.status.conditions[*].type}"];
    let conditions = world.kubectl(&conditions).await?.ok()?.stdout;
    ensure!(!conditions.contains("NonStructuralSchema"), "{conditions}");
    await_that("policies to be served", SERVED_WITHIN, async || {
        Ok(world.kubectl(&["get", "aitoolpolicies"]).await?.succeeded().then_some(()))
    })
    .await
}

/// Each is stored, and so is the manual page's example.
async fn accepted(world: &World) -> Result<()> {
    for file in files("accepted")? {
        world.kubectl(&["apply", "-f", &file.display().to_string()]).await?.ok()?;
    }
    let page = fs::read_to_string(repository("crds/AIToolPolicy.md"))?;
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    world.apply(example.context("the manual page has no example")?).await?;
    // What the file leaves out is filled in as the manual says.
    let defaults = "jsonpath={.spec.onUndecided} {.spec.tags} {.spec.select.otherImages}";
    let stored = ["get", "aitoolpolicy", "accepted-defaults", "-o", defaults];
    let stored = world.kubectl(&stored).await?.ok()?.stdout;
    ensure!(stored == "Deny Pin Deny", "the defaults are stored as {stored:?}");
    Ok(())
}

/// Each breaks one rule, and the API server names that rule or that field.
async fn refused(world: &World) -> Result<()> {
    let refusals = files("refused")?.into_iter().map(|file| async move {
        let text = fs::read_to_string(&file)?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let message = text.lines().find_map(|line| line.strip_prefix("# message: "));
        let message = message.with_context(|| format!("{name} does not say what it is refused with"))?;
        let answer = world.kubectl_with(&["create", "--dry-run=server", "-f", "-"], &text).await?;
        ensure!(!answer.succeeded(), "{name} was accepted");
        let refused = format!("The AIToolPolicy \"refused-{name}\" is invalid:");
        ensure!(answer.stderr.contains(&refused), "{name} was not refused as invalid: {}", answer.stderr);
        ensure!(answer.stderr.contains(message), "{name} was not refused for {message:?}: {}", answer.stderr);
        Ok(())
    });
    stream::iter(refusals).buffer_unordered(AT_ONCE).try_collect().await
}

/// What the manual page says of a slip in a field's name.
async fn misspelt(world: &World) -> Result<()> {
    let file = repository("crds/testdata/accepted/defaults.yaml");
    let text = fs::read_to_string(file)?.replacen("\n  mode:", "\n  onUndecidet: InsecureAllow\n  mode:", 1);
    let answer = world.kubectl_with(&["apply", "--dry-run=server", "-f", "-"], &text).await?;
    let said = "unknown field \"spec.onUndecidet\"";
    ensure!(!answer.succeeded() && answer.stderr.contains(said), "{}{}", answer.stdout, answer.stderr);
    Ok(())
}

/// The schema's words reach the person who types `kubectl explain`.
async fn explained(world: &World) -> Result<()> {
    // The API server publishes a new kind's schema a moment after it serves the kind.
    let all = ["explain", "aitoolpolicy.spec"];
    let explained = await_that("the schema to be published", SERVED_WITHIN, async || {
        let explained = world.kubectl(&all).await?;
        Ok(explained.succeeded().then_some(explained.stdout))
    })
    .await?;
    for field in ["mode", "onUndecided", "tags", "select", "signers", "require", "tools"] {
        ensure!(explained.contains(&format!("  {field}\t")), "{field} is not explained:\n{explained}");
    }
    ensure!(
        explained.contains("-required-") && explained.contains("enum: Enforce, Warn, Audit"),
        "{explained}"
    );
    let deep = ["explain", "aitp.spec.require.aiProvenance.maxUnknownPercent"];
    let deep = world.kubectl(&deep).await?.ok()?.stdout;
    ensure!(deep.contains("FIELD: maxUnknownPercent <integer>"), "{deep}");
    Ok(())
}

/// Under the long name, the short one and the category, with one more column when wide.
async fn shown(world: &World) -> Result<()> {
    let columns = ["NAME", "MODE", "READY", "REASON", "NAMESPACES", "WORKLOADS", "AGE"];
    for name in ["aitoolpolicies", "aitp", "tidewaiter"] {
        let shown = world.kubectl(&["get", name]).await?.ok()?.stdout;
        let head: Vec<&str> = shown.lines().next().unwrap_or_default().split_whitespace().collect();
        ensure!(head == columns, "`kubectl get {name}` shows {head:?}");
        let row = shown.lines().find(|line| line.starts_with("production "));
        let row = row.with_context(|| format!("no row of the policy:\n{shown}"))?;
        ensure!(row.contains(" Enforce "), "{row}");
    }
    let wide = world.kubectl(&["get", "aitp", "-o", "wide"]).await?.ok()?.stdout;
    ensure!(wide.lines().next().is_some_and(|head| head.contains("INSECURE")), "{wide}");
    Ok(())
}
