//! The benches of the rooms: what they print is one figure a line.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::figure::Figure;

/// Package and bench.
const BENCHES: [(&str, &str); 1] = [("operator", "in_process")];

/// Runs them one after the other.
pub(crate) fn figures() -> Result<Vec<Figure>> {
    let mut all = Vec::new();
    for (package, bench) in BENCHES {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["bench", "--locked", "--package", package, "--bench", bench])
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run cargo")?;
        ensure!(output.status.success(), "the bench {bench} of {package} ended with {}", output.status);
        let text = String::from_utf8(output.stdout)?;
        for line in text.lines().filter(|line| !line.is_empty()) {
            all.push(serde_json::from_str(line).with_context(|| format!("{bench} printed {line:?}"))?);
        }
    }
    Ok(all)
}
