//! The real servers of the private Sigstore, each with the flags it needs.

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_ED25519,
};
use serde_json::json;

use super::{
    HOST,
    issuer::{AUDIENCE, Issuer},
};
use crate::{
    listening::{first_answer, free_address},
    process::Process,
    world::World,
};

/// Where a private Sigstore's servers keep their files and logs.
pub(super) struct Place<'a> {
    pub(super) world: &'a World,
    pub(super) folder: &'a Path,
    /// Of the whole Sigstore; begins the names of its processes.
    pub(super) name: &'a str,
}

impl Place<'_> {
    /// Starts `program serve` with these flags.
    fn serve(&self, program: &str, as_name: &str, flags: &[(&str, &dyn Display)]) -> Result<Process> {
        let mut command = Command::new(self.world.tools().path(program)?);
        command.arg("serve").args(flags.iter().map(|(name, value)| format!("--{name}={value}")));
        // Away from the settings of whoever runs the tests.
        command.env("HOME", self.folder);
        self.world.spawn(&format!("{}-{as_name}", self.name), &mut command)
    }
}

/// The certificate authority, as two files. Kept outside Fulcio so that two Fulcios can be one authority.
pub(super) struct CertificateAuthority {
    certificate: PathBuf,
    key: PathBuf,
}

impl CertificateAuthority {
    pub(super) fn make(folder: &Path) -> Result<Self> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
        params.distinguished_name.push(DnType::OrganizationName, "private sigstore");
        params.distinguished_name.push(DnType::CommonName, "root");
        let made = Self { certificate: folder.join("fulcio.pem"), key: folder.join("fulcio.key") };
        std::fs::write(&made.certificate, params.self_signed(&key)?.pem())?;
        std::fs::write(&made.key, key.serialize_pem())?;
        Ok(made)
    }

    pub(super) fn certificate(&self) -> &Path {
        &self.certificate
    }
}

/// Issues certificates for identity tokens.
pub(super) struct Fulcio {
    url: String,
    _process: Process,
}

impl Fulcio {
    /// `issuers` are those of workflows and of people; without `log` (address and key) no SCT is embedded.
    pub(super) async fn start(
        place: &Place<'_>,
        name: &str,
        authority: &CertificateAuthority,
        issuers: (&Issuer, &Issuer),
        log: Option<(&str, &Path)>,
    ) -> Result<Self> {
        let (workflows, people) = (issuers.0.url(), issuers.1.url());
        // In JSON the names are others than in YAML.
        let config = json!({"OIDCIssuers": {
            workflows: {"IssuerURL": workflows, "ClientID": AUDIENCE, "Type": "github-workflow"},
            people: {"IssuerURL": people, "ClientID": AUDIENCE, "Type": "email"},
        }});
        let config_file = place.folder.join(format!("{name}.json"));
        std::fs::write(&config_file, config.to_string())?;
        let (http, grpc, metrics) = (free_address(HOST)?, free_address(HOST)?, free_address(HOST)?);
        let (log_url, log_key) = log.unwrap_or_else(|| ("", Path::new("")));
        let flags: &[(&str, &dyn Display)] = &[
            ("config-path", &config_file.display()),
            ("host", &HOST),
            ("port", &http.port()),
            ("grpc-host", &HOST),
            ("grpc-port", &grpc.port()),
            ("metrics-port", &metrics.port()),
            // By default the same for every Fulcio in a network namespace.
            ("legacy-unix-domain-socket", &format_args!("@{}-{name}", place.name)),
            ("ca", &"fileca"),
            ("fileca-cert", &authority.certificate.display()),
            ("fileca-key", &authority.key.display()),
            // Must be given; the key is not encrypted.
            ("fileca-key-passwd", &"unused"),
            ("fileca-watch", &"false"),
            // An empty address: nothing is submitted.
            ("ct-log-url", &log_url),
            ("ct-log-public-key-path", &log_key.display()),
        ];
        let mut process = place.serve("fulcio", name, flags)?;
        let url = format!("http://{http}");
        first_answer(&mut process, &format!("{url}/api/v2/trustBundle")).await?;
        Ok(Self { url, _process: process })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

/// The transparency log.
pub(super) struct Rekor {
    url: String,
    public_key: PathBuf,
    _process: Process,
}

impl Rekor {
    pub(super) async fn start(place: &Place<'_>, name: &str) -> Result<Self> {
        let key = KeyPair::generate_for(&PKCS_ED25519)?;
        let storage = place.folder.join("rekor");
        let (key_file, public_key) = (place.folder.join("rekor.key"), place.folder.join("rekor.pub"));
        std::fs::write(&key_file, key.serialize_pem())?;
        std::fs::write(&public_key, key.public_key_pem())?;
        let (http, grpc, metrics) = (free_address(HOST)?, free_address(HOST)?, free_address(HOST)?);
        let flags: &[(&str, &dyn Display)] = &[
            ("hostname", &name),
            ("http-address", &HOST),
            ("http-port", &http.port()),
            ("grpc-address", &HOST),
            ("grpc-port", &grpc.port()),
            ("http-metrics-port", &metrics.port()),
            ("storage-dir", &storage.display()),
            ("signer-filepath", &key_file.display()),
            // How long a signature waits for its inclusion proof.
            ("checkpoint-interval", &"1s"),
        ];
        let mut process = place.serve("rekor-server", "rekor", flags)?;
        let url = format!("http://{http}");
        first_answer(&mut process, &format!("{url}/healthz")).await?;
        Ok(Self { url, public_key, _process: process })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn public_key(&self) -> &Path {
        &self.public_key
    }
}

/// The RFC 3161 timestamp authority. Its port for metrics is fixed: a network namespace holds only one.
pub(super) struct TimestampAuthority {
    url: String,
    chain: PathBuf,
    _process: Process,
}

impl TimestampAuthority {
    pub(super) async fn start(place: &Place<'_>) -> Result<Self> {
        let http = free_address(HOST)?;
        let flags: &[(&str, &dyn Display)] = &[
            ("host", &HOST),
            ("port", &http.port()),
            ("timestamp-signer", &"memory"),
            // There is no time server to compare with.
            ("disable-ntp-monitoring", &true),
        ];
        let mut process = place.serve("timestamp-server", "timestamps", flags)?;
        let url = format!("http://{http}/api/v1/timestamp");
        let pem = first_answer(&mut process, &format!("{url}/certchain")).await?;
        let chain = place.folder.join("timestamp.pem");
        std::fs::write(&chain, pem)?;
        Ok(Self { url, chain, _process: process })
    }

    /// Where timestamps are asked for.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn chain(&self) -> &Path {
        &self.chain
    }
}
