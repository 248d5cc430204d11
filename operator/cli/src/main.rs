//! The command line, for people and for CI: the same verdicts as at admission, in the same words.
//!
//! Data goes to stdout, words to stderr. Exit codes: 0 pass, 1 denied, 2 asked wrongly, 3 undecided.
//!
//! Not here: deciding anything.

mod arguments;
mod court;
mod check;
mod docker_config;
mod exit;
mod json;
mod policies;
mod subjects;
mod table;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    arguments::{Arguments, Command},
    exit::Exit,
};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // One provider for everything that speaks TLS. Only the first call can win, and this is it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match run(arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            say(&format!("error: {error:#}"));
            Exit::AskedWrongly.into()
        }
    }
}

#[tokio::main]
async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    match arguments.command {
        Command::Check(check) => check::run(check).await,
    }
}

/// Words for a person.
#[expect(clippy::print_stderr, reason = "stderr is where this program speaks to people")]
pub(crate) fn say(words: &str) {
    eprintln!("{words}");
}

/// Data, which another program may read.
#[expect(clippy::print_stdout, reason = "stdout is where this program puts its results")]
pub(crate) fn show(data: &str) {
    print!("{data}");
}
