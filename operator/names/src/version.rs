//! A tool's version, compared as numbers.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use thiserror::Error;

/// Longer than any version a tool prints.
const MAX_VERSION: usize = 64;

/// `1.2.3.4` is the longest form in use (Windows file versions).
const MAX_NUMBERS: usize = 4;

/// A version's numbers: `v2.1.0-rc.1+build` is 2.1.0. A pre-release counts as its release, and missing
/// numbers as zero.
#[derive(Clone, Debug)]
pub struct Version {
    numbers: Vec<u64>,
}

/// Why a text is no version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no version; it has one to four numbers with dots between")]
pub struct VersionError(String);

impl Version {
    /// Reads one to four numbers, after an optional `v` and before an optional `-…` or `+…`.
    ///
    /// # Errors
    /// [`VersionError`] for any other form.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        let error = || VersionError(text.chars().take(MAX_VERSION).collect());
        if text.len() > MAX_VERSION {
            return Err(error());
        }
        let plain = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let release = plain.split(['-', '+']).next().unwrap_or_default();
        let numbers = release
            .split('.')
            .map(|number| {
                let digits = number.bytes().all(|byte| byte.is_ascii_digit());
                number.parse().ok().filter(|_| digits).ok_or_else(error)
            })
            .collect::<Result<Vec<u64>, _>>()?;
        if numbers.len() > MAX_NUMBERS {
            return Err(error());
        }
        Ok(Self { numbers })
    }

    /// Whether this is `prefix` or a version within it: 1.2.7 is within 1.2, and 1.20 is not.
    pub(crate) fn is_within(&self, prefix: &Self) -> bool {
        let mine = self.numbers.iter().copied().chain(std::iter::repeat(0));
        prefix.numbers.iter().copied().zip(mine).all(|(wanted, found)| wanted == found)
    }

    fn padded(&self) -> impl Iterator<Item = u64> {
        self.numbers.iter().copied().chain(std::iter::repeat(0)).take(MAX_NUMBERS)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.padded().cmp(other.padded())
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for number in self.padded() {
            number.hash(state);
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, number) in self.numbers.iter().enumerate() {
            let dot = if place == 0 { "" } else { "." };
            write!(f, "{dot}{number}")?;
        }
        Ok(())
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1.10", "1.9", Ordering::Greater)]
    #[case("v2", "2.0.0.0", Ordering::Equal)]
    #[case("0.69.7-rc.1", "0.69.7+build", Ordering::Equal)]
    #[case("0.69.7", "0.70", Ordering::Less)]
    fn versions_compare_as_numbers(#[case] left: &str, #[case] right: &str, #[case] ordering: Ordering) {
        assert_eq!(Version::parse(left).unwrap().cmp(&Version::parse(right).unwrap()), ordering);
    }

    #[rstest]
    #[case("")]
    #[case("v")]
    #[case("latest")]
    #[case("1..2")]
    #[case("1.2rc1")]
    #[case("+1.2")]
    #[case("1.2.3.4.5")]
    #[case("1.99999999999999999999999")]
    #[case("1.2 (tool)")]
    fn what_is_no_version_is_refused(#[case] text: &str) {
        assert_eq!(Version::parse(text), Err(VersionError(text.into())));
    }

    #[test]
    fn a_version_without_numbers_after_a_sign_is_refused_and_a_long_one_is_cut() {
        let long = format!("1-{}", "x".repeat(100));
        assert_eq!(Version::parse(&long).unwrap_err().0.len(), MAX_VERSION);
    }
}
