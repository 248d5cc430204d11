//! One image under one policy.

use rstest::rstest;
use verdict::Effect;

use super::{
    fixtures::{bundle, key_signed},
    *,
};

#[tokio::test]
async fn an_image_with_everything_in_order_is_allowed_by_its_digest() {
    let judgement = judged_keyless(&KEYLESS).await;
    assert_eq!(codes(&judgement), []);
    assert_eq!(judgement.effect(), Effect::None);
    assert_eq!(judgement.digest, Some(signed().subject));
    assert_eq!(judgement.image, CART);
    assert_eq!(judgement.policies.len(), 1);
}

#[tokio::test]
async fn statements_by_the_policys_key_are_believed_and_those_by_another_are_not() {
    let source = FakeSource::holding(&["key-sbom", "key-ai-provenance", "key-vuln"]);
    assert_eq!(codes(&judged(&source, &[key_signed("production")]).await), []);
    let other = key_signed("production").with("ci-pub", "other-pub");
    assert_eq!(codes(&judged(&source, &[other]).await), [Code::SignatureInvalid]);
}

#[tokio::test]
async fn one_bundle_may_be_proved_under_the_anchor_of_one_policy_and_not_of_another() {
    let source = FakeSource::holding(&[&KEYLESS[..], &["key-sbom"]].concat());
    let judgement = judged(&source, &[keyless("a"), key_signed("b")]).await;
    let [a, b] = judgement.policies.as_slice() else { panic!("two policies judge: {judgement:?}") };
    assert_eq!((a.effect(), b.effect()), (Effect::None, Effect::Deny));
}

#[rstest]
#[case::nothing_at_all(&[], &[Code::SbomMissing, Code::AiProvenanceMissing, Code::ScanMissing])]
#[case::good_statements_of_other_types(&["keyless-ai-provenance", "keyless-vuln"], &[Code::SbomMissing])]
#[case::about_another_image(&["keyless-ai-provenance", "keyless-vuln", "other-image-sbom"], &[Code::SubjectMismatch])]
#[case::under_another_root(&["keyless-ai-provenance", "keyless-vuln", "other-root-sbom"], &[Code::SignatureInvalid])]
#[case::by_a_mail_address(&["keyless-ai-provenance", "keyless-vuln", "email-sbom"], &[Code::SignerNotTrusted])]
#[tokio::test]
async fn what_is_not_proved_is_missing_or_says_how_far_it_came(
    #[case] bundles: &[&str],
    #[case] wanted: &[Code],
) {
    let judgement = judged_keyless(bundles).await;
    assert_eq!(codes(&judgement), wanted);
    assert_eq!(judgement.effect(), Effect::Deny);
    assert_eq!(judgement.policies[0].verdict.findings[0].digest, Some(signed().subject));
}

#[tokio::test]
async fn several_bundles_in_one_referrer_are_all_read() {
    let source = FakeSource::holding(&[]);
    source.refer("all", [Ok(KEYLESS.map(bundle).to_vec())]);
    assert_eq!(codes(&judged(&source, &[keyless("production")]).await), []);
}

#[tokio::test]
async fn a_tag_that_flips_is_resolved_once_and_what_follows_is_about_that_digest() {
    let source = FakeSource::holding(&KEYLESS);
    source.tag_means([Ok(signed().subject), Ok(signed().other_subject)]);
    let judgement = judged(&source, &[keyless("a"), keyless("b")]).await;
    assert_eq!(codes(&judgement), []);
    assert_eq!(judgement.digest, Some(signed().subject));
    let asked = source.asked();
    assert_eq!(asked[..2], [format!("resolve {CART}"), format!("candidates {}", signed().subject)]);
    assert_eq!(asked.iter().filter(|asked| !asked.starts_with("bundle ")).count(), 2, "{asked:?}");
}

#[tokio::test]
async fn a_tag_that_moved_is_judged_by_what_it_means_now() {
    let source = FakeSource::holding(&KEYLESS);
    let (gate, context) = (gate(&source), context(select(&[keyless("production")])));
    let now = signed().checked_at;
    assert_eq!(codes(&judge_at(&gate, CART, &context, now).await), []);
    source.tag_means([Ok(signed().other_subject)]);
    let judgement = judge_at(&gate, CART, &context, now).await;
    assert_eq!(judgement.digest, Some(signed().other_subject));
    assert_eq!(codes(&judgement), [Code::SubjectMismatch], "the same bundles, asked about another image");
}

#[tokio::test]
async fn a_digest_is_not_resolved_and_its_tag_ignored() {
    let source = FakeSource::holding(&KEYLESS);
    source.tag_means([Ok(signed().other_subject)]);
    let pinned = format!("{CART}@{}", signed().subject);
    let context = context(select(&[keyless("production")]));
    let judgement = gate(&source).judge(&pinned, &context, Stage::Pod, signed().checked_at, soon()).await;
    assert_eq!(codes(&judgement), []);
    assert!(!source.asked().iter().any(|asked| asked.starts_with("resolve")), "{:?}", source.asked());
}

#[rstest]
#[case::pin("Pin", true)]
#[case::deny("Deny", false)]
#[case::allow("InsecureAllow", false)]
#[tokio::test]
async fn a_tag_is_bound_to_its_digest_only_where_pin_is_the_strictest_demand(
    #[case] tags: &str,
    #[case] bound: bool,
) {
    let source = FakeSource::holding(&[]);
    let policies = [
        keyless("a").with("tags: Pin", "tags: InsecureAllow"),
        keyless("b").with("tags: Pin", &format!("tags: {tags}")),
    ];
    let (gate, context) = (gate(&source), context(select(&policies)));
    assert_eq!(gate.pins(CART, context.selection()), bound);
    let pinned = gate.pin(CART, &context, soon()).await;
    let wanted = format!("{CART}@{}", signed().subject);
    assert_eq!(pinned.map(|pinned| pinned.to_string()), bound.then_some(wanted));
    assert_eq!(source.asked().len(), usize::from(bound), "nothing is resolved in vain");
}

#[tokio::test]
async fn what_is_bound_already_or_not_covered_is_not_bound() {
    let context = context(select(&[keyless("production")]));
    for image in [&format!("{CART}@{}", signed().subject), "registry.example.com/other/cart:1", "//"] {
        assert!(!unasked().pins(image, context.selection()), "{image}");
        assert_eq!(unasked().pin(image, &context, soon()).await, None, "{image}");
    }
}

#[tokio::test]
async fn a_tag_that_cannot_be_resolved_stays_and_is_judged_by_that() {
    let source = FakeSource::holding(&[]);
    source.tag_means([Err(fetch::Error::NotFound { host: "a".to_owned(), what: "b".to_owned() })]);
    let (gate, context) = (gate(&source), context(select(&[keyless("production")])));
    assert_eq!(gate.pin(CART, &context, soon()).await, None);
    let judgement = gate.judge(CART, &context, Stage::Pod, signed().checked_at, soon()).await;
    assert_eq!(codes(&judgement), [Code::ImageNotFound]);
}

#[tokio::test]
async fn a_pod_with_a_tag_is_asked_for_a_digest_and_a_template_is_not() {
    let source = FakeSource::holding(&KEYLESS);
    let (gate, context) = (gate(&source), context(select(&[keyless("production")])));
    for (stage, wanted) in [(Stage::Pod, &[Code::ImageNotPinned][..]), (Stage::Template, &[])] {
        let judgement = gate.judge(CART, &context, stage, signed().checked_at, soon()).await;
        assert_eq!(codes(&judgement), wanted, "{stage:?}");
    }
}
