//! Waiting for work that runs elsewhere.

use std::{future, panic};

use tokio::task::JoinError;

/// What the work gave. A panic goes on in whoever waits. Work is cancelled only when the runtime ends, and whoever
/// waits for it ends with it.
pub(crate) async fn joined<T>(work: impl Future<Output = Result<T, JoinError>>) -> T {
    match work.await.map_err(JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panicked)) => panic::resume_unwind(panicked),
        Err(Err(_cancelled)) => future::pending().await,
    }
}
