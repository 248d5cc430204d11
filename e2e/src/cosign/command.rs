//! One run of cosign: how a person would type it, and running it.

use std::{fmt, path::PathBuf};

use anyhow::Result;
use tokio::process::Command;

use crate::command::{self, Output, quoted};

/// A cosign run: how to type it (`Display`), and how to run it.
#[derive(Debug, Clone)]
pub struct CosignCommand {
    pub(super) program: PathBuf,
    pub(super) home: PathBuf,
    pub(super) arguments: Vec<String>,
}

impl fmt::Display for CosignCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cosign")?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

impl CosignCommand {
    /// Adds a flag that the methods of [`Cosign`] do not know, before the image.
    pub fn push(&mut self, flag: &str) {
        let image = self.arguments.pop();
        self.arguments.push(flag.to_owned());
        self.arguments.extend(image);
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it cannot be run. That it failed is in the output.
    pub async fn run(&self) -> Result<Output> {
        let mut command = Command::new(&self.program);
        command.env("HOME", &self.home).env("DOCKER_CONFIG", &self.home).env("COSIGN_PASSWORD", "");
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        command::run(command, "cosign", &arguments, None).await
    }
}
