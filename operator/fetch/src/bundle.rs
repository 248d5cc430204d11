//! A referrer's manifest and the bundles it names: at most two round trips, the bundles side by side.

use bytes::Bytes;
use futures::future::try_join_all;
use names::Digest;

use crate::content::Content;
use crate::counters::Kind;
use crate::manifest::{Layer, MANIFEST, Manifest};
use crate::wire::{Caller, Question, Wire, limit};
use crate::{Bound, Descriptor, Error};

/// The bundles, if all of them were read with this reach before.
pub(crate) async fn kept(content: &Content, reach: &Digest, candidate: &Descriptor) -> Option<Vec<Bytes>> {
    let manifest = content.get(reach, &candidate.digest).await?;
    let manifest: Manifest = serde_json::from_slice(&manifest).ok()?;
    let mut bundles = Vec::new();
    for layer in manifest.bundles() {
        let body = match layer.inline() {
            Some(body) => body,
            None => content.get(reach, &layer.digest).await?,
        };
        bundles.push(body);
    }
    Some(bundles)
}

/// The bundles, from the registry where they are not kept.
pub(crate) async fn fetch(
    wire: &Wire,
    content: &Content,
    caller: &Caller,
    reach: &Digest,
    candidate: &Descriptor,
) -> Result<Vec<Bytes>, Error> {
    let what = format!("the referrer {} of {}", candidate.digest.short(), caller.place.path);
    let question = Question {
        kind: Kind::Manifest,
        what,
        url: caller.place.manifest(&candidate.digest.to_string()),
        accept: MANIFEST,
        cap: wire.limits.manifest_bytes,
    };
    let reader = Reader { wire, content, caller, reach };
    let body = reader.body(&question, &candidate.digest).await?;
    let manifest: Manifest = serde_json::from_slice(&body).map_err(|cause| {
        let flaw = crate::Flaw::Json(std::sync::Arc::new(cause));
        crate::wire::invalid(&caller.place.host, &question.what, flaw)
    })?;
    let layers = manifest.bundles();
    let exceeds = |bound| limit(caller.place.host.clone(), &question.what, bound);
    if layers.len() > wire.limits.bundles {
        return Err(exceeds(Bound::Bundles(wire.limits.bundles)));
    }
    let total = layers.iter().fold(body.len() as u64, |sum, layer| sum.saturating_add(layer.size));
    if total > wire.limits.call_bytes as u64 {
        return Err(exceeds(Bound::Bytes(wire.limits.call_bytes as u64)));
    }
    try_join_all(layers.iter().map(|layer| reader.bundle(layer))).await
}

struct Reader<'a> {
    wire: &'a Wire,
    content: &'a Content,
    caller: &'a Caller,
    reach: &'a Digest,
}

impl Reader<'_> {
    async fn bundle(&self, layer: &Layer) -> Result<Bytes, Error> {
        if let Some(body) = layer.inline() {
            return Ok(body);
        }
        let Caller { place, .. } = self.caller;
        let what = format!("the bundle {} of {}", layer.digest.short(), place.path);
        // The manifest's digest was checked, so a body of another size is not the one it names.
        let size = usize::try_from(layer.size).unwrap_or(usize::MAX);
        if size > self.wire.limits.blob_bytes {
            let bound = Bound::Bytes(self.wire.limits.blob_bytes as u64);
            return Err(limit(place.host.clone(), &what, bound));
        }
        let url = place.blob(&layer.digest);
        let question = Question { kind: Kind::Blob, what, url, accept: "*/*", cap: size };
        self.body(&question, &layer.digest).await
    }

    /// A body by its digest: kept, or read and checked.
    async fn body(&self, question: &Question, digest: &Digest) -> Result<Bytes, Error> {
        if let Some(body) = self.content.get(self.reach, digest).await {
            return Ok(body);
        }
        let reply = self.wire.get(self.caller, question).await?.success()?;
        if question.kind == Kind::Manifest {
            reply.check_header_digest()?;
        }
        reply.check_digest(digest)?;
        self.content.keep(self.reach, digest, reply.body.clone()).await;
        Ok(reply.body)
    }
}
