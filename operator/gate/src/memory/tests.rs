//! How long an answer holds, and how much is kept.

use rstest::rstest;
use trust::Reason;

use super::*;

fn now() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn refused(step: Step) -> Outcome {
    Err(Arc::new(Refused { step, predicate_type: None, bundle: None, reason: Reason::Missing("anything") }))
}

fn question(candidate: usize) -> Question {
    let digest = Digest::sha256(b"the same");
    Question {
        candidate: Digest::sha256(candidate.to_string().as_bytes()),
        subject: digest.clone(),
        anchors: digest,
    }
}

#[rstest]
#[case::nothing_was_refused(None, false)]
#[case::about_another_image(Some(Step::Subject), false)]
#[case::no_log_entry(Some(Step::LogProof), false)]
#[case::no_time(Some(Step::Time), true)]
#[case::log_not_yet_open(Some(Step::LogWindow), true)]
#[case::from_the_future(Some(Step::Clock), true)]
#[tokio::test]
async fn only_what_may_hang_on_the_clock_is_asked_again(#[case] furthest: Option<Step>, #[case] ages: bool) {
    let memory = Memory::new();
    let outcomes = furthest.map(refused).into_iter().collect();
    let answer = Answer::new(outcomes, furthest, now());
    memory.get_or(question(0), now(), async { answer }).await;
    let second = SignedDuration::from_secs(1);
    for (at, known) in [
        (now(), true),
        (now() + REFUSAL_LIFE - second, true),
        (now() + REFUSAL_LIFE, !ages),
        (now() - REFUSAL_LIFE, !ages),
    ] {
        assert_eq!(memory.get(&question(0), at).await.is_some(), known, "{at}");
    }
}

#[tokio::test]
async fn an_answer_that_no_longer_holds_is_replaced() {
    let memory = Memory::new();
    let later = now() + REFUSAL_LIFE;
    let old = Answer::new(vec![refused(Step::Clock)], Some(Step::Clock), now());
    assert_eq!(memory.get_or(question(0), now(), async { old }).await.len(), 1);
    let new = Answer::new(Vec::new(), None, later);
    assert_eq!(memory.get_or(question(0), later, async { new }).await.len(), 0);
    let unasked = async { panic!("a success stays") };
    assert_eq!(memory.get_or(question(0), later + REFUSAL_LIFE, unasked).await.len(), 0);
}

#[tokio::test]
async fn no_more_is_kept_than_the_bound() {
    let room = 10;
    let memory = Memory::bounded(room * 2 * BASE_WEIGHT as u64);
    for candidate in 0..100 {
        let answer = Answer::new(vec![refused(Step::Parse)], Some(Step::Parse), now());
        memory.get_or(question(candidate), now(), async { answer }).await;
    }
    memory.0.run_pending_tasks().await;
    assert!(memory.0.entry_count() <= room, "{}", memory.0.entry_count());
    assert!(memory.0.entry_count() > 0);
}
