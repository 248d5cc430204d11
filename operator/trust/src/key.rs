//! Public keys that a policy names.

use names::Digest;
use sigstore_verify::crypto::{KeyAlgorithm, VerificationKey};
use sigstore_verify::types::{DerPublicKey, SignatureBytes};
use thiserror::Error;

use crate::detail::Detail;

/// Longest PEM text read, in bytes. A P-384 key takes 215; the rest is room for comments around it.
const MAX_PEM_BYTES: usize = 16 * 1024;

/// A public key: ECDSA on P-256 with SHA-256, on P-384 with SHA-384, or Ed25519.
pub struct PublicKey {
    der: DerPublicKey,
    key: VerificationKey,
    digest: Digest,
}

impl PublicKey {
    /// Reads one PEM block `PUBLIC KEY`, as `cosign generate-key-pair` and `openssl pkey -pubout` write it.
    ///
    /// # Errors
    /// When the text is too long, holds no such block or more than one, or the key is of another kind.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        if text.len() > MAX_PEM_BYTES {
            return Err(KeyError::TooLong { bytes: text.len() });
        }
        let blocks = text.matches("-----BEGIN ").count();
        if blocks != 1 {
            return Err(KeyError::Blocks { blocks });
        }
        let der = DerPublicKey::from_pem(text).map_err(|error| KeyError::Unreadable(Detail::of(&error)))?;
        let algorithm =
            KeyAlgorithm::from_spki(&der).map_err(|error| KeyError::Unreadable(Detail::of(&error)))?;
        // The others are untried, and RSA and ML-DSA keys are not what cosign makes.
        if !matches!(algorithm, KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 | KeyAlgorithm::Ed25519) {
            return Err(KeyError::Kind);
        }
        let key = VerificationKey::from_spki_with_scheme(&der, algorithm.default_signing_scheme())
            .map_err(|error| KeyError::Unreadable(Detail::of(&error)))?;
        let digest = Digest::sha256(der.as_bytes());
        Ok(Self { der, key, digest })
    }

    /// SHA-256 of the SubjectPublicKeyInfo in DER.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    pub(crate) const fn der(&self) -> &DerPublicKey {
        &self.der
    }

    pub(crate) fn check(&self, message: &[u8], signature: &SignatureBytes) -> Result<(), Detail> {
        self.key.verify(message, signature).map_err(|error| Detail::of(&error))
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PublicKey").field(&self.digest).finish()
    }
}

/// Why a text is not a public key to verify with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Longer than 16 KiB.
    #[error("{bytes} bytes; a PEM public key of at most 16384 is read")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// Not exactly one PEM block: with two, which one is meant?
    #[error("{blocks} PEM blocks; exactly one is wanted")]
    Blocks {
        /// How many there are.
        blocks: usize,
    },
    /// Not PEM, not a `PUBLIC KEY`, or not a key.
    #[error("the PEM block cannot be read as a PUBLIC KEY")]
    Unreadable(#[source] Detail),
    /// RSA, ML-DSA or another curve.
    #[error("the key is neither ECDSA P-256, ECDSA P-384 nor Ed25519")]
    Kind,
}
