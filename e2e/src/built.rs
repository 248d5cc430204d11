//! The binaries under test, built from this checkout as they are shipped. Built here and not found, because one
//! that was built before the last change would be tested without a word.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use anyhow::{Context, Result, anyhow, ensure};
use serde_json::Value;

/// The release binary called `name`: `tidewaiter-operator` or `tidewaiter`. The first call of a process builds
/// what changed; Cargo's words are on stderr.
///
/// # Errors
/// When they cannot be built, or none is called so.
pub fn built(name: &str) -> Result<PathBuf> {
    static BUILT: OnceLock<Result<Vec<PathBuf>, String>> = OnceLock::new();
    let all = BUILT.get_or_init(|| build().map_err(|error| format!("{error:#}")));
    let all = all.as_ref().map_err(|error| anyhow!(error.clone()))?;
    let found = all.iter().find(|path| path.file_name().is_some_and(|file| file == name));
    found.cloned().with_context(|| format!("no binary of the operator or the command line is called {name}"))
}

fn build() -> Result<Vec<PathBuf>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--release", "--locked", "--package=operator", "--package=cli", "--bins"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    ensure!(output.status.success(), "the binaries under test cannot be built: {}", output.status);
    let messages = String::from_utf8(output.stdout).context("cargo's answer is not UTF-8")?;
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(messages.filter_map(|message| Some(message.get("executable")?.as_str()?.into())).collect())
}
