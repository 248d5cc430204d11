//! An age as policies write it: a Go duration of whole hours, minutes and seconds.

use std::{fmt, str::FromStr};

use jiff::SignedDuration;
use thiserror::Error;

const UNITS: [(char, i64); 3] = [('h', 3600), ('m', 60), ('s', 1)];

/// Ten years of 365 days. What is older than that is not fresh by anyone's policy, and sums stay far from
/// overflow.
const MAX_SECONDS: i64 = 10 * 365 * 24 * 3600;

/// Seven digits of seconds reach 115 days, of hours a thousand years: enough for every age up to the bound
/// in some unit.
const MAX_DIGITS: usize = 7;

/// How old something may be: more than nothing, at most ten years.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Age {
    seconds: i64,
}

/// Why a text is no age.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AgeError {
    /// Not hours, minutes and seconds in that order, each at most once.
    #[error("{0:?} is no age; write hours, minutes and seconds, such as 24h, 90m or 1h30m")]
    Form(String),
    /// Nothing can be that fresh.
    #[error("an age may not be zero")]
    Zero,
    /// Beyond ten years.
    #[error("an age is at most {}h", MAX_SECONDS / 3600)]
    TooLong,
}

impl Age {
    /// Reads `24h`, `90m`, `1h30m` or `2160h`: a part of what Go reads as a duration.
    ///
    /// # Errors
    /// [`AgeError`] if the text has another form, is zero or is more than ten years.
    pub fn parse(text: &str) -> Result<Self, AgeError> {
        let form = || AgeError::Form(text.chars().take(32).collect());
        let mut rest = text;
        let mut seconds: i64 = 0;
        for (unit, factor) in UNITS {
            let Some((digits, after)) = rest.split_once(unit) else { continue };
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(form());
            }
            if digits.len() > MAX_DIGITS {
                return Err(AgeError::TooLong);
            }
            let count: i64 = digits.parse().map_err(|_| form())?;
            seconds += count * factor;
            rest = after;
        }
        if text.is_empty() || !rest.is_empty() {
            return Err(form());
        }
        match seconds {
            0 => Err(AgeError::Zero),
            1..=MAX_SECONDS => Ok(Self { seconds }),
            _ => Err(AgeError::TooLong),
        }
    }

    /// The same as a span of time.
    #[must_use]
    pub const fn as_duration(&self) -> SignedDuration {
        SignedDuration::from_secs(self.seconds)
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.seconds;
        for (unit, factor) in UNITS {
            if rest >= factor {
                write!(f, "{}{unit}", rest / factor)?;
                rest %= factor;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Age {
    type Err = AgeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("24h", 86_400, "24h")]
    #[case("2160h", 7_776_000, "2160h")]
    #[case("90m", 5_400, "1h30m")]
    #[case("1h30m", 5_400, "1h30m")]
    #[case("1h0m1s", 3_601, "1h1s")]
    #[case("45s", 45, "45s")]
    fn an_age_is_hours_minutes_and_seconds(#[case] text: &str, #[case] seconds: i64, #[case] shown: &str) {
        let age = Age::parse(text).unwrap();
        assert_eq!((age.as_duration().as_secs(), age.to_string().as_str()), (seconds, shown));
    }

    #[rstest]
    #[case::empty("", AgeError::Form(String::new()))]
    #[case::days("9d", AgeError::Form("9d".into()))]
    #[case::bare("24", AgeError::Form("24".into()))]
    #[case::no_number("h", AgeError::Form("h".into()))]
    #[case::negative("-1h", AgeError::Form("-1h".into()))]
    #[case::fraction("1.5h", AgeError::Form("1.5h".into()))]
    #[case::order("5m1h", AgeError::Form("5m1h".into()))]
    #[case::twice("1h1h", AgeError::Form("1h1h".into()))]
    #[case::milliseconds("100ms", AgeError::Form("100ms".into()))]
    #[case::zero("0h0s", AgeError::Zero)]
    #[case::eleven_years("96360h", AgeError::TooLong)]
    #[case::many_digits("99999999999999999999h", AgeError::TooLong)]
    fn what_is_no_age_is_refused(#[case] text: &str, #[case] error: AgeError) {
        assert_eq!(Age::parse(text), Err(error));
    }

    proptest! {
        #[test]
        fn an_age_reads_back_as_displayed(seconds in 1..=MAX_SECONDS) {
            let age = Age { seconds };
            prop_assert_eq!(Age::parse(&age.to_string()), Ok(age));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,40}|[0-9hms]{0,40}") {
            let _ = Age::parse(&text);
        }
    }
}
