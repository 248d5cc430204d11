//! Our verification of one bundle beside that of the library alone: what our own steps cost.

use std::hint::black_box;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use sigstore_verify::{
    VerificationPolicy, Verifier,
    trust_root::TrustedRoot,
    types::{Artifact, ArtifactDigest, Bundle, DigestBytes, HashAlgorithm},
};
use trust::Anchor;

use crate::{
    clock,
    figure::Figure,
    fixtures::{Fixtures, ROOT, Signed},
};

/// Calls in a round; a round takes some ten milliseconds.
const CALLS: u32 = 50;

pub(crate) fn verify(fixtures: &Fixtures, library_alone: f64) -> anyhow::Result<[Figure; 2]> {
    let anchors = &fixtures.policy()?.anchors;
    let root = anchors.iter().find(|anchor| matches!(***anchor, Anchor::Root(_))).context("a root")?;
    let key = anchors.iter().find(|anchor| matches!(***anchor, Anchor::Key { .. })).context("a key")?;
    let ours = |signed: Signed, anchor: &Anchor| -> anyhow::Result<f64> {
        let (_, bytes) = signed.bundles()[0];
        let proves = || {
            let bundle = trust::Bundle::parse(Bytes::from_static(black_box(bytes)));
            bundle.is_ok_and(|bundle| {
                black_box(trust::verify(&bundle, &fixtures.subject, anchor, fixtures.now)).is_ok()
            })
        };
        ensure!(proves(), "the {} bundle verifies", signed.as_str());
        Ok(clock::per_call(CALLS, || {
            proves();
        }))
    };
    let keyless = ours(Signed::Keyless, root)?;
    let key_signed = ours(Signed::Key, key)?;
    Ok([
        Figure::new("parse and verify one keyless bundle, CPU", keyless, "µs")
            .compared("sigstore-verify alone, same bundle, same run", library_alone),
        Figure::new("parse and verify one key-signed bundle, CPU", key_signed, "µs"),
    ])
}

/// Processor time of one keyless bundle in the library alone, in microseconds.
pub(crate) fn library_alone(fixtures: &Fixtures) -> anyhow::Result<f64> {
    let verifier = Verifier::new(&TrustedRoot::from_json(std::str::from_utf8(ROOT)?)?)?;
    let text = std::str::from_utf8(Signed::Keyless.bundles()[0].1)?;
    let policy = VerificationPolicy::any_identity();
    let digest = ArtifactDigest::new(HashAlgorithm::Sha2256, DigestBytes::from_hex(fixtures.subject.hex())?)?;
    let proves = || {
        let bundle = Bundle::from_json(black_box(text));
        let artifact = Artifact::from(digest.clone());
        bundle.is_ok_and(|bundle| black_box(verifier.verify(artifact, &bundle, &policy)).is_ok())
    };
    ensure!(proves(), "the library verifies the bundle");
    Ok(clock::per_call(CALLS, || {
        proves();
    }))
}
