//! Keeps one view as the API server tells of it, through every failure, for as long as the process lives.

use std::time::Duration;

use futures::{Stream, StreamExt};
use kube::runtime::watcher::{self, Event};
use tokio::time::{Instant, sleep, timeout};

use crate::{
    changes::Changes,
    outage::Outage,
    view::{Applied, View},
};

/// How long one page of a list may take. The API server answers lists within a minute or not at all
/// (`--request-timeout`, 60 s by default).
pub(crate) const LIST_DEADLINE: Duration = Duration::from_secs(60);

/// How long the API server is asked to keep a watch open, in seconds. The watcher takes a connection for dead
/// five seconds later, so this bounds how long a silently cut connection goes unnoticed.
const WATCH_SECONDS: u32 = 50;

/// Which events of a view change what a rulebook is compiled from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// Every object.
    Objects,
    /// Only whether the view is known.
    Lists,
}

/// A watch of one kind.
pub(crate) struct Watch<'a, V> {
    /// What is watched, for logs.
    pub(crate) what: &'static str,
    pub(crate) view: &'a View<V>,
    pub(crate) changes: &'a Changes,
    pub(crate) counts: Counts,
}

/// The watcher's configuration: pages of 500 from the API server's storage, so that a fresh replica cannot be
/// shown an old list.
pub(crate) fn config() -> watcher::Config {
    watcher::Config::default().timeout(WATCH_SECONDS)
}

/// What ended a stream of events.
enum End {
    /// The API server does not know the kind, or was silent for too long: what the view holds is not known
    /// to be so any more.
    Unknown,
    /// The stream must be started anew; the view stands.
    Restart,
}

impl<V: Clone> Watch<'_, V> {
    /// Applies the streams that `open` opens, one after another, for ever.
    pub(crate) async fn run<K, S>(self, open: impl Fn() -> S, keep: impl Fn(K) -> (String, V))
    where
        S: Stream<Item = watcher::Result<Event<K>>>,
    {
        let mut outage = Outage::default();
        loop {
            let end = self.follow(open(), &keep, &mut outage).await;
            let pause = outage.error(Instant::now());
            if matches!(end, End::Unknown) || outage.is_too_long() {
                self.view.forget();
                self.changes.bump();
                tracing::warn!(what = self.what, "unknown until listed again");
            }
            // No failure turns into a busy loop.
            sleep(pause).await;
        }
    }

    async fn follow<K, S>(&self, stream: S, keep: &impl Fn(K) -> (String, V), outage: &mut Outage) -> End
    where
        S: Stream<Item = watcher::Result<Event<K>>>,
    {
        let mut stream = std::pin::pin!(stream);
        let mut listing = true;
        loop {
            // While a list is read, silence is a fault; afterwards it is a quiet cluster, and the watcher
            // itself notices a dead connection.
            let next = if listing {
                match timeout(LIST_DEADLINE, stream.next()).await {
                    Ok(next) => next,
                    Err(_elapsed) => {
                        tracing::warn!(what = self.what, "the list came to a halt");
                        return End::Restart;
                    }
                }
            } else {
                stream.next().await
            };
            match next {
                Some(Ok(event)) => {
                    match &event {
                        Event::Init => listing = true,
                        Event::InitDone | Event::Apply(_) | Event::Delete(_) => {
                            listing = false;
                            outage.over();
                        }
                        Event::InitApply(_) => {}
                    }
                    match (self.view.apply(event, keep), self.counts) {
                        (Applied::Listed, _) | (Applied::Object, Counts::Objects) => self.changes.bump(),
                        (Applied::Object, Counts::Lists) | (Applied::Unseen, _) => {}
                    }
                }
                Some(Err(error)) => {
                    let gone = is_gone(&error);
                    tracing::warn!(
                        what = self.what,
                        error = &error as &dyn std::error::Error,
                        "watch failed"
                    );
                    if gone {
                        return End::Unknown;
                    }
                    let pause = outage.error(Instant::now());
                    if outage.is_too_long() {
                        return End::Unknown;
                    }
                    sleep(pause).await;
                }
                None => return End::Restart,
            }
        }
    }
}

/// Whether the API server says that the kind itself is not there: its CustomResourceDefinition is gone.
fn is_gone(error: &watcher::Error) -> bool {
    match error {
        watcher::Error::InitialListFailed(kube::Error::Api(status))
        | watcher::Error::WatchStartFailed(kube::Error::Api(status))
        | watcher::Error::WatchFailed(kube::Error::Api(status)) => status.code == 404,
        watcher::Error::WatchError(status) => status.code == 404,
        watcher::Error::InitialListFailed(_)
        | watcher::Error::WatchStartFailed(_)
        | watcher::Error::WatchFailed(_)
        | watcher::Error::NoResourceVersion => false,
    }
}
