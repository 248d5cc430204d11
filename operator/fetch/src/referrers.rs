//! What refers to an image: every page of the referrers API, or the index under the fallback tag.
//!
//! A walk that was cut short says so: "these, and perhaps more" is never "these".

use std::collections::HashSet;

use names::Digest;
use reqwest::StatusCode;

use crate::counters::Kind;
use crate::manifest::{INDEX, Index};
use crate::wire::{Caller, Question, Reply, Wire, limit};
use crate::{Bound, Error, Flaw, Listing, link};

pub(crate) async fn list(wire: &Wire, caller: &Caller, digest: &Digest) -> Result<Listing, Error> {
    let mut question = Question {
        kind: Kind::Referrers,
        what: format!("the referrers of {}@{}", caller.place.path, digest.short()),
        url: caller.place.referrers(digest),
        accept: INDEX,
        cap: wire.limits.manifest_bytes,
    };
    let first = wire.get(caller, &question).await?;
    if has_no_api(&first) {
        return fallback(wire, caller, digest).await;
    }
    let mut walk = Walk::new(wire, caller, &question.what);
    let mut reply = first.success()?;
    for _ in 0..wire.limits.pages {
        match walk.page(&reply) {
            Ok(Some(next)) => question.url = next,
            Ok(None) => return Ok(walk.listing),
            Err(error) => return Ok(walk.cut(error)),
        }
        question.cap = walk.bytes_left.min(wire.limits.manifest_bytes);
        reply = match wire.get(caller, &question).await.and_then(Reply::success) {
            Ok(reply) => reply,
            Err(error) => return Ok(walk.cut(error)),
        };
    }
    let pages = walk.exceeds(Bound::Pages(wire.limits.pages));
    Ok(walk.cut(pages))
}

/// How a registry says that it has no referrers API. Refusals, rate limits and failures are not among
/// them.
fn has_no_api(reply: &Reply) -> bool {
    matches!(reply.status.as_u16(), 400 | 404 | 405 | 406 | 501)
        || (reply.status == StatusCode::OK && reply.content_type() != INDEX)
}

/// The tag `sha256-<hex>`, where clients file referrers when there is no API. No such tag means none.
async fn fallback(wire: &Wire, caller: &Caller, digest: &Digest) -> Result<Listing, Error> {
    let tag = digest.to_string().replace(':', "-");
    let question = Question {
        kind: Kind::FallbackTag,
        what: format!("the referrers of {}@{}, as a tag", caller.place.path, digest.short()),
        url: caller.place.manifest(&tag),
        accept: INDEX,
        cap: wire.limits.manifest_bytes,
    };
    let reply = match wire.get(caller, &question).await?.success() {
        Ok(reply) => reply,
        Err(Error::NotFound { .. }) => return Ok(Listing::default()),
        Err(error) => return Err(error),
    };
    reply.check_header_digest()?;
    let mut walk = Walk::new(wire, caller, &question.what);
    match walk.page(&reply) {
        // A tag has one page; a link from it would be a stranger's idea.
        Ok(_) => Ok(walk.listing),
        Err(error) => Ok(walk.cut(error)),
    }
}

struct Walk<'a> {
    wire: &'a Wire,
    host: &'a str,
    what: String,
    listing: Listing,
    seen: HashSet<Digest>,
    bytes_left: usize,
}

impl<'a> Walk<'a> {
    fn new(wire: &'a Wire, caller: &'a Caller, what: &str) -> Self {
        Self {
            wire,
            host: &caller.place.host,
            what: what.to_owned(),
            listing: Listing::default(),
            seen: HashSet::new(),
            bytes_left: wire.limits.call_bytes,
        }
    }

    /// Takes in one page; the next one's address, if there is one.
    fn page(&mut self, reply: &Reply) -> Result<Option<url::Url>, Error> {
        if reply.content_type() != INDEX {
            let found = reply.content_type().chars().take(128).collect();
            return Err(reply.flawed(Flaw::ContentType(found)));
        }
        let index: Index<'_> = reply.json()?;
        for descriptor in index.descriptors() {
            if self.seen.contains(&descriptor.digest) {
                continue;
            }
            if self.seen.len() >= self.wire.limits.entries {
                return Err(self.exceeds(Bound::Entries(self.wire.limits.entries)));
            }
            self.seen.insert(descriptor.digest.clone());
            self.listing.candidates.push(descriptor);
        }
        self.bytes_left = self.bytes_left.saturating_sub(reply.body.len());
        link::next(&reply.headers, &reply.url).map_err(|_| reply.flawed(Flaw::Link))
    }

    fn exceeds(&self, bound: Bound) -> Error {
        limit(self.host.to_owned(), &self.what, bound)
    }

    fn cut(mut self, error: Error) -> Listing {
        self.listing.incomplete = Some(error);
        self.listing
    }
}
