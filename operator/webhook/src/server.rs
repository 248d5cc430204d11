//! The socket: TLS, connections, and an end that drops nobody.
//!
//! Not here: the paths (`router`), and metrics, which are read on a plain port of the binary's own.

use std::{future::Future, io, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use rustls::{ServerConfig, crypto::aws_lc_rs, version};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    certificate::Certificate,
    clerk::Clerk,
    court::Court,
    router::{Shared, router},
};

/// Bounds of the socket. The defaults are for production; tests shorten the waits.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections open at once; further ones wait in the kernel's queue. An API server holds one or two.
    pub connections: usize,
    /// For a TLS handshake, and for the head of each HTTP/1.1 request.
    pub handshake: Duration,
    /// Age at which a connection is asked to end after its running requests. Frees slots that idle
    /// strangers hold, and lets API servers, which keep one HTTP/2 connection for ever, find new replicas.
    pub age: Duration,
    /// After the signal to leave: unready, but still accepting, until the endpoint is gone everywhere.
    pub linger: Duration,
    /// For running requests to end before their connection is cut. More than the longest
    /// `timeoutSeconds` in the chart, 10 s.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            handshake: Duration::from_secs(5),
            age: Duration::from_secs(600),
            linger: Duration::from_secs(5),
            drain: Duration::from_secs(12),
        }
    }
}

/// Requests at once on one HTTP/2 connection: what Go's client assumes before it is told.
const MAX_STREAMS: u32 = 250;

/// Bytes that one HTTP/2 connection may have in flight unread; with 256 connections that is 64 MiB.
const H2_WINDOW: u32 = 256 * 1024;

/// Largest head of an HTTP/1.1 request.
const MAX_HEAD: usize = 64 * 1024;

/// Pause after a failed `accept`, as when file descriptors run out: some will have been closed by then.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `leave` resolves and everything running has been answered.
///
/// `certificate` must be polled by the caller ([`Certificate::keep`]); handshakes fail until it is loaded.
pub async fn serve<C: Court>(
    listener: TcpListener,
    certificate: Arc<Certificate>,
    clerk: Clerk<C>,
    limits: Limits,
    leave: impl Future<Output = ()> + Send,
) {
    let acceptor = TlsAcceptor::from(Arc::new(tls(certificate)));
    let shared = Shared::new(clerk);
    let router = router(Arc::clone(&shared));
    let slots = Arc::new(Semaphore::new(limits.connections));
    let (drain, draining) = watch::channel(false);
    let mut connections = JoinSet::new();

    let mut closing = pin!(async {
        leave.await;
        shared.leave();
        sleep(limits.linger).await;
    });
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await.map_err(io::Error::other)?;
            listener.accept().await.map(|(stream, _peer)| (slot, stream))
        };
        let accepted = tokio::select! {
            accepted = next => accepted,
            () = &mut closing => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((slot, stream)) => {
                let connection =
                    connection(stream, acceptor.clone(), router.clone(), limits, draining.clone());
                connections.spawn(async move {
                    connection.await;
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a connection was not accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    drain.send_replace(true);
    while connections.join_next().await.is_some() {}
}

/// TLS 1.2 and 1.3. No client certificate is asked for: by default an API server shows none.
fn tls(certificate: Arc<Certificate>) -> ServerConfig {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(&[&version::TLS13, &version::TLS12])
        .expect("aws-lc-rs has cipher suites for both")
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

async fn connection(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    router: Router,
    limits: Limits,
    mut draining: watch::Receiver<bool>,
) {
    // An answer is one small write; waiting to fill a packet would only delay it.
    let _ = stream.set_nodelay(true);
    let stream = match timeout(limits.handshake, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "TLS handshake failed");
            return;
        }
        Err(_) => return,
    };
    // Told by TLS rather than by the first bytes: waiting for those has no time limit.
    let mut builder = if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        auto::Builder::new(TokioExecutor::new()).http2_only()
    } else {
        auto::Builder::new(TokioExecutor::new()).http1_only()
    };
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.handshake)
        .max_buf_size(MAX_HEAD)
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.handshake * 4)
        .keep_alive_timeout(limits.handshake)
        .initial_connection_window_size(H2_WINDOW)
        .max_concurrent_streams(MAX_STREAMS);
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)));
    tokio::select! {
        _ = served.as_mut() => return,
        _ = draining.wait_for(|draining| *draining) => {}
        () = sleep(limits.age) => {}
    }
    served.as_mut().graceful_shutdown();
    // What has not ended by then is cut; the API server's own time is long over.
    let _ = timeout(limits.drain, served).await;
}

#[cfg(test)]
mod tests;
