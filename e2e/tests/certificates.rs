//! Certificates mend themselves: a lost leaf is made again and served, a lost authority is replaced in every
//! place that names it, admission never lets anything pass for it, and the authority's key stays with the
//! controllers.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use e2e::{
    World, await_that,
    manifest::Kind,
    tidewaiter::{self, NAMESPACE, Tidewaiter, admitted, denied},
};
use serde_json::{Value, json};

const AUTHORITY: &str = "tidewaiter-ca";
const LEAF: &str = "tidewaiter-webhook-tls";
/// Secrets are looked at every 30 s; the node, and then the replica, take a few more to see a new one.
const MENDED_WITHIN: Duration = Duration::from_secs(90);

#[test]
fn lost_certificates_are_made_again_and_admit_nothing_meanwhile() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        tw.good_image("shop/good", "1").await?;
        tw.image("shop/bare", "1").await?;
        let (good, bare) = (tw.tagged("shop/good", "1"), tw.tagged("shop/bare", "1"));
        tw.guarded_namespace("shop", json!({})).await?;
        tw.await_guard("shop", &bare).await?;
        everything_fits(&tw).await?;
        the_authoritys_key_stays_with_the_controllers(&tw).await?;

        let (authority, leaf) = (secret(&tw, AUTHORITY).await?, secret(&tw, LEAF).await?);
        remove(&tw, LEAF).await?;
        let admission = admission_goes_on_until_mended(&tw, &bare, &leaf).await?;
        ensure!(admission.failed == 0, "without a leaf in the cluster {} requests failed", admission.failed);
        ensure!(secret(&tw, AUTHORITY).await? == authority, "the authority was not lost");
        admitted(&tw.dry_run(&Kind::Pod.of("shop", "good", &good)).await?)?;

        let leaf = secret(&tw, LEAF).await?;
        remove(&tw, AUTHORITY).await?;
        // Between new bundle and new leaf the API server trusts no replica; its failure policy answers.
        admission_goes_on_until_mended(&tw, &bare, &leaf).await?;
        ensure!(
            secret(&tw, AUTHORITY).await?.certificate != authority.certificate,
            "the authority is the old one"
        );
        tw.await_guard("shop", &bare).await?;
        admitted(&tw.dry_run(&Kind::Pod.of("shop", "good", &good)).await?)?;
        the_authoritys_key_stays_with_the_controllers(&tw).await
    })
}

/// A Secret in cert-manager's shape.
#[derive(Debug, PartialEq, Eq)]
struct Pair {
    certificate: String,
    key: String,
    /// Of the leaf: the certificate of its authority.
    authority: Option<String>,
    entries: usize,
}

async fn secret(tw: &Tidewaiter<'_>, name: &str) -> Result<Pair> {
    let shown =
        tw.world().kubectl(&["get", "secret", name, "--namespace", NAMESPACE, "--output=json"]).await?;
    let shown: Value = serde_json::from_str(&shown.ok()?.stdout)?;
    let data = shown.get("data").and_then(Value::as_object).context("a Secret without data")?;
    let read = |key: &str| -> Result<Option<String>> {
        let Some(encoded) = data.get(key).and_then(Value::as_str) else { return Ok(None) };
        Ok(Some(String::from_utf8(STANDARD.decode(encoded)?)?))
    };
    Ok(Pair {
        certificate: read("tls.crt")?.context("no certificate")?,
        key: read("tls.key")?.context("no key")?,
        authority: read("ca.crt")?,
        entries: data.len(),
    })
}

async fn remove(tw: &Tidewaiter<'_>, secret: &str) -> Result<()> {
    tw.world().kubectl(&["delete", "secret", secret, "--namespace", NAMESPACE]).await?.ok().map(drop)
}

/// The DER inside a PEM with one certificate.
fn der(pem: &str) -> Result<Vec<u8>> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    Ok(STANDARD.decode(body)?)
}

/// Holds that the authority is the one that the leaf names and that the API server is told, and that every
/// replica serves the leaf over a connection that trusts this authority alone.
async fn everything_fits(tw: &Tidewaiter<'_>) -> Result<Pair> {
    let (authority, leaf) = (secret(tw, AUTHORITY).await?, secret(tw, LEAF).await?);
    ensure!(leaf.authority.as_ref() == Some(&authority.certificate), "the leaf names another authority");
    for configuration in ["validatingwebhookconfiguration", "mutatingwebhookconfiguration"] {
        let bundles = "jsonpath={.webhooks[*].clientConfig.caBundle}";
        let shown =
            tw.world().kubectl(&["get", configuration, "tidewaiter", "--output", bundles]).await?.ok()?;
        ensure!(!shown.stdout.is_empty(), "no caBundle in the {configuration}");
        for bundle in shown.stdout.split(' ') {
            let bundle = String::from_utf8(STANDARD.decode(bundle)?)?;
            ensure!(bundle == authority.certificate, "the {configuration} trusts another authority");
        }
    }
    for replica in tw.replicas().await? {
        let served = replica.certificate().await?;
        ensure!(served == der(&leaf.certificate)?, "{} serves another leaf", replica.pod);
    }
    Ok(leaf)
}

async fn the_authoritys_key_stays_with_the_controllers(tw: &Tidewaiter<'_>) -> Result<()> {
    let (authority, leaf) = (secret(tw, AUTHORITY).await?, secret(tw, LEAF).await?);
    ensure!(
        authority.entries == 2 && leaf.entries == 3,
        "{} and {} entries",
        authority.entries,
        leaf.entries
    );
    ensure!(leaf.key != authority.key, "the leaf has the authority's key");
    let secret = format!("secrets/{AUTHORITY}");
    for (account, wanted) in [("controllers", "yes"), ("webhook", "no")] {
        let user = format!("--as=system:serviceaccount:{NAMESPACE}:tidewaiter-{account}");
        let may =
            tw.world().kubectl(&["auth", "can-i", "get", &secret, "--namespace", NAMESPACE, &user]).await?;
        ensure!(may.stdout.trim() == wanted, "may the {account} read the authority's key? {may:?}");
    }
    Ok(())
}

/// What became of requests while something was mended.
#[derive(Default)]
struct Admission {
    judged: usize,
    failed: usize,
}

/// Asks all the while about an image that has to be turned away, until everything fits and the leaf is a new
/// one.
async fn admission_goes_on_until_mended(tw: &Tidewaiter<'_>, bare: &str, old: &Pair) -> Result<Admission> {
    let probe = Kind::Pod.of("shop", "probe", bare);
    let mended = await_that("everything to fit again", MENDED_WITHIN, async || {
        let leaf = everything_fits(tw).await?;
        Ok((leaf.certificate != old.certificate && leaf.key != old.key).then_some(()))
    });
    tokio::pin!(mended);
    let mut admission = Admission::default();
    loop {
        let answer = tokio::select! {
            mended = &mut mended => break mended?,
            answer = tw.dry_run(&probe) => answer?,
        };
        if denied(&answer, &["SbomMissing"]).is_ok() {
            admission.judged += 1;
        } else {
            ensure!(answer.stderr.contains("failed calling webhook"), "nobody judged this: {answer:?}");
            admission.failed += 1;
        }
    }
    ensure!(admission.judged > 0, "never asked while it was mended");
    Ok(admission)
}
