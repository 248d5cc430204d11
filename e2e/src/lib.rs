//! The test world: a real Kubernetes control plane, a node that runs the operator's Pods and shows the others
//! as running, and the commands a person would type. Used by the e2e tests, the demo and the benchmarks.
//!
//! Everything runs as plain processes inside one network namespace a [`World`]. Nothing here knows how
//! Tidewaiter works inside: the binaries under test are black boxes that the chart's Pod specs name.

mod built;
mod certificates;
mod command;
mod control_plane;
pub mod cosign;
pub mod documents;
mod guardian;
pub mod image;
mod listening;
pub mod manifest;
mod network;
mod node;
mod options;
mod process;
pub mod registry;
pub mod sigstore;
pub mod tidewaiter;
mod tools;
mod usage;
mod waiting;
mod world;

pub use built::built;
pub use command::Output;
pub use network::WORLD_ADDRESS;
pub use options::{Options, Program};
pub use process::Process;
pub use tools::Tools;
pub use usage::Usage;
pub use waiting::await_that;
pub use world::World;
