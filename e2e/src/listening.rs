//! Ports for servers that must be told theirs, and waiting for such a server's first answer.

use std::{
    net::{IpAddr, SocketAddr, TcpListener},
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use crate::process::Process;

/// Below the range from which Linux takes the ports of outgoing connections (32768 and up), so that none of
/// those is in the way.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Servers here take well under a second; a minute allows for a machine that is busy building.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// An address of `host` that nobody listens on and no other call gets.
pub(crate) fn free_address(host: IpAddr) -> Result<SocketAddr> {
    static NEXT: AtomicU16 = AtomicU16::new(PORTS.start);
    for _ in PORTS {
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        if !PORTS.contains(&port) {
            break;
        }
        let address = SocketAddr::new(host, port);
        if TcpListener::bind(address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no port between {} and {} is free on {host}", PORTS.start, PORTS.end)
}

/// The first good answer of a server that is starting.
pub(crate) async fn first_answer(server: &mut Process, url: &str) -> Result<String> {
    let mut answer = None;
    server
        .await_ready(READY_WITHIN, async || {
            answer = good_answer(url).await;
            answer.is_some()
        })
        .await?;
    answer.with_context(|| format!("{url} gave no answer"))
}

async fn good_answer(url: &str) -> Option<String> {
    reqwest::get(url).await.ok()?.error_for_status().ok()?.text().await.ok()
}
