//! What is asked once, what is asked again, and what an outage leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::join_all;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::fake::{Fake, Shop, all_bundles, ask, client, image_digest, index, keychain, say};
use crate::{Ask, Error, Keychain, Kind, Listing, Registry, Source as _};

async fn advance(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

async fn list(registry: &Registry, fake: &Fake) -> Result<Listing, Error> {
    let anonymous = Keychain::anonymous();
    registry.candidates(&fake.repository(), &image_digest(), ask(&anonymous)).await
}

/// A shop that answers everything with this status while it is not 200.
async fn moody(shop: Shop) -> (Fake, Arc<AtomicU16>) {
    let mood = Arc::new(AtomicU16::new(200));
    let own = Arc::clone(&mood);
    let fake = Fake::start(move |seen| match own.load(Ordering::SeqCst) {
        200 => shop.answer(seen),
        status => say(status, &[], ""),
    })
    .await;
    (fake, mood)
}

#[tokio::test]
async fn two_hundred_askers_at_once_cause_one_fetch() {
    let fake = Shop::with_attestations(3).open().await;
    let registry = client(&[&fake]);
    let all = join_all((0..200).map(|_| all_bundles(&registry, &fake))).await;
    assert!(all.iter().all(|bundles| bundles.len() == 3));
    let counters = registry.counters();
    assert_eq!([Kind::Referrers, Kind::Manifest, Kind::Blob].map(|kind| counters.of(kind)), [1, 3, 3]);
    let (anonymous, image) = (Keychain::anonymous(), fake.image("team/app:1"));
    join_all((0..200).map(|_| registry.resolve(&image, ask(&anonymous)))).await;
    assert_eq!(counters.of(Kind::Tag), 1);
}

#[tokio::test]
async fn work_goes_on_for_others_when_its_first_asker_leaves() {
    let (arrived, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (told, gate) = (Arc::clone(&arrived), Arc::clone(&go));
    let fake = Fake::start_async(move |_| {
        let (told, gate) = (Arc::clone(&told), Arc::clone(&gate));
        async move {
            told.notify_one();
            gate.notified().await;
            index(&Shop::with_attestations(1).referrers)
        }
        .boxed()
    })
    .await;
    let registry = client(&[&fake]);
    {
        let leader = list(&registry, &fake);
        tokio::select! {
            answer = leader => panic!("nobody let it through: {answer:?}"),
            () = arrived.notified() => {}
        }
    }
    go.notify_one();
    let listing = list(&registry, &fake).await.expect("what the leader started");
    assert_eq!((listing.candidates.len(), fake.seen().len()), (1, 1));
}

#[tokio::test]
async fn work_outlives_the_deadline_of_its_first_asker() {
    let go = Arc::new(Notify::new());
    let gate = Arc::clone(&go);
    let fake = Fake::start_async(move |_| {
        let gate = Arc::clone(&gate);
        async move {
            gate.notified().await;
            index(&Shop::with_attestations(1).referrers)
        }
        .boxed()
    })
    .await;
    let (registry, anonymous) = (client(&[&fake]), Keychain::anonymous());
    let hasty = Ask { deadline: Instant::now() + Duration::from_millis(30), ..ask(&anonymous) };
    let late = registry.candidates(&fake.repository(), &image_digest(), hasty).await;
    assert!(matches!(late, Err(Error::Deadline { .. })), "{late:?}");
    go.notify_one();
    let listing = list(&registry, &fake).await.expect("what the hasty one started");
    assert_eq!((listing.candidates.len(), fake.seen().len()), (1, 1));
}

#[tokio::test]
async fn an_aging_list_is_served_at_once_and_renewed_behind_the_answer() {
    let (few, many) = (Shop::with_attestations(1), Shop::with_attestations(2));
    let (asked, go) = (AtomicU16::new(0), Arc::new(Notify::new()));
    let gate = Arc::clone(&go);
    let fake = Fake::start_async(move |_| {
        let renewal = asked.fetch_add(1, Ordering::SeqCst) > 0;
        let gate = Arc::clone(&gate);
        let answer = index(if renewal { &many.referrers } else { &few.referrers });
        async move {
            if renewal {
                gate.notified().await;
            }
            answer
        }
        .boxed()
    })
    .await;
    let registry = client(&[&fake]);
    list(&registry, &fake).await.expect("a first walk");
    list(&registry, &fake).await.expect("the same list");
    assert_eq!(registry.counters().of(Kind::Referrers), 1);
    advance(61).await;
    // The renewal hangs, and nobody waits for it.
    assert_eq!(list(&registry, &fake).await.expect("the aging list").candidates.len(), 1);
    go.notify_one();
    let renewed = async {
        while list(&registry, &fake).await.expect("a list").candidates.len() == 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), renewed).await.expect("the renewal to be filed");
    assert_eq!(registry.counters().of(Kind::Referrers), 2);
}

#[tokio::test]
async fn a_known_list_and_its_bundles_survive_an_outage_but_not_a_refusal() {
    let (fake, mood) = moody(Shop::with_attestations(2)).await;
    let registry = client(&[&fake]);
    assert_eq!(all_bundles(&registry, &fake).await.len(), 2);
    advance(3_600).await;
    for down in [503, 429] {
        mood.store(down, Ordering::SeqCst);
        assert_eq!(all_bundles(&registry, &fake).await.len(), 2, "HTTP {down}");
    }
    mood.store(403, Ordering::SeqCst);
    assert!(matches!(list(&registry, &fake).await, Err(Error::Refused { .. })));
    mood.store(503, Ordering::SeqCst);
    assert!(matches!(list(&registry, &fake).await, Err(Error::Unreachable { .. })));
}

#[tokio::test]
async fn absence_is_believed_for_seconds_and_never_in_place_of_an_outage() {
    let (fake, mood) = moody(Shop::default()).await;
    let registry = client(&[&fake]);
    for _ in 0..2 {
        assert!(list(&registry, &fake).await.expect("an empty list").candidates.is_empty());
    }
    assert_eq!(registry.counters().total(), 1);
    advance(6).await;
    mood.store(503, Ordering::SeqCst);
    assert!(matches!(list(&registry, &fake).await, Err(Error::Unreachable { .. })));
}

#[tokio::test]
async fn content_read_once_is_not_asked_again_and_lists_are_kept_by_credential() {
    let fake = Shop::with_attestations(1).open().await;
    let registry = client(&[&fake]);
    for _ in 0..2 {
        assert_eq!(all_bundles(&registry, &fake).await.len(), 1);
    }
    assert_eq!(registry.counters().total(), 3);
    let chain = keychain(&[(&fake.host(), "ann")]);
    registry.candidates(&fake.repository(), &image_digest(), ask(&chain)).await.expect("a list");
    assert_eq!(registry.counters().of(Kind::Referrers), 2);
}
