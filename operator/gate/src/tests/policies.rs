//! Which policies speak of an image, and what becomes of those that cannot.

use verdict::{Effect, Mode, Requirement};

use super::{fixtures::key_signed, *};

const AMBIGUOUS: &str = "Registry.example.com/shop/cart:1.4";
const ELSEWHERE: &str = "registry.example.com/other/cart:1.4";

/// As a Pod, where tags are asked about too.
async fn unasked_of(image: &str, policies: &[Written]) -> Judgement {
    unasked().judge(image, &context(select(policies)), Stage::Pod, signed().checked_at, soon()).await
}

#[tokio::test]
async fn where_no_policy_selects_nothing_is_asked_and_nothing_found() {
    for image in [CART, AMBIGUOUS] {
        let judgement = unasked_of(image, &[]).await;
        assert_eq!(judgement.policies, [], "{image}");
        assert_eq!(judgement.digest, None, "{image}");
    }
}

#[tokio::test]
async fn a_reference_that_is_not_read_alike_by_all_is_turned_away_by_every_policy_unread() {
    let policies = [keyless("a"), key_signed("b").with("mode: Enforce", "mode: Warn")];
    let judgement = unasked_of(AMBIGUOUS, &policies).await;
    assert_eq!(judgement.reference, None);
    let found: Vec<_> = judgement
        .policies
        .iter()
        .map(|verdict| (verdict.policy.name.as_str(), verdict.verdict.findings[0].code, verdict.effect()))
        .collect();
    assert_eq!(found, [("a", Code::ImageAmbiguous, Effect::Deny), ("b", Code::ImageAmbiguous, Effect::Warn)]);
}

#[tokio::test]
async fn an_image_that_no_policy_covers_gets_the_strictest_mode_and_costs_no_request() {
    let policies =
        [keyless("a").with("mode: Enforce", "mode: Audit"), keyless("b").with("mode: Enforce", "mode: Warn")];
    let policies = policies.map(|policy| policy.with("tags: Pin", "tags: Deny"));
    let judgement = unasked_of(ELSEWHERE, &policies).await;
    assert_eq!(codes(&judgement), [Code::NotCovered], "and nothing about its tag");
    assert_eq!(judgement.policies[0].mode, Mode::Warn);
}

#[tokio::test]
async fn other_images_are_let_through_only_if_all_policies_say_so() {
    let lax = |name| keyless(name).with("otherImages: Deny", "otherImages: InsecureAllow");
    let judgement = unasked_of(ELSEWHERE, &[lax("a"), lax("b")]).await;
    assert_eq!(judgement.policies, []);
    let judgement = unasked_of(ELSEWHERE, &[lax("a"), keyless("b")]).await;
    assert_eq!(codes(&judgement), [Code::NotCovered]);
}

#[tokio::test]
async fn a_policy_that_cannot_be_compiled_is_undecided_without_a_request() {
    let broken = keyless("broken").with("name: sigstore", "name: gone");
    let judgement = unasked_of(CART, std::slice::from_ref(&broken)).await;
    assert_eq!(codes(&judgement), [Code::PolicyInvalid]);
    assert_eq!(judgement.effect(), Effect::Deny);
    assert_eq!(judgement.policies[0].verdict.findings[0].requirement, Requirement::Policy);
    assert!(judgement.policies[0].verdict.findings[0].found.contains("gone"), "{judgement:?}");
    let relaxed = broken.with("onUndecided: Deny", "onUndecided: InsecureAllow");
    assert_eq!(unasked_of(CART, &[relaxed]).await.effect(), Effect::Warn);
}

#[tokio::test]
async fn a_policy_that_cannot_be_compiled_does_not_keep_another_from_judging() {
    let broken = keyless("b").with("name: sigstore", "name: gone");
    let judgement = judged(&FakeSource::holding(&KEYLESS), &[broken.clone(), keyless("a")]).await;
    let outcomes: Vec<_> =
        judgement.policies.iter().map(|verdict| (verdict.policy.name.as_str(), verdict.effect())).collect();
    assert_eq!(outcomes, [("a", Effect::None), ("b", Effect::Deny)]);
    assert_eq!(codes(&judgement), [Code::PolicyInvalid]);
    let judgement = judged(&FakeSource::holding(&[]), &[broken, keyless("a")]).await;
    assert!(codes(&judgement).contains(&Code::SbomMissing), "{judgement:?}");
}

#[tokio::test]
async fn two_policies_both_judge_in_whatever_order_they_come() {
    let strict = key_signed("strict");
    let met = keyless("met");
    let source = FakeSource::holding(&KEYLESS);
    let one = judged(&source, &[strict.clone(), met.clone()]).await;
    let other = judged(&source, &[met, strict]).await;
    assert_eq!(one, other);
    assert_eq!(one.effect(), Effect::Deny, "one of two is not enough");
    assert_eq!(one.policies.len(), 2);
}

#[tokio::test]
async fn each_policy_acts_in_its_own_mode() {
    let policies = [
        keyless("a").with("mode: Enforce", "mode: Audit"),
        key_signed("b").with("mode: Enforce", "mode: Warn"),
    ];
    let judgement = judged(&FakeSource::holding(&[]), &policies).await;
    let effects: Vec<_> = judgement.policies.iter().map(verdict::PolicyVerdict::effect).collect();
    assert_eq!(effects, [Effect::Audit, Effect::Warn]);
}
