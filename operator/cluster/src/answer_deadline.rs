//! A limit of time on every answer of the API server. `kube` sets none, and a watch whose request is never
//! answered would keep its view from being renewed, in silence.

use std::time::Duration;

use kube::Client;
use tower::BoxError;

/// How long the API server may take to begin an answer; what follows is bounded by who reads it. The API
/// server itself gives up on most requests after 60 s and begins a watch at once.
pub(crate) const ANSWER_DEADLINE: Duration = Duration::from_secs(30);

/// The same client, each of whose requests fails when no answer has begun in time.
pub(crate) fn with_answer_deadline(client: Client) -> Client {
    let default_namespace = client.default_namespace().to_owned();
    let service = tower::service_fn(move |request| {
        let client = client.clone();
        async move {
            match tokio::time::timeout(ANSWER_DEADLINE, client.send(request)).await {
                Ok(answer) => answer.map_err(BoxError::from),
                Err(elapsed) => Err(BoxError::from(elapsed)),
            }
        }
    });
    Client::new(service, default_namespace)
}
