//! What a container that runs sees: its Pod's network, a root of its own with the program, the machine's libraries
//! and its volumes, and the user it runs as. As in an image without a distribution there is no shell.

use std::{
    fmt::Write as _,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Command,
};

use super::environment::Environment;
use crate::{command::quoted, options::Program};

/// What a dynamically linked program needs of the machine, read-only; `/proc` and `/dev` come whole.
const LIBRARIES: [&str; 5] = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ssl"];

/// A container that is about to start.
#[derive(Debug)]
pub(super) struct Root<'a> {
    pub(super) program: &'a Program,
    /// A folder of the machine to mount the root on; each container its own.
    pub(super) at: PathBuf,
    /// What `nsenter --net=` takes.
    pub(super) network: String,
    pub(super) mounts: Vec<Mount>,
    /// `/etc/hosts`.
    pub(super) hosts: String,
    pub(super) user: u32,
    pub(super) group: u32,
    pub(super) more_groups: Vec<u32>,
    pub(super) read_only: bool,
    pub(super) environment: Environment,
    /// The program's name and arguments.
    pub(super) arguments: Vec<String>,
}

/// A folder or file to appear inside.
#[derive(Debug)]
pub(super) struct Mount {
    pub(super) source: PathBuf,
    pub(super) target: String,
    pub(super) read_only: bool,
}

impl Root<'_> {
    /// The command that starts it: one process id from the first program to the container's own.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net={}", self.network)).args([
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-ec",
        ]);
        command.arg(self.script()).env_clear().envs(&self.environment);
        command
    }

    fn script(&self) -> String {
        let root = quoted(&self.at.display().to_string());
        let inside = |path: &str| quoted(&self.at.join(path.trim_start_matches('/')).display().to_string());
        let mut script = format!(
            "mkdir -p {root}\nmount -t tmpfs -o mode=0755 world {root}\nmkdir -m 1777 {tmp}\nmkdir {etc}\n\
             echo 'hosts: files dns' > {switch}\nprintf %s {hosts} > {etc_hosts}\n",
            tmp = inside("tmp"),
            etc = inside("etc"),
            switch = inside("etc/nsswitch.conf"),
            hosts = quoted(&self.hosts),
            etc_hosts = inside("etc/hosts"),
        );
        for library in LIBRARIES {
            let target = inside(library);
            // On merged-/usr systems some of these are links to others.
            if let Ok(link) = Path::new(library).read_link() {
                let _ = writeln!(script, "ln -s {} {target}", quoted(&link.display().to_string()));
            } else if Path::new(library).is_dir() {
                let _ = writeln!(script, "mkdir -p {target}\nmount -o bind,ro {library} {target}");
            }
        }
        for tree in ["proc", "dev"] {
            let target = inside(tree);
            let _ = writeln!(script, "mkdir {target}\nmount --rbind /{tree} {target}");
        }
        let entrypoint = inside(&self.program.entrypoint);
        let binary = quoted(&self.program.binary.display().to_string());
        let _ = writeln!(
            script,
            "mkdir -p \"$(dirname {entrypoint})\"\n: > {entrypoint}\nmount -o bind,ro {binary} {entrypoint}"
        );
        for mount in &self.mounts {
            let (source, target) = (quoted(&mount.source.display().to_string()), inside(&mount.target));
            let make =
                if mount.source.is_dir() { format!("mkdir -p {target}") } else { format!(": > {target}") };
            let how = if mount.read_only { "bind,ro" } else { "bind" };
            let _ = writeln!(
                script,
                "mkdir -p \"$(dirname {target})\"\n{make}\nmount -o {how} {source} {target}"
            );
        }
        if self.read_only {
            let _ = writeln!(script, "mount -o remount,ro {root}");
        }
        let groups: Vec<_> = self.more_groups.iter().map(u32::to_string).collect();
        let arguments: Vec<_> = self.arguments.iter().map(|argument| quoted(argument)).collect();
        let _ = writeln!(
            script,
            "exec setpriv --no-new-privs chroot --userspec={}:{} --groups={} {root} {}",
            self.user,
            self.group,
            quoted(&groups.join(",")),
            arguments.join(" ")
        );
        script
    }
}

/// `/etc/hosts` for a Pod.
pub(super) fn hosts<'a>(
    name: &str,
    address: Ipv4Addr,
    aliases: impl Iterator<Item = (&'a str, &'a [String])>,
) -> String {
    let mut text = format!("127.0.0.1 localhost\n{address} {name}\n");
    for (address, names) in aliases {
        let _ = writeln!(text, "{address} {}", names.join(" "));
    }
    text
}
