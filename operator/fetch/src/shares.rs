//! Whose turn it is: no namespace and no host holds more than a quarter of what all share.
//!
//! Places are taken from the narrowest queue to the widest, so that who waits at a full registry holds
//! none of what others need: at most a quarter of its namespace's places wait at one host.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::limits::{Limits, SHARE};

/// Bytes are counted in pages of this size: a semaphore counts in 32 bits.
const PAGE: usize = 1024;
/// Queues and stalled hosts remembered before idle ones are dropped. About 100 bytes each.
const REMEMBERED: usize = 4_096;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Queue {
    NamespaceAtHost(String, String),
    Namespace(String),
    Host(String),
    /// The one place of a host that stalled, until it answers again.
    Stalled(String),
    Bytes(String),
}

pub(crate) struct Shares {
    requests: usize,
    pages: usize,
    all_requests: Arc<Semaphore>,
    all_pages: Arc<Semaphore>,
    queues: Mutex<HashMap<Queue, Arc<Semaphore>>>,
    stalled: Mutex<HashSet<String>>,
}

/// A place, given back on drop.
pub(crate) struct Permit {
    _held: Vec<OwnedSemaphorePermit>,
}

impl Shares {
    pub(crate) fn new(limits: &Limits) -> Self {
        let requests = limits.requests.max(1);
        let pages = limits.bytes_at_once.div_ceil(PAGE).max(1);
        Self {
            requests,
            pages,
            all_requests: Arc::new(Semaphore::new(requests)),
            all_pages: Arc::new(Semaphore::new(pages)),
            queues: Mutex::default(),
            stalled: Mutex::default(),
        }
    }

    /// Waits for a place to make one exchange with `host`. The caller bounds the wait.
    pub(crate) async fn exchange(&self, namespace: &str, host: &str) -> Permit {
        let quarter = self.requests.div_ceil(SHARE);
        let at_host = quarter.div_ceil(SHARE);
        let mut held = Vec::with_capacity(5);
        let pair = Queue::NamespaceAtHost(namespace.to_owned(), host.to_owned());
        held.extend(take(self.queue(pair, at_host), 1).await);
        if self.has_stalled(host) {
            held.extend(take(self.queue(Queue::Stalled(host.to_owned()), 1), 1).await);
        }
        held.extend(take(self.queue(Queue::Host(host.to_owned()), quarter), 1).await);
        held.extend(take(self.queue(Queue::Namespace(namespace.to_owned()), quarter), 1).await);
        held.extend(take(Arc::clone(&self.all_requests), 1).await);
        Permit { _held: held }
    }

    /// Waits for memory for a body of at most `bytes`. The caller bounds the wait.
    pub(crate) async fn memory(&self, namespace: &str, bytes: usize) -> Permit {
        let quarter = self.pages.div_ceil(SHARE);
        let pages = u32::try_from(bytes.div_ceil(PAGE).min(quarter)).unwrap_or(u32::MAX);
        let mut held = Vec::with_capacity(2);
        held.extend(take(self.queue(Queue::Bytes(namespace.to_owned()), quarter), pages).await);
        held.extend(take(Arc::clone(&self.all_pages), pages).await);
        Permit { _held: held }
    }

    /// A stalled host keeps one place until it answers, so any number of them starve nobody.
    pub(crate) fn stalls(&self, host: &str) {
        let mut stalled = lock(&self.stalled);
        if stalled.len() >= REMEMBERED {
            stalled.clear();
        }
        stalled.insert(host.to_owned());
    }

    /// The host answered in time.
    pub(crate) fn answers(&self, host: &str) {
        lock(&self.stalled).remove(host);
    }

    fn has_stalled(&self, host: &str) -> bool {
        lock(&self.stalled).contains(host)
    }

    fn queue(&self, queue: Queue, places: usize) -> Arc<Semaphore> {
        let mut queues = lock(&self.queues);
        if queues.len() >= REMEMBERED {
            // A permit holds its semaphore: what only the map holds is idle.
            queues.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        Arc::clone(queues.entry(queue).or_insert_with(|| Arc::new(Semaphore::new(places))))
    }
}

/// `None` only if the semaphore were closed, which nobody does.
async fn take(semaphore: Arc<Semaphore>, places: u32) -> Option<OwnedSemaphorePermit> {
    semaphore.acquire_many_owned(places).await.ok()
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::{Permit, Shares};
    use crate::limits::Limits;

    fn shares() -> Shares {
        Shares::new(&Limits { requests: 64, bytes_at_once: 64 << 10, ..Limits::default() })
    }

    /// Takes places until one would have to wait.
    fn fill(shares: &Shares, namespace: &str, host: impl Fn(usize) -> String) -> Vec<Permit> {
        (0..).map_while(|n| shares.exchange(namespace, &host(n)).now_or_never()).collect()
    }

    #[test]
    fn a_namespace_takes_a_sixteenth_at_one_host_and_a_quarter_in_all() {
        let shares = shares();
        let one_host = fill(&shares, "greedy", |_| "slow".into());
        assert_eq!(one_host.len(), 4);
        let many_hosts = fill(&shares, "greedy", |n| format!("host-{n}"));
        assert_eq!(one_host.len() + many_hosts.len(), 16);
        assert!(shares.exchange("modest", "slow").now_or_never().is_some());
    }

    #[test]
    fn a_host_takes_a_quarter_however_many_ask_for_it() {
        let shares = shares();
        let held: Vec<Permit> =
            (0..).map_while(|n| shares.exchange(&format!("ns-{n}"), "slow").now_or_never()).collect();
        assert_eq!(held.len(), 16);
        assert!(shares.exchange("other", "quick").now_or_never().is_some());
    }

    #[test]
    fn a_stalled_host_keeps_one_place_until_it_answers() {
        let shares = shares();
        shares.stalls("slow");
        let first = shares.exchange("a", "slow").now_or_never();
        assert!(first.is_some());
        assert!(shares.exchange("b", "slow").now_or_never().is_none());
        shares.answers("slow");
        assert!(shares.exchange("b", "slow").now_or_never().is_some());
    }

    #[test]
    fn memory_is_shared_by_quarters_and_a_body_larger_than_the_share_still_has_its_turn() {
        let shares = shares();
        let all_of_it = shares.memory("greedy", 1 << 30).now_or_never();
        assert!(all_of_it.is_some());
        assert!(shares.memory("greedy", 1).now_or_never().is_none());
        assert!(shares.memory("modest", 16 << 10).now_or_never().is_some());
        drop(all_of_it);
        assert!(shares.memory("greedy", 1).now_or_never().is_some());
    }

    #[test]
    fn idle_queues_are_forgotten() {
        let shares = shares();
        for n in 0..10_000 {
            drop(shares.exchange(&format!("ns-{n}"), "host").now_or_never());
        }
        assert!(super::lock(&shares.queues).len() <= super::REMEMBERED + 4);
    }
}
