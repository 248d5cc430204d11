//! The measurements, as a table and as `.bench/latest.json`: the rooms from inside, in benches of their own, and
//! the installed webhook from outside, asked over TLS as the API server asks it.
//!
//! Figures of other products that are marked as orientation were published elsewhere and not measured here.

mod cast;
mod cold;
mod door;
mod figure;
mod in_process;
mod memory;
mod start;
mod warm;

use std::{fs, io::Write as _, path::Path};

use anyhow::Result;
use e2e::{
    World,
    tidewaiter::{self, Tidewaiter},
};

use crate::{
    cast::Cast,
    door::{Door, Installation},
    figure::{Figure, table},
};

/// The policy, and the namespace that it selects.
const GUARDED: &str = "shop";

fn main() -> Result<()> {
    // One after the other: both want the processor for themselves.
    let mut figures = in_process::figures()?;
    figures.extend(World::run(tidewaiter::options()?, async |world| from_outside(world).await)?);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.bench");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("latest.json"), format!("{}\n", serde_json::to_string_pretty(&figures)?))?;
    std::io::stdout().write_all(table(&figures).as_bytes())?;
    Ok(())
}

async fn from_outside(world: &World) -> Result<Vec<Figure>> {
    let tidewaiter = Tidewaiter::install(world).await?;
    tidewaiter.guarded_namespace(GUARDED, serde_json::json!({})).await?;
    let installation = Installation::find(&tidewaiter).await?;
    let door = Door::new(&installation, installation.pod_address()?)?;
    door.in_force(&tidewaiter.image("bench/bare", "1").await?.reference()).await?;

    let mut figures = vec![memory::idle(world, &installation)?];
    let cast = Cast::push(&tidewaiter).await?;
    figures.extend(cold::images(&tidewaiter, &installation, &door, &cast).await?);
    figures.push(memory::after(world, &installation, cast.len())?);
    figures.extend(warm::admissions(&installation, cast.judged()?).await?);
    figures.push(start::to_first_decision(world, &installation, cast.judged()?).await?);
    Ok(figures)
}
