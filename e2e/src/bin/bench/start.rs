//! From the start of a webhook process to its first admission. It is the binary that the Pods run, with their
//! certificate and configuration, against the same API server; the image is one that it has never seen.

use std::{
    fs,
    net::SocketAddr,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use e2e::{WORLD_ADDRESS, World, built, image::Image, tidewaiter::NAMESPACE};

use crate::{
    door::{self, Door, Installation, is_allowed, millis},
    figure::{AIM, Figure, percentile},
};

/// Where it listens: Pods have addresses of their own.
const PORT: u16 = 9443;
/// Starts, one after the other.
const STARTS: usize = 7;
/// In milliseconds: a replica that is replaced must not be missed.
const WITHIN: f64 = 500.0;
/// Far beyond any start that is not an error.
const LIMIT: Duration = Duration::from_secs(20);

pub(crate) async fn to_first_decision(
    world: &World,
    installation: &Installation,
    image: &Image,
) -> Result<Figure> {
    let folder = world.folder("start")?;
    let tls = folder.join("tls");
    fs::create_dir_all(&tls)?;
    for file in ["tls.crt", "tls.key"] {
        fs::write(tls.join(file), installation.leaf_file(file)?)?;
    }
    let configuration = folder.join("configuration.yaml");
    let text = installation.configuration.data.as_ref().and_then(|data| data.get("configuration.yaml"));
    fs::write(&configuration, text.context("the operator has a configuration")?)?;

    let address = SocketAddr::new(WORLD_ADDRESS.into(), PORT);
    let review = door::pod(&[&image.reference()]);
    let mut command = Command::new(built("tidewaiter-operator")?);
    command
        .env("KUBECONFIG", world.kubeconfig())
        .arg("webhook")
        .arg(format!("--namespace={NAMESPACE}"))
        .arg(format!("--listen={address}"))
        .arg(format!("--metrics={WORLD_ADDRESS}:0"))
        .arg("--tls")
        .arg(&tls)
        .arg("--configuration")
        .arg(&configuration);
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let started = Instant::now();
        let mut process = world.spawn("started-webhook", &mut command)?;
        let mut decided = None;
        let ready = async || {
            // No connection is kept from before the process was there.
            let Ok(door) = Door::new(installation, address) else { return false };
            let admitted = door.ask(&review).await.is_ok_and(|(_, response)| is_allowed(&response));
            decided = admitted.then(|| started.elapsed());
            admitted
        };
        process.await_ready(LIMIT, ready).await?;
        times.push(millis(decided.context("it decided")?));
        process.kill()?;
    }
    let name = "webhook process: start to first admission, its image cold, p50";
    Ok(Figure::new(name, percentile(&mut times, 50), "ms").compared(AIM, WITHIN))
}
