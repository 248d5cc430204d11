//! A judgement ends by its deadline, whoever does not answer.

use rstest::rstest;
use verdict::Outcome;

use super::{source::Question, *};

const PATIENCE: Duration = Duration::from_secs(8);

#[rstest]
#[case::resolving(Question::Resolve)]
#[case::listing(Question::Candidates)]
#[case::reading(Question::Bundle)]
#[tokio::test(start_paused = true)]
async fn a_source_that_never_answers_costs_no_more_than_the_deadline(#[case] question: Question) {
    let source = FakeSource::holding(&KEYLESS);
    source.never(question);
    let context = context(select(&[keyless("production")]));
    let began = Instant::now();
    let deadline = began + PATIENCE;
    let judgement = gate(&source).judge(CART, &context, Stage::Pod, signed().checked_at, deadline).await;
    // Tokio's timer counts whole milliseconds, rounded up.
    assert!(began.elapsed() <= PATIENCE + Duration::from_millis(1), "{:?}", began.elapsed());
    assert!(codes(&judgement).contains(&Code::DeadlineExceeded), "{judgement:?}");
    let missing = |code: &Code| code.as_str().ends_with("Missing");
    assert!(!codes(&judgement).iter().any(missing), "unread is not absent: {judgement:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_read_in_time_still_counts() {
    let source = FakeSource::holding(&KEYLESS[..2]);
    let (gate, context) = (gate(&source), context(select(&[keyless("production")])));
    judge_at(&gate, CART, &context, signed().checked_at).await;
    source.refer("late", [Ok(Vec::new())]);
    source.never(Question::Bundle);
    let deadline = Instant::now() + PATIENCE;
    let judgement = gate.judge(CART, &context, Stage::Template, signed().checked_at, deadline).await;
    assert_eq!(codes(&judgement), [Code::DeadlineExceeded]);
    assert_eq!(judgement.policies[0].verdict.outcome, Outcome::Undecided);
    assert_eq!(judgement.digest, Some(signed().subject));
}
