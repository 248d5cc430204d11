//! How long a request may take: a little less than the API server waits, so that the answer still counts.
//!
//! Not here: enforcing it. `gate` keeps the instant, `clerk` steps in if `gate` does not.

use std::time::Duration;

use names::Age;

/// What the API server waits when it does not say: the default of `timeoutSeconds`.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// The API's own upper bound on `timeoutSeconds`; whoever states more is held to it. The lower one, 1 s, is
/// the shortest age that can be written.
const LONGEST: Duration = Duration::from_secs(30);

/// Kept back for the way home: TLS, a busy API server, and the [`BACKSTOP`].
const RESERVE: Duration = Duration::from_millis(1_500);

/// Judging always gets this share of the stated time, however short: at 1 s the reserve would leave nothing.
const LEAST_PERCENT: u32 = 40;

/// How far past its deadline judging may run before it is given up. Well inside the reserve: of the
/// shortest stated time, 1 s, judging has 400 ms and 300 ms are left after this.
pub(crate) const BACKSTOP: Duration = Duration::from_millis(300);

/// The time to judge in, from the query the API server appends, as in `timeout=10s`.
pub(crate) fn budget(query: Option<&str>) -> Duration {
    let stated = query.and_then(stated).unwrap_or(DEFAULT_TIMEOUT).min(LONGEST);
    stated.saturating_sub(RESERVE).max(stated * LEAST_PERCENT / 100)
}

fn stated(query: &str) -> Option<Duration> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix("timeout="))?;
    Duration::try_from(Age::parse(value).ok()?.as_duration()).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::as_the_api_server_writes_it(Some("timeout=10s"), 8_500)]
    #[case::the_longest(Some("timeout=30s"), 28_500)]
    #[case::where_the_share_begins_to_win(Some("timeout=2s"), 800)]
    #[case::the_shortest(Some("timeout=1s"), 400)]
    #[case::among_others(Some("a=b&timeout=5s"), 3_500)]
    #[case::longer_than_the_api_allows(Some("timeout=10m"), 28_500)]
    #[case::nothing(Some("timeout=0s"), 8_500)]
    #[case::unreadable(Some("timeout=soon"), 8_500)]
    #[case::another_key(Some("mytimeout=2s"), 8_500)]
    #[case::absent(None, 8_500)]
    fn the_budget_is_the_stated_time_less_the_way_home(#[case] query: Option<&str>, #[case] millis: u64) {
        assert_eq!(budget(query), Duration::from_millis(millis));
    }
}
