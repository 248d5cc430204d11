//! The registry credentials of whoever runs the command: what `docker login` keeps.
//!
//! Credential helpers are never run; entries that need one are left out, and said to be.

use std::path::PathBuf;

use fetch::{Keychain, SecretKind};

/// As the kubelet's own limit for a Secret: 1 MiB.
const MAX_BYTES: u64 = 1 << 20;

/// The keychain of `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`; anonymous if there is none.
pub(crate) fn keychain() -> anyhow::Result<Keychain> {
    let folder = std::env::var_os("DOCKER_CONFIG")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".docker")));
    let Some(path) = folder.map(|folder| folder.join("config.json")).filter(|path| path.is_file()) else {
        return Ok(Keychain::anonymous());
    };
    let bytes = std::fs::metadata(&path)?.len();
    anyhow::ensure!(bytes <= MAX_BYTES, "{} has {bytes} bytes; at most {MAX_BYTES} are read", path.display());
    let data = std::fs::read(&path)?;
    let keychain = Keychain::from_docker_configs(&[(SecretKind::DockerConfigJson, data)]);
    for ignored in keychain.ignored() {
        crate::say(&format!("note: {}: {ignored}", path.display()));
    }
    Ok(keychain)
}
