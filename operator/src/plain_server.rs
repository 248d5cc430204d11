//! Health and metrics over plain http, for the kubelet and Prometheus. Shows counts, never an image or a name.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use axum::{
    Router,
    http::{StatusCode, header::CONTENT_TYPE},
    routing::get,
};
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;

/// Serves `/livez`, `/readyz` and `/metrics` until dropped.
pub(crate) async fn serve(
    address: SocketAddr,
    registry: Registry,
    ready: impl Fn() -> bool + Clone + Send + Sync + 'static,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("could not listen on {address} for metrics"))?;
    let registry = Arc::new(registry);
    let readiness =
        move || std::future::ready(if ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE });
    let router = Router::new()
        .route("/livez", get(|| std::future::ready(StatusCode::OK)))
        .route("/readyz", get(readiness))
        .route("/metrics", get(move || std::future::ready(metrics(&registry))));
    axum::serve(listener, router).await.context("the metrics server stopped")
}

fn metrics(registry: &Registry) -> (StatusCode, [(axum::http::HeaderName, &'static str); 1], String) {
    let mut text = String::new();
    let encoded = prometheus_client::encoding::text::encode(&mut text, registry);
    let status = if encoded.is_ok() { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
    (status, [(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
}
