//! When to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Returns at the first SIGTERM or SIGINT; never, if the handlers cannot be installed.
pub(crate) async fn stop() {
    let (Ok(mut term), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::error!("no signal handler could be installed; only SIGKILL stops this process");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
}
