//! One piece of work for all who ask for it at once. It runs as a task of its own, so that it is done
//! for the others even when the one who started it has gone.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use names::Digest;

/// `None`: the task panicked.
type Flight<T> = Shared<BoxFuture<'static, Option<T>>>;

pub(crate) struct Flights<T> {
    aloft: Arc<Mutex<HashMap<Digest, Flight<T>>>>,
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self { aloft: Arc::default() }
    }
}

impl<T: Clone + Send + Sync + 'static> Flights<T> {
    /// The flight under this key; started with `work` if there is none.
    pub(crate) fn join(&self, key: Digest, work: impl Future<Output = T> + Send + 'static) -> Flight<T> {
        let mut aloft = lock(&self.aloft);
        if let Some(flight) = aloft.get(&key) {
            return flight.clone();
        }
        let landing = Landing { aloft: Arc::clone(&self.aloft), key: key.clone() };
        let task = tokio::spawn(async move {
            let _landing = landing;
            work.await
        });
        let flight = task.map(Result::ok).boxed().shared();
        aloft.insert(key, flight.clone());
        flight
    }
}

/// Clears the key when the work ends, in whichever way.
struct Landing<T> {
    aloft: Arc<Mutex<HashMap<Digest, Flight<T>>>>,
    key: Digest,
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        lock(&self.aloft).remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::join_all;
    use names::Digest;
    use tokio::sync::Notify;

    use super::Flights;

    #[tokio::test]
    async fn many_askers_share_one_flight_and_a_gone_leader_does_not_end_it() {
        let flights = Flights::default();
        let (started, go) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
        let work = || {
            let (started, go) = (Arc::clone(&started), Arc::clone(&go));
            async move {
                started.fetch_add(1, Ordering::SeqCst);
                go.notified().await;
                42
            }
        };
        let key = Digest::sha256(b"key");
        let leader = flights.join(key.clone(), work());
        let followers: Vec<_> = (0..200).map(|_| flights.join(key.clone(), work())).collect();
        drop(leader);
        go.notify_one();
        assert!(join_all(followers).await.iter().all(|answer| *answer == Some(42)));
        assert_eq!(started.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_panic_is_told_to_the_askers_and_does_not_block_the_key() {
        let flights = Flights::default();
        let key = Digest::sha256(b"key");
        assert_eq!(flights.join(key.clone(), async { panic!("on purpose") }).await, None::<u8>);
        assert_eq!(flights.join(key, async { 7 }).await, Some(7));
    }
}
