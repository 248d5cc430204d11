//! Where the programs of the world are: etcd, the control plane, kubectl, Helm, cosign, Sigstore, the registry.
//! How they are built and cached is `e2e/tools/build`; this only runs it, once a process, and reads its answer.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, OnceLock},
};

use anyhow::{Context, Result, anyhow, ensure};

/// The built programs, by name. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tools {
    paths: Arc<BTreeMap<String, PathBuf>>,
}

impl Tools {
    /// Builds what is not yet in the cache (about 11 minutes from cold, told on stderr; nothing when warm).
    ///
    /// # Errors
    /// When a program can neither be found nor built. The build script's own words are on stderr.
    pub fn locate() -> Result<Self> {
        static FOUND: OnceLock<Result<Tools, String>> = OnceLock::new();
        FOUND
            .get_or_init(|| Self::build().map_err(|error| format!("{error:#}")))
            .clone()
            .map_err(|error| anyhow!(error))
    }

    /// The program called `name`, as the build script names it: `kubectl`, `cosign`, `rekor-server`, …
    ///
    /// # Errors
    /// When there is no program of that name.
    pub fn path(&self, name: &str) -> Result<&Path> {
        self.paths.get(name).map(PathBuf::as_path).with_context(|| {
            let known: Vec<_> = self.paths.keys().map(String::as_str).collect();
            format!("no tool is called {name}; there are {}", known.join(", "))
        })
    }

    fn build() -> Result<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/build");
        let output = Command::new(&script)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot run {}", script.display()))?;
        ensure!(output.status.success(), "{} failed: {}", script.display(), output.status);
        let text = String::from_utf8(output.stdout).context("the build script's answer is not UTF-8")?;
        let paths = text.lines().filter_map(|line| line.split_once(' '));
        Ok(Self { paths: Arc::new(paths.map(|(name, path)| (name.to_owned(), path.into())).collect()) })
    }
}
