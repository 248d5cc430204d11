//! The main job, shown on real parts: a Deployment is turned away, and admitted, for the right reasons.
//!
//! Plays acts, and prints for each the command, what it really printed, and one line saying what was proved. Ends
//! with an error if an act does not end as told. With `--keep` everything stays until Ctrl-C.

mod acts;
mod images;
mod stage;

use std::{process::ExitCode, time::Instant};

use anyhow::Result;
use e2e::{World, tidewaiter};

use crate::{images::Images, stage::Stage};

fn main() -> ExitCode {
    let keep = std::env::args().any(|argument| argument == "--keep");
    let played =
        tidewaiter::options().and_then(|options| World::run(options, async |world| play(world, keep).await));
    match played {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            stage::tell(&format!("\nThe demo did not end as told: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn play(world: &World, keep: bool) -> Result<()> {
    let started = Instant::now();
    stage::tell("A control plane is up: etcd, kube-apiserver, kube-controller-manager, kube-scheduler.");
    stage::tell("Installing Tidewaiter with Helm, beside a registry and a private Sigstore …");
    let tidewaiter = tidewaiter::Tidewaiter::install(world).await?;
    stage::tell(
        "Pushing images and attesting with cosign: each lacks something, or has it wrong, but three …",
    );
    let images = Images::push(&tidewaiter).await?;
    stage::tell(&format!("The stage is set ({:.0} s).", started.elapsed().as_secs_f32()));

    let mut stage = Stage::new(&tidewaiter);
    acts::play(&mut stage, &images).await?;
    stage::tell(&format!(
        "\n{} acts, all as told, in {:.0} s.",
        stage.acts(),
        started.elapsed().as_secs_f32()
    ));
    if keep {
        stage::tell(&keeping(world));
        tokio::signal::ctrl_c().await?;
    }
    Ok(())
}

/// How to use what stays.
fn keeping(world: &World) -> String {
    let name = world.name();
    let kubeconfig = world.kubeconfig();
    format!(
        "\nEverything stays until you press Ctrl-C. In another terminal, as root:\n\n  \
         nsenter --net=/run/netns/{name} env KUBECONFIG={} bash\n\n\
         and then, for instance:\n\n  kubectl get aitoolpolicies\n  kubectl get pods -A\n  \
         kubectl create deployment again --image SOME-IMAGE -n shop",
        kubeconfig.display()
    )
}
