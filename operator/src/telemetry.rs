//! Structured logs on stderr: one JSON object a line.

use tracing_subscriber::EnvFilter;

/// Starts logging. A filter that cannot be read is named, and `info` is used.
pub(crate) fn start(filter: &str) {
    let (parsed, refused) = match EnvFilter::try_new(filter) {
        Ok(parsed) => (parsed, None),
        Err(error) => (EnvFilter::new("info"), Some(error)),
    };
    tracing_subscriber::fmt().json().with_writer(std::io::stderr).with_env_filter(parsed).init();
    if let Some(error) = refused {
        tracing::warn!(%error, "the log filter cannot be read; logging at info");
    }
}
