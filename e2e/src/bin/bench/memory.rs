//! Resident memory of one webhook process.

use anyhow::Result;
use e2e::{World, tidewaiter::NAMESPACE};

use crate::{
    door::Installation,
    figure::{Figure, ORIENTATION},
};

/// Before it judged anything that is signed.
pub(crate) fn idle(world: &World, installation: &Installation) -> Result<Figure> {
    let resident = resident(world, installation)?;
    Ok(Figure::new("resident memory of a webhook replica, idle", resident, "MiB").compared(ORIENTATION, 91.0))
}

/// With all evidence remembered.
pub(crate) fn after(world: &World, installation: &Installation, digests: usize) -> Result<Figure> {
    let name = format!(
        "resident memory of a webhook replica, {digests} digests with 3 attestations each remembered"
    );
    Ok(Figure::new(name, resident(world, installation)?, "MiB").compared(ORIENTATION, 102.0))
}

fn resident(world: &World, installation: &Installation) -> Result<f64> {
    let usage = world.usage(NAMESPACE, installation.pod_name(), "webhook")?;
    Ok(usage.resident as f64 / f64::from(1 << 20))
}
