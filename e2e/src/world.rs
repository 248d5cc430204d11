//! One world: control plane and node in a network namespace of their own, for as long as one closure runs.

use std::{
    fs, panic,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use anyhow::{Context, Result};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::{Api, Client};

use crate::{
    command::{self, Output},
    control_plane::ControlPlane,
    guardian::{self, Guardian},
    network::Network,
    node::Node,
    options::Options,
    process::{self, Process},
    tools::Tools,
    usage::Usage,
    waiting::await_that,
};

/// The controller manager's first synchronisation takes up to 4 s, more beside compilers.
const SETTLED_WITHIN: Duration = Duration::from_secs(60);

/// A running world. Only [`World::run`] makes one.
pub struct World {
    // Fields drop in this order: what uses the API server goes before it.
    node: Node,
    control_plane: ControlPlane,
    tools: Tools,
    name: String,
    folder: PathBuf,
}

impl World {
    /// Makes a world, runs `body` in it, ends it, and hands over what `body` returned.
    ///
    /// `body` runs on a multi-threaded runtime whose threads are all in the world's network namespace, and so is
    /// every process it starts. Several worlds may run side by side. However `body`, or this process, ends,
    /// no process, namespace or file of the world is left. If it fails, the logs' last lines go to stderr.
    ///
    /// # Errors
    /// When the world cannot be made (it needs root), and whatever `body` returns.
    ///
    /// # Panics
    /// When `body` does.
    pub fn run<T: Send>(options: Options, body: impl AsyncFnOnce(&Self) -> Result<T> + Send) -> Result<T> {
        let tools = Tools::locate()?;
        guardian::sweep()?;
        let name = guardian::new_name()?;
        let folder = guardian::folders().join(&name);
        fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let guardian = Guardian::start(&name, &folder)?;
        let network = Network::create(&name)?;
        let result = thread::scope(|scope| {
            let thread = thread::Builder::new().name(name.clone());
            let running = thread.spawn_scoped(scope, || {
                // Before there is a runtime: a thread is born where its parent is.
                network.enter()?;
                let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
                runtime.block_on(async {
                    let world = Self::start(options, &network, tools, &name, &folder).await?;
                    body(&world).await
                })
            })?;
            Ok(running.join())
        });
        if !matches!(result, Ok(Ok(Ok(_)))) {
            show_logs(&folder);
        }
        drop(guardian);
        match result {
            Ok(Ok(result)) => result,
            Ok(Err(panicked)) => panic::resume_unwind(panicked),
            Err(error) => Err(error),
        }
    }

    async fn start(
        options: Options,
        network: &Network,
        tools: Tools,
        name: &str,
        folder: &Path,
    ) -> Result<Self> {
        let logs = folder.join("logs");
        fs::create_dir(&logs)?;
        let control_plane = ControlPlane::start(&tools, &folder.join("control-plane"), &logs).await?;
        let client = control_plane.client().clone();
        let node = Node::join(client.clone(), network.clone(), folder, options.programs).await?;
        let world = Self { node, control_plane, tools, name: name.to_owned(), folder: folder.to_owned() };
        world.settled(client).await?;
        Ok(world)
    }

    /// Waits for what comes a moment after the API server is ready: without the ServiceAccount no Pod can be
    /// created, with the node's first taint none is scheduled.
    async fn settled(&self, client: Client) -> Result<()> {
        let accounts: Api<ServiceAccount> = Api::namespaced(client, "default");
        await_that("the default ServiceAccount", SETTLED_WITHIN, async || {
            Ok(accounts.get_opt("default").await?)
        })
        .await?;
        await_that("the node to be schedulable", SETTLED_WITHIN, async || self.node.schedulable().await).await
    }

    /// A Kubernetes client with every right.
    #[must_use]
    pub fn client(&self) -> Client {
        self.control_plane.client().clone()
    }

    /// The administrator's kubeconfig.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.control_plane.kubeconfig()
    }

    /// The certificate of the authority behind the API server's own, in PEM.
    #[must_use]
    pub fn serving_authority(&self) -> PathBuf {
        self.control_plane.serving_authority()
    }

    /// The API server's audit log so far: one JSON object a line, for creates, updates and patches, with the
    /// annotations that webhooks made.
    #[must_use]
    pub fn audit_log(&self) -> String {
        fs::read_to_string(self.control_plane.audit_log()).unwrap_or_default()
    }

    /// The world's name, which is its network namespace's too.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A folder for a test's own files; it goes with the world.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join("files").join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// The programs the world was built from.
    #[must_use]
    pub fn tools(&self) -> &Tools {
        &self.tools
    }

    /// What to type into another shell to use this world while it runs.
    #[must_use]
    pub fn how_to_use(&self) -> String {
        let tool = |name| self.tools.path(name).map(|path| path.display().to_string()).unwrap_or_default();
        format!(
            "This world is called {name}; it ends with this program (Ctrl-C). From another shell, as root:\n  \
             nsenter --net=/run/netns/{name} env KUBECONFIG={kubeconfig} bash\nand there:\n  \
             alias kubectl={kubectl} helm={helm}\n  kubectl get pods --all-namespaces",
            name = self.name,
            kubeconfig = self.kubeconfig().display(),
            kubectl = tool("kubectl"),
            helm = tool("helm"),
        )
    }

    /// Starts a program that stays, with its log among the world's.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(&self, name: &str, command: &mut Command) -> Result<Process> {
        Process::start(name, command, &self.folder.join("logs").join(format!("{name}.log")))
    }

    /// Runs kubectl as the administrator.
    ///
    /// # Errors
    /// When it cannot be run, or runs for minutes. That it failed is in the output.
    pub async fn kubectl(&self, arguments: &[&str]) -> Result<Output> {
        self.command("kubectl", arguments, None).await
    }

    /// Runs kubectl with `stdin`, as in `kubectl apply -f -`.
    ///
    /// # Errors
    /// As [`Self::kubectl`].
    pub async fn kubectl_with(&self, arguments: &[&str], stdin: &str) -> Result<Output> {
        self.command("kubectl", arguments, Some(stdin)).await
    }

    /// Applies manifests.
    ///
    /// # Errors
    /// When any of them is refused.
    pub async fn apply(&self, manifests: &str) -> Result<Output> {
        self.kubectl_with(&["apply", "-f", "-"], manifests).await?.ok()
    }

    /// Runs Helm as the administrator.
    ///
    /// # Errors
    /// As [`Self::kubectl`].
    pub async fn helm(&self, arguments: &[&str]) -> Result<Output> {
        self.command("helm", arguments, None).await
    }

    /// Runs one of the world's tools, with the administrator's kubeconfig and a home folder of the world's own.
    ///
    /// # Errors
    /// As [`Self::kubectl`].
    pub async fn command(&self, tool: &str, arguments: &[&str], stdin: Option<&str>) -> Result<Output> {
        self.program(self.tools.path(tool)?, arguments, stdin).await
    }

    /// Runs any program to its end, as [`Self::command`] does.
    ///
    /// # Errors
    /// As [`Self::kubectl`].
    pub async fn program(&self, program: &Path, arguments: &[&str], stdin: Option<&str>) -> Result<Output> {
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let mut command = tokio::process::Command::new(program);
        // Its own home: caches and settings of whoever runs the tests stay out of it.
        command.env("KUBECONFIG", self.kubeconfig()).env("HOME", self.folder("home")?);
        command::run(command, &name, arguments, stdin).await
    }

    /// What the containers of a Pod that the node really runs have printed so far, restarts and Pods that are
    /// gone included; a heading before each container's. Empty if no such Pod ever ran.
    ///
    /// # Errors
    /// When the logs cannot be read.
    pub fn logs(&self, namespace: &str, pod: &str) -> Result<String> {
        self.node.logs(namespace, pod)
    }

    /// The process id of a container that the node really runs now.
    ///
    /// # Errors
    /// When there is none.
    pub fn pid(&self, namespace: &str, pod: &str, container: &str) -> Result<u32> {
        self.node.pid(namespace, pod, container)
    }

    /// Memory and processor time of such a container.
    ///
    /// # Errors
    /// When there is none.
    pub fn usage(&self, namespace: &str, pod: &str, container: &str) -> Result<Usage> {
        Usage::of(self.pid(namespace, pod, container)?)
    }

    /// Memory and processor time of the API server.
    ///
    /// # Errors
    /// When it is gone.
    pub fn apiserver_usage(&self) -> Result<Usage> {
        Usage::of(self.control_plane.apiserver_pid())
    }
}

/// The last lines of every log of a world that failed.
#[expect(clippy::print_stderr, reason = "the reader of a failed test or demo looks there")]
fn show_logs(folder: &Path) {
    for entry in fs::read_dir(folder.join("logs")).into_iter().flatten().flatten() {
        eprintln!("--- {} ends:\n{}", entry.file_name().to_string_lossy(), process::tail(&entry.path()));
    }
}
