//! Every bound crossed: in bytes, in entries, in pages, in redirects, in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures::FutureExt as _;
use futures::stream;
use names::Digest;
use serde_json::{Value, json};
use std::io::Write as _;
use tokio::time::Instant;

use super::fake::{BUNDLE, Fake, Shop, all_bundles, ask, client, client_with, image_digest, index, say};
use crate::manifest::MANIFEST;
use crate::{Ask, Bound, Descriptor, Error, Fault, Keychain, Kind, Limits, Listing, Registry, Source as _};

async fn listing(registry: &Registry, fake: &Fake) -> Listing {
    let anonymous = Keychain::anonymous();
    registry.candidates(&fake.repository(), &image_digest(), ask(&anonymous)).await.expect("page one")
}

fn entries(from: usize, count: usize) -> Vec<Value> {
    let entry =
        |n: usize| json!({"mediaType": MANIFEST, "digest": Digest::sha256(&n.to_be_bytes()), "size": 1});
    (from..from + count).map(entry).collect()
}

/// Pages of `size` entries without end.
async fn endless_pages(size: usize) -> Fake {
    Fake::start(move |seen| {
        let page: usize = seen.query.strip_prefix("page=").map_or(0, |n| n.parse().expect("our own link"));
        let mut answer = index(&entries(page * size, size));
        let next = format!(r#"<?page={}>; rel="next""#, page + 1);
        answer.headers_mut().insert("link", next.parse().expect("a header"));
        answer
    })
    .await
}

/// A body of 64 KiB chunks of zeros; counts those that were taken.
fn zeros(chunks: usize, taken: &Arc<AtomicUsize>) -> Body {
    let taken = Arc::clone(taken);
    let chunks = (0..chunks).map(move |_| {
        taken.fetch_add(1, Ordering::SeqCst);
        Ok::<_, std::convert::Infallible>(Bytes::from_static(&[0; 64 << 10]))
    });
    Body::from_stream(stream::iter(chunks))
}

#[tokio::test]
async fn ten_thousand_referrers_are_read_up_to_the_bound_and_the_rest_is_told() {
    let fake = endless_pages(100).await;
    let listing = listing(&client(&[&fake]), &fake).await;
    assert_eq!(listing.candidates.len(), Limits::default().entries);
    let bound = Bound::Entries(Limits::default().entries);
    assert!(matches!(listing.incomplete, Some(Error::Limit { bound: found, .. }) if found == bound));
    assert_eq!(fake.seen().len(), 21);
}

#[tokio::test]
async fn pages_without_end_are_cut() {
    let fake = endless_pages(1).await;
    let listing = listing(&client(&[&fake]), &fake).await;
    assert_eq!(listing.candidates.len(), Limits::default().pages);
    let bound = Bound::Pages(Limits::default().pages);
    assert!(matches!(listing.incomplete, Some(Error::Limit { bound: found, .. }) if found == bound));
}

#[tokio::test]
async fn all_pages_together_are_bounded_in_bytes() {
    let fake = endless_pages(100).await;
    let limits = Limits { call_bytes: 40_000, ..Limits::default() };
    let listing = listing(&client_with(&[&fake], limits), &fake).await;
    let cut = matches!(listing.incomplete, Some(Error::Limit { bound: Bound::Bytes(_), .. }));
    assert!(cut && listing.candidates.len() < 400, "{:?}", listing.incomplete);
}

#[tokio::test]
async fn a_good_referrer_behind_a_thousand_junk_ones_is_listed() {
    let mut shop = Shop { referrers: entries(0, 1_000), ..Shop::default() };
    shop.attest("good");
    let fake = shop.open().await;
    let listing = listing(&client(&[&fake]), &fake).await;
    assert!(listing.candidates.len() == 1_001 && listing.incomplete.is_none());
}

#[tokio::test]
async fn an_endless_manifest_or_page_is_cut_at_the_cap() {
    let anonymous = Keychain::anonymous();
    for media_type in [MANIFEST, crate::manifest::INDEX] {
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&taken);
        let fake =
            Fake::start(move |_| say(200, &[("content-type", media_type)], zeros(usize::MAX, &counted)))
                .await;
        let registry = client(&[&fake]);
        let resolved = registry.resolve(&fake.image("team/app:1"), ask(&anonymous)).await;
        let answer = registry.candidates(&fake.repository(), &image_digest(), ask(&anonymous)).await;
        let cap = Bound::Bytes(4 << 20);
        assert!(matches!(resolved, Err(Error::Limit { bound, .. }) if bound == cap), "{resolved:?}");
        if media_type == MANIFEST {
            // Another content type means "no API", and the tag is as endless.
            assert!(matches!(answer, Err(Error::Limit { .. })), "{answer:?}");
        } else {
            assert!(matches!(answer, Err(Error::Limit { bound, .. }) if bound == cap), "{answer:?}");
        }
        // What is beyond the cap is in flight: the sockets' buffers, once for each of three requests.
        let beyond = taken.load(Ordering::SeqCst) * (64 << 10);
        assert!(beyond < 64 << 20, "{beyond} bytes were taken");
    }
}

/// An image whose one bundle claims `size` bytes and is served by `serve`.
async fn serving(size: u64, serve: impl Fn() -> Response + Send + Sync + 'static) -> (Fake, Descriptor) {
    let mut shop = Shop::default();
    let digest = Digest::sha256(&vec![0; usize::try_from(size.min(1 << 20)).expect("at most 1 MiB")]);
    let layer = json!({"mediaType": BUNDLE, "digest": digest, "size": size});
    let candidate = shop.refer(&json!({"layers": [layer]}));
    let fake =
        Fake::start(move |seen| if seen.path.contains("/blobs/") { serve() } else { shop.answer(seen) })
            .await;
    (fake, candidate)
}

#[tokio::test]
async fn a_bundle_of_200_mb_is_cut_at_what_its_manifest_says() {
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&taken);
    let (fake, candidate) = serving(1 << 20, move || say(200, &[], zeros(3_200, &counted))).await;
    let anonymous = Keychain::anonymous();
    let answer = client(&[&fake]).bundle(&fake.repository(), &candidate, ask(&anonymous)).await;
    let cap = Bound::Bytes(1 << 20);
    assert!(matches!(answer, Err(Error::Limit { bound, .. }) if bound == cap), "{answer:?}");
    let sent = taken.load(Ordering::SeqCst) * (64 << 10);
    assert!(sent < 32 << 20, "{sent} bytes were taken");
}

#[tokio::test]
async fn a_bundle_that_claims_200_mb_is_not_asked_for() {
    let (fake, candidate) = serving(200_000_000, || say(200, &[], "")).await;
    let (registry, anonymous) = (client(&[&fake]), Keychain::anonymous());
    let answer = registry.bundle(&fake.repository(), &candidate, ask(&anonymous)).await;
    assert!(matches!(answer, Err(Error::Limit { bound: Bound::Bytes(_), .. })), "{answer:?}");
    assert_eq!(registry.counters().of(Kind::Blob), 0);
    let (fake, candidate) = serving(17 << 20, || say(200, &[], "")).await;
    let answer = client(&[&fake]).bundle(&fake.repository(), &candidate, ask(&anonymous)).await;
    let cap = Bound::Bytes(16 << 20);
    assert!(matches!(answer, Err(Error::Limit { bound, .. }) if bound == cap), "{answer:?}");
}

#[tokio::test]
async fn an_announced_length_beyond_the_cap_is_refused_before_the_body() {
    let (fake, candidate) = serving(1_000, || say(200, &[], vec![0; 1_001])).await;
    let anonymous = Keychain::anonymous();
    let answer = client(&[&fake]).bundle(&fake.repository(), &candidate, ask(&anonymous)).await;
    assert!(matches!(answer, Err(Error::Limit { .. })), "{answer:?}");
}

fn gzipped(zeros: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![0; zeros]).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

#[tokio::test]
async fn content_encoding_is_undone_and_counted_afterwards() {
    let anonymous = Keychain::anonymous();
    let encoded = [("content-encoding", "gzip")];
    let honest = Bytes::from(gzipped(1 << 20));
    let (fake, candidate) = serving(1 << 20, move || say(200, &encoded, honest.clone())).await;
    let bundles =
        client(&[&fake]).bundle(&fake.repository(), &candidate, ask(&anonymous)).await.expect("a bundle");
    assert_eq!(bundles.concat().len(), 1 << 20);
    let bomb = Bytes::from(gzipped(64 << 20));
    assert!(bomb.len() < 100_000);
    let (fake, candidate) = serving(1 << 20, move || say(200, &encoded, bomb.clone())).await;
    let answer = client(&[&fake]).bundle(&fake.repository(), &candidate, ask(&anonymous)).await;
    let cap = Bound::Bytes(1 << 20);
    assert!(matches!(answer, Err(Error::Limit { bound, .. }) if bound == cap), "{answer:?}");
}

#[tokio::test]
async fn a_broken_encoding_is_an_invalid_answer() {
    let (fake, candidate) = serving(1 << 20, || say(200, &[("content-encoding", "gzip")], "no gzip")).await;
    let anonymous = Keychain::anonymous();
    let answer = client(&[&fake]).bundle(&fake.repository(), &candidate, ask(&anonymous)).await;
    assert!(matches!(answer, Err(Error::Invalid { .. })), "{answer:?}");
}

#[tokio::test]
async fn a_referrer_with_too_many_or_too_large_bundles_is_refused_before_they_are_read() {
    let layer = |size: u64| json!({"mediaType": BUNDLE, "digest": image_digest(), "size": size});
    let mut shop = Shop::default();
    let many = shop.refer(&json!({"layers": vec![layer(1); 9]}));
    let large = shop.refer(&json!({"layers": vec![layer(15 << 20); 3]}));
    let overflow = shop.refer(&json!({"layers": vec![layer(u64::MAX); 2]}));
    let (fake, anonymous) = (shop.open().await, Keychain::anonymous());
    let (registry, repository) = (client(&[&fake]), fake.repository());
    for (candidate, wanted) in
        [(many, Bound::Bundles(8)), (large, Bound::Bytes(32 << 20)), (overflow, Bound::Bytes(32 << 20))]
    {
        let answer = registry.bundle(&repository, &candidate, ask(&anonymous)).await;
        assert!(matches!(answer, Err(Error::Limit { bound, .. }) if bound == wanted), "{answer:?}");
    }
    assert_eq!(registry.counters().of(Kind::Blob), 0);
}

#[tokio::test]
async fn a_circle_of_redirects_is_left() {
    let fake = Fake::start(|seen| say(307, &[("location", &seen.path)], "")).await;
    let (registry, anonymous) = (client(&[&fake]), Keychain::anonymous());
    let answer = registry.resolve(&fake.image("team/app:1"), ask(&anonymous)).await;
    assert!(matches!(answer, Err(Error::Limit { bound: Bound::Redirects(4), .. })), "{answer:?}");
    assert_eq!(fake.seen().len(), 5);
}

#[tokio::test]
async fn a_registry_that_stalls_is_left_before_and_inside_the_body() {
    let anonymous = Keychain::anonymous();
    let exchange = Duration::from_millis(50);
    let silent = Fake::start_async(|_| std::future::pending().boxed()).await;
    let halfway = Fake::start(|_| {
        let body = stream::pending::<Result<Bytes, std::convert::Infallible>>();
        say(200, &[("content-type", MANIFEST)], Body::from_stream(body))
    })
    .await;
    for fake in [silent, halfway] {
        let registry = client_with(&[&fake], Limits { exchange, ..Limits::default() });
        let answer = registry.resolve(&fake.image("team/app:1"), ask(&anonymous)).await;
        let stalled = matches!(answer, Err(Error::Unreachable { fault: Fault::Stalled(_), .. }));
        assert!(stalled, "{answer:?}");
    }
}

#[tokio::test]
async fn the_askers_deadline_ends_the_wait() {
    let fake = Fake::start_async(|_| std::future::pending().boxed()).await;
    let (registry, keychain) = (client(&[&fake]), Keychain::anonymous());
    let (repository, image) = (fake.repository(), fake.image("team/app:1"));
    let soon = || Ask {
        keychain: &keychain,
        namespace: "shop",
        deadline: Instant::now() + Duration::from_millis(30),
    };
    let resolved = registry.resolve(&image, soon()).await;
    assert!(matches!(resolved, Err(Error::Deadline { .. })), "{resolved:?}");
    let listed = registry.candidates(&repository, &image_digest(), soon()).await;
    assert!(matches!(listed, Err(Error::Deadline { .. })), "{listed:?}");
    let candidate = super::fake::candidate(&image_digest());
    let read = registry.bundle(&repository, &candidate, soon()).await;
    assert!(matches!(read, Err(Error::Deadline { .. })), "{read:?}");
}

#[tokio::test]
async fn a_well_behaved_registry_is_within_every_bound() {
    let fake = Shop::with_attestations(3).open().await;
    assert_eq!(all_bundles(&client(&[&fake]), &fake).await.len(), 3);
}
