//! The volumes of a Pod that runs: what is in them, and how a change reaches a process that has them open. Secrets,
//! ConfigMaps, tokens and fields are written as a kubelet does: a new folder, then one rename of `..data`.

use std::{
    collections::BTreeMap,
    fs, io,
    net::Ipv4Addr,
    os::unix::fs::{PermissionsExt as _, chown, symlink},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::{DownwardAPIVolumeFile, KeyToPath, Pod, ProjectedVolumeSource, Volume};
use kube::Client;

use super::{
    environment,
    materials::{Data, Materials},
    token::Tokens,
};

/// Modes of files where the Pod names none; the API server has filled in its own defaults for all but tokens.
const MODE: i32 = 0o644;
const TOKEN_MODE: i32 = 0o600;

/// Files by path, with their modes.
type Files = BTreeMap<String, (Vec<u8>, i32)>;

/// All volumes of one Pod.
pub(super) struct Volumes {
    folder: PathBuf,
    client: Client,
    materials: Materials,
    tokens: Tokens,
    /// User and group that tokens and files belong to.
    owner: (u32, u32),
    written: BTreeMap<String, (Files, u64)>,
}

impl Volumes {
    pub(super) fn new(folder: PathBuf, client: Client, materials: Materials, owner: (u32, u32)) -> Self {
        Self { folder, client, materials, tokens: Tokens::default(), owner, written: BTreeMap::new() }
    }

    /// Where a volume's content is.
    pub(super) fn folder(&self, volume: &str) -> PathBuf {
        self.folder.join(volume)
    }

    /// What containers may take their environment from.
    pub(super) fn materials(&self) -> &Materials {
        &self.materials
    }

    /// Brings every volume up to date; an error says what is not there yet.
    pub(super) async fn refresh(&mut self, pod: &Pod, address: Ipv4Addr) -> Result<()> {
        for volume in pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten()) {
            let name = &volume.name;
            let folder = self.folder(name);
            if volume.empty_dir.is_some() {
                fs::create_dir_all(&folder)?;
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o777))?;
                continue;
            }
            let files =
                self.files(volume, pod, address).await.with_context(|| format!("volume \"{name}\""))?;
            let (before, count) = self.written.remove(name).unwrap_or_default();
            if before != files || count == 0 {
                write(&folder, &files, count, self.owner)?;
                self.written.insert(name.clone(), (files, count + 1));
            } else {
                self.written.insert(name.clone(), (before, count));
            }
        }
        Ok(())
    }

    async fn files(&mut self, volume: &Volume, pod: &Pod, address: Ipv4Addr) -> Result<Files> {
        if let Some(source) = &volume.secret {
            let name = source.secret_name.as_deref().unwrap_or_default();
            let data = self.materials.secret(name, source.optional.unwrap_or_default()).await?;
            return picked(data, source.items.as_deref(), source.default_mode);
        }
        if let Some(source) = &volume.config_map {
            let data = self.materials.config_map(&source.name, source.optional.unwrap_or_default()).await?;
            return picked(data, source.items.as_deref(), source.default_mode);
        }
        if let Some(source) = &volume.downward_api {
            return fields(source.items.as_deref(), source.default_mode, pod, address);
        }
        match &volume.projected {
            Some(source) => self.projected(source, pod, address).await,
            None => {
                bail!("this node has emptyDir, secret, configMap, downwardAPI and projected volumes only")
            }
        }
    }

    async fn projected(
        &mut self,
        source: &ProjectedVolumeSource,
        pod: &Pod,
        address: Ipv4Addr,
    ) -> Result<Files> {
        let mut files = Files::new();
        let mode = source.default_mode;
        for part in source.sources.iter().flatten() {
            if let Some(token) = &part.service_account_token {
                let (audience, seconds) = (token.audience.clone(), token.expiration_seconds);
                let text = self.tokens.get(&self.client, pod, audience, seconds).await?;
                files.insert(token.path.clone(), (text.into_bytes(), TOKEN_MODE));
            } else if let Some(map) = &part.config_map {
                let data = self.materials.config_map(&map.name, map.optional.unwrap_or_default()).await?;
                files.extend(picked(data, map.items.as_deref(), mode)?);
            } else if let Some(secret) = &part.secret {
                let data = self.materials.secret(&secret.name, secret.optional.unwrap_or_default()).await?;
                files.extend(picked(data, secret.items.as_deref(), mode)?);
            } else if let Some(downward) = &part.downward_api {
                files.extend(fields(downward.items.as_deref(), mode, pod, address)?);
            } else {
                bail!("this node projects serviceAccountToken, configMap, secret and downwardAPI only");
            }
        }
        Ok(files)
    }
}

/// The keys that `items` names under the paths it gives them; every key when there is no such list.
fn picked(mut data: Data, items: Option<&[KeyToPath]>, mode: Option<i32>) -> Result<Files> {
    let mode = mode.unwrap_or(MODE);
    let Some(items) = items.filter(|items| !items.is_empty()) else {
        return Ok(data.into_iter().map(|(key, bytes)| (key, (bytes, mode))).collect());
    };
    let one = |item: &KeyToPath| {
        let bytes =
            data.remove(&item.key).with_context(|| format!("references non-existent key: {}", item.key))?;
        Ok((item.path.clone(), (bytes, item.mode.unwrap_or(mode))))
    };
    items.iter().map(one).collect()
}

fn fields(
    items: Option<&[DownwardAPIVolumeFile]>,
    mode: Option<i32>,
    pod: &Pod,
    address: Ipv4Addr,
) -> Result<Files> {
    let one = |item: &DownwardAPIVolumeFile| {
        let reference = item.field_ref.as_ref().context("this node projects fieldRef only")?;
        let value = environment::field(pod, address, &reference.field_path)?;
        Ok((item.path.clone(), (value.into_bytes(), item.mode.or(mode).unwrap_or(MODE))))
    };
    items.unwrap_or_default().iter().map(one).collect()
}

/// Writes `files` beside what is there and switches over at once. `count` names the new folder.
fn write(folder: &Path, files: &Files, count: u64, owner: (u32, u32)) -> Result<()> {
    let generation = format!("..{count}");
    let fresh = folder.join(&generation);
    fs::create_dir_all(&fresh)?;
    for (path, (bytes, mode)) in files {
        let file = fresh.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&file, bytes)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(mode.unsigned_abs()))?;
        chown(&file, Some(owner.0), Some(owner.1))?;
    }
    let current = folder.join("..data");
    let before = fs::read_link(&current).ok();
    let draft = folder.join("..data_tmp");
    symlink(&generation, &draft)?;
    fs::rename(&draft, &current)?;
    let mut wanted: Vec<&str> = files.keys().filter_map(|path| path.split('/').next()).collect();
    wanted.dedup();
    for name in &wanted {
        match symlink(Path::new("..data").join(name), folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
            _ => {}
        }
    }
    for entry in fs::read_dir(folder)?.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !name.starts_with("..") && !wanted.contains(&name.as_ref()) {
            fs::remove_file(entry.path())?;
        }
    }
    if let Some(before) = before {
        fs::remove_dir_all(folder.join(before))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me() -> (u32, u32) {
        (nix::unistd::getuid().as_raw(), nix::unistd::getgid().as_raw())
    }

    #[test]
    fn a_new_version_replaces_the_whole_content_through_one_link() {
        let folder = std::env::temp_dir().join(format!("tw-volume-test-{}", std::process::id()));
        let files = |entries: &[(&str, &str)]| -> Files {
            entries
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (text.as_bytes().to_vec(), MODE)))
                .collect()
        };
        write(&folder, &files(&[("a", "1"), ("b/c", "2")]), 0, me()).unwrap();
        assert_eq!(fs::read_to_string(folder.join("b/c")).unwrap(), "2");
        let first = fs::read_link(folder.join("..data")).unwrap();

        write(&folder, &files(&[("a", "3")]), 1, me()).unwrap();
        assert_eq!(fs::read_to_string(folder.join("a")).unwrap(), "3");
        assert_eq!(fs::read_link(folder.join("a")).unwrap(), Path::new("..data/a"));
        assert_ne!(fs::read_link(folder.join("..data")).unwrap(), first);
        assert!(!folder.join("b").exists() && !folder.join(first).exists());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_key_that_is_named_and_not_there_is_an_error() {
        let item = KeyToPath { key: "absent".to_owned(), path: "p".to_owned(), mode: None };
        let data = Data::from([("present".to_owned(), Vec::new())]);
        assert!(picked(data.clone(), Some(&[item]), None).is_err());
        assert_eq!(picked(data, None, None).unwrap().len(), 1);
    }
}
