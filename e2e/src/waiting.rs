//! Waiting for a condition, with a deadline and without blind sleeps.

use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::{Instant, sleep};

/// How often a condition is looked at. Short against anything awaited here, long against a look.
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// Looks until `check` gives a value, and hands it over.
///
/// `check` answers `Ok(Some(value))` when the condition holds, `Ok(None)` while it does not; an error counts as
/// "not yet" too and is told if it was the last one.
///
/// # Errors
/// When the condition did not hold within `limit`: says what was awaited and the last error seen.
pub async fn await_that<T>(
    what: &str,
    limit: Duration,
    mut check: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + limit;
    loop {
        let last = match check().await {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if Instant::now() >= deadline {
            match last {
                Some(error) => return Err(error.context(format!("waited {limit:?} for: {what}"))),
                None => bail!("waited {limit:?} for: {what}"),
            }
        }
        sleep(LOOK_EVERY).await;
    }
}
