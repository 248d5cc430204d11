//! The kubelet's questions to a container: HTTP and TCP, with the periods and thresholds of the Pod's spec.

use std::{net::Ipv4Addr, time::Duration};

use anyhow::{Context, Result, bail};
use k8s_openapi::{
    api::core::v1::{self, Container},
    apimachinery::pkg::util::intstr::IntOrString,
};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};

/// A readiness probe that has not succeeded yet is asked this often, whatever its period: nobody learns from
/// a test that waits for one. Failures are still counted, and mean nothing before the first success.
const EAGER: Duration = Duration::from_millis(100);

/// One probe of one run of a container.
#[derive(Debug)]
pub(super) struct Probe {
    spec: v1::Probe,
    eager: bool,
    next: Instant,
    successes: i32,
    failures: i32,
    passed: Option<bool>,
}

impl Probe {
    /// A probe whose container has just started.
    pub(super) fn new(spec: &v1::Probe, eager: bool) -> Self {
        let delay = seconds(spec.initial_delay_seconds, 0);
        Self {
            spec: spec.clone(),
            eager,
            next: Instant::now() + delay,
            successes: 0,
            failures: 0,
            passed: None,
        }
    }

    /// `Some` once a threshold was reached: whether the container passed it last.
    pub(super) fn passed(&self) -> Option<bool> {
        self.passed
    }

    /// Asks, if it is time to.
    pub(super) async fn look(&mut self, container: &Container, address: Ipv4Addr) {
        if Instant::now() < self.next {
            return;
        }
        let limit = seconds(self.spec.timeout_seconds, 1);
        let fine = matches!(timeout(limit, self.ask(container, address)).await, Ok(Ok(())));
        (self.successes, self.failures) = if fine { (self.successes + 1, 0) } else { (0, self.failures + 1) };
        if self.successes >= self.spec.success_threshold.unwrap_or(1) {
            self.passed = Some(true);
        } else if self.failures >= self.spec.failure_threshold.unwrap_or(3) {
            self.passed = Some(false);
        }
        let waiting = self.eager && self.passed != Some(true);
        self.next = Instant::now() + if waiting { EAGER } else { seconds(self.spec.period_seconds, 10) };
    }

    async fn ask(&self, container: &Container, address: Ipv4Addr) -> Result<()> {
        if let Some(get) = &self.spec.http_get {
            let port = port(container, &get.port)?;
            let scheme = get.scheme.as_deref().unwrap_or("HTTP").to_lowercase();
            let path = get.path.as_deref().unwrap_or("/");
            // A kubelet checks no certificate, follows no redirect to another host, and keeps no connection.
            let client = reqwest::Client::builder()
                .no_proxy()
                .tls_danger_accept_invalid_certs(true)
                .redirect(reqwest::redirect::Policy::none())
                .build()?;
            let mut request = client.get(format!("{scheme}://{address}:{port}{path}"));
            for header in get.http_headers.iter().flatten() {
                request = request.header(&header.name, &header.value);
            }
            let status = request.send().await?.status();
            if !status.is_success() && !status.is_redirection() {
                bail!("answered {status}");
            }
            return Ok(());
        }
        let socket = self.spec.tcp_socket.as_ref().context("this node asks by httpGet and tcpSocket only")?;
        TcpStream::connect((address, port(container, &socket.port)?)).await?;
        Ok(())
    }
}

fn port(container: &Container, port: &IntOrString) -> Result<u16> {
    let number = match port {
        IntOrString::Int(number) => *number,
        IntOrString::String(name) => {
            let mut ports = container.ports.iter().flatten();
            let named = ports.find(|port| port.name.as_deref() == Some(name));
            named.with_context(|| format!("container {} has no port {name}", container.name))?.container_port
        }
    };
    Ok(u16::try_from(number)?)
}

fn seconds(value: Option<i32>, default: u32) -> Duration {
    // The API server refuses negative ones.
    Duration::from_secs(value.map_or(default, i32::unsigned_abs).into())
}
