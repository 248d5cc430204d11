//! Verified once, for many askers, many policies and as long as it holds.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{fixtures::key_signed, *};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_askers_at_once_have_each_bundle_verified_once() {
    let source = FakeSource::holding(&KEYLESS);
    let (gate, context) = (gate(&source), Arc::new(context(select(&[keyless("production")]))));
    let asking: Vec<_> = (0..200)
        .map(|_| {
            let (gate, context) = (gate.clone(), Arc::clone(&context));
            tokio::spawn(async move { judge_at(&gate, CART, &context, signed().checked_at).await })
        })
        .collect();
    for asked in asking {
        assert_eq!(codes(&asked.await.unwrap()), []);
    }
    assert_eq!(gate.verifications().inline, 3);
    assert_eq!(gate.verifications().apart, 0);
}

#[tokio::test]
async fn what_is_remembered_is_not_even_read_again() {
    let source = FakeSource::holding(&KEYLESS);
    let (gate, context) = (gate(&source), context(select(&[keyless("production")])));
    for _ in 0..3 {
        assert_eq!(codes(&judge_at(&gate, CART, &context, signed().checked_at).await), []);
    }
    let asked = source.asked();
    let read: Vec<_> = asked.iter().filter(|asked| asked.starts_with("bundle ")).collect();
    assert_eq!(read.len(), 3, "{read:?}");
    assert_eq!(read.iter().collect::<BTreeSet<_>>().len(), 3);
    assert_eq!(
        asked.iter().filter(|asked| asked.starts_with("candidates ")).count(),
        3,
        "what is listed is asked each time"
    );
}

#[tokio::test]
async fn a_decision_is_not_remembered_across_an_edit_and_a_verification_is() {
    let source = FakeSource::holding(&KEYLESS);
    let gate = gate(&source);
    let now = signed().checked_at;
    let before = context(select(&[keyless("production")]));
    assert_eq!(codes(&judge_at(&gate, CART, &before, now).await), []);
    let edited = keyless("production").with("sbom: { signedBy: [ci]", "sbom: { maxAge: 1s, signedBy: [ci]");
    let after = context(select(std::slice::from_ref(&edited)));
    assert_eq!(codes(&judge_at(&gate, CART, &after, now).await), [Code::SbomStale]);
    assert_eq!(gate.verifications().inline, 3, "the same roots and keys");
    let both = context(select(&[edited, key_signed("keys")]));
    judge_at(&gate, CART, &both, now).await;
    assert_eq!(gate.verifications().inline, 6, "another key could prove more");
}

#[tokio::test]
async fn a_statement_from_the_future_is_believed_once_its_time_has_come() {
    let source = FakeSource::holding(&KEYLESS);
    let (gate, context) = (gate(&source), context(select(&[keyless("production")])));
    let early = signed().checked_at - SignedDuration::from_hours(1);
    let denied = [Code::SignatureInvalid];
    assert_eq!(codes(&judge_at(&gate, CART, &context, early).await), denied);
    assert_eq!(codes(&judge_at(&gate, CART, &context, early + SignedDuration::from_secs(59)).await), denied);
    assert_eq!(gate.verifications().inline, 3, "remembered for a while");
    assert_eq!(codes(&judge_at(&gate, CART, &context, signed().checked_at).await), []);
    assert_eq!(gate.verifications().inline, 6);
    assert_eq!(
        codes(&judge_at(&gate, CART, &context, signed().checked_at + SignedDuration::from_hours(1)).await),
        []
    );
    assert_eq!(gate.verifications().inline, 6, "and then for good");
}
