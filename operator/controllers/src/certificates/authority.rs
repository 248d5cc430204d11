//! A certificate with its key, as PEM: made here, and read back for what it says.
//!
//! Not here: where it is kept, and when a new one is due.

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PublicKeyData,
};
use time::OffsetDateTime;
use x509_parser::{extensions::GeneralName, pem::parse_x509_pem, prelude::FromDer, prelude::X509Certificate};

use super::Error;

/// Ten years. Until the CA is replaced while running, it has to outlive the installation.
const AUTHORITY_LIFE: SignedDuration = SignedDuration::from_hours(24 * 3650);
/// Ninety days; renewed with a third left, so that a month of neglect does no harm.
const LEAF_LIFE: SignedDuration = SignedDuration::from_hours(24 * 90);
/// What is left when a leaf is renewed: a third of [`LEAF_LIFE`].
pub(super) const LEAF_RENEWAL: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Clocks of API servers and nodes differ by minutes.
const SKEW: SignedDuration = SignedDuration::from_mins(10);

/// A certificate and its private key, both PEM.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) certificate: String,
    pub(super) key: String,
}

/// Never shows the key.
impl std::fmt::Debug for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pair").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// A new CA, valid from `now`.
pub(super) fn new_authority(release: &str, now: Timestamp) -> Result<Pair, Error> {
    let failed = |source| Error::Certificate { what: "CA", source };
    let key = KeyPair::generate().map_err(failed)?;
    let mut params = params(now, AUTHORITY_LIFE)?;
    params.distinguished_name.push(DnType::CommonName, format!("{release} webhook CA"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = CertifiedIssuer::self_signed(params, key).map_err(failed)?;
    Ok(Pair { certificate: authority.pem(), key: authority.key().serialize_pem() })
}

/// A new leaf for `server_name`, signed by `authority`.
pub(super) fn new_leaf(authority: &Pair, server_name: &str, now: Timestamp) -> Result<Pair, Error> {
    let failed = |source| Error::Certificate { what: "leaf", source };
    let issuer_key = KeyPair::from_pem(&authority.key).map_err(failed)?;
    let issuer = Issuer::from_ca_cert_pem(&authority.certificate, issuer_key).map_err(failed)?;
    let key = KeyPair::generate().map_err(failed)?;
    let mut params = params(now, LEAF_LIFE)?;
    // The common name is for people; the longest Service and namespace names would not fit into it.
    params.distinguished_name.push(DnType::CommonName, "tidewaiter webhook");
    params.subject_alt_names =
        vec![rcgen::SanType::DnsName(server_name.to_owned().try_into().map_err(failed)?)];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let leaf = params.signed_by(&key, &issuer).map_err(failed)?;
    Ok(Pair { certificate: leaf.pem(), key: key.serialize_pem() })
}

fn params(now: Timestamp, life: SignedDuration) -> Result<CertificateParams, Error> {
    let at = |instant: Result<Timestamp, jiff::Error>| {
        instant
            .ok()
            .and_then(|instant| OffsetDateTime::from_unix_timestamp(instant.as_second()).ok())
            .ok_or(Error::Clock { now })
    };
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.not_before = at(now.checked_sub(SKEW))?;
    params.not_after = at(now.checked_add(life))?;
    Ok(params)
}

/// What a certificate says of itself, as far as it matters here.
pub(super) struct Facts {
    pub(super) not_before: Timestamp,
    pub(super) not_after: Timestamp,
    pub(super) is_authority: bool,
    pub(super) dns_names: Vec<String>,
}

/// `None` if this is no certificate that can be read.
pub(super) fn facts(pem: &str) -> Option<Facts> {
    let (_, block) = parse_x509_pem(pem.as_bytes()).ok()?;
    let (_, certificate) = X509Certificate::from_der(&block.contents).ok()?;
    let names = certificate.subject_alternative_name().ok()?;
    Some(Facts {
        not_before: Timestamp::from_second(certificate.validity().not_before.timestamp()).ok()?,
        not_after: Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()?,
        is_authority: certificate.is_ca(),
        dns_names: names
            .map(|names| {
                names
                    .value
                    .general_names
                    .iter()
                    .filter_map(|name| {
                        if let GeneralName::DNSName(name) = name { Some((*name).to_owned()) } else { None }
                    })
                    .collect()
            })
            .unwrap_or_default(),
    })
}

/// Do certificate and key belong together, and can the key be read?
pub(super) fn key_fits(pair: &Pair) -> bool {
    let Ok(key) = KeyPair::from_pem(&pair.key) else { return false };
    let Ok((_, block)) = parse_x509_pem(pair.certificate.as_bytes()) else { return false };
    X509Certificate::from_der(&block.contents)
        .is_ok_and(|(_, certificate)| certificate.public_key().raw == key.subject_public_key_info())
}
