//! A registry that stalls, or a namespace that asks for everything, starves nobody else.

use std::time::Duration;

use futures::FutureExt as _;
use tokio::time::Instant;

use super::fake::{Fake, Shop, client_with};
use crate::{Ask, Keychain, Limits, Source as _};

#[tokio::test]
async fn others_are_served_while_many_namespaces_wait_for_stalled_registries() {
    let quick = Shop::with_attestations(0).open().await;
    let mut stalled = Vec::new();
    for _ in 0..3 {
        stalled.push(Fake::start_async(|_| std::future::pending().boxed()).await);
    }
    let fakes: Vec<&Fake> = stalled.iter().chain([&quick]).collect();
    // The stalled ones hold their places for as long as this test can run.
    let limits = Limits { requests: 16, exchange: Duration::from_secs(600), ..Limits::default() };
    let registry = client_with(&fakes, limits);
    let keychain = Keychain::anonymous();
    let deadline = Instant::now() + Duration::from_secs(300);
    for fake in &stalled {
        for n in 0..50 {
            let (registry, image, keychain) =
                (registry.clone(), fake.image(&format!("team/app:{n}")), keychain.clone());
            tokio::spawn(async move {
                let namespace = format!("ns-{n}");
                registry.resolve(&image, Ask { keychain: &keychain, namespace: &namespace, deadline }).await
            });
        }
    }
    let held = async {
        while stalled.iter().any(|fake| fake.seen().len() < 4) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), held).await.expect("each stalled one at its share");
    let ask = Ask { keychain: &keychain, namespace: "ns-0", deadline };
    let answer =
        tokio::time::timeout(Duration::from_secs(30), registry.resolve(&quick.image("team/app:1"), ask))
            .await;
    assert!(matches!(answer, Ok(Ok(_))), "{answer:?}");
    assert!(stalled.iter().all(|fake| fake.seen().len() == 4));
}
