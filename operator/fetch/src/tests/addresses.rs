//! Where the gate may be sent: nowhere that trusts it for its place on the network.

use std::net::IpAddr;

use names::ImageRef;

use super::fake::{Fake, Shop, ask, client, listed, say};
use crate::{Config, Error, HostConfig, Keychain, Kind, Registry, Resolved, Source as _};

async fn resolve(registry: &Registry, image: &str) -> Result<Resolved, Error> {
    let (image, anonymous) = (ImageRef::parse(image).expect("a good reference"), Keychain::anonymous());
    registry.resolve(&image, ask(&anonymous)).await
}

fn is_forbidden(answer: &Result<Resolved, Error>, wanted: &str) -> bool {
    let wanted: IpAddr = wanted.parse().expect("a constant address");
    matches!(answer, Err(Error::ForbiddenAddress { address, .. }) if *address == wanted)
}

#[tokio::test]
async fn addresses_in_references_are_refused_unless_the_host_is_listed() {
    let fake = Shop::with_attestations(0).open().await;
    let registry = client(&[]);
    for (host, address) in [
        (fake.host(), "127.0.0.1"),
        ("169.254.169.254".into(), "169.254.169.254"),
        ("0.0.0.0:5000".into(), "0.0.0.0"),
    ] {
        let answer = resolve(&registry, &format!("{host}/team/app:1")).await;
        assert!(is_forbidden(&answer, address), "{host}: {answer:?}");
    }
    assert!(fake.seen().is_empty());
    let answer = resolve(&client(&[&fake]), &format!("{}/team/app:1", fake.host())).await;
    assert!(answer.is_ok(), "{answer:?}");
}

#[tokio::test]
async fn listing_a_host_for_plain_http_alone_does_not_open_forbidden_addresses() {
    let fake = Shop::with_attestations(0).open().await;
    let host = HostConfig { any_address: false, ..listed(&fake.host()) };
    let registry =
        Registry::new(&Config { hosts: vec![host], ..Config::default() }).expect("a configuration");
    let answer = resolve(&registry, &format!("{}/team/app:1", fake.host())).await;
    assert!(is_forbidden(&answer, "127.0.0.1"), "{answer:?}");
}

#[tokio::test]
async fn a_name_that_resolves_to_a_forbidden_address_is_not_dialled() {
    let fake = Shop::with_attestations(0).open().await;
    let host = format!("localhost:{}", fake.address.port());
    for any_address in [false, true] {
        let named = HostConfig { any_address, ..listed(&host) };
        let config = Config { hosts: vec![named], ..Config::default() };
        let answer =
            resolve(&Registry::new(&config).expect("a configuration"), &format!("{host}/team/app:1")).await;
        let forbidden = matches!(&answer, Err(Error::ForbiddenAddress { .. }));
        assert_eq!((forbidden, answer.is_ok()), (!any_address, any_address), "{answer:?}");
    }
    let answer = resolve(&client(&[]), &format!("{host}/team/app:1")).await;
    assert!(matches!(&answer, Err(Error::ForbiddenAddress { .. })), "{answer:?}");
    assert_eq!(fake.seen().len(), 1);
}

#[tokio::test]
async fn redirects_and_realms_are_held_to_the_same_rule() {
    for target in
        ["https://169.254.169.254/latest", "https://[::ffff:169.254.169.254]/", "https://2852039166/"]
    {
        let fake = Fake::start(move |_| say(307, &[("location", target)], "")).await;
        let answer = resolve(&client(&[&fake]), &format!("{}/team/app:1", fake.host())).await;
        assert!(is_forbidden(&answer, "169.254.169.254"), "{target}: {answer:?}");
        let challenge = format!(r#"Bearer realm="{target}""#);
        let fake = Fake::start(move |_| say(401, &[("www-authenticate", &challenge)], "")).await;
        let registry = client(&[&fake]);
        let answer = resolve(&registry, &format!("{}/team/app:1", fake.host())).await;
        assert!(is_forbidden(&answer, "169.254.169.254"), "{target}: {answer:?}");
        assert_eq!(registry.counters().of(Kind::Token), 0);
    }
}

#[tokio::test]
async fn the_addresses_that_the_operator_names_are_refused_too() {
    let forbidden: IpAddr = "203.0.113.9".parse().expect("a constant address");
    let config = Config { forbidden_addresses: vec![forbidden], ..Config::default() };
    let registry = Registry::new(&config).expect("a configuration");
    let answer = resolve(&registry, "203.0.113.9/team/app:1").await;
    assert!(is_forbidden(&answer, "203.0.113.9"), "{answer:?}");
    assert_eq!(registry.counters().total(), 0);
}

#[tokio::test]
async fn a_mirror_is_asked_with_the_credentials_of_its_own_name() {
    let mirror = Fake::start(|seen| match seen.authorization {
        None => say(401, &[("www-authenticate", "Basic")], ""),
        Some(_) => say(404, &[], ""),
    })
    .await;
    let original = HostConfig {
        host: "registry.example.com".into(),
        mirror: Some(mirror.host()),
        ..HostConfig::default()
    };
    let hosts = vec![original, listed(&mirror.host())];
    let registry = Registry::new(&Config { hosts, ..Config::default() }).expect("a configuration");
    let image = ImageRef::parse("registry.example.com/team/app:1").expect("a good reference");
    let chain = super::fake::keychain(&[("registry.example.com", "ann")]);
    let answer = registry.resolve(&image, ask(&chain)).await;
    assert!(matches!(answer, Err(Error::Refused { status: 401, .. })), "{answer:?}");
    let chain = super::fake::keychain(&[(&mirror.host(), "bob")]);
    let answer = registry.resolve(&image, ask(&chain)).await;
    assert!(matches!(answer, Err(Error::NotFound { .. })), "{answer:?}");
}
