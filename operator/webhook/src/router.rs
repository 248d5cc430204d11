//! The four paths, from an HTTP request to the clerk and back.
//!
//! ```text
//!   POST /validate  POST /pin   the doors
//!   GET  /livez                 the process answers
//!   GET  /readyz                everything is listed, and we are not leaving; without a serving
//!                               certificate the asker's handshake fails, so that is not ready either
//! ```
//!
//! Not here: connections and TLS (`server`), and what a review is worth (`clerk`).

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::{RawQuery, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio::time::Instant;

use crate::{
    body::{BUDGET, Budget},
    clerk::Clerk,
    court::Court,
    deadline,
    door::{PIN_PATH, Path, VALIDATE_PATH},
};

/// What every request shares.
pub(crate) struct Shared<C> {
    clerk: Clerk<C>,
    bodies: Budget,
    leaving: AtomicBool,
}

impl<C> Shared<C> {
    pub(crate) fn new(clerk: Clerk<C>) -> Arc<Self> {
        let (bodies, leaving) = (Budget::of_bytes(BUDGET), AtomicBool::new(false));
        Arc::new(Self { clerk, bodies, leaving })
    }

    /// Makes the replica unready, so that no new connection is sent here.
    pub(crate) fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }
}

/// The four paths.
pub(crate) fn router<C: Court>(shared: Arc<Shared<C>>) -> Router {
    Router::new()
        .route(VALIDATE_PATH, post(validate::<C>))
        .route(PIN_PATH, post(pin_door::<C>))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz::<C>))
        .with_state(shared)
}

async fn validate<C: Court>(State(shared): State<Arc<Shared<C>>>, query: RawQuery, body: Body) -> Response {
    attend(&shared, Path::Validate, query, body).await
}

async fn pin_door<C: Court>(State(shared): State<Arc<Shared<C>>>, query: RawQuery, body: Body) -> Response {
    attend(&shared, Path::Pin, query, body).await
}

/// Reads the body and hands it to the clerk. A request without a `uid` cannot be answered as a review, so it
/// gets an HTTP error, and the door's failure policy decides.
async fn attend<C: Court>(shared: &Shared<C>, path: Path, RawQuery(query): RawQuery, body: Body) -> Response {
    let deadline = Instant::now() + deadline::budget(query.as_deref());
    let held = match shared.bodies.read(body, deadline).await {
        Ok(held) => held,
        Err(error) => return (error.status(), format!("{error}\n")).into_response(),
    };
    match shared.clerk.attend(path, &held.bytes, deadline).await {
        Some(answer) => ([(CONTENT_TYPE, "application/json")], answer).into_response(),
        None => (StatusCode::BAD_REQUEST, "the body is no AdmissionReview: no request.uid found\n")
            .into_response(),
    }
}

async fn readyz<C: Court>(State(shared): State<Arc<Shared<C>>>) -> Response {
    let reason = if shared.leaving.load(Ordering::Relaxed) {
        "leaving"
    } else if !shared.clerk.court().ready() {
        "policies, ConfigMaps and namespaces are not fully listed yet"
    } else {
        return "ok\n".into_response();
    };
    (StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")).into_response()
}
