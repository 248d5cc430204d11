//! Every refusal and failure keeps its class, on every road; none becomes "there is nothing".

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::fake::{Fake, Shop, all_bundles, ask, client, image_digest, say};
use crate::{Error, Fault, Flaw, Keychain, Source as _};

const STATUSES: [u16; 8] = [401, 403, 404, 429, 500, 503, 418, 300];

fn is_class_of(status: u16, error: &Error) -> bool {
    match status {
        401 | 403 => matches!(error, Error::Refused { status: found, .. } if *found == status),
        404 => matches!(error, Error::NotFound { .. }),
        429 => matches!(error, Error::RateLimited { .. }),
        500..=599 => {
            matches!(error, Error::Unreachable { fault: Fault::Status(found), .. } if *found == status)
        }
        _ => matches!(error, Error::Invalid { flaw: Flaw::Status(found), .. } if *found == status),
    }
}

async fn failing(part: &'static str, status: u16) -> Fake {
    let shop = Shop::with_attestations(1);
    Fake::start(move |seen| if seen.path.contains(part) { say(status, &[], "") } else { shop.answer(seen) })
        .await
}

#[tokio::test]
async fn a_tag_fails_by_class() {
    let anonymous = Keychain::anonymous();
    for status in STATUSES {
        let fake = failing("/manifests/", status).await;
        let answer = client(&[&fake]).resolve(&fake.image("team/app:1"), ask(&anonymous)).await;
        assert!(matches!(&answer, Err(error) if is_class_of(status, error)), "{status}: {answer:?}");
    }
}

#[tokio::test]
async fn the_referrers_api_fails_by_class_and_the_fallback_tag_too() {
    let anonymous = Keychain::anonymous();
    for status in STATUSES.into_iter().filter(|status| *status != 404) {
        let fake = failing("/referrers/", status).await;
        let answer = client(&[&fake]).candidates(&fake.repository(), &image_digest(), ask(&anonymous)).await;
        assert!(matches!(&answer, Err(error) if is_class_of(status, error)), "{status}: {answer:?}");
        let fake = Fake::start(move |seen| {
            say(if seen.path.contains("/referrers/") { 404 } else { status }, &[], "")
        })
        .await;
        let answer = client(&[&fake]).candidates(&fake.repository(), &image_digest(), ask(&anonymous)).await;
        assert!(matches!(&answer, Err(error) if is_class_of(status, error)), "tag {status}: {answer:?}");
    }
}

#[tokio::test]
async fn a_referrer_and_its_bundle_fail_by_class() {
    let anonymous = Keychain::anonymous();
    for part in ["/manifests/", "/blobs/"] {
        for status in STATUSES {
            let fake = failing(part, status).await;
            let (registry, repository) = (client(&[&fake]), fake.repository());
            let listing =
                registry.candidates(&repository, &image_digest(), ask(&anonymous)).await.expect("a list");
            let one = listing.candidates.first().expect("one referrer");
            let answer = registry.bundle(&repository, one, ask(&anonymous)).await;
            let right = matches!(&answer, Err(error) if is_class_of(status, error));
            assert!(right, "{part} {status}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_fallback_tag_that_is_no_index_is_unread_not_empty() {
    let fake = Fake::start(|seen| {
        let status = if seen.path.contains("/referrers/") { 404 } else { 200 };
        say(status, &[("content-type", "application/json")], "{}")
    })
    .await;
    let anonymous = Keychain::anonymous();
    let listing = client(&[&fake])
        .candidates(&fake.repository(), &image_digest(), ask(&anonymous))
        .await
        .expect("an answer");
    let cut = matches!(listing.incomplete, Some(Error::Invalid { flaw: Flaw::ContentType(_), .. }));
    assert!(cut, "{listing:?}");
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let fake = Shop::default().open().await;
    let (registry, image) = (client(&[&fake]), fake.image("team/app:1"));
    // A port that was free a moment ago and is bound by nobody.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let host = gone.local_addr().expect("a bound port").to_string();
    drop(gone);
    let config = crate::Config { hosts: vec![super::fake::listed(&host)], ..crate::Config::default() };
    let other = crate::Registry::new(&config).expect("a good configuration");
    let anonymous = Keychain::anonymous();
    let dead = names::ImageRef::parse(&format!("{host}/team/app:1")).expect("a good reference");
    let answer = other.resolve(&dead, ask(&anonymous)).await;
    assert!(matches!(answer, Err(Error::Unreachable { fault: Fault::Transport(_), .. })), "{answer:?}");
    assert!(matches!(registry.resolve(&image, ask(&anonymous)).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn one_failure_is_forgotten_at_once() {
    let shop = Shop::with_attestations(1);
    let asked = AtomicU32::new(0);
    let fake = Fake::start(move |seen| {
        if asked.fetch_add(1, Ordering::SeqCst) == 0 { say(500, &[], "") } else { shop.answer(seen) }
    })
    .await;
    let (registry, anonymous) = (client(&[&fake]), Keychain::anonymous());
    let first = registry.candidates(&fake.repository(), &image_digest(), ask(&anonymous)).await;
    assert!(matches!(first, Err(Error::Unreachable { .. })), "{first:?}");
    assert_eq!(all_bundles(&registry, &fake).await.len(), 1);
}

/// Answers 429 with this `Retry-After` to the first request for `part`.
async fn limiting(part: &'static str, retry_after: &'static str) -> Fake {
    let shop = Shop::with_attestations(1);
    let asked = AtomicU32::new(0);
    Fake::start(move |seen| {
        if seen.path.contains(part) && asked.fetch_add(1, Ordering::SeqCst) == 0 {
            return say(429, &[("retry-after", retry_after)], "");
        }
        shop.answer(seen)
    })
    .await
}

#[tokio::test]
async fn a_rate_limit_that_ends_inside_the_deadline_is_waited_out_once() {
    for part in ["/referrers/", "/manifests/", "/blobs/"] {
        let fake = limiting(part, "0").await;
        assert_eq!(all_bundles(&client(&[&fake]), &fake).await.len(), 1, "{part}");
    }
    let (fake, anonymous) = (limiting("/manifests/", "0").await, Keychain::anonymous());
    let answer = client(&[&fake]).resolve(&fake.image("team/app:1"), ask(&anonymous)).await;
    assert!(answer.is_ok(), "{answer:?}");
    let fake = Fake::start(|_| say(429, &[("retry-after", "0")], "")).await;
    let answer = client(&[&fake]).resolve(&fake.image("team/app:1"), ask(&anonymous)).await;
    assert!(matches!(answer, Err(Error::RateLimited { .. })), "{answer:?}");
    assert_eq!(fake.seen().len(), 2);
}

#[tokio::test]
async fn a_rate_limit_beyond_the_deadline_is_told_at_once_with_its_wait() {
    let (fake, anonymous) = (limiting("/manifests/", "86400").await, Keychain::anonymous());
    let answer = client(&[&fake]).resolve(&fake.image("team/app:1"), ask(&anonymous)).await;
    let Err(Error::RateLimited { retry_after, .. }) = answer else { panic!("{answer:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(86_400)));
    assert_eq!(fake.seen().len(), 1);
}

#[test]
fn only_what_time_can_mend_is_transient() {
    let (host, what) = (String::new(), String::new());
    let limited = Error::RateLimited { host: host.clone(), what: what.clone(), retry_after: None };
    let down = Error::Unreachable { host: host.clone(), what: what.clone(), fault: Fault::Lost };
    let late = Error::Deadline { host: host.clone(), what: what.clone() };
    let refused = Error::Refused { host: host.clone(), what: what.clone(), status: 403 };
    let missing = Error::NotFound { host, what };
    assert!([limited, down, late].iter().all(Error::is_transient));
    assert!(![refused, missing].iter().any(Error::is_transient));
}
