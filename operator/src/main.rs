//! The binary that runs in the cluster, in one of its roles. Wiring only: every decision is made in a room.

mod configuration;
mod controllers_role;
mod flags;
mod plain_server;
mod reloaded;
mod signals;
mod telemetry;
mod webhook_role;
mod withdraw_role;

use std::process::ExitCode;

use clap::Parser;

use crate::flags::{Flags, Role};

fn main() -> ExitCode {
    let flags = Flags::parse();
    telemetry::start(&flags.log);
    // One provider for everything that speaks TLS. Only the first call can win, and this is it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match run(flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "stopped");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(flags: Flags) -> anyhow::Result<()> {
    match flags.role {
        Role::Webhook(role) => webhook_role::run(role, flags.common).await,
        Role::Controllers(role) => controllers_role::run(role, flags.common).await,
        Role::Withdraw => withdraw_role::run(flags.common).await,
    }
}
