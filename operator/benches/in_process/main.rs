//! What the rooms cost, measured where nothing else runs: processor time of the one thread that asks, of code
//! called directly. `make bench` reads what this prints: one figure a line, as JSON.
//!
//! Not here: TLS, the API server and a registry on a network; `e2e` measures those from outside.

mod clock;
mod cold;
mod court;
mod decide;
mod figure;
mod fixtures;
mod loopback;
mod sbom;
mod select;
mod verify;
mod warm;

use std::io::Write as _;

use crate::{fixtures::Fixtures, loopback::Loopback};

fn main() -> anyhow::Result<()> {
    let fixtures = Fixtures::read()?;
    let registry = Loopback::start(&fixtures)?;
    // What answers admissions has several threads; one is enough to count what an answer costs.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;

    let mut figures = vec![decide::decide(&fixtures)?];
    figures.extend(select::select());
    let library_alone = verify::library_alone(&fixtures)?;
    figures.extend(verify::verify(&fixtures, library_alone)?);
    figures.push(warm::admission(&runtime, &fixtures, &registry)?);
    figures.extend(cold::images(&runtime, &fixtures, &registry, library_alone)?);
    figures.push(sbom::sbom()?);

    let mut out = std::io::stdout().lock();
    for figure in figures {
        writeln!(out, "{}", serde_json::to_string(&figure)?)?;
    }
    Ok(())
}
