//! The JSON of a bundle, as the sigstore protobuf specification writes it. Unknown fields are skipped; a field
//! that is known may stand there once.

use serde::Deserialize;
use serde::de::IgnoredAny;
use sigstore_verify::types::{
    CertificateContent, DsseSignature, PayloadBytes, PublicKeyIdentifier, Rfc3161Timestamp,
    TransparencyLogEntry, X509Certificate,
};

use super::{Bounded, MAX_INTERMEDIATES, MAX_LOG_ENTRIES, MAX_TIMESTAMPS};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bundle {
    pub(super) media_type: Option<String>,
    pub(super) verification_material: Option<Material>,
    pub(super) dsse_envelope: Option<Envelope>,
    pub(super) message_signature: Option<IgnoredAny>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Material {
    pub(super) certificate: Option<CertificateContent>,
    pub(super) x509_certificate_chain: Option<Chain>,
    pub(super) public_key: Option<PublicKeyIdentifier>,
    #[serde(default)]
    pub(super) tlog_entries: Bounded<TransparencyLogEntry, MAX_LOG_ENTRIES>,
    pub(super) timestamp_verification_data: Option<Timestamps>,
}

#[derive(Deserialize, Default)]
pub(super) struct Chain {
    /// The signing certificate and what stands between it and the root.
    #[serde(default)]
    pub(super) certificates: Bounded<X509Certificate, { MAX_INTERMEDIATES + 1 }>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Timestamps {
    #[serde(default)]
    pub(super) rfc3161_timestamps: Bounded<Rfc3161Timestamp, MAX_TIMESTAMPS>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Envelope {
    pub(super) payload_type: String,
    pub(super) payload: PayloadBytes,
    pub(super) signatures: Bounded<DsseSignature, 1>,
}
