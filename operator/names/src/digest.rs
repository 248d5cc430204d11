//! A content digest: the algorithm and as many lower-case hex digits as it has, nothing shorter.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// Hex digits that prose shows of a digest: 48 bits, enough to tell apart what one message speaks of.
const SHORT_DIGITS: usize = 12;

/// The algorithms that the OCI image specification registers as required or recommended for content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// SHA-256, 64 hex digits.
    Sha256,
    /// SHA-512, 128 hex digits.
    Sha512,
}

/// Names bytes by their hash: `sha256:…` or `sha512:…`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    hex: Box<str>,
}

/// Why a text is not a digest.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DigestError {
    /// There is no `:` between algorithm and hash.
    #[error("a digest is written algorithm:hex, such as sha256:…")]
    NoAlgorithm,
    /// An algorithm that no registry must support, so that two readers may disagree about it.
    #[error("digest algorithm {0:?} is not supported; sha256 and sha512 are")]
    Algorithm(String),
    /// Too few or too many digits. Some parsers accept a shortened hash, container runtimes do not.
    #[error("a {algorithm} digest has {wanted} hex digits, this one has {found}")]
    Length {
        /// The algorithm named.
        algorithm: Algorithm,
        /// Hex digits it has.
        wanted: usize,
        /// Bytes found after the colon.
        found: usize,
    },
    /// A character other than `0-9a-f`; upper case would be a second spelling of the same digest.
    #[error("a digest has the digits 0-9 and a-f only, in lower case")]
    Digit,
}

// === impl Algorithm ===

impl Algorithm {
    /// As written before the colon.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    const fn hex_digits(self) -> usize {
        match self {
            Self::Sha256 => 64,
            Self::Sha512 => 128,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

// === impl Digest ===

impl Digest {
    /// Reads `sha256:` and 64, or `sha512:` and 128 lower-case hex digits.
    ///
    /// # Errors
    /// [`DigestError`] names the first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, DigestError> {
        let (name, hex) = text.split_once(':').ok_or(DigestError::NoAlgorithm)?;
        let algorithm = match name {
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            _ => return Err(DigestError::Algorithm(name.chars().take(SHORT_DIGITS).collect())),
        };
        let wanted = algorithm.hex_digits();
        if hex.len() != wanted {
            return Err(DigestError::Length { algorithm, wanted, found: hex.len() });
        }
        if !hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(DigestError::Digit);
        }
        Ok(Self { algorithm, hex: hex.into() })
    }

    /// The SHA-256 digest of `bytes`.
    #[must_use]
    pub fn sha256(bytes: &[u8]) -> Self {
        Self { algorithm: Algorithm::Sha256, hex: hex::encode(Sha256::digest(bytes)).into() }
    }

    /// Which hash this is.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The hash alone, in lower-case hex.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// For prose: `sha256:ab12cd34ef56…`.
    #[must_use]
    pub fn short(&self) -> String {
        let head: String = self.hex.chars().take(SHORT_DIGITS).collect();
        format!("{}:{head}…", self.algorithm)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.hex)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Digest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a digest such as sha256:…")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Digest, E> {
                Digest::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_digest_of_nothing_is_the_well_known_one_and_reads_back() {
        assert_eq!(Digest::sha256(b"").to_string(), EMPTY);
        assert_eq!(Digest::parse(EMPTY), Ok(Digest::sha256(b"")));
        assert_eq!(Digest::sha256(b"").short(), "sha256:e3b0c44298fc…");
    }

    #[test]
    fn a_sha512_digest_has_128_digits() {
        let digest = Digest::parse(&format!("sha512:{}", "0f".repeat(64))).unwrap();
        assert_eq!((digest.algorithm(), digest.hex().len()), (Algorithm::Sha512, 128));
    }

    #[rstest]
    #[case::no_colon("e3b0", DigestError::NoAlgorithm)]
    #[case::md5("md5:d41d8cd98f00b204e9800998ecf8427e", DigestError::Algorithm("md5".into()))]
    #[case::upper_algorithm("SHA256:00", DigestError::Algorithm("SHA256".into()))]
    #[case::half("sha256:e3b0c44298fc1c149afbf4c8996fb924", DigestError::Length { algorithm: Algorithm::Sha256, wanted: 64, found: 32 })]
    #[case::sha256_hex_as_sha512("sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", DigestError::Length { algorithm: Algorithm::Sha512, wanted: 128, found: 64 })]
    #[case::upper(
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        DigestError::Digit
    )]
    fn what_is_no_digest_is_refused_by_rule(#[case] text: &str, #[case] error: DigestError) {
        assert_eq!(Digest::parse(text), Err(error));
    }

    #[test]
    fn json_carries_a_digest_as_its_text_and_refuses_another() {
        let json = serde_json::to_string(&Digest::sha256(b"")).unwrap();
        assert_eq!(json, format!("{EMPTY:?}"));
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), Digest::sha256(b""));
        assert!(serde_json::from_str::<Digest>("\"sha256:00\"").is_err());
    }
}
