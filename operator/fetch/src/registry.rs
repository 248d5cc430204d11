//! The source that asks registries: what is kept, what is under way, and only then the network.

use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt as _;
use moka::future::Cache;
use names::{Digest, ImageRef, Repository};
use tokio::time::{Instant, timeout_at};

use crate::attempts::in_turn;
use crate::config::{Config, ConfigError};
use crate::content::Content;
use crate::counters::Counters;
use crate::flights::Flights;
use crate::keychain::Credential;
use crate::limits::TAG_FRESH;
use crate::place::Place;
use crate::retry::{patiently, wait, wait_of};
use crate::shelf::{Found, Shelf};
use crate::source::{Answer, Ask, Descriptor, Listing, Resolved, Source};
use crate::wire::{Caller, Wire, invalid};
use crate::{Error, Fault, Flaw, bundle, key, referrers, tag};

/// Tags kept: about 400 bytes each, 4 MiB when full.
const TAGS: u64 = 10_000;

/// A read-only client for all registries. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Registry {
    rooms: Arc<Rooms>,
}

struct Rooms {
    wire: Wire,
    content: Content,
    shelf: Shelf,
    tags: Cache<Digest, (Resolved, Instant)>,
    resolving: Flights<Result<Resolved, Error>>,
    listing: Flights<Result<Listing, Error>>,
    reading: Flights<Result<Vec<Bytes>, Error>>,
}

/// An [`Ask`] about one repository, able to outlive the asker.
#[derive(Clone)]
struct Asker {
    namespace: Arc<str>,
    place: Place,
    credentials: Arc<[Credential]>,
    /// Repository and credentials as one key: what may be shared between askers.
    reach: Digest,
    deadline: Instant,
}

impl Registry {
    /// A client by the operator's configuration.
    ///
    /// # Errors
    /// A host, CA or mirror that makes no sense, or no CA certificates on this machine.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let rooms = Rooms {
            wire: Wire::new(config)?,
            content: Content::new(config.limits.content_bytes),
            shelf: Shelf::new(config.limits.listing_bytes),
            tags: Cache::new(TAGS),
            resolving: Flights::default(),
            listing: Flights::default(),
            reading: Flights::default(),
        };
        Ok(Self { rooms: Arc::new(rooms) })
    }

    /// Requests sent so far.
    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.rooms.wire.counters)
    }

    fn asker(&self, repository: &Repository, ask: Ask<'_>) -> Result<Asker, Error> {
        let place = self
            .rooms
            .wire
            .hosts
            .place(repository)
            .ok_or_else(|| invalid(repository.host(), repository.path(), Flaw::Host))?;
        let credentials: Arc<[Credential]> = ask.keychain.matching(&place.host, &place.path).into();
        let fingerprints = credentials.iter().map(|credential| credential.fingerprint().hex().as_bytes());
        let reach =
            key::of([place.base.as_str().as_bytes(), place.path.as_bytes()].into_iter().chain(fingerprints));
        Ok(Asker { namespace: ask.namespace.into(), place, credentials, reach, deadline: ask.deadline })
    }

    async fn resolve_tag(&self, repository: &Repository, tag: &str, ask: Ask<'_>) -> Result<Resolved, Error> {
        let asker = self.asker(repository, ask)?;
        let kept = key::of([asker.reach.hex().as_bytes(), tag.as_bytes()]);
        if let Some(resolved) = self.rooms.tag(&kept).await {
            return Ok(resolved);
        }
        let what = format!("tag {tag} of {}", repository.path());
        patiently(ask.deadline, wait_of, || {
            let work = Arc::clone(&self.rooms).resolve(asker.clone(), tag.to_owned(), kept.clone());
            asker.board(&self.rooms.resolving, &kept, &what, work)
        })
        .await
    }

    async fn list(&self, repository: &Repository, digest: &Digest, ask: Ask<'_>) -> Result<Listing, Error> {
        let asker = self.asker(repository, ask)?;
        let kept = key::of([asker.reach.hex().as_bytes(), digest.to_string().as_bytes()]);
        let what = format!("the referrers of {}@{}", repository.path(), digest.short());
        let board = || {
            let work = Arc::clone(&self.rooms).list(asker.clone(), digest.clone(), kept.clone());
            asker.board(&self.rooms.listing, &kept, &what, work)
        };
        let old = match self.rooms.shelf.find(&kept).await {
            Found::Fresh(listing) => return Ok(Listing::clone(&listing)),
            Found::Aging(listing) => {
                // Boarding starts the renewal; this asker does not wait for it.
                drop(board());
                return Ok(Listing::clone(&listing));
            }
            Found::Old(listing) => Some(listing),
            Found::Nothing => None,
        };
        let answer = patiently(ask.deadline, |answer| obstacle(answer).and_then(wait), board).await;
        match old {
            Some(old) if obstacle(&answer).is_some_and(Error::is_transient) => Ok(Listing::clone(&old)),
            Some(_) | None => answer,
        }
    }

    async fn read(
        &self,
        repository: &Repository,
        candidate: &Descriptor,
        ask: Ask<'_>,
    ) -> Result<Vec<Bytes>, Error> {
        let asker = self.asker(repository, ask)?;
        if let Some(bundles) = bundle::kept(&self.rooms.content, &asker.reach, candidate).await {
            return Ok(bundles);
        }
        let key = key::of([asker.reach.hex().as_bytes(), candidate.digest.to_string().as_bytes()]);
        let what = format!("the referrer {} of {}", candidate.digest.short(), repository.path());
        patiently(ask.deadline, wait_of, || {
            let work = Arc::clone(&self.rooms).read(asker.clone(), candidate.clone());
            asker.board(&self.rooms.reading, &key, &what, work)
        })
        .await
    }
}

/// What stands between an answer and the whole list.
fn obstacle(answer: &Result<Listing, Error>) -> Option<&Error> {
    answer.as_ref().map_or_else(Some, |listing| listing.incomplete.as_ref())
}

impl Rooms {
    async fn tag(&self, key: &Digest) -> Option<Resolved> {
        let (resolved, since) = self.tags.get(key).await?;
        (since.elapsed() < TAG_FRESH).then_some(resolved)
    }

    async fn resolve(self: Arc<Self>, asker: Asker, tag: String, key: Digest) -> Result<Resolved, Error> {
        if let Some(resolved) = self.tag(&key).await {
            return Ok(resolved);
        }
        let deadline = self.deadline(&asker);
        let (rooms, tag) = (&self, &tag);
        let resolved = in_turn(
            &asker.credentials,
            |_| true,
            |credential| {
                let caller = asker.caller(credential, deadline);
                async move { tag::resolve(&rooms.wire, &caller, tag).await }
            },
        )
        .await?;
        self.tags.insert(key, (resolved.clone(), Instant::now())).await;
        Ok(resolved)
    }

    async fn list(self: Arc<Self>, asker: Asker, digest: Digest, key: Digest) -> Result<Listing, Error> {
        if let Found::Fresh(listing) = self.shelf.find(&key).await {
            return Ok(Listing::clone(&listing));
        }
        let deadline = self.deadline(&asker);
        let (rooms, digest) = (&self, &digest);
        let is_conclusive =
            |listing: &Listing| !listing.candidates.is_empty() || listing.incomplete.is_some();
        let answer = in_turn(&asker.credentials, is_conclusive, |credential| {
            let caller = asker.caller(credential, deadline);
            async move { referrers::list(&rooms.wire, &caller, digest).await }
        })
        .await;
        self.shelf.file(&key, &answer).await;
        answer
    }

    async fn read(self: Arc<Self>, asker: Asker, candidate: Descriptor) -> Result<Vec<Bytes>, Error> {
        let deadline = self.deadline(&asker);
        let (rooms, reach, candidate) = (&self, &asker.reach, &candidate);
        in_turn(
            &asker.credentials,
            |_| true,
            |credential| {
                let caller = asker.caller(credential, deadline);
                async move { bundle::fetch(&rooms.wire, &rooms.content, &caller, reach, candidate).await }
            },
        )
        .await
    }

    /// Until when work goes on: others may join it who wait longer than the one who started it.
    fn deadline(&self, asker: &Asker) -> Instant {
        asker.deadline.max(Instant::now() + self.wire.limits.flight)
    }
}

impl Asker {
    fn caller(&self, credential: Option<Credential>, deadline: Instant) -> Caller {
        let (namespace, place) = (Arc::clone(&self.namespace), self.place.clone());
        Caller { namespace, place, credential, deadline }
    }

    /// Starts or joins the work under `key`, at once; the future waits for it up to this asker's deadline.
    /// A namespace shares work only within itself: it must not wait behind another's queue.
    fn board<T: Clone + Send + Sync + 'static>(
        &self,
        flights: &Flights<Result<T, Error>>,
        key: &Digest,
        what: &str,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> impl Future<Output = Result<T, Error>> + Send + 'static {
        let key = key::of([self.namespace.as_bytes(), key.hex().as_bytes()]);
        let waiting = timeout_at(self.deadline, flights.join(key, work));
        let (host, what) = (self.place.host.clone(), what.to_owned());
        waiting.map(|answer| match answer {
            Ok(Some(answer)) => answer,
            Ok(None) => Err(Error::Unreachable { host, what, fault: Fault::Lost }),
            Err(_) => Err(Error::Deadline { host, what }),
        })
    }
}

impl Source for Registry {
    fn resolve<'a>(&'a self, image: &'a ImageRef, ask: Ask<'a>) -> Answer<'a, Resolved> {
        match (image.digest(), image.tag_or_latest()) {
            (Some(digest), _) => {
                let resolved = Resolved { digest: digest.clone(), media_type: None };
                std::future::ready(Ok(resolved)).boxed()
            }
            (None, tag) => self.resolve_tag(image.repository(), tag.unwrap_or("latest"), ask).boxed(),
        }
    }

    fn candidates<'a>(
        &'a self,
        repository: &'a Repository,
        digest: &'a Digest,
        ask: Ask<'a>,
    ) -> Answer<'a, Listing> {
        self.list(repository, digest, ask).boxed()
    }

    fn bundle<'a>(
        &'a self,
        repository: &'a Repository,
        candidate: &'a Descriptor,
        ask: Ask<'a>,
    ) -> Answer<'a, Vec<Bytes>> {
        self.read(repository, candidate, ask).boxed()
    }
}
