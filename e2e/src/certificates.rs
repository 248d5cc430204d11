//! The control plane's certificates and kubeconfigs: one authority for what serves, one for who asks.
//! Tidewaiter's own certificates are its controllers' business and do not come from here.

use std::{fs, net::Ipv4Addr, path::Path};

use anyhow::Result;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, KeyPair, KeyUsagePurpose, SanType,
};
use time::{Duration, OffsetDateTime};

use crate::network::WORLD_ADDRESS;

/// The first address of the service range: what `kubernetes.default` resolves to.
const KUBERNETES_SERVICE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
/// Longer than any world lives, so that no test meets an expiry it did not ask for.
const LIFETIME: Duration = Duration::days(30);
/// Certificates count from a little before now: a Go verifier takes "not yet valid" by the second.
const BACKDATED: Duration = Duration::minutes(5);

type Authority = CertifiedIssuer<'static, KeyPair>;

/// The names of the files in the folder given to [`write`], beside `NAME.kubeconfig` for each name of [`CLIENTS`].
pub(crate) mod files {
    pub(crate) const SERVING_CA: &str = "serving-ca.crt";
    pub(crate) const SERVING: &str = "serving.crt";
    pub(crate) const SERVING_KEY: &str = "serving.key";
    pub(crate) const CLIENT_CA: &str = "client-ca.crt";
    pub(crate) const ACCOUNTS_KEY: &str = "accounts.key";
    pub(crate) const ACCOUNTS_PUBLIC: &str = "accounts.pub";
}

/// Who gets a kubeconfig: its name, then the user and group that the API server reads from its certificate.
const CLIENTS: [(&str, &str, Option<&str>); 3] = [
    ("admin", "admin", Some("system:masters")),
    ("controller-manager", "system:kube-controller-manager", None),
    ("scheduler", "system:kube-scheduler", None),
];

/// Writes everything into `folder`, for an API server at `server`.
pub(crate) fn write(folder: &Path, server: &str) -> Result<()> {
    let serving_ca = authority("serving")?;
    let client_ca = authority("clients")?;
    fs::write(folder.join(files::SERVING_CA), serving_ca.pem())?;
    fs::write(folder.join(files::CLIENT_CA), client_ca.pem())?;

    let (certificate, key) = serving(&serving_ca)?;
    fs::write(folder.join(files::SERVING), certificate)?;
    fs::write(folder.join(files::SERVING_KEY), key)?;

    let accounts = KeyPair::generate()?;
    fs::write(folder.join(files::ACCOUNTS_KEY), accounts.serialize_pem())?;
    fs::write(folder.join(files::ACCOUNTS_PUBLIC), accounts.public_key_pem())?;

    for (name, user, group) in CLIENTS {
        let (certificate, key) = client(&client_ca, user, group)?;
        let text = kubeconfig(server, &serving_ca.pem(), &certificate, &key);
        fs::write(folder.join(format!("{name}.kubeconfig")), text)?;
    }
    Ok(())
}

fn authority(name: &str) -> Result<Authority> {
    let mut params = params(name, None);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

fn serving(authority: &Authority) -> Result<(String, String)> {
    let mut params = params("kube-apiserver", None);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    for name in ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"] {
        params.subject_alt_names.push(SanType::DnsName(name.try_into()?));
    }
    for address in [Ipv4Addr::LOCALHOST, KUBERNETES_SERVICE, WORLD_ADDRESS] {
        params.subject_alt_names.push(SanType::IpAddress(address.into()));
    }
    let key = KeyPair::generate()?;
    Ok((params.signed_by(&key, authority)?.pem(), key.serialize_pem()))
}

fn client(authority: &Authority, user: &str, group: Option<&str>) -> Result<(String, String)> {
    let mut params = params(user, group);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate()?;
    Ok((params.signed_by(&key, authority)?.pem(), key.serialize_pem()))
}

fn params(name: &str, group: Option<&str>) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    if let Some(group) = group {
        subject.push(DnType::OrganizationName, group);
    }
    params.distinguished_name = subject;
    let now = OffsetDateTime::now_utc();
    params.not_before = now - BACKDATED;
    params.not_after = now + LIFETIME;
    params
}

fn kubeconfig(server: &str, authority: &str, certificate: &str, key: &str) -> String {
    serde_json::json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "world",
        "clusters": [{"name": "world", "cluster": {
            "server": server, "certificate-authority-data": STANDARD.encode(authority) }}],
        "users": [{"name": "world", "user": {
            "client-certificate-data": STANDARD.encode(certificate), "client-key-data": STANDARD.encode(key) }}],
        "contexts": [{"name": "world", "context": {"cluster": "world", "user": "world"}}],
    })
    .to_string()
}
