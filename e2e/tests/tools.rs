//! That the build script takes the programs it is given, and says which one is missing.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

use anyhow::Result;

fn build(assets: &Path) -> Result<Output> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/build");
    Ok(Command::new(script).args(["etcd", "kubernetes"]).env("KUBEBUILDER_ASSETS", assets).output()?)
}

#[test]
fn given_assets_are_used_and_the_one_that_is_missing_is_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    for name in ["etcd", "kubectl", "kube-controller-manager", "kube-scheduler"] {
        symlink("/bin/true", folder.path().join(name))?;
    }
    let refused = build(folder.path())?;
    assert!(!refused.status.success());
    let words = String::from_utf8(refused.stderr)?;
    assert!(words.contains("has no executable kube-apiserver"), "{words}");

    fs::write(folder.path().join("kube-apiserver"), "not executable")?;
    assert!(!build(folder.path())?.status.success());

    fs::remove_file(folder.path().join("kube-apiserver"))?;
    symlink("/bin/true", folder.path().join("kube-apiserver"))?;
    let paths = String::from_utf8(build(folder.path())?.stdout)?;
    assert_eq!(paths.lines().count(), 5, "{paths}");
    let inside =
        |line: &str| line.split(' ').nth(1).is_some_and(|path| Path::new(path).starts_with(folder.path()));
    assert!(paths.lines().all(inside), "{paths}");
    Ok(())
}

#[test]
fn a_group_nobody_knows_is_refused() -> Result<()> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/build");
    let output = Command::new(script).arg("docker").output()?;
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr)?.contains("no tool group is called docker"));
    Ok(())
}
