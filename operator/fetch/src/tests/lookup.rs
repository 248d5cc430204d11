//! Tags, referrers and bundles as they should be found, and the ways in which they are misstated.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::FutureExt as _;
use futures::future::try_join_all;
use names::Digest;
use serde_json::json;
use tokio::sync::Barrier;

use super::fake::{BUNDLE, Fake, IMAGE, Shop, all_bundles, ask, candidate, client, image_digest, index, say};
use crate::manifest::MANIFEST;
use crate::{Error, Flaw, Keychain, Kind, Source as _};

#[tokio::test]
async fn a_tag_is_asked_once_and_a_digest_not_at_all() {
    let fake = Shop::with_attestations(0).open().await;
    let (registry, anonymous) = (client(&[&fake]), Keychain::anonymous());
    let pinned = fake.image("team/app:1").with_digest(Digest::sha256(b"other"));
    let resolved = registry.resolve(&pinned, ask(&anonymous)).await.expect("its own digest");
    assert_eq!(resolved.digest, Digest::sha256(b"other"));
    assert_eq!(registry.counters().total(), 0);
    for _ in 0..3 {
        let resolved = registry.resolve(&fake.image("team/app:1"), ask(&anonymous)).await.expect("a tag");
        assert_eq!((resolved.digest, resolved.media_type.as_deref()), (image_digest(), Some(MANIFEST)));
    }
    assert_eq!((registry.counters().total(), registry.counters().of(Kind::Tag)), (1, 1));
}

#[tokio::test]
async fn a_tag_that_flips_between_requests_gives_one_digest_until_it_is_asked_again() {
    let asked = AtomicU32::new(0);
    let fake = Fake::start(move |_| {
        let body = format!(r#"{{"n":{}}}"#, asked.fetch_add(1, Ordering::SeqCst));
        say(200, &[("content-type", MANIFEST)], body)
    })
    .await;
    let (registry, anonymous) = (client(&[&fake]), Keychain::anonymous());
    let image = fake.image("team/app:1");
    for _ in 0..2 {
        let resolved = registry.resolve(&image, ask(&anonymous)).await.expect("a tag");
        assert_eq!(resolved.digest, Digest::sha256(br#"{"n":0}"#));
    }
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(6)).await;
    tokio::time::resume();
    let resolved = registry.resolve(&image, ask(&anonymous)).await.expect("a tag");
    assert_eq!(resolved.digest, Digest::sha256(br#"{"n":1}"#));
}

#[tokio::test]
async fn a_tag_whose_header_names_another_digest_is_refused() {
    let wrong = Digest::sha256(b"wrong").to_string();
    for (header, is_expected) in [
        (wrong.as_str(), (|flaw| matches!(flaw, Flaw::Digest { .. })) as fn(&Flaw) -> bool),
        ("sha256:short", |flaw| matches!(flaw, Flaw::DigestHeader)),
    ] {
        let header = header.to_owned();
        let fake = Fake::start(move |_| {
            say(200, &[("content-type", MANIFEST), ("docker-content-digest", &header)], IMAGE)
        })
        .await;
        let anonymous = Keychain::anonymous();
        let answer = client(&[&fake]).resolve(&fake.image("team/app:1"), ask(&anonymous)).await;
        assert!(matches!(&answer, Err(Error::Invalid { flaw, .. }) if is_expected(flaw)), "{answer:?}");
    }
}

#[tokio::test]
async fn a_login_page_under_a_tag_is_not_a_manifest() {
    let fake = Fake::start(|_| say(200, &[("content-type", "text/html; charset=utf-8")], "hello")).await;
    let anonymous = Keychain::anonymous();
    let answer = client(&[&fake]).resolve(&fake.image("team/app:1"), ask(&anonymous)).await;
    let Err(Error::Invalid { flaw: Flaw::ContentType(found), .. }) = answer else { panic!("{answer:?}") };
    assert_eq!(found, "text/html");
}

#[tokio::test]
async fn three_attestations_take_four_round_trips_from_a_tag() {
    let shop = Shop::with_attestations(3);
    // Nobody is served before all three are there: serial requests would never end.
    let (manifests, blobs) = (Arc::new(Barrier::new(3)), Arc::new(Barrier::new(3)));
    let fake = Fake::start_async(move |seen| {
        let (shop, manifests, blobs) = (shop.clone(), Arc::clone(&manifests), Arc::clone(&blobs));
        async move {
            if seen.path.contains("/manifests/sha256:") {
                manifests.wait().await;
            } else if seen.path.contains("/blobs/") {
                blobs.wait().await;
            }
            shop.answer(&seen)
        }
        .boxed()
    })
    .await;
    let (registry, anonymous, repository) = (client(&[&fake]), Keychain::anonymous(), fake.repository());
    let resolved = registry.resolve(&fake.image("team/app:1"), ask(&anonymous)).await.expect("a tag");
    let listing =
        registry.candidates(&repository, &resolved.digest, ask(&anonymous)).await.expect("a listing");
    let reads = listing.candidates.iter().map(|one| registry.bundle(&repository, one, ask(&anonymous)));
    let bundles = try_join_all(reads).await.expect("three bundles").concat();
    assert_eq!(bundles, [r#"{"bundle":0}"#, r#"{"bundle":1}"#, r#"{"bundle":2}"#]);
    let counters = registry.counters();
    let counts = [Kind::Tag, Kind::Referrers, Kind::Manifest, Kind::Blob].map(|kind| counters.of(kind));
    assert_eq!((counts, counters.total(), fake.seen().len()), ([1, 1, 3, 3], 8, 8));
}

#[tokio::test]
async fn what_page_two_lists_is_found() {
    let shop = Shop::with_attestations(2);
    let fake = Fake::start(move |seen| {
        let (first, second) = shop.referrers.split_at(1);
        if !seen.path.contains("/referrers/") {
            return shop.answer(seen);
        }
        if seen.query.is_empty() {
            let mut page = index(first);
            page.headers_mut().insert("link", r#"<?page=2>; rel="next""#.parse().expect("a header"));
            return page;
        }
        index(second)
    })
    .await;
    let registry = client(&[&fake]);
    assert_eq!(all_bundles(&registry, &fake).await.len(), 2);
    assert_eq!(registry.counters().of(Kind::Referrers), 2);
}

#[tokio::test]
async fn a_walk_cut_short_keeps_what_it_has_and_says_so() {
    type Expected = fn(&Error) -> bool;
    let cases: [(u16, &str, Expected); 4] = [
        (500, r#"<?page=2>; rel="next""#, |e| matches!(e, Error::Unreachable { .. })),
        (429, r#"<?page=2>; rel="next""#, |e| matches!(e, Error::RateLimited { .. })),
        (404, r#"<?page=2>; rel="next""#, |e| matches!(e, Error::NotFound { .. })),
        (200, r#"<https://elsewhere.example/>; rel="next""#, |e| {
            matches!(e, Error::Invalid { flaw: Flaw::Link, .. })
        }),
    ];
    for (status, link, is_expected) in cases {
        let shop = Shop::with_attestations(1);
        let fake = Fake::start(move |seen| {
            if seen.query.is_empty() {
                let mut page = index(&shop.referrers);
                page.headers_mut().insert("link", link.parse().expect("a header"));
                return page;
            }
            say(status, &[], "")
        })
        .await;
        let anonymous = Keychain::anonymous();
        let listing = client(&[&fake])
            .candidates(&fake.repository(), &image_digest(), ask(&anonymous))
            .await
            .expect("page one");
        assert_eq!(listing.candidates.len(), 1);
        let error = listing.incomplete.expect("a walk cut short");
        assert!(is_expected(&error), "{status}: {error:?}");
    }
}

#[tokio::test]
async fn without_the_api_the_fallback_tag_is_read_whatever_types_it_claims() {
    for (status, content_type) in
        [(400, ""), (404, ""), (405, ""), (406, ""), (501, ""), (200, "text/html"), (200, "")]
    {
        let shop = Shop { has_no_api: true, ..Shop::with_attestations(2) };
        let fake = Fake::start(move |seen| {
            if seen.path.contains("/referrers/") {
                return say(status, &[("content-type", content_type)], "{}");
            }
            shop.answer(seen)
        })
        .await;
        let registry = client(&[&fake]);
        assert_eq!(all_bundles(&registry, &fake).await.len(), 2, "{status} {content_type}");
        let tag = format!("/v2/team/app/manifests/sha256-{}", image_digest().hex());
        assert!(fake.seen().iter().any(|seen| seen.path == tag));
    }
}

#[tokio::test]
async fn no_api_and_no_fallback_tag_is_a_complete_empty_list() {
    let fake = Fake::start(|_| say(404, &[], "")).await;
    assert!(all_bundles(&client(&[&fake]), &fake).await.is_empty());
}

#[tokio::test]
async fn repeated_and_malformed_entries_take_nothing_from_the_good_ones() {
    let mut shop = Shop::with_attestations(1);
    let good = shop.referrers.clone();
    let junk = [json!({"digest": "sha256:short"}), json!(null), json!({"digest": 7}), json!("text")];
    shop.referrers = junk.into_iter().chain(good.clone()).chain(good).collect();
    let fake = shop.open().await;
    assert_eq!(all_bundles(&client(&[&fake]), &fake).await.len(), 1);
}

#[tokio::test]
async fn null_lists_are_empty_lists() {
    let mut shop = Shop::default();
    shop.refer(&json!({"schemaVersion": 2, "layers": null}));
    let fake = shop.open().await;
    assert!(all_bundles(&client(&[&fake]), &fake).await.is_empty());
    let bare = Fake::start(|_| {
        say(200, &[("content-type", "application/vnd.oci.image.index.v1+json")], r#"{"manifests":null}"#)
    })
    .await;
    assert!(all_bundles(&client(&[&bare]), &bare).await.is_empty());
}

#[tokio::test]
async fn only_annotations_that_help_choosing_are_kept() {
    let mut shop = Shop::with_attestations(1);
    if let Some(entry) = shop.referrers.first_mut() {
        entry["annotations"] = json!({
            "dev.sigstore.bundle.predicateType": "https://cyclonedx.org/bom",
            "org.opencontainers.image.created": "x".repeat(1_000),
            "else": "no",
        });
    }
    let (fake, anonymous) = (shop.open().await, Keychain::anonymous());
    let listing = client(&[&fake])
        .candidates(&fake.repository(), &image_digest(), ask(&anonymous))
        .await
        .expect("a listing");
    let kept: Vec<_> = listing.candidates.iter().flat_map(|one| one.annotations.keys()).collect();
    assert_eq!(kept, ["dev.sigstore.bundle.predicateType"]);
}

#[tokio::test]
async fn inline_data_is_taken_when_it_is_what_the_digest_names() {
    let mut shop = Shop::default();
    let layer = |data: &str| {
        let (digest, data) = (Digest::sha256(b"right"), STANDARD.encode(data));
        json!({"mediaType": BUNDLE, "digest": digest, "size": 5, "data": data})
    };
    let right = shop.refer(&json!({"layers": [layer("right")]}));
    let wrong = shop.refer(&json!({"layers": [layer("wrong")]}));
    let (fake, anonymous) = (shop.open().await, Keychain::anonymous());
    let (registry, repository) = (client(&[&fake]), fake.repository());
    let bundles = registry.bundle(&repository, &right, ask(&anonymous)).await.expect("inline data");
    assert_eq!((bundles.concat(), registry.counters().of(Kind::Blob)), (b"right".to_vec(), 0));
    let answer = registry.bundle(&repository, &wrong, ask(&anonymous)).await;
    assert!(matches!(answer, Err(Error::NotFound { .. })), "{answer:?}");
    assert_eq!(registry.counters().of(Kind::Blob), 1);
}

#[tokio::test]
async fn foreign_urls_are_never_asked() {
    let elsewhere = Fake::start(|_| say(200, &[], "bundle")).await;
    let mut shop = Shop::default();
    let url = format!("http://{}/bundle", elsewhere.host());
    let layer = json!({"mediaType": BUNDLE, "digest": Digest::sha256(b"bundle"), "size": 6, "urls": [url]});
    let candidate = shop.refer(&json!({"layers": [layer]}));
    let (fake, anonymous) = (shop.open().await, Keychain::anonymous());
    let registry = client(&[&fake, &elsewhere]);
    let answer = registry.bundle(&fake.repository(), &candidate, ask(&anonymous)).await;
    assert!(matches!(answer, Err(Error::NotFound { .. })), "{answer:?}");
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_manifest_or_bundle_with_another_digest_is_refused() {
    for part in ["/manifests/", "/blobs/"] {
        let shop = Shop::with_attestations(1);
        let fake = Fake::start(move |seen| {
            if seen.path.contains(part) {
                // As long as the true one, so that only its digest tells.
                return say(200, &[], r#"{"bundle":9}"#);
            }
            shop.answer(seen)
        })
        .await;
        let (registry, anonymous, repository) = (client(&[&fake]), Keychain::anonymous(), fake.repository());
        let listing =
            registry.candidates(&repository, &image_digest(), ask(&anonymous)).await.expect("a listing");
        let one = listing.candidates.first().expect("one referrer");
        let answer = registry.bundle(&repository, one, ask(&anonymous)).await;
        let wrong = matches!(&answer, Err(Error::Invalid { flaw: Flaw::Digest { .. }, .. }));
        assert!(wrong, "{part}: {answer:?}");
    }
}

#[tokio::test]
async fn what_is_no_bundle_is_empty_and_what_is_no_manifest_is_refused() {
    let mut shop = Shop::default();
    let other = json!({"mediaType": "application/vnd.in-toto+json", "digest": image_digest(), "size": 1});
    let no_bundle = shop.refer(&json!({"layers": [other]}));
    let junk = b"\xff\xfe not UTF-8".as_slice();
    shop.manifests.insert(Digest::sha256(junk).to_string(), junk.into());
    let (fake, anonymous) = (shop.open().await, Keychain::anonymous());
    let (registry, repository) = (client(&[&fake]), fake.repository());
    let bundles = registry.bundle(&repository, &no_bundle, ask(&anonymous)).await.expect("a manifest");
    assert!(bundles.is_empty());
    let answer = registry.bundle(&repository, &candidate(&Digest::sha256(junk)), ask(&anonymous)).await;
    assert!(matches!(answer, Err(Error::Invalid { flaw: Flaw::Json(_), .. })), "{answer:?}");
}

#[tokio::test]
async fn a_header_that_denies_a_good_body_is_refused_on_every_manifest() {
    let wrong = Digest::sha256(b"wrong").to_string();
    for has_no_api in [false, true] {
        let shop = Shop { has_no_api, ..Shop::with_attestations(1) };
        let header = wrong.clone();
        let fake = Fake::start(move |seen| {
            let mut answer = shop.answer(seen);
            if seen.path.contains("/manifests/") {
                answer.headers_mut().insert("docker-content-digest", header.parse().expect("a header"));
            }
            answer
        })
        .await;
        let (registry, anonymous, repository) = (client(&[&fake]), Keychain::anonymous(), fake.repository());
        let error = match registry.candidates(&repository, &image_digest(), ask(&anonymous)).await {
            Ok(listing) => {
                let one = listing.candidates.first().expect("one referrer");
                registry.bundle(&repository, one, ask(&anonymous)).await.map(drop)
            }
            Err(error) => Err(error),
        };
        let denied = matches!(error, Err(Error::Invalid { flaw: Flaw::Digest { .. }, .. }));
        assert!(denied, "without the API: {has_no_api}: {error:?}");
    }
}
