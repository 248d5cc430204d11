//! The world's network: a namespace with a bridge, and one namespace a Pod that the node really runs. Threads
//! enter it, and what they start is born in it; no address here is reachable from outside, nor the other way.

use std::{
    collections::BTreeSet,
    fs::File,
    io::Write as _,
    net::Ipv4Addr,
    process::{Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, Result, ensure};
use nix::sched::{CloneFlags, setns};

/// The bridge's address: the API server, registries and everything else that is not a Pod are reached here.
/// Not loopback, because the API server refuses loopback addresses in EndpointSlices.
pub const WORLD_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 1);

/// Last octets for Pods, in the bridge's /24.
const POD_OCTETS: std::ops::RangeInclusive<u8> = 11..=250;

/// A world's namespace. Cheap to clone; the guardian removes it.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    name: String,
    taken: Arc<Mutex<BTreeSet<u8>>>,
}

impl Network {
    /// Makes the namespace `name`, its bridge and its loopback device.
    pub(crate) fn create(name: &str) -> Result<Self> {
        ip(&["netns", "add", name], "")?;
        let bridge = format!(
            "link set lo up\nlink add br0 type bridge\naddr add {WORLD_ADDRESS}/24 dev br0\nlink set br0 up\n"
        );
        ip(&["-n", name, "-batch", "-"], &bridge)?;
        Ok(Self { name: name.to_owned(), taken: Arc::default() })
    }

    /// Moves the calling thread into the namespace. Threads and processes it starts from then on are in it too.
    pub(crate) fn enter(&self) -> Result<()> {
        let file =
            File::open(format!("/run/netns/{}", self.name)).context("the world's namespace is gone")?;
        setns(file, CloneFlags::CLONE_NEWNET).context("cannot enter the world's network namespace")
    }

    /// Makes a namespace for one Pod and plugs it into the bridge.
    pub(crate) fn plug_in(&self) -> Result<PodNetwork> {
        let octet = {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            let free =
                POD_OCTETS.into_iter().find(|octet| !taken.contains(octet)).context("no free Pod address")?;
            taken.insert(free);
            free
        };
        let pod =
            PodNetwork { name: format!("{}-p{octet}", self.name), octet, taken: Arc::clone(&self.taken) };
        ip(&["netns", "add", &pod.name], "")?;
        let outside = format!(
            "link add v{octet} type veth peer name eth0 netns {}\nlink set v{octet} master br0 up\n",
            pod.name
        );
        ip(&["-n", &self.name, "-batch", "-"], &outside)?;
        let inside = format!("link set lo up\naddr add {}/24 dev eth0\nlink set eth0 up\n", pod.address());
        ip(&["-n", &pod.name, "-batch", "-"], &inside)?;
        Ok(pod)
    }
}

/// A Pod's namespace. Dropping it removes it; its processes must have ended.
#[derive(Debug)]
pub(crate) struct PodNetwork {
    name: String,
    octet: u8,
    taken: Arc<Mutex<BTreeSet<u8>>>,
}

impl PodNetwork {
    /// The Pod's address.
    pub(crate) fn address(&self) -> Ipv4Addr {
        let [a, b, c, _] = WORLD_ADDRESS.octets();
        Ipv4Addr::new(a, b, c, self.octet)
    }

    /// The file that `nsenter --net=` takes.
    pub(crate) fn file(&self) -> String {
        format!("/run/netns/{}", self.name)
    }
}

impl Drop for PodNetwork {
    fn drop(&mut self) {
        // If it cannot be removed its address stays taken, and the guardian removes it at the end.
        if ip(&["netns", "delete", &self.name], "").is_ok() {
            self.taken.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.octet);
        }
    }
}

fn ip(arguments: &[&str], batch: &str) -> Result<()> {
    let mut child = Command::new("ip")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot run ip (Debian package iproute2)")?;
    child.stdin.take().context("ip has no standard input")?.write_all(batch.as_bytes())?;
    let output = child.wait_with_output()?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ip {}: {} (worlds need root)", arguments.join(" "), words.trim());
    Ok(())
}
