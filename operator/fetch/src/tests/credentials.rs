//! Who sees which credential: the registry it is filed for, its realm, and nobody else.

use std::time::Duration;

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::fake::{Fake, Seen, Shop, all_bundles, ask, client, image_digest, keychain, say};
use crate::{Ask, Error, Flaw, Keychain, Kind, SecretKind, Source as _};

fn basic(user: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:word")))
}

fn challenge(with: &str) -> Response {
    say(401, &[("www-authenticate", with)], "")
}

/// A shop behind a password; only these users may read.
async fn guarded(shop: Shop, users: &'static [&'static str]) -> Fake {
    Fake::start(move |seen| {
        let may = users.iter().any(|user| seen.authorization == Some(basic(user)));
        match &seen.authorization {
            None => challenge("Basic realm=\"shop\""),
            Some(_) if may => shop.answer(seen),
            Some(_) => say(403, &[], ""),
        }
    })
    .await
}

/// A shop that takes tokens of `realm`.
async fn token_shop(realm: String) -> Fake {
    let shop = Shop::with_attestations(1);
    Fake::start(move |seen| match &seen.authorization {
        Some(token) if token == "Bearer good" => shop.answer(seen),
        _ => challenge(&format!(r#"Bearer realm="{realm}",service="shop""#)),
    })
    .await
}

async fn realm(reply: &'static str) -> Fake {
    Fake::start(move |_| say(200, &[("content-type", "application/json")], reply)).await
}

#[tokio::test]
async fn a_password_is_sent_only_after_the_registry_asked_and_then_with_each_request() {
    let fake = guarded(Shop::with_attestations(1), &["ann"]).await;
    let (registry, chain) = (client(&[&fake]), keychain(&[(&fake.host(), "ann")]));
    registry.resolve(&fake.image("team/app:1"), ask(&chain)).await.expect("a tag");
    registry.candidates(&fake.repository(), &image_digest(), ask(&chain)).await.expect("a listing");
    let sent: Vec<_> = fake.seen().into_iter().map(|seen| seen.authorization).collect();
    assert_eq!(sent, [None, Some(basic("ann")), Some(basic("ann"))]);
}

#[tokio::test]
async fn a_token_is_fetched_once_for_the_repository_and_used_until_it_expires() {
    let realm = realm(r#"{"token":"good","expires_in":100}"#).await;
    let fake = token_shop(format!("http://{}/token", realm.host())).await;
    let (registry, chain) = (client(&[&fake, &realm]), keychain(&[(&fake.host(), "ann")]));
    registry.resolve(&fake.image("team/app:1"), ask(&chain)).await.expect("a tag");
    registry.candidates(&fake.repository(), &image_digest(), ask(&chain)).await.expect("a listing");
    let asked = realm.seen();
    let first = asked.first().expect("one token request");
    assert_eq!((asked.len(), first.authorization.clone()), (1, Some(basic("ann"))));
    assert_eq!(first.query, "service=shop&scope=repository%3Ateam%2Fapp%3Apull");
    assert!(fake.seen().iter().all(|seen| seen.authorization != Some(basic("ann"))));
    for (after, tokens) in [(80, 1), (12, 2)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(after)).await;
        tokio::time::resume();
        registry.resolve(&fake.image("team/app:1"), ask(&chain)).await.expect("a tag");
        assert_eq!(registry.counters().of(Kind::Token), tokens, "after {after} more seconds");
    }
}

#[tokio::test]
async fn anonymous_readers_fetch_an_anonymous_token_under_either_name() {
    for reply in [r#"{"token":"good"}"#, r#"{"access_token":"good"}"#] {
        let realm = realm(reply).await;
        let fake = token_shop(format!("http://{}/token", realm.host())).await;
        assert_eq!(all_bundles(&client(&[&fake, &realm]), &fake).await.len(), 1);
        assert!(realm.seen().iter().all(|seen| seen.authorization.is_none()));
    }
}

#[tokio::test]
async fn a_token_that_stops_serving_is_replaced() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let issued = AtomicU32::new(0);
    let realm = Fake::start(move |_| {
        say(200, &[], json!({"token": format!("t{}", issued.fetch_add(1, Ordering::SeqCst))}).to_string())
    })
    .await;
    let (shop, url) = (Shop::with_attestations(1), format!("http://{}/token", realm.host()));
    let fake = Fake::start(move |seen| {
        let wanted = if seen.path.contains("/referrers/") { "Bearer t1" } else { "Bearer t0" };
        if seen.authorization.as_deref() == Some(wanted) {
            return shop.answer(seen);
        }
        challenge(&format!(r#"Bearer realm="{url}""#))
    })
    .await;
    let (registry, anonymous) = (client(&[&fake, &realm]), Keychain::anonymous());
    registry.resolve(&fake.image("team/app:1"), ask(&anonymous)).await.expect("with t0");
    registry.candidates(&fake.repository(), &image_digest(), ask(&anonymous)).await.expect("with t1");
    assert_eq!(registry.counters().of(Kind::Token), 2);
}

#[tokio::test]
async fn a_refresh_token_is_posted_to_the_realm_and_never_shown_to_the_registry() {
    let realm = realm(r#"{"access_token":"good"}"#).await;
    let fake = token_shop(format!("http://{}/token", realm.host())).await;
    let secret = json!({"auths": {fake.host(): {"identitytoken": "refresh-me"}}}).to_string();
    let chain = Keychain::from_docker_configs(&[(SecretKind::DockerConfigJson, secret.into_bytes())]);
    let registry = client(&[&fake, &realm]);
    registry.resolve(&fake.image("team/app:1"), ask(&chain)).await.expect("a tag");
    let asked = realm.seen();
    let Seen { method, body, authorization, .. } = asked.first().expect("one token request");
    assert_eq!((method.as_str(), authorization), ("POST", &None));
    assert_eq!(
        body,
        "grant_type=refresh_token&client_id=tidewaiter&refresh_token=refresh-me\
         &scope=repository%3Ateam%2Fapp%3Apull&service=shop"
    );
    assert!(fake.seen().iter().all(|seen| !format!("{seen:?}").contains("refresh-me")));
}

#[tokio::test]
async fn a_realm_that_cannot_be_trusted_with_a_credential_is_not_asked() {
    let listed = realm(r#"{"token":"good"}"#).await;
    for with in [
        r#"Bearer realm="http://registry.example.com/token""#.to_owned(),
        r#"Bearer realm="token""#.to_owned(),
        r#"Bearer realm="ftp://registry.example.com/token""#.to_owned(),
        format!(r#"Bearer realm="http://user:word@{}/token""#, listed.host()),
    ] {
        let shown = with.clone();
        let fake = Fake::start(move |_| challenge(&with)).await;
        let (registry, chain) = (client(&[&fake, &listed]), keychain(&[(&fake.host(), "ann")]));
        let answer = registry.resolve(&fake.image("team/app:1"), ask(&chain)).await;
        let right = matches!(answer, Err(Error::Invalid { flaw: Flaw::Challenge, .. }));
        assert!(right, "{shown}: {answer:?}");
        assert_eq!(registry.counters().of(Kind::Token), 0, "{shown}");
    }
    assert!(listed.seen().is_empty());
}

#[tokio::test]
async fn a_realm_that_redirects_refuses_or_answers_nonsense_gives_no_token() {
    let elsewhere = realm(r#"{"token":"good"}"#).await;
    let to = format!("http://{}/token", elsewhere.host());
    let redirecting = Fake::start(move |_| say(307, &[("location", &to)], "")).await;
    let refusing = Fake::start(|_| say(403, &[], "")).await;
    let (empty, junk) = (realm("{}").await, realm("no JSON").await);
    for (realm, is_expected) in [
        (&redirecting, (|e| matches!(e, Error::Invalid { flaw: Flaw::Challenge, .. })) as fn(&Error) -> bool),
        (&refusing, |e| matches!(e, Error::Refused { status: 403, .. })),
        (&empty, |e| matches!(e, Error::Invalid { flaw: Flaw::Challenge, .. })),
        (&junk, |e| matches!(e, Error::Invalid { flaw: Flaw::Json(_), .. })),
    ] {
        let fake = token_shop(format!("http://{}/token", realm.host())).await;
        let (registry, chain) = (client(&[&fake, realm, &elsewhere]), keychain(&[(&fake.host(), "ann")]));
        let answer = registry.resolve(&fake.image("team/app:1"), ask(&chain)).await;
        assert!(matches!(&answer, Err(error) if is_expected(error)), "{answer:?}");
    }
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn a_redirect_keeps_the_credential_on_its_host_and_loses_it_elsewhere() {
    let shop = Shop::with_attestations(1);
    let storage = {
        let shop = shop.clone();
        Fake::start(move |seen| shop.answer(seen)).await
    };
    let away = storage.host();
    let fake = Fake::start(move |seen| {
        if seen.authorization.is_none() {
            return challenge("Basic");
        }
        let at_home = seen.path.starts_with("/home");
        if seen.path.contains("/blobs/") && !at_home {
            return say(307, &[("location", &format!("/home{}", seen.path))], "");
        }
        if at_home {
            let path = seen.path.trim_start_matches("/home");
            return say(302, &[("location", &format!("http://{away}{path}"))], "");
        }
        shop.answer(seen)
    })
    .await;
    let (registry, chain) = (client(&[&fake, &storage]), keychain(&[(&fake.host(), "ann")]));
    let repository = fake.repository();
    let listing = registry.candidates(&repository, &image_digest(), ask(&chain)).await.expect("a listing");
    let one = listing.candidates.first().expect("one referrer");
    let bundles = registry.bundle(&repository, one, ask(&chain)).await.expect("a bundle");
    assert_eq!(bundles.len(), 1);
    let at_home: Vec<_> = fake.seen().into_iter().filter(|seen| seen.path.starts_with("/home")).collect();
    assert!(at_home.iter().all(|seen| seen.authorization == Some(basic("ann"))) && at_home.len() == 1);
    let away: Vec<_> = storage.seen().into_iter().map(|seen| seen.authorization).collect();
    assert_eq!(away, [None]);
}

#[tokio::test]
async fn where_a_redirect_leads_nobody_may_ask_for_the_credential() {
    let thief = Fake::start(|_| challenge("Basic")).await;
    let to = format!("http://{}/", thief.host());
    let fake = Fake::start(move |_| say(307, &[("location", &to)], "")).await;
    let (registry, chain) = (client(&[&fake, &thief]), keychain(&[(&fake.host(), "ann")]));
    let answer = registry.resolve(&fake.image("team/app:1"), ask(&chain)).await;
    assert!(matches!(answer, Err(Error::Refused { status: 401, .. })), "{answer:?}");
    assert!(thief.seen().iter().all(|seen| seen.authorization.is_none()));
}

#[tokio::test]
async fn a_redirect_to_plain_http_or_with_a_user_in_it_is_not_followed() {
    for to in
        ["http://registry.example.com/", "https://user:word@registry.example.com/", "ftp://x/", "http://"]
    {
        let fake = Fake::start(move |_| say(307, &[("location", to)], "")).await;
        let anonymous = Keychain::anonymous();
        let answer = client(&[&fake]).resolve(&fake.image("team/app:1"), ask(&anonymous)).await;
        let right = matches!(answer, Err(Error::Invalid { flaw: Flaw::Redirect, .. }));
        assert!(right, "{to}: {answer:?}");
    }
}

#[tokio::test]
async fn a_credential_for_a_look_alike_host_is_not_sent() {
    let fake = guarded(Shop::with_attestations(0), &["ann"]).await;
    let other_port = format!("127.0.0.1:{}", fake.address.port().wrapping_add(1));
    let longer = format!("registry.{}", fake.host());
    let chain = keychain(&[(&other_port, "ann"), ("127.0.0.1", "ann"), (&longer, "ann"), ("*.0.1", "ann")]);
    let answer = client(&[&fake]).resolve(&fake.image("team/app:1"), ask(&chain)).await;
    assert!(matches!(answer, Err(Error::Refused { status: 401, .. })), "{answer:?}");
    assert!(fake.seen().iter().all(|seen| seen.authorization.is_none()));
}

#[tokio::test]
async fn two_namespaces_on_one_host_each_use_their_own_credential() {
    let fake = guarded(Shop::with_attestations(1), &["ann", "bob"]).await;
    let registry = client(&[&fake]);
    for user in ["ann", "bob"] {
        let chain = keychain(&[(&fake.host(), user)]);
        let ask = Ask { namespace: user, ..ask(&chain) };
        registry.resolve(&fake.image("team/app:1"), ask).await.expect("a tag");
    }
    let sent: Vec<_> = fake.seen().into_iter().filter_map(|seen| seen.authorization).collect();
    assert_eq!(sent, [basic("ann"), basic("bob")]);
}

#[tokio::test]
async fn what_one_credential_was_served_another_has_to_be_served_too() {
    let fake = guarded(Shop::with_attestations(1), &["ann"]).await;
    let (registry, repository) = (client(&[&fake]), fake.repository());
    let (ann, eve) = (keychain(&[(&fake.host(), "ann")]), keychain(&[(&fake.host(), "eve")]));
    let listing = registry.candidates(&repository, &image_digest(), ask(&ann)).await.expect("a listing");
    let one = listing.candidates.first().expect("one referrer");
    registry.bundle(&repository, one, ask(&ann)).await.expect("a bundle");
    registry.resolve(&fake.image("team/app:1"), ask(&ann)).await.expect("a tag");
    for chain in [&eve, &Keychain::anonymous()] {
        let listed = registry.candidates(&repository, &image_digest(), ask(chain)).await;
        assert!(matches!(listed, Err(Error::Refused { .. })), "{listed:?}");
        let read = registry.bundle(&repository, one, ask(chain)).await;
        assert!(matches!(read, Err(Error::Refused { .. })), "{read:?}");
        let tag = registry.resolve(&fake.image("team/app:1"), ask(chain)).await;
        assert!(matches!(tag, Err(Error::Refused { .. })), "{tag:?}");
    }
}

#[tokio::test]
async fn all_credentials_that_match_are_tried_in_turn() {
    let fake = guarded(Shop::with_attestations(1), &["ann"]).await;
    let narrow = format!("{}/team", fake.host());
    let chain = keychain(&[(&narrow, "eve"), (&fake.host(), "ann")]);
    let (registry, repository) = (client(&[&fake]), fake.repository());
    registry.resolve(&fake.image("team/app:1"), ask(&chain)).await.expect("a tag");
    let listing = registry.candidates(&repository, &image_digest(), ask(&chain)).await.expect("a listing");
    let one = listing.candidates.first().expect("one referrer");
    assert_eq!(registry.bundle(&repository, one, ask(&chain)).await.expect("a bundle").len(), 1);
}
