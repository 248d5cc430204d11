//! Every built-in kind that carries a Pod spec is denied with an image that proves nothing and admitted with
//! one that proves everything, wherever in the spec the image stands; a dry run says the same; Warn says it
//! and lets pass; Audit writes it down and is silent.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::{
    Output, World, await_that,
    image::Image,
    manifest::{Kind, one_container, with},
    tidewaiter::{self, Tidewaiter, admitted, denied},
};
use serde_json::{Value, json};

/// What the policy finds of an image without attestations.
const MISSING: [&str; 3] = ["SbomMissing", "AiProvenanceMissing", "ScanMissing"];
/// Controllers make Pods within a second or two; the first of a world, and on a busy machine, later.
const SOON: Duration = Duration::from_secs(60);

struct Cast<'a> {
    tw: &'a Tidewaiter<'a>,
    good: Image,
    good_tag: String,
    bare: String,
}

#[test]
fn every_kind_is_denied_and_admitted_for_the_images_it_would_run() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        let good = tw.good_image("shop/good", "1").await?;
        tw.image("shop/bare", "1").await?;
        let (good_tag, bare) = (tw.tagged("shop/good", "1"), tw.tagged("shop/bare", "1"));
        let cast = Cast { tw: &tw, good, good_tag, bare };
        tw.guarded_namespace("shop", json!({})).await?;
        tw.await_guard("shop", &cast.bare).await?;

        let tried = dry_runs_judge_every_kind_and_leave_nothing(&cast).await?;
        every_kind_is_denied(&cast, &tried).await?;
        every_kind_is_admitted_and_runs_what_was_judged(&cast).await?;
        an_update_to_a_bad_image_is_denied(&cast).await?;
        every_list_of_a_pod_is_judged(&cast).await?;
        ephemeral_containers_are_judged(&cast).await?;
        no_replicas_are_judged_like_many(&cast).await?;
        warn_says_it_and_lets_pass(&cast).await?;
        audit_is_silent_and_writes_it_down(&cast).await
    })
}

/// What was said, without the name of the decision, which is another each time.
fn words(answer: &Output) -> String {
    answer.stderr.lines().filter(|line| !line.starts_with("decision ")).collect::<Vec<_>>().join("\n")
}

/// Which door an object comes to.
const fn door(kind: Kind) -> &'static str {
    if matches!(kind, Kind::Pod) {
        "\"pods.validate.tidewaiter.dev\""
    } else {
        "\"workloads.validate.tidewaiter.dev\""
    }
}

/// Everything in a namespace that carries a Pod spec.
async fn everything_in(world: &World, namespace: &str) -> Result<String> {
    let kinds: Vec<String> = Kind::ALL.into_iter().map(Kind::resource).collect();
    let found = ["get", &kinds.join(","), "--namespace", namespace, "--output", "name"];
    Ok(world.kubectl(&found).await?.ok()?.stdout)
}

/// The denials' words, to be held against what comes without a dry run.
async fn dry_runs_judge_every_kind_and_leave_nothing(cast: &Cast<'_>) -> Result<Vec<String>> {
    let mut said = Vec::new();
    for kind in Kind::ALL {
        let answer = cast.tw.dry_run(&kind.of("shop", "bad", &cast.bare)).await?;
        denied(&answer, &MISSING)?;
        said.push(words(&answer));
        admitted(&cast.tw.dry_run(&kind.of("shop", "good", &cast.good_tag)).await?)?;
    }
    let left = everything_in(cast.tw.world(), "shop").await?;
    ensure!(left.is_empty(), "dry runs left {left}");
    Ok(said)
}

async fn every_kind_is_denied(cast: &Cast<'_>, tried: &[String]) -> Result<()> {
    for (kind, tried) in Kind::ALL.into_iter().zip(tried) {
        let answer = cast.tw.create(&kind.of("shop", "bad", &cast.bare)).await?;
        denied(&answer, &MISSING)?;
        denied(&answer, &[door(kind), &cast.bare, "AIToolPolicy \"shop\"", "hint:"])?;
        ensure!(
            words(&answer) == *tried,
            "{kind:?}: the dry run said\n{tried}\nand then\n{}",
            words(&answer)
        );
    }
    let left = everything_in(cast.tw.world(), "shop").await?;
    ensure!(left.is_empty(), "denied, and yet there is {left}");
    Ok(())
}

async fn every_kind_is_admitted_and_runs_what_was_judged(cast: &Cast<'_>) -> Result<()> {
    let tw = cast.tw;
    for kind in Kind::ALL {
        let name = format!("good-{}", kind.resource());
        admitted(&tw.create(&kind.of("shop", &name, &cast.good_tag)).await?)?;
    }
    // A CronJob makes nothing before its hour; every other kind makes one Pod.
    let pods = Kind::ALL.len() - 1;
    let pinned = format!("{}@{}", cast.good_tag, cast.good.digest);
    let image = "{.spec.containers[0].image} {.status.containerStatuses[0].imageID}";
    let what = format!(r"{{range .items[*]}}{{.status.phase}} {image}{{'\n'}}{{end}}");
    let running = format!("Running {pinned} {}", cast.good.reference());
    await_that("a Pod of every kind to run the digest that was judged", SOON, async || {
        let shown = tw.read("shop", &["pods"], &what).await?;
        let lines: Vec<&str> = shown.lines().collect();
        ensure!(lines.len() == pods && lines.iter().all(|line| *line == running), "{shown}, not {running}");
        Ok(Some(()))
    })
    .await
}

async fn an_update_to_a_bad_image_is_denied(cast: &Cast<'_>) -> Result<()> {
    let world = cast.tw.world();
    let image = format!("it={}", cast.bare);
    // The API server itself takes no other image in a Job.
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Job) {
        let object = format!("{0}/good-{0}", kind.resource());
        let answer = world.kubectl(&["set", "image", "--namespace", "shop", &object, &image]).await?;
        denied(&answer, &[door(kind)]).and_then(|()| denied(&answer, &MISSING))?;
    }
    Ok(())
}

/// Pod specs whose containers are good, with `image` where only one list has it.
fn elsewhere(good: &str, image: &str) -> [(&'static str, Value); 2] {
    let init = json!({ "initContainers": [{ "name": "first", "image": image }] });
    let volume = json!({ "volumes": [{ "name": "model", "image": { "reference": image } }] });
    let beside = |list| with(one_container(good), list);
    [("init container", beside(init)), ("image volume", beside(volume))]
}

async fn every_list_of_a_pod_is_judged(cast: &Cast<'_>) -> Result<()> {
    for kind in Kind::ALL {
        let bad = elsewhere(&cast.good_tag, &cast.bare);
        let good = elsewhere(&cast.good_tag, &cast.good_tag);
        for ((list, bad), (_, good)) in bad.into_iter().zip(good) {
            let context = || format!("{kind:?} with an {list}");
            let answer = cast.tw.dry_run(&kind.around("shop", "elsewhere", bad)).await?;
            denied(&answer, &MISSING).and_then(|()| denied(&answer, &[&cast.bare])).with_context(context)?;
            let answer = cast.tw.dry_run(&kind.around("shop", "elsewhere", good)).await?;
            admitted(&answer).with_context(context)?;
        }
    }
    Ok(())
}

/// What `kubectl debug` does, which goes to a subresource of its own.
async fn ephemeral_containers_are_judged(cast: &Cast<'_>) -> Result<()> {
    let tw = cast.tw;
    let debug = async |image: &str, name: &str| {
        tw.world().kubectl(&["debug", "good-pod", "--namespace", "shop", "--image", image, "-c", name]).await
    };
    let path = "{.spec.ephemeralContainers[*].image}";
    let answer = debug(&cast.bare, "bad").await?;
    denied(&answer, &MISSING).and_then(|()| denied(&answer, &[door(Kind::Pod), &cast.bare]))?;
    let left = tw.read("shop", &["pod", "good-pod"], path).await?;
    ensure!(left.is_empty(), "denied, and yet there is {left}");
    debug(&cast.good_tag, "good").await?.ok()?;
    let brought = tw.read("shop", &["pod", "good-pod"], path).await?;
    ensure!(brought == format!("{}@{}", cast.good_tag, cast.good.digest), "{brought}");
    Ok(())
}

async fn no_replicas_are_judged_like_many(cast: &Cast<'_>) -> Result<()> {
    let none = |kind: Kind, image: &str| {
        let manifest = kind.of("shop", &format!("none-{}", kind.resource()), image);
        with(manifest, json!({ "spec": { "replicas": 0 } }))
    };
    for kind in Kind::SCALED {
        denied(&cast.tw.create(&none(kind, &cast.bare)).await?, &MISSING)?;
        admitted(&cast.tw.create(&none(kind, &cast.good_tag)).await?)?;
    }
    Ok(())
}

async fn warn_says_it_and_lets_pass(cast: &Cast<'_>) -> Result<()> {
    let tw = cast.tw;
    tw.guarded_namespace("lab", json!({ "mode": "Warn" })).await?;
    let warnings = |answer: &Output| -> Vec<String> {
        answer.stderr.lines().filter_map(|line| line.strip_prefix("Warning: ")).map(str::to_owned).collect()
    };
    let probe = Kind::Pod.of("lab", "probe", &cast.bare);
    tw.await_answer(&probe, |answer| answer.succeeded() && !warnings(answer).is_empty()).await?;
    for kind in Kind::ALL {
        let manifest = kind.of("lab", "bad", &cast.bare);
        let tried = tw.dry_run(&manifest).await?.ok()?;
        let answer = tw.create(&manifest).await?.ok()?;
        let said = warnings(&answer);
        ensure!(said.len() == answer.stderr.lines().count(), "not only warnings: {answer:?}");
        ensure!(said == warnings(&tried), "{kind:?}: the dry run said {tried:?}, and then {answer:?}");
        ensure!(said.len() == MISSING.len(), "one line a finding, not {said:?}");
        for (line, code) in said.iter().zip(MISSING) {
            ensure!(line.starts_with(code) && line.contains("shop/bare:1"), "{line}, not of {code}");
        }
        admitted(&tw.create(&kind.of("lab", "good", &cast.good_tag)).await?)?;
    }
    Ok(())
}

/// The annotations that the Pod door made when a Pod of this name was created.
fn annotations(world: &World, namespace: &str, name: &str) -> Option<Value> {
    world.audit_log().lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok()).find_map(
        |entry| {
            let of = |pointer| entry.pointer(pointer).and_then(Value::as_str);
            let pod = [of("/objectRef/resource"), of("/objectRef/namespace"), of("/objectRef/name")];
            let fits = pod == [Some("pods"), Some(namespace), Some(name)];
            // The scheduler creates a `binding` of the same Pod.
            (fits && of("/objectRef/subresource").is_none() && of("/verb") == Some("create"))
                .then(|| entry.get("annotations").cloned().unwrap_or_default())
        },
    )
}

async fn audit_is_silent_and_writes_it_down(cast: &Cast<'_>) -> Result<()> {
    let (tw, world) = (cast.tw, cast.tw.world());
    tw.guarded_namespace("watched", json!({ "mode": "Audit" })).await?;
    // Nothing is said, so the audit log is where it shows that the policy is in force.
    let mut tries = 0;
    let found = await_that("the audit log to tell of a finding", SOON, async || {
        tries += 1;
        let name = format!("bad-{tries}");
        admitted(&tw.create(&Kind::Pod.of("watched", &name, &cast.bare)).await?)?;
        let written = await_that("the audit log to tell of the Pod", SOON, async || {
            Ok(annotations(world, "watched", &name))
        })
        .await?;
        Ok(written.get("pods.validate.tidewaiter.dev/codes").is_some().then_some(written))
    })
    .await?;
    let of = |annotations: &Value, key: &str| {
        let value = annotations.get(format!("pods.validate.tidewaiter.dev/{key}"));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    for code in MISSING {
        ensure!(of(&found, "codes").contains(code), "{found}");
    }
    ensure!(of(&found, "outcome") == "Allowed" && of(&found, "policies") == "watched", "{found}");

    admitted(&tw.create(&Kind::Pod.of("watched", "good", &cast.good_tag)).await?)?;
    let written = await_that("the audit log to tell of the good Pod", SOON, async || {
        Ok(annotations(world, "watched", "good"))
    })
    .await?;
    ensure!(of(&written, "codes").is_empty() && of(&written, "digests") == cast.good.digest, "{written}");
    for kind in Kind::ALL {
        let name = format!("bad-{}", kind.resource());
        admitted(&tw.create(&kind.of("watched", &name, &cast.bare)).await?)?;
    }
    Ok(())
}
