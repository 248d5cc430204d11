//! An HTTP server inside the test process that ends with its owner.

use axum::Router;
use tokio::{net::TcpListener, task::JoinHandle};

/// Serves until dropped.
pub(super) struct Served(JoinHandle<()>);

impl Served {
    pub(super) fn new(listener: TcpListener, router: Router) -> Self {
        Self(tokio::spawn(async move {
            // Ends only with the listener; whoever asks then sees a refused connection.
            let _ended = axum::serve(listener, router).await;
        }))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.0.abort();
    }
}
