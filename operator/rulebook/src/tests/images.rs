//! What the policies of a namespace say of an image: judged by all that cover it, or not covered.

use std::sync::Arc;

use crds::{AIToolPolicy, ai_tool_policy::Tags};
use rstest::rstest;
use verdict::{Code, Effect, Mode};

use super::{book, namespace, policy_named, repository};
use crate::{ImageSelection, Selection};

const SHOP: &str = r#"images: ["registry.example.com/shop/**"]"#;
const PAY: &str = r#"images: ["registry.example.com/pay/*"]"#;

fn selecting(name: &str, mode: &str, select: &str) -> Arc<AIToolPolicy> {
    policy_named(name, &format!("  mode: {mode}\n  select: {{ {select} }}"))
}

fn selection(policies: &[Arc<AIToolPolicy>]) -> Selection {
    book(policies).select(&namespace("shop", &[]))
}

fn judging(selection: &Selection, image: &str) -> Vec<String> {
    let ImageSelection::Judged(policies) = selection.for_image(&repository(image)) else {
        panic!("{image} is not judged");
    };
    policies.iter().map(|policy| policy.id.name.clone()).collect()
}

#[rstest]
#[case("registry.example.com/shop/cart:1.4", true)]
#[case("registry.example.com/shop/deep/er/cart", true)]
#[case("registry.example.com/shop", false)]
#[case("registry.example.com/shopping/cart", false)]
#[case("registry.example.com.evil.example/shop/cart", false)]
#[case("mirror.example.com/registry.example.com/shop/cart", false)]
fn patterns_cover_host_and_path_from_end_to_end(#[case] image: &str, #[case] covered: bool) {
    let selection = selection(&[selecting("a", "Enforce", SHOP)]);
    let judged = matches!(selection.for_image(&repository(image)), ImageSelection::Judged(_));
    assert_eq!(judged, covered);
}

#[test]
fn each_pattern_of_several_covers() {
    let both = r#"images: ["registry.example.com/shop/**", "registry.example.com/pay/*"]"#;
    let selection = selection(&[selecting("a", "Enforce", both)]);
    assert_eq!(judging(&selection, "registry.example.com/shop/cart"), ["a"]);
    assert_eq!(judging(&selection, "registry.example.com/pay/till"), ["a"]);
}

#[test]
fn every_policy_that_covers_an_image_judges_it() {
    let policies = [
        selecting("a", "Enforce", SHOP),
        selecting("b", "Warn", PAY),
        selecting("c", "Audit", "otherImages: InsecureAllow"),
    ];
    assert_eq!(judging(&selection(&policies), "registry.example.com/shop/cart"), ["a", "c"]);
    assert_eq!(judging(&selection(&policies), "registry.example.com/pay/till"), ["b", "c"]);
}

#[test]
fn without_a_policy_the_namespace_is_outside() {
    let selection = selection(&[]);
    assert!(selection.is_empty());
    assert!(matches!(selection.for_image(&repository("nginx")), ImageSelection::Outside));
    assert_eq!(selection.tags(&repository("nginx")), None);
}

#[rstest]
#[case(&["Enforce", "Warn", "Audit"], Mode::Enforce, "a", Effect::Deny)]
#[case(&["Audit", "Warn", "Enforce"], Mode::Enforce, "c", Effect::Deny)]
#[case(&["Audit", "Warn"], Mode::Warn, "b", Effect::Warn)]
#[case(&["Audit", "Audit"], Mode::Audit, "a", Effect::Audit)]
fn an_image_that_no_pattern_matches_is_not_covered_in_the_strictest_mode(
    #[case] modes: &[&str],
    #[case] mode: Mode,
    #[case] by: &str,
    #[case] effect: Effect,
) {
    let policies: Vec<_> =
        ["a", "b", "c"].into_iter().zip(modes).map(|(name, mode)| selecting(name, mode, SHOP)).collect();
    let ImageSelection::NotCovered(verdicts) = selection(&policies).for_image(&repository("nginx")) else {
        panic!("covered");
    };
    let [verdict] = verdicts.as_slice() else { panic!("{verdicts:?}") };
    assert_eq!((verdict.mode, verdict.policy.name.as_str(), verdict.effect()), (mode, by, effect));
    let [finding] = verdict.verdict.findings.as_slice() else { panic!("{verdict:?}") };
    assert_eq!(finding.code, Code::NotCovered);
    assert_eq!(finding.found, "no AIToolPolicy that selects this namespace covers docker.io/library/nginx");
}

#[rstest]
#[case(1, r#"an image that select.images of "p0" matches"#)]
#[case(2, r#"an image that select.images of "p0" or "p1" matches"#)]
#[case(7, r#"an image that select.images of "p0" or "p1" or "p2" or "p3" or "p4" or 2 more matches"#)]
fn who_is_not_covered_is_told_whose_patterns_there_are(#[case] count: usize, #[case] wanted: &str) {
    let policies: Vec<_> = (0..count).map(|index| selecting(&format!("p{index}"), "Warn", SHOP)).collect();
    let ImageSelection::NotCovered(verdicts) = selection(&policies).for_image(&repository("nginx")) else {
        panic!("covered");
    };
    assert_eq!(verdicts[0].verdict.findings[0].wanted, wanted);
}

const ALLOWING: &str = r#"images: ["registry.example.com/shop/**"], otherImages: InsecureAllow"#;

#[test]
fn an_image_goes_through_uncovered_only_if_all_policies_say_so() {
    let all = [selecting("a", "Enforce", ALLOWING), selecting("b", "Audit", ALLOWING)];
    assert!(matches!(selection(&all).for_image(&repository("nginx")), ImageSelection::InsecureAllowed));
    let all_but_one = [
        selecting("a", "Enforce", ALLOWING),
        selecting("b", "Audit", SHOP),
        selecting("c", "Warn", ALLOWING),
    ];
    let ImageSelection::NotCovered(verdicts) = selection(&all_but_one).for_image(&repository("nginx")) else {
        panic!("let through");
    };
    // Those that would let it through are strict about the gap as long as one of them all denies.
    assert_eq!(verdicts[0].mode, Mode::Enforce);
}

#[test]
fn what_lets_other_images_through_does_not_let_covered_ones_through() {
    let policies = [selecting("a", "Enforce", ALLOWING)];
    assert_eq!(judging(&selection(&policies), "registry.example.com/shop/cart"), ["a"]);
}

#[rstest]
#[case(&["Deny", "Pin", "InsecureAllow"], Tags::Deny)]
#[case(&["InsecureAllow", "Pin", "Deny"], Tags::Deny)]
#[case(&["InsecureAllow", "Pin"], Tags::Pin)]
#[case(&["InsecureAllow", "InsecureAllow"], Tags::InsecureAllow)]
fn the_strictest_treatment_of_tags_holds_in_every_mode(#[case] written: &[&str], #[case] tags: Tags) {
    for mode in ["Enforce", "Audit"] {
        let policies: Vec<_> = ["a", "b", "c"]
            .into_iter()
            .zip(written)
            .map(|(name, tags)| policy_named(name, &format!("  mode: {mode}\n  tags: {tags}")))
            .collect();
        assert_eq!(selection(&policies).tags(&repository("nginx")), Some(tags));
    }
}

#[test]
fn tags_are_treated_by_policies_that_cover_the_image_only() {
    let policies = [
        policy_named("a", &format!("  mode: Enforce\n  tags: Deny\n  select: {{ {SHOP} }}")),
        policy_named("b", &format!("  mode: Enforce\n  tags: InsecureAllow\n  select: {{ {PAY} }}")),
    ];
    let selection = selection(&policies);
    assert_eq!(selection.tags(&repository("registry.example.com/pay/till")), Some(Tags::InsecureAllow));
    assert_eq!(selection.tags(&repository("registry.example.com/shop/cart")), Some(Tags::Deny));
    assert_eq!(selection.tags(&repository("nginx")), None);
}
