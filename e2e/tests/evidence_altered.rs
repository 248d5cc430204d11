//! A real bundle with each of its parts altered in turn: none is believed, and the image is turned away for the one
//! document that the bundle should have proved.

use anyhow::{Context as _, Result, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use e2e::{
    World,
    documents::Sbom,
    image::{FoundBundle, Image, Referrer, bundles, push_image, push_referrer},
    tidewaiter::{self, Evidence, Tidewaiter, pod},
};
use serde_json::{Value, json};

const SBOM: &str = "https://cyclonedx.org/bom";
const ENTRY: &str = "/verificationMaterial/tlogEntries/0";
/// The same content in every repository is the same digest, of which the signed statements speak.
const LABEL: &str = "altered";

/// What is done to a part, and what the image is turned away for.
struct Alteration {
    name: &'static str,
    pointer: String,
    how: How,
    code: &'static str,
}

enum How {
    /// One bit in the last byte of a base64 text: of a signature, a hash or a key's name.
    Flip,
    /// Another value.
    Set(Value),
    /// The same part of another good bundle about the same image.
    Borrow,
    /// Away with it.
    Remove,
    /// Other words within a text.
    Replace(&'static str, &'static str),
    /// Other words within a text in base64.
    Within(&'static str, &'static str),
}

#[test]
fn no_altered_bundle_is_believed() -> Result<()> {
    World::run(tidewaiter::options()?, async |world| {
        let tw = Tidewaiter::install(world).await?;
        tw.guarded_namespace("altered", json!({})).await?;
        // A log's first entry has neither index nor path, and so less to alter: somebody else is first.
        let first = tw.image("altered/first", "1").await?;
        tw.cosign.attest(&first.reference(), &Sbom::good(tw.now), tw.ci()).await?;
        let whole = push_image(&tw.registry, "altered/attested", "1", LABEL).await?;
        let documents = Evidence::good(tw.now);
        tw.cosign.attest_all(&whole.reference(), &documents.documents(), tw.ci()).await?;
        let found = bundles(&tw.registry, &whole).await?;
        let (sboms, others): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|bundle| bundle.predicate_type == SBOM);
        ensure!(sboms.len() == 1 && others.len() == 2, "not one bundle a document");
        let sbom = sboms.first().context("the SBOM's bundle")?;
        let other = others.first().context("another bundle")?;

        // Pushed by hand and unaltered it is believed; without it the image is turned away.
        let image = pushed(&tw, "whole", sbom.content.clone(), &others).await?;
        tw.comes_to_admit(&pod("altered", &image.reference())).await?;
        let image = push_image(&tw.registry, "altered/without", "1", LABEL).await?;
        attach(&tw, &image, &others).await?;
        tw.comes_to_deny(&pod("altered", &image.reference()), &["SbomMissing"]).await?;

        for alteration in alterations() {
            let name = alteration.name;
            let altered = alteration.of(&sbom.content, &other.content).context(name)?;
            let image = pushed(&tw, name, altered, &others).await?;
            tw.denies(&pod("altered", &image.reference()), &[alteration.code]).await.context(name)?;
        }
        Ok(())
    })
}

/// Every part that proves something. `SbomMissing` is the code where nothing is left that can be read as an SBOM.
/// A changed signature is `LogProofMissing`: the timestamp is of the signature, so that no time is proved any more,
/// and a time is asked for first.
fn alterations() -> Vec<Alteration> {
    let alter = |name, pointer: &str, how, code| Alteration { name, pointer: pointer.to_owned(), how, code };
    let entry = |name, part: &str, how, code| alter(name, &format!("{ENTRY}{part}"), how, code);
    let (signature, log, missing) = ("SignatureInvalid", "LogProofMissing", "SbomMissing");
    let (certificate, payload) = ("/verificationMaterial/certificate", "/dsseEnvelope/payload");
    let stamps = "/verificationMaterial/timestampVerificationData";
    let stamp = &format!("{stamps}/rfc3161Timestamps/0/signedTimestamp");
    let invalid = json!(STANDARD.encode([0xff; 64]));
    vec![
        alter("payload", payload, How::Within("1.54.1", "1.54.2"), signature),
        alter("no-payload", payload, How::Set(json!("")), missing),
        alter("payload-not-utf-8", payload, How::Set(invalid), missing),
        alter("payload-type", "/dsseEnvelope/payloadType", How::Set(json!("text/plain")), "PredicateInvalid"),
        alter("signature", "/dsseEnvelope/signatures/0/sig", How::Flip, log),
        alter("borrowed-signature", "/dsseEnvelope/signatures/0/sig", How::Borrow, log),
        alter("no-signature", "/dsseEnvelope/signatures", How::Set(json!([])), missing),
        alter("certificate", &format!("{certificate}/rawBytes"), How::Flip, signature),
        alter("borrowed-certificate", certificate, How::Borrow, signature),
        alter("no-certificate", certificate, How::Remove, missing),
        alter("media-type", "/mediaType", How::Set(json!("application/json")), missing),
        entry("borrowed-entry", "", How::Borrow, log),
        entry("borrowed-body", "/canonicalizedBody", How::Borrow, log),
        entry("log-key", "/logId/keyId", How::Flip, log),
        entry("index", "/logIndex", How::Set(json!("999")), log),
        entry("path", "/inclusionProof/hashes", How::Set(json!([STANDARD.encode([7; 32])])), log),
        entry("checkpoint", "/inclusionProof/checkpoint/envelope", How::Replace("\n\n", "\nmore\n\n"), log),
        entry("no-proof", "/inclusionProof", How::Remove, log),
        alter("no-entry", "/verificationMaterial/tlogEntries", How::Set(json!([])), log),
        entry("repeated-index", "/inclusionProof/logIndex", How::Set(json!("999")), log),
        entry("repeated-size", "/inclusionProof/treeSize", How::Set(json!("9999")), log),
        entry("repeated-root", "/inclusionProof/rootHash", How::Flip, log),
        alter("timestamp", stamp, How::Flip, log),
        alter("borrowed-timestamp", stamp, How::Borrow, log),
        alter("no-timestamp", stamps, How::Remove, log),
    ]
}

impl Alteration {
    /// The bundle, altered. `other` is as good as it is, about the same image.
    fn of(&self, bundle: &Bytes, other: &Bytes) -> Result<Bytes> {
        let (mut bundle, other): (Value, Value) =
            (serde_json::from_slice(bundle)?, serde_json::from_slice(other)?);
        let before = bundle.clone();
        let absent = || format!("the bundle has no {}", self.pointer);
        if matches!(self.how, How::Remove) {
            let (parent, name) = self.pointer.rsplit_once('/').context("a pointer has a last part")?;
            let parent = bundle.pointer_mut(parent).and_then(Value::as_object_mut);
            parent.and_then(|fields| fields.remove(name)).with_context(absent)?;
        } else {
            let part = bundle.pointer_mut(&self.pointer).with_context(absent)?;
            let others = other.pointer(&self.pointer).with_context(absent)?;
            *part = self.how.altered(part, others)?;
        }
        ensure!(bundle != before, "nothing was altered");
        Ok(serde_json::to_vec(&bundle)?.into())
    }
}

impl How {
    fn altered(&self, part: &Value, others: &Value) -> Result<Value> {
        let text = part.as_str().unwrap_or_default();
        Ok(match self {
            Self::Flip => {
                let mut bytes = STANDARD.decode(text)?;
                *bytes.last_mut().context("nothing to flip")? ^= 1;
                json!(STANDARD.encode(bytes))
            }
            Self::Set(value) => value.clone(),
            Self::Borrow => others.clone(),
            Self::Remove => Value::Null,
            Self::Replace(from, to) => json!(text.replacen(from, to, 1)),
            Self::Within(from, to) => {
                let inner = String::from_utf8(STANDARD.decode(text)?)?;
                json!(STANDARD.encode(inner.replacen(from, to, 1)))
            }
        })
    }
}

async fn attach(tw: &Tidewaiter<'_>, image: &Image, bundles: &[FoundBundle]) -> Result<()> {
    for bundle in bundles {
        let referrer = Referrer::bundle(&bundle.predicate_type, bundle.content.clone());
        push_referrer(&tw.registry, image, &referrer).await?;
    }
    Ok(())
}

/// The attested image once more, in a repository of its own, with this bundle for its SBOM.
async fn pushed(tw: &Tidewaiter<'_>, name: &str, sbom: Bytes, others: &[FoundBundle]) -> Result<Image> {
    let image = push_image(&tw.registry, &format!("altered/{name}"), "1", LABEL).await?;
    attach(tw, &image, others).await?;
    push_referrer(&tw.registry, &image, &Referrer::bundle(SBOM, sbom)).await?;
    Ok(image)
}
