//! How bad a finding is, in one scale for every scanner.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// A severity band. The worst sorts first; `Unknown` is last only because it must stand somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// As all scanners name it.
    Critical,
    /// Also Red Hat's and Microsoft's `Important`.
    High,
    /// Also `Moderate`.
    Medium,
    /// As all scanners name it.
    Low,
    /// Also CycloneDX's `info` and `none`.
    Negligible,
    /// The scanner itself gives no severity: a number of its own, never one of the others.
    Unknown,
}

/// A word that no scanner read here uses for a severity.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no severity")]
pub struct SeverityError(String);

impl Severity {
    /// All bands, the worst first.
    pub const ALL: [Self; 6] =
        [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Negligible, Self::Unknown];

    /// Reads a scanner's word in any case: Trivy's and OSV's `CRITICAL`, Grype's `Critical`, CycloneDX's
    /// `critical`. An empty word is `Unknown`.
    ///
    /// # Errors
    /// [`SeverityError`] for any other word; whether that is unknown or unreadable is the caller's to say.
    pub fn parse(word: &str) -> Result<Self, SeverityError> {
        const WORDS: [(&str, Severity); 12] = [
            ("critical", Severity::Critical),
            ("high", Severity::High),
            ("important", Severity::High),
            ("medium", Severity::Medium),
            ("moderate", Severity::Medium),
            ("low", Severity::Low),
            ("negligible", Severity::Negligible),
            ("info", Severity::Negligible),
            ("none", Severity::Negligible),
            ("unknown", Severity::Unknown),
            ("unspecified", Severity::Unknown),
            ("", Severity::Unknown),
        ];
        WORDS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(word))
            .map(|(_, severity)| *severity)
            .ok_or_else(|| SeverityError(word.chars().take(32).collect()))
    }

    /// The lower-case word that policies and messages use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Negligible => "negligible",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = SeverityError;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::parse(word)
    }
}

impl Serialize for Severity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Severity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl de::Visitor<'_> for Word {
            type Value = Severity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a severity")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Severity, E> {
                Severity::parse(word).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Word)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::trivy("CRITICAL", Severity::Critical)]
    #[case::grype("High", Severity::High)]
    #[case::osv("MODERATE", Severity::Medium)]
    #[case::red_hat("important", Severity::High)]
    #[case::grype_only("Negligible", Severity::Negligible)]
    #[case::cyclonedx("info", Severity::Negligible)]
    #[case::none_given("", Severity::Unknown)]
    fn scanners_words_fall_into_one_scale(#[case] word: &str, #[case] severity: Severity) {
        assert_eq!(Severity::parse(word), Ok(severity));
    }

    #[test]
    fn every_band_reads_back_and_a_strange_word_is_no_severity() {
        for severity in Severity::ALL {
            assert_eq!(Severity::parse(&severity.to_string()), Ok(severity));
            let json = serde_json::to_string(&severity).unwrap();
            assert_eq!(serde_json::from_str::<Severity>(&json).unwrap(), severity);
        }
        assert_eq!(Severity::parse("catastrophic"), Err(SeverityError("catastrophic".into())));
    }
}
