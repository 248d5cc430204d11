//! Which versions of a tool an entry of a policy speaks of.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::{Version, VersionError};

/// Two ends and a few exclusions.
const MAX_COMPARATORS: usize = 8;

/// Bounds joined by commas, all of which must hold: `>=0.69.4, <=0.69.6`.
///
/// A version without an operator stands for itself and all within it: `1.2` holds for 1.2.7, not for 1.20.
/// `=1.2` is 1.2.0 alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VersionRange {
    bounds: Vec<(Operator, Version)>,
}

/// Why a text is no range.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VersionRangeError {
    /// More bounds than anyone needs.
    #[error("a version range has at most {MAX_COMPARATORS} bounds")]
    TooMany,
    /// A bound without a version, such as `>=`.
    #[error("version bound {bound:?} cannot be read")]
    Bound {
        /// The bound as written, cut.
        bound: String,
        /// What its version lacks.
        #[source]
        source: VersionError,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operator {
    AtLeast,
    AtMost,
    Above,
    Below,
    Equal,
    Within,
}

/// Longer signs first, because `>` begins `>=`. A bare version, the empty sign, is last.
const OPERATORS: [(&str, Operator); 6] = [
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    (">", Operator::Above),
    ("<", Operator::Below),
    ("=", Operator::Equal),
    ("", Operator::Within),
];

impl VersionRange {
    /// Reads bounds of the form `>=`, `<=`, `>`, `<`, `=` or nothing, and a version.
    ///
    /// # Errors
    /// [`VersionRangeError`] if a bound has no readable version or there are too many.
    pub fn parse(text: &str) -> Result<Self, VersionRangeError> {
        let mut bounds = Vec::new();
        for bound in text.split(',') {
            if bounds.len() == MAX_COMPARATORS {
                return Err(VersionRangeError::TooMany);
            }
            bounds.push(parse_bound(bound.trim()).map_err(|source| VersionRangeError::Bound {
                bound: bound.chars().take(64).collect(),
                source,
            })?);
        }
        Ok(Self { bounds })
    }

    /// Whether every bound holds for `version`.
    #[must_use]
    pub fn contains(&self, version: &Version) -> bool {
        self.bounds.iter().all(|(operator, bound)| match operator {
            Operator::AtLeast => version >= bound,
            Operator::AtMost => version <= bound,
            Operator::Above => version > bound,
            Operator::Below => version < bound,
            Operator::Equal => version == bound,
            Operator::Within => version.is_within(bound),
        })
    }
}

fn parse_bound(bound: &str) -> Result<(Operator, Version), VersionError> {
    let (operator, version) = OPERATORS
        .iter()
        .find_map(|(sign, operator)| bound.strip_prefix(sign).map(|rest| (*operator, rest)))
        .unwrap_or((Operator::Within, bound));
    Ok((operator, Version::parse(version.trim_start())?))
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (operator, version)) in self.bounds.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            let sign = OPERATORS.iter().find(|(_, known)| known == operator).map_or("", |(sign, _)| sign);
            write!(f, "{comma}{sign}{version}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for VersionRange {
    type Err = VersionRangeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(">=2", "2.0.0", true)]
    #[case(">=2", "1.9.9", false)]
    #[case(">=0.69.4, <=0.69.6", "v0.69.5", true)]
    #[case(">=0.69.4, <=0.69.6", "0.69.6-rc.1", true)]
    #[case(">=0.69.4, <=0.69.6", "0.69.7", false)]
    #[case(">=0.69.4, <=0.69.6", "0.69.3", false)]
    #[case("> 1, <2", "1.0", false)]
    #[case("> 1, <2", "2.0", false)]
    #[case("> 1, <2", "1.0.1", true)]
    #[case("1.2", "1.2.7", true)]
    #[case("1.2", "1.20", false)]
    #[case("=1.2", "1.2.0", true)]
    #[case("=1.2", "1.2.7", false)]
    fn all_bounds_must_hold(#[case] range: &str, #[case] version: &str, #[case] contained: bool) {
        let range = VersionRange::parse(range).unwrap();
        assert_eq!(range.contains(&Version::parse(version).unwrap()), contained);
        assert_eq!(VersionRange::parse(&range.to_string()).unwrap(), range);
    }

    #[rstest]
    #[case("")]
    #[case(">=")]
    #[case("~1.2")]
    #[case("^1")]
    #[case(">=1,")]
    #[case("=>1")]
    #[case("1 || 2")]
    fn what_is_no_range_is_refused(#[case] text: &str) {
        assert!(matches!(VersionRange::parse(text), Err(VersionRangeError::Bound { .. })), "{text}");
    }

    #[test]
    fn a_ninth_bound_is_one_too_many() {
        let bounds = |count: usize| vec![">1"; count].join(",");
        assert!(VersionRange::parse(&bounds(MAX_COMPARATORS)).is_ok());
        assert_eq!(VersionRange::parse(&bounds(MAX_COMPARATORS + 1)), Err(VersionRangeError::TooMany));
    }
}
