//! `Retry-After`, honoured once and only where the asker's deadline leaves room.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use tokio::time::{Instant, sleep_until};

use crate::Error;

/// How long a registry asks us to stay away. A date is taken relative to the registry's own `Date`, so
/// that no clock of ours is needed.
pub(crate) fn after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (then, now) = (date(text)?, date(headers.get(DATE)?.to_str().ok()?)?);
    Some(Duration::try_from(then.duration_since(now)).unwrap_or_default())
}

fn date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// The wait an error asks for.
pub(crate) fn wait(error: &Error) -> Option<Duration> {
    match error {
        Error::RateLimited { retry_after, .. } => *retry_after,
        Error::Refused { .. }
        | Error::Unreachable { .. }
        | Error::NotFound { .. }
        | Error::Invalid { .. }
        | Error::Limit { .. }
        | Error::Deadline { .. }
        | Error::ForbiddenAddress { .. } => None,
    }
}

/// The wait a failed answer asks for.
pub(crate) fn wait_of<T>(answer: &Result<T, Error>) -> Option<Duration> {
    answer.as_ref().err().and_then(wait)
}

/// Asks; if the answer asks for a wait that ends before `deadline`, waits and asks once more. Nothing is
/// held while waiting.
pub(crate) async fn patiently<T, F: Future<Output = T>>(
    deadline: Instant,
    wait_of: impl Fn(&T) -> Option<Duration>,
    ask: impl Fn() -> F,
) -> T {
    let first = ask().await;
    let again = wait_of(&first).and_then(|wait| Instant::now().checked_add(wait));
    match again {
        Some(again) if again < deadline => {
            sleep_until(again).await;
            ask().await
        }
        Some(_) | None => first,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};
    use tokio::time::Instant;

    use super::{after, patiently};

    fn headers(retry: &'static str) -> HeaderMap {
        HeaderMap::from_iter([
            (RETRY_AFTER, HeaderValue::from_static(retry)),
            (DATE, HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT")),
        ])
    }

    #[test]
    fn seconds_and_dates_are_read_and_a_date_in_the_past_is_no_wait() {
        for (text, wanted) in [
            ("7", Some(7)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:49:30 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(after(&headers(text)), wanted.map(Duration::from_secs), "{text}");
        }
        assert_eq!(after(&HeaderMap::new()), None);
    }

    async fn tries(wait: Duration, deadline: Duration) -> (u32, Duration) {
        let (asked, start) = (Cell::new(0), Instant::now());
        patiently(
            start + deadline,
            |()| Some(wait),
            || {
                asked.set(asked.get() + 1);
                std::future::ready(())
            },
        )
        .await;
        (asked.get(), start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_inside_the_deadline_is_waited_once_and_a_longer_one_not_at_all() {
        let seconds = Duration::from_secs;
        assert_eq!(tries(seconds(3), seconds(8)).await, (2, seconds(3)));
        assert_eq!(tries(seconds(9), seconds(8)).await, (1, seconds(0)));
        assert_eq!(tries(Duration::MAX, seconds(8)).await, (1, seconds(0)));
    }
}
