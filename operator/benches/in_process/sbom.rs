//! Reading a very large SBOM, beside reading the same text into a tree of values.

use std::fmt::Write as _;

use anyhow::ensure;
use names::Digest;
use serde_json::Value;
use trust::{AnchorId, Claims, Log, Proof};

use crate::{clock, figure::Figure};

/// That of the largest image in the published comparison of SBOM tools: all of a distribution's desktop.
const BYTES: usize = 38_000_000;
/// Odd; each takes a tenth of a second and more.
const ROUNDS: usize = 5;

pub(crate) fn sbom() -> anyhow::Result<Figure> {
    let (text, components) = cyclonedx();
    let statement = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://cyclonedx.org/bom","subject":[],"predicate":{text}}}"#
    );
    let verified = trust::testing::verified(&statement, proof());
    let mut ours = Vec::new();
    let mut tree = Vec::new();
    for _ in 0..ROUNDS {
        let (cpu, _, document) = clock::once(|| evidence::read(&verified));
        let read = document.sbom().and_then(Result::ok).map(|sbom| sbom.components);
        ensure!(read == Some(components), "{read:?} components read of {components}");
        ours.push(cpu / 1e3);
        let (cpu, _, value) = clock::once(|| serde_json::from_str::<Value>(&text));
        ensure!(value.is_ok(), "the SBOM is JSON");
        tree.push(cpu / 1e3);
    }
    let name = format!("read a CycloneDX 1.6 SBOM of 38 MB, {components} components, CPU");
    Ok(Figure::new(name, clock::median(ours), "ms")
        .compared("serde_json::Value of the same text, same run", clock::median(tree)))
}

/// A document as syft writes it, and how many components it has.
fn cyclonedx() -> (String, u64) {
    let mut text = String::with_capacity(BYTES + 1_024);
    text.push_str(
        r#"{"$schema":"http://cyclonedx.org/schema/bom-1.6.schema.json","bomFormat":"CycloneDX","specVersion":"1.6","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","version":1,"metadata":{"timestamp":"2026-11-25T02:59:16Z","component":{"bom-ref":"image","type":"container","name":"shop/cart"}},"components":["#,
    );
    let mut count = 0_u64;
    while text.len() < BYTES {
        let comma = if count == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"bom-ref":"pkg:deb/debian/lib{count}@1.2.{count}?arch=amd64&package-id={count:016x}","type":"library","publisher":"Debian Maintainers","name":"lib{count}","version":"1.2.{count}","licenses":[{{"license":{{"id":"GPL-2.0-only"}}}},{{"license":{{"name":"public-domain"}}}}],"cpe":"cpe:2.3:a:lib{count}:lib{count}:1.2.{count}:*:*:*:*:*:*:*","purl":"pkg:deb/debian/lib{count}@1.2.{count}?arch=amd64","properties":[{{"name":"syft:package:foundBy","value":"dpkg-db-cataloger"}},{{"name":"syft:location:0:path","value":"/var/lib/dpkg/status.d/lib{count}"}}]}}"#
        );
        count += 1;
    }
    text.push_str("]}");
    (text, count)
}

fn proof() -> Proof {
    Proof {
        anchor: AnchorId::Key(Digest::sha256(b"a key")),
        identity: None,
        issuer: None,
        claims: Claims::default(),
        log: Log::None,
        sct: false,
        times: Vec::new(),
        certificate_not_before: None,
        root: None,
    }
}
