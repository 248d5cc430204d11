//! What the command line says of registries.

use std::collections::BTreeMap;

use anyhow::{Context, ensure};
use fetch::{Config, HostConfig};

use crate::arguments::Check;

/// The most bytes of a file of certificates: the system's own bundle of all public authorities has about 220 KiB.
const MAX_CA_BYTES: u64 = 1 << 20;

/// The options, host by host.
pub(crate) fn registries(check: &Check) -> anyhow::Result<Config> {
    let mut hosts: BTreeMap<&str, HostConfig> = BTreeMap::new();
    for host in &check.plain_http {
        entry(&mut hosts, host).plain_http = true;
    }
    for (host, file) in &check.registry_ca {
        let shown = file.display();
        let bytes = std::fs::metadata(file).with_context(|| format!("{shown} could not be read"))?.len();
        ensure!(bytes <= MAX_CA_BYTES, "{shown} has {bytes} bytes; at most {MAX_CA_BYTES} are read");
        let pem = std::fs::read(file).with_context(|| format!("{shown} could not be read"))?;
        entry(&mut hosts, host).ca_pem = Some(pem);
    }
    Ok(Config { hosts: hosts.into_values().collect(), ..Config::default() })
}

fn entry<'a, 'h>(hosts: &'a mut BTreeMap<&'h str, HostConfig>, host: &'h str) -> &'a mut HostConfig {
    // Named by whoever runs the command, so that it may be on their own machine.
    hosts.entry(host).or_insert_with(|| HostConfig {
        host: host.to_owned(),
        any_address: true,
        ..HostConfig::default()
    })
}
