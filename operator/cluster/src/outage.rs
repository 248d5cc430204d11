//! How long a watch has been failing, how long to wait before the next try, and when to call its view unknown.

use std::time::Duration;

use tokio::time::Instant;

/// The first pause. Short, so that a broken connection costs less than the second within which a policy edit
/// is in force.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// The longest pause: three watches of a replica then ask an ailing API server less than once a second.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A watch on a quiet cluster says nothing when it works again. Errors further apart than this are two
/// outages; it is well above [`LONGEST_PAUSE`] and the time a try may take.
const APART: Duration = Duration::from_secs(30);

/// How long a view may fail to be renewed before it is unknown. Policies may have been edited since.
pub(crate) const MAX_OUTAGE: Duration = Duration::from_secs(60);

/// The errors of one watch, seen together.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    streak: Option<Streak>,
}

#[derive(Clone, Copy, Debug)]
struct Streak {
    first: Instant,
    last: Instant,
    pause: Duration,
}

impl Outage {
    /// Notes an error and says how long to pause.
    pub(crate) fn error(&mut self, now: Instant) -> Duration {
        let streak = match self.streak {
            Some(streak) if now.duration_since(streak.last) <= APART => Streak {
                last: now,
                pause: streak.pause.saturating_mul(2).min(LONGEST_PAUSE),
                first: streak.first,
            },
            _ => Streak { first: now, last: now, pause: FIRST_PAUSE },
        };
        self.streak = Some(streak);
        streak.pause
    }

    /// Notes proof that the watch works.
    pub(crate) fn over(&mut self) {
        self.streak = None;
    }

    /// Whether the watch has been failing for longer than its view may go unrenewed.
    pub(crate) fn is_too_long(&self) -> bool {
        self.streak.is_some_and(|streak| streak.last.duration_since(streak.first) > MAX_OUTAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_start_again_after_success() {
        let now = Instant::now();
        let mut outage = Outage::default();
        let pauses: Vec<_> = (0..7).map(|_| outage.error(now).as_millis()).collect();
        assert_eq!(pauses, [200, 400, 800, 1600, 3200, 5000, 5000]);
        outage.over();
        assert_eq!(outage.error(now), FIRST_PAUSE);
    }

    #[test]
    fn errors_close_together_make_one_outage_that_grows_too_long() {
        let start = Instant::now();
        let mut outage = Outage::default();
        for seconds in (0..=60).step_by(5) {
            outage.error(start + Duration::from_secs(seconds));
            assert!(!outage.is_too_long(), "after {seconds} s");
        }
        outage.error(start + Duration::from_secs(61));
        assert!(outage.is_too_long());
    }

    #[test]
    fn errors_far_apart_are_outages_of_their_own() {
        let start = Instant::now();
        let mut outage = Outage::default();
        for minute in 0..10 {
            assert_eq!(outage.error(start + Duration::from_secs(60 * minute)), FIRST_PAUSE);
        }
        assert!(!outage.is_too_long());
    }
}
