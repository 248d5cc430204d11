//! A world to try things in: brings one up, says how to use it, and keeps it until it is interrupted.

use std::future::pending;

use anyhow::Result;
use e2e::{Options, World};

#[expect(clippy::print_stdout, reason = "telling how to use the world is what this program is for")]
fn main() -> Result<()> {
    World::run(Options::default(), async |world| {
        println!("{}", world.how_to_use());
        pending().await
    })
}
