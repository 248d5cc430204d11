//! Large bundles go elsewhere, within the budget, and what was begun is finished.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use super::*;
use crate::tests::fixtures::{bundle, key_signed, select, signed};

/// A budget of one large bundle and half another.
const MEMORY: usize = 3 * INLINE_BYTES * MEMORY_PER_BYTE / 2;

fn anchors() -> Arc<Anchors> {
    Arc::new(Anchors::of(select(&[key_signed("production")]).policies()))
}

/// A good bundle, blown up to just above what is verified inline: white space says nothing in JSON.
fn large() -> Bytes {
    let mut bytes = bundle("key-sbom").to_vec();
    bytes.resize(INLINE_BYTES + 1, b' ');
    bytes.into()
}

fn question(candidate: &str) -> Question {
    Question {
        candidate: Digest::sha256(candidate.as_bytes()),
        subject: signed().subject,
        anchors: anchors().name().clone(),
    }
}

async fn verified(verifier: &Arc<Verifier>, candidate: &str, bundle: Bytes) -> Outcomes {
    verifier.outcomes(question(candidate), vec![bundle], &anchors(), signed().checked_at).await
}

#[tokio::test]
async fn a_bundle_at_the_bound_is_verified_inline_and_one_above_it_apart() {
    let verifier = Arc::new(Verifier::new(MEMORY));
    for (candidate, length, inline, apart) in [("at", INLINE_BYTES, 1, 0), ("above", INLINE_BYTES + 1, 1, 1)]
    {
        let outcomes = verified(&verifier, candidate, large().slice(..length)).await;
        assert!(matches!(&*outcomes, [Ok(_)]), "{candidate}");
        assert_eq!(verifier.count(), Verifications { inline, apart }, "{candidate}");
    }
    assert_eq!(verifier.budget.available_permits(), verifier.permits as usize, "all is given back");
}

#[tokio::test(start_paused = true)]
async fn a_large_bundle_waits_for_its_share_of_the_budget_and_a_small_one_does_not() {
    let verifier = Arc::new(Verifier::new(MEMORY));
    let others = verifier.budget.try_acquire_many(verifier.permits / 2).unwrap();
    let patience = Duration::from_secs(8);
    assert!(timeout(patience, verified(&verifier, "large", large())).await.is_err());
    assert_eq!(verifier.count().apart, 0, "half of the budget is not enough");
    assert!(matches!(&*verified(&verifier, "small", bundle("key-sbom")).await, [Ok(_)]));
    drop(others);
    assert!(matches!(&*verified(&verifier, "large", large()).await, [Ok(_)]));
}

#[tokio::test(start_paused = true)]
async fn a_bundle_larger_than_the_whole_budget_takes_all_of_it() {
    let verifier = Arc::new(Verifier::new(1));
    let outcomes = timeout(Duration::from_secs(60), verified(&verifier, "large", large())).await;
    assert!(matches!(&*outcomes.expect("it does not wait for more than there is"), [Ok(_)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_ask_for_one_large_bundle_have_it_verified_once() {
    let verifier = Arc::new(Verifier::new(100 * MEMORY));
    let asking: Vec<_> = (0..50)
        .map(|_| {
            let verifier = Arc::clone(&verifier);
            tokio::spawn(async move { verified(&verifier, "large", large()).await })
        })
        .collect();
    for asked in asking {
        assert!(matches!(&*asked.await.unwrap(), [Ok(_)]));
    }
    assert_eq!(verifier.count(), Verifications { inline: 0, apart: 1 });
}

#[tokio::test]
async fn a_verification_that_was_begun_is_finished_though_its_asker_left() {
    let verifier = Arc::new(Verifier::new(MEMORY));
    let mut asking = Box::pin(verified(&verifier, "large", large()));
    // One poll starts it: the budget is free, so the asker waits for the verification alone.
    assert!(futures::poll!(asking.as_mut()).is_pending());
    drop(asking);
    // All permits are back only when it is done.
    let _all = verifier.budget.acquire_many(verifier.permits).await.unwrap();
    assert!(verifier.known(&question("large"), signed().checked_at).await.is_some());
    assert_eq!(verifier.count().apart, 1);
}

#[tokio::test]
async fn of_many_refusals_the_one_that_came_furthest_is_told() {
    let select = select(&[key_signed("a").with("ci-pub", "other-pub"), crate::tests::fixtures::keyless("b")]);
    let anchors = Arc::new(Anchors::of(select.policies()));
    let verifier = Arc::new(Verifier::new(MEMORY));
    let outcomes =
        verifier.outcomes(question("sbom"), vec![bundle("key-sbom")], &anchors, signed().checked_at).await;
    let [Err(refused)] = &*outcomes else { panic!("{outcomes:?}") };
    assert_eq!(refused.step, Step::Signature, "the root refused it at an earlier step");
}
