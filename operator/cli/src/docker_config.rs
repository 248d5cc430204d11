//! The registry credentials of whoever runs the command: what `docker login` keeps.
//!
//! Credential helpers are never run; entries that need one are left out, and said to be.

use std::{ffi::OsString, io::Read, path::PathBuf};

use anyhow::{Context, ensure};
use fetch::{Ignored, Keychain, SecretKind};

use crate::terminal::say;

/// As the kubelet's own limit for a Secret: 1 MiB.
const MAX_BYTES: u64 = 1 << 20;

/// The keychain of `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`; anonymous if there is none.
pub(crate) fn keychain() -> anyhow::Result<Keychain> {
    let Some(path) = place().filter(|path| path.is_file()) else { return Ok(Keychain::anonymous()) };
    let shown = path.display();
    let mut data = Vec::new();
    std::fs::File::open(&path)
        .and_then(|file| file.take(MAX_BYTES.saturating_add(1)).read_to_end(&mut data))
        .with_context(|| format!("{shown} could not be read"))?;
    ensure!(
        u64::try_from(data.len())? <= MAX_BYTES,
        "{shown} is longer than {MAX_BYTES} bytes, the most that is read"
    );
    let keychain = Keychain::from_docker_configs(&[(SecretKind::DockerConfigJson, data)]);
    for ignored in keychain.ignored() {
        say(&match ignored {
            Ignored::Unreadable => format!("note: {shown} is no Docker configuration, and was not used"),
            Ignored::Store | Ignored::Helper(_) | Ignored::Auth(_) => format!("note: {shown}: {ignored}"),
        });
    }
    Ok(keychain)
}

/// An empty variable counts as none, as for `docker`.
fn place() -> Option<PathBuf> {
    let set =
        |name: &str| std::env::var_os(name).filter(|value: &OsString| !value.is_empty()).map(PathBuf::from);
    let folder = set("DOCKER_CONFIG").or_else(|| set("HOME").map(|home| home.join(".docker")));
    folder.map(|folder| folder.join("config.json"))
}
