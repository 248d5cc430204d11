//! What the command line and the environment may say. Everything else is in the configuration file.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// Tidewaiter in the cluster: turns away images that cannot say, under signature, who and what wrote them.
#[derive(Debug, Parser)]
#[command(name = "tidewaiter-operator", version, about)]
pub(crate) struct Flags {
    #[command(subcommand)]
    pub(crate) role: Role,

    #[command(flatten)]
    pub(crate) common: Common,

    /// What to log: error, warn, info, debug, or a tracing filter.
    #[arg(long, env = "TIDEWAITER_LOG", default_value = "info", global = true)]
    pub(crate) log: String,
}

/// What every role needs.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The namespace the operator runs in: its own Secrets, and the ConfigMaps that policies name, are here.
    #[arg(long, env = "TIDEWAITER_NAMESPACE", global = true, default_value = "tidewaiter-system")]
    pub(crate) namespace: String,

    /// The configuration file; read again when its content changes.
    #[arg(
        long,
        env = "TIDEWAITER_CONFIGURATION",
        global = true,
        default_value = "/etc/tidewaiter/configuration.yaml"
    )]
    pub(crate) configuration: PathBuf,
}

/// The roles, each a process with rights of its own.
#[derive(Debug, Subcommand)]
pub(crate) enum Role {
    /// Answers the API server. Reads the cluster, never writes to it.
    Webhook(WebhookFlags),
    /// Writes certificates, the webhooks' registration and the policies' status.
    Controllers(ControllersFlags),
    /// Takes the webhooks back for good, before the release is removed.
    Withdraw,
}

/// Where the webhook listens, and with what.
#[derive(Debug, Args)]
pub(crate) struct WebhookFlags {
    /// The address the API server dials.
    #[arg(long, default_value = "0.0.0.0:9443")]
    pub(crate) listen: SocketAddr,
    /// The address metrics are read from.
    #[arg(long, default_value = "0.0.0.0:9090")]
    pub(crate) metrics: SocketAddr,
    /// The folder with tls.crt and tls.key, as a Secret of type kubernetes.io/tls mounts.
    #[arg(long, env = "TIDEWAITER_TLS", default_value = "/var/run/tidewaiter/tls")]
    pub(crate) tls: PathBuf,
}

/// Where the controllers listen.
#[derive(Debug, Args)]
pub(crate) struct ControllersFlags {
    /// The address health and metrics are read from.
    #[arg(long, default_value = "0.0.0.0:9090")]
    pub(crate) metrics: SocketAddr,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Flags;

    #[test]
    fn the_flags_are_consistent() {
        Flags::command().debug_assert();
    }
}
