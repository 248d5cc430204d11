//! A tag, resolved once: the digest is taken from the body that came, never from a header alone.

use names::Digest;

use crate::counters::Kind;
use crate::manifest::{ACCEPT_TAGGED, TAGGED};
use crate::wire::{Caller, Question, Wire};
use crate::{Error, Flaw, Resolved};

pub(crate) async fn resolve(wire: &Wire, caller: &Caller, tag: &str) -> Result<Resolved, Error> {
    let question = Question {
        kind: Kind::Tag,
        what: format!("tag {tag} of {}", caller.place.path),
        url: caller.place.manifest(tag),
        accept: ACCEPT_TAGGED,
        cap: wire.limits.manifest_bytes,
    };
    let reply = wire.get(caller, &question).await?.success()?;
    reply.check_header_digest()?;
    let media_type = reply.content_type();
    if !TAGGED.contains(&media_type) {
        return Err(reply.flawed(Flaw::ContentType(media_type.chars().take(128).collect())));
    }
    Ok(Resolved { digest: Digest::sha256(&reply.body), media_type: Some(media_type.to_owned()) })
}
