//! A sigstore instance small enough for a unit test: root, intermediate, certificate log, transparency logs,
//! and bundles signed under them. Log entries are Rekor version 1 `dsse`; a timestamp authority and Rekor
//! version 2 come with the fixtures that cosign made.

use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PublicKeyData, SanType, SerialNumber, SigningKey,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use crate::{PublicKey, TrustRoot};

/// When the fixtures were signed: 2025-06-01T12:00:00Z.
pub(super) const SIGNED_AT: i64 = 1_748_779_200;
pub(super) const HOUR: i64 = 60 * 60;
pub(super) const YEAR: i64 = 365 * 24 * HOUR;
pub(super) const WORKFLOW: &str = "https://ci.example/shop/cart/.build.yml@refs/heads/main";
pub(super) const ISSUER: &str = "https://issuer.example";
pub(super) const REPOSITORY: &str = "https://ci.example/shop/cart";

/// From and to, in seconds since 1970.
pub(super) type Window = (i64, i64);
const LONG: Window = (SIGNED_AT - YEAR, SIGNED_AT + YEAR);

pub(super) struct Instance {
    root: Vec<u8>,
    intermediate: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
    issuer_spki: Vec<u8>,
    certificate_log: KeyPair,
    pub(super) logs: Vec<TransparencyLog>,
}

pub(super) struct TransparencyLog {
    key: KeyPair,
    pub(super) from: i64,
    pub(super) to: Option<i64>,
}

/// What goes into a bundle; the default verifies.
pub(super) struct Recipe {
    pub(super) payload: Vec<u8>,
    pub(super) payload_type: &'static str,
    pub(super) name: SanType,
    pub(super) issuer: Option<&'static str>,
    pub(super) certificate: Window,
    pub(super) usage: ExtendedKeyUsagePurpose,
    pub(super) sct: Sct,
    pub(super) logged_at: i64,
    pub(super) log: usize,
    pub(super) checkpoint_log: usize,
}

#[derive(PartialEq)]
pub(super) enum Sct {
    Good,
    Missing,
    Forged,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            payload: statement().to_string().into_bytes(),
            payload_type: "application/vnd.in-toto+json",
            name: SanType::URI(WORKFLOW.try_into().unwrap()),
            issuer: Some(ISSUER),
            certificate: (SIGNED_AT - 60, SIGNED_AT + 600),
            usage: ExtendedKeyUsagePurpose::CodeSigning,
            sct: Sct::Good,
            logged_at: SIGNED_AT,
            log: 0,
            checkpoint_log: 0,
        }
    }
}

impl Recipe {
    pub(super) fn of(statement: &Value) -> Self {
        Self { payload: statement.to_string().into_bytes(), ..Self::default() }
    }
}

/// A statement about [`super::image`].
pub(super) fn statement() -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "cart", "digest": { "sha256": super::image().hex() } }],
        "predicateType": "https://example.com/predicate/v1",
        "predicate": { "answer": 42 }
    })
}

impl Instance {
    pub(super) fn new() -> Self {
        Self::with_intermediate(LONG)
    }

    /// An instance whose intermediate authority is valid only so long.
    pub(super) fn with_intermediate(window: Window) -> Self {
        let root_key = KeyPair::generate().unwrap();
        let root_params = authority("root", LONG);
        let root = root_params.self_signed(&root_key).unwrap().der().to_vec();
        let root_issuer = Issuer::new(root_params, root_key);
        let key = KeyPair::generate().unwrap();
        let issuer_spki = key.subject_public_key_info();
        let params = authority("intermediate", window);
        let intermediate = params.signed_by(&key, &root_issuer).unwrap().der().to_vec();
        let issuer = Issuer::new(params, key);
        let certificate_log = KeyPair::generate().unwrap();
        let mut instance =
            Self { root, intermediate, issuer, issuer_spki, certificate_log, logs: Vec::new() };
        instance.add_log(SIGNED_AT - YEAR, None);
        instance
    }

    pub(super) fn add_log(&mut self, from: i64, to: Option<i64>) {
        self.logs.push(TransparencyLog { key: KeyPair::generate().unwrap(), from, to });
    }

    pub(super) fn root(&self) -> TrustRoot {
        TrustRoot::from_json(self.root_json().to_string().as_bytes()).unwrap()
    }

    pub(super) fn root_json(&self) -> Value {
        let certificate = |der: &[u8]| json!({ "rawBytes": STANDARD.encode(der) });
        let log = |key: &KeyPair, dates: Value| {
            json!({
                "baseUrl": "https://log.example",
                "hashAlgorithm": "SHA2_256",
                "publicKey": {
                    "rawBytes": STANDARD.encode(key.subject_public_key_info()),
                    "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                    "validFor": dates
                },
                "logId": { "keyId": STANDARD.encode(id(key)) }
            })
        };
        let logs: Vec<_> = self.logs.iter().map(|one| log(&one.key, dates(one.from, one.to))).collect();
        json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "certificateAuthorities": [{
                "uri": "https://ca.example",
                "certChain": { "certificates": [certificate(&self.intermediate), certificate(&self.root)] },
                "validFor": dates(SIGNED_AT - YEAR, None)
            }],
            "ctlogs": [log(&self.certificate_log, dates(SIGNED_AT - YEAR, None))],
            "tlogs": logs,
            "timestampAuthorities": []
        })
    }

    /// A bundle signed under a short-lived certificate.
    pub(super) fn keyless(&self, recipe: &Recipe) -> Value {
        let key = KeyPair::generate().unwrap();
        let certificate = self.certificate(&key, recipe);
        let signature = sign(&key, recipe);
        let body = body(recipe, &signature, &pem("CERTIFICATE", &certificate));
        let material = json!({
            "certificate": { "rawBytes": STANDARD.encode(&certificate) },
            "tlogEntries": [self.log_entry(&body, recipe)],
        });
        bundle(&material, recipe, &signature)
    }

    /// A bundle signed with a key and logged.
    pub(super) fn logged(&self, key: &KeyPair, recipe: &Recipe) -> Value {
        let signature = sign(key, recipe);
        let body = body(recipe, &signature, &key.public_key_pem());
        let material = json!({
            "publicKey": { "hint": "a key" },
            "tlogEntries": [self.log_entry(&body, recipe)],
        });
        bundle(&material, recipe, &signature)
    }

    fn certificate(&self, key: &KeyPair, recipe: &Recipe) -> Vec<u8> {
        let mut params = CertificateParams::default();
        params.not_before = date(recipe.certificate.0);
        params.not_after = date(recipe.certificate.1);
        params.serial_number = Some(SerialNumber::from(vec![1, 2, 3]));
        params.subject_alt_names = vec![recipe.name.clone()];
        params.extended_key_usages = vec![recipe.usage.clone()];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        if let Some(issuer) = recipe.issuer {
            params.custom_extensions.push(fulcio(8, issuer));
        }
        params.custom_extensions.push(fulcio(12, REPOSITORY));
        if recipe.sct != Sct::Missing {
            let unlogged = params.signed_by(key, &self.issuer).unwrap();
            let sct = self.sct(&first_element(unlogged.der()), recipe.sct == Sct::Forged);
            params
                .custom_extensions
                .push(CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 11129, 2, 4, 2], sct));
        }
        params.signed_by(key, &self.issuer).unwrap().der().to_vec()
    }

    /// RFC 6962, sections 3.2 and 3.3: one signed certificate timestamp for a precertificate, in a list.
    fn sct(&self, to_be_signed: &[u8], forged: bool) -> Vec<u8> {
        let timestamp = u64::try_from(SIGNED_AT * 1000).unwrap().to_be_bytes();
        let mut message = vec![0, 0];
        message.extend(timestamp);
        message.extend([0, 1]);
        message.extend(Sha256::digest(&self.issuer_spki));
        message.extend(&u32::try_from(to_be_signed.len()).unwrap().to_be_bytes()[1..]);
        message.extend(to_be_signed);
        message.extend([0, 0]);
        if forged {
            message.push(0);
        }
        let signature = self.certificate_log.sign(&message).unwrap();
        let mut sct = vec![0];
        sct.extend(id(&self.certificate_log));
        sct.extend(timestamp);
        sct.extend([0, 0, 4, 3]);
        sct.extend(prefixed(&signature));
        octet_string(&prefixed(&prefixed(&sct)))
    }

    /// An entry at index 0 of a tree of two.
    pub(super) fn log_entry(&self, body: &[u8], recipe: &Recipe) -> Value {
        let log = &self.logs[recipe.log].key;
        let leaf = Sha256::new().chain_update([0]).chain_update(body).finalize();
        let sibling = Sha256::digest(b"another entry");
        let root = Sha256::new().chain_update([1]).chain_update(leaf).chain_update(sibling).finalize();
        let note = format!("log.example\n2\n{}\n", STANDARD.encode(root));
        let signer = &self.logs[recipe.checkpoint_log].key;
        let mut signed = id(signer)[..4].to_vec();
        signed.extend(signer.sign(note.as_bytes()).unwrap());
        let promised = format!(
            r#"{{"body":"{}","integratedTime":{},"logID":"{}","logIndex":41}}"#,
            STANDARD.encode(body),
            recipe.logged_at,
            id(log).iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        );
        json!({
            "logIndex": "41",
            "logId": { "keyId": STANDARD.encode(id(log)) },
            "kindVersion": { "kind": "dsse", "version": "0.0.1" },
            "integratedTime": recipe.logged_at.to_string(),
            "inclusionPromise": {
                "signedEntryTimestamp": STANDARD.encode(log.sign(promised.as_bytes()).unwrap())
            },
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": STANDARD.encode(root),
                "treeSize": "2",
                "hashes": [STANDARD.encode(sibling)],
                "checkpoint": { "envelope": format!("{note}\n— log.example {}\n", STANDARD.encode(&signed)) }
            },
            "canonicalizedBody": STANDARD.encode(body)
        })
    }
}

/// A bundle signed with a key and logged nowhere, as cosign makes it with an empty signing configuration.
pub(super) fn unlogged(key: &KeyPair, recipe: &Recipe) -> Value {
    bundle(&json!({ "publicKey": { "hint": "a key" } }), recipe, &sign(key, recipe))
}

pub(super) fn public_key(key: &KeyPair) -> PublicKey {
    PublicKey::from_pem(&key.public_key_pem()).unwrap()
}

fn bundle(material: &Value, recipe: &Recipe, signature: &[u8]) -> Value {
    json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": material,
        "dsseEnvelope": {
            "payload": STANDARD.encode(&recipe.payload),
            "payloadType": recipe.payload_type,
            "signatures": [{ "sig": STANDARD.encode(signature), "keyid": "a hint" }]
        }
    })
}

fn sign(key: &KeyPair, recipe: &Recipe) -> Vec<u8> {
    let mut message =
        format!("DSSEv1 {} {} {} ", recipe.payload_type.len(), recipe.payload_type, recipe.payload.len())
            .into_bytes();
    message.extend(&recipe.payload);
    key.sign(&message).unwrap()
}

fn body(recipe: &Recipe, signature: &[u8], verifier: &str) -> Vec<u8> {
    let hash = |value: String| json!({ "algorithm": "sha256", "value": value });
    json!({
        "apiVersion": "0.0.1",
        "kind": "dsse",
        "spec": {
            "envelopeHash": hash("00".repeat(32)),
            "payloadHash": hash(names::Digest::sha256(&recipe.payload).hex().to_owned()),
            "signatures": [{ "signature": STANDARD.encode(signature), "verifier": STANDARD.encode(verifier) }]
        }
    })
    .to_string()
    .into_bytes()
}

fn authority(name: &str, window: Window) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = date(window.0);
    params.not_after = date(window.1);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn fulcio(number: u64, value: &str) -> CustomExtension {
    let mut content = vec![0x0c, u8::try_from(value.len()).unwrap()];
    assert!(value.len() < 128, "short form of the length");
    content.extend(value.as_bytes());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 57264, 1, number], content)
}

fn id(key: &KeyPair) -> [u8; 32] {
    Sha256::digest(key.subject_public_key_info()).into()
}

fn date(since_1970: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(since_1970).unwrap()
}

fn dates(from: i64, to: Option<i64>) -> Value {
    let mut dates = json!({ "start": super::seconds(from) });
    if let Some(to) = to {
        dates["end"] = json!(super::seconds(to));
    }
    dates
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// With a length of two bytes before it, as TLS writes vectors.
fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let mut prefixed = u16::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
    prefixed.extend(bytes);
    prefixed
}

fn octet_string(bytes: &[u8]) -> Vec<u8> {
    let mut der = vec![0x04];
    match u8::try_from(bytes.len()).unwrap() {
        short @ 0..=127 => der.push(short),
        long => der.extend([0x81, long]),
    }
    der.extend(bytes);
    der
}

/// The first element of a DER sequence, whole.
fn first_element(der: &[u8]) -> Vec<u8> {
    let inner = &der[header(der).0..];
    let (start, length) = header(inner);
    inner[..start + length].to_vec()
}

/// Length of the header, and the length it states.
fn header(der: &[u8]) -> (usize, usize) {
    match der[1] {
        short @ 0..=127 => (2, usize::from(short)),
        many => {
            let many = usize::from(many & 0x7f);
            (2 + many, der[2..2 + many].iter().fold(0, |length, &byte| length << 8 | usize::from(byte)))
        }
    }
}
