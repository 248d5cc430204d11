//! etcd, kube-apiserver, kube-controller-manager and kube-scheduler, started in the order in which they need each
//! other and overlapping where they do not. Which flags and why: the constants' comments; the rest is defaults.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use reqwest::Certificate;
use tokio::net::TcpStream;

use crate::{
    certificates::{self, files},
    network::WORLD_ADDRESS,
    process::Process,
    tools::Tools,
};

/// Ports may be fixed: the namespace is the world's own.
const APISERVER_PORT: u16 = 6443;
const CONTROLLER_MANAGER_PORT: u16 = 10257;
const SCHEDULER_PORT: u16 = 10259;

/// A quiet machine needs 5 s for all four; a busy one, with compilers beside it, several times that.
const READY_WITHIN: Duration = Duration::from_secs(90);

/// What the API server writes down: who changed what, with the webhooks' audit annotations. Tests read it.
const AUDIT_POLICY: &str = r#"{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": [
  {"level": "None", "resources": [{"group": "", "resources": ["events"]}, {"group": "coordination.k8s.io"}]},
  {"level": "Metadata", "verbs": ["create", "update", "patch"]}, {"level": "None"}]}"#;

/// The four running processes. Dropping it kills them, the last one started first.
pub(crate) struct ControlPlane {
    // Fields drop in this order.
    _scheduler: Process,
    _controller_manager: Process,
    apiserver: Process,
    _etcd: Process,
    folder: PathBuf,
    client: Client,
}

impl ControlPlane {
    /// Starts all four and waits until each says it is ready. The calling thread is in the world's namespace.
    pub(crate) async fn start(tools: &Tools, folder: &Path, logs: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        certificates::write(folder, &format!("https://{WORLD_ADDRESS}:{APISERVER_PORT}"))?;
        fs::write(folder.join("audit-policy.json"), AUDIT_POLICY)?;

        let start = |name: &str, mut command: Command| {
            Process::start(name, &mut command, &logs.join(format!("{name}.log")))
        };
        let mut etcd = start("etcd", etcd(tools, folder)?)?;
        let plain = reqwest::Client::builder().no_proxy().build()?;
        etcd.await_ready(READY_WITHIN, async || answers(&plain, "http://127.0.0.1:2379/health").await)
            .await?;

        let mut apiserver = start("kube-apiserver", apiserver(tools, folder)?)?;
        // Listening comes about a second before ready; the other two can use it to start.
        let listens = async || TcpStream::connect((WORLD_ADDRESS, APISERVER_PORT)).await.is_ok();
        apiserver.await_ready(READY_WITHIN, listens).await?;
        let mut controller_manager = start("kube-controller-manager", controller_manager(tools, folder)?)?;
        let mut scheduler = start("kube-scheduler", scheduler(tools, folder)?)?;

        let client = client(&folder.join("admin.kubeconfig")).await?;
        apiserver.await_ready(READY_WITHIN, async || readyz(&client).await).await?;
        let authority = Certificate::from_pem(&fs::read(folder.join(files::SERVING_CA))?)?;
        let trusting = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build()?;
        for (process, port) in
            [(&mut controller_manager, CONTROLLER_MANAGER_PORT), (&mut scheduler, SCHEDULER_PORT)]
        {
            let healthz = format!("https://127.0.0.1:{port}/healthz");
            process.await_ready(READY_WITHIN, async || answers(&trusting, &healthz).await).await?;
        }
        Ok(Self {
            _scheduler: scheduler,
            _controller_manager: controller_manager,
            apiserver,
            _etcd: etcd,
            folder: folder.to_owned(),
            client,
        })
    }

    /// A client with every right.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The administrator's kubeconfig.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.folder.join("admin.kubeconfig")
    }

    /// The certificate of the authority that signs what serves.
    pub(crate) fn serving_authority(&self) -> PathBuf {
        self.folder.join(files::SERVING_CA)
    }

    /// Where the API server writes its audit log, one JSON object a line.
    pub(crate) fn audit_log(&self) -> PathBuf {
        self.folder.join("audit.log")
    }

    /// The API server's process id.
    pub(crate) fn apiserver_pid(&self) -> u32 {
        self.apiserver.pid()
    }
}

/// A client made from a kubeconfig file.
pub(crate) async fn client(kubeconfig: &Path) -> Result<Client> {
    let file = Kubeconfig::read_from(kubeconfig)?;
    let mut config = Config::from_custom_kubeconfig(file, &KubeConfigOptions::default()).await?;
    // The environment of whoever runs the tests must not send the world's traffic elsewhere.
    config.proxy_url = None;
    Client::try_from(config).context("cannot make a Kubernetes client")
}

/// The port of the API server inside the world.
pub(crate) const fn apiserver_port() -> u16 {
    APISERVER_PORT
}

fn etcd(tools: &Tools, folder: &Path) -> Result<Command> {
    let mut command = Command::new(tools.path("etcd")?);
    command.arg(format!("--data-dir={}", folder.join("etcd").display())).args([
        "--listen-client-urls=http://127.0.0.1:2379",
        "--advertise-client-urls=http://127.0.0.1:2379",
        "--listen-peer-urls=http://127.0.0.1:2380",
        // The data lives as long as the process.
        "--unsafe-no-fsync=true",
        "--logger=zap",
        "--log-level=warn",
    ]);
    Ok(command)
}

fn apiserver(tools: &Tools, folder: &Path) -> Result<Command> {
    let mut command = Command::new(tools.path("kube-apiserver")?);
    let file = |name: &str| folder.join(name).display().to_string();
    command.args([
        "--etcd-servers=http://127.0.0.1:2379".to_owned(),
        // All addresses: the Pods in the namespace ask here too.
        "--bind-address=0.0.0.0".to_owned(),
        format!("--advertise-address={WORLD_ADDRESS}"),
        format!("--secure-port={APISERVER_PORT}"),
        // A webhook's Service is dialled at its EndpointSlice's addresses: nothing serves cluster addresses here.
        "--enable-aggregator-routing=true".to_owned(),
        "--endpoint-reconciler-type=none".to_owned(),
        "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
        "--allow-privileged=true".to_owned(),
        "--authorization-mode=RBAC".to_owned(),
        format!("--cert-dir={}", folder.display()),
        format!("--tls-cert-file={}", file(files::SERVING)),
        format!("--tls-private-key-file={}", file(files::SERVING_KEY)),
        format!("--client-ca-file={}", file(files::CLIENT_CA)),
        format!("--service-account-issuer=https://{WORLD_ADDRESS}:{APISERVER_PORT}/"),
        format!("--service-account-key-file={}", file(files::ACCOUNTS_PUBLIC)),
        format!("--service-account-signing-key-file={}", file(files::ACCOUNTS_KEY)),
        format!("--audit-policy-file={}", file("audit-policy.json")),
        format!("--audit-log-path={}", file("audit.log")),
    ]);
    Ok(command)
}

fn controller_manager(tools: &Tools, folder: &Path) -> Result<Command> {
    let mut command = Command::new(tools.path("kube-controller-manager")?);
    command.args(component(folder, "controller-manager", CONTROLLER_MANAGER_PORT)).args([
        format!("--service-account-private-key-file={}", folder.join(files::ACCOUNTS_KEY).display()),
        format!("--root-ca-file={}", folder.join(files::SERVING_CA).display()),
        "--use-service-account-credentials=true".to_owned(),
    ]);
    Ok(command)
}

fn scheduler(tools: &Tools, folder: &Path) -> Result<Command> {
    let mut command = Command::new(tools.path("kube-scheduler")?);
    command.args(component(folder, "scheduler", SCHEDULER_PORT));
    Ok(command)
}

/// What the controller manager and the scheduler have in common.
fn component(folder: &Path, name: &str, port: u16) -> Vec<String> {
    let kubeconfig = folder.join(format!("{name}.kubeconfig")).display().to_string();
    let file = |name: &str| folder.join(name).display().to_string();
    vec![
        format!("--kubeconfig={kubeconfig}"),
        format!("--authentication-kubeconfig={kubeconfig}"),
        format!("--authorization-kubeconfig={kubeconfig}"),
        // The look-up ends the process if the API server is not ready yet; the client CA is given here anyway.
        "--authentication-skip-lookup=true".to_owned(),
        format!("--client-ca-file={}", file(files::CLIENT_CA)),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--secure-port={port}"),
        format!("--tls-cert-file={}", file(files::SERVING)),
        format!("--tls-private-key-file={}", file(files::SERVING_KEY)),
        "--leader-elect=false".to_owned(),
        // The default of 20 a second makes the controller manager take 4 s to log in as its 40 controllers.
        "--kube-api-qps=1000".to_owned(),
        "--kube-api-burst=2000".to_owned(),
    ]
}

async fn answers(client: &reqwest::Client, url: &str) -> bool {
    client.get(url).send().await.is_ok_and(|response| response.status().is_success())
}

async fn readyz(client: &Client) -> bool {
    let Ok(request) = kube::core::Request::new("/readyz").list(&kube::api::ListParams::default()) else {
        return false;
    };
    client.request_text(request).await.is_ok()
}
