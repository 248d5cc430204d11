//! The command line, for people and for CI: the same verdicts as at admission, in the same words.
//!
//! Data goes to stdout, words to stderr. Exit codes: 0 pass, 1 denied, 2 asked wrongly, 3 undecided.
//!
//! Not here: deciding anything.

mod arguments;
mod check;
mod court;
mod docker_config;
mod exit;
mod input;
mod json;
mod namespace;
mod policies;
mod registries;
mod ruling;
mod subjects;
mod table;
mod terminal;
mod words;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    arguments::{Arguments, Command},
    court::NoCluster,
    exit::Exit,
    terminal::say,
};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // One provider for everything that speaks TLS. Only the first call can win, and this is it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match run(arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            say(&format!("error: {}", names::with_causes(error.as_ref())));
            let Some(no_cluster) = error.downcast_ref::<NoCluster>() else {
                return Exit::AskedWrongly.into();
            };
            say("hint: policies in files need no cluster: --policy FILE");
            no_cluster.exit().into()
        }
    }
}

#[tokio::main]
async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.command {
        Command::Check(check) => check::run(check).await,
    }
}
