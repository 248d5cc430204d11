//! Which policies speak of a namespace and an image.

use crds::ai_tool_policy::Tags;
use rstest::rstest;
use serde_json::{Value, json};
use verdict::{Code, Effect, Mode, Outcome};

use super::{book, namespace, prod, repository, spec, spec_with};
use crate::{ImageSelection, RuleBook, Selection, Unreadable};

const CART: &str = "registry.example.com/shop/cart";
const NGINX: &str = "nginx";

fn with(mode: &str, other_images: &str) -> Value {
    let mut spec = spec();
    spec["mode"] = json!(mode);
    spec["select"]["otherImages"] = json!(other_images);
    spec
}

fn names(selection: &Selection) -> Vec<&str> {
    selection.policies().iter().map(|policy| policy.id.name.as_str()).collect()
}

fn not_covered(book: &RuleBook) -> (Mode, Effect) {
    let ImageSelection::NotCovered(verdicts) = book.select(&prod()).for_image(&repository(NGINX)) else {
        panic!("the image is covered or let through")
    };
    let [verdict] = verdicts.as_slice() else { panic!("one verdict, not {verdicts:#?}") };
    assert_eq!(verdict.verdict.outcome, Outcome::Denied);
    assert_eq!(verdict.verdict.findings[0].code, Code::NotCovered);
    (verdict.mode, verdict.effect())
}

#[rstest]
#[case::label(json!({ "matchLabels": { "env": "prod" } }), true, false, false)]
#[case::two_labels(json!({ "matchLabels": { "env": "prod", "team": "a" } }), false, false, false)]
#[case::within(json!({ "matchExpressions": [{ "key": "env", "operator": "In", "values": ["prod", "test"] }] }), true, true, false)]
#[case::without(json!({ "matchExpressions": [{ "key": "env", "operator": "NotIn", "values": ["test"] }] }), true, false, true)]
#[case::exists(json!({ "matchExpressions": [{ "key": "env", "operator": "Exists" }] }), true, true, false)]
#[case::absent(json!({ "matchExpressions": [{ "key": "env", "operator": "DoesNotExist" }] }), false, false, true)]
#[case::both_must_hold(json!({ "matchLabels": { "env": "prod" }, "matchExpressions": [{ "key": "env", "operator": "DoesNotExist" }] }), false, false, false)]
#[case::prefixed_key(json!({ "matchExpressions": [{ "key": "example.com/env", "operator": "DoesNotExist" }] }), true, true, true)]
#[case::empty(json!({}), true, true, true)]
#[case::not_written(Value::Null, true, true, true)]
fn namespaces_are_selected_as_kubernetes_selects_them(
    #[case] selector: Value,
    #[case] in_prod: bool,
    #[case] in_test: bool,
    #[case] unlabelled: bool,
) {
    let book = book(&[("a", spec_with("/select/namespaces", selector))]);
    assert!(book.policies()[0].rules.is_ok());
    for (facts, selected) in
        [(prod(), in_prod), (namespace("b", &[("env", "test")]), in_test), (namespace("c", &[]), unlabelled)]
    {
        assert_eq!(!book.select(&facts).is_empty(), selected, "{facts:?}");
    }
}

#[test]
fn a_namespace_that_no_policy_selects_is_outside() {
    let selection = book(&[("a", spec())]).select(&namespace("b", &[]));
    assert!(selection.is_empty());
    assert!(matches!(selection.for_image(&repository(CART)), ImageSelection::Outside));
    assert_eq!(selection.tags(&repository(CART)), None);
}

#[test]
fn every_policy_that_covers_an_image_judges_it_in_the_order_of_names() {
    let narrow = spec_with("/select/images", json!(["registry.example.com/shop/cart"]));
    let book =
        book(&[("c", narrow), ("a", spec()), ("b", spec_with("/select/images", json!(["example.com/x"])))]);
    let selection = book.select(&prod());
    assert_eq!(names(&selection), ["a", "b", "c"]);
    let ImageSelection::Judged(judging) = selection.for_image(&repository(CART)) else { panic!("judged") };
    assert_eq!(judging.iter().map(|policy| policy.id.name.as_str()).collect::<Vec<_>>(), ["a", "c"]);
}

#[test]
fn without_patterns_a_policy_covers_every_image() {
    let book = book(&[("a", spec_with("/select/images", Value::Null))]);
    assert!(matches!(book.select(&prod()).for_image(&repository(NGINX)), ImageSelection::Judged(_)));
}

#[rstest]
#[case("Enforce", "Warn", Mode::Enforce, Effect::Deny)]
#[case("Warn", "Audit", Mode::Warn, Effect::Warn)]
#[case("Audit", "Audit", Mode::Audit, Effect::Audit)]
fn an_image_that_no_policy_covers_is_found_in_the_strictest_mode(
    #[case] a: &str,
    #[case] b: &str,
    #[case] mode: Mode,
    #[case] effect: Effect,
) {
    assert_eq!(not_covered(&book(&[("a", with(a, "Deny")), ("b", with(b, "Deny"))])), (mode, effect));
    assert_eq!(not_covered(&book(&[("b", with(b, "Deny")), ("z", with(a, "Deny"))])), (mode, effect));
}

#[test]
fn one_policy_that_lets_other_images_through_opens_nothing_and_all_of_them_do() {
    let lax = with("Enforce", "InsecureAllow");
    assert_eq!(not_covered(&book(&[("a", lax.clone()), ("b", with("Warn", "Deny"))])).0, Mode::Enforce);
    let all_lax = book(&[("a", lax.clone()), ("b", lax)]);
    assert!(matches!(all_lax.select(&prod()).for_image(&repository(NGINX)), ImageSelection::InsecureAllowed));
    assert!(matches!(all_lax.select(&prod()).for_image(&repository(CART)), ImageSelection::Judged(_)));
}

#[test]
fn a_finding_about_a_gap_names_the_image_and_where_to_close_it() {
    let book = book(&[("a", spec()), ("b", spec())]);
    let ImageSelection::NotCovered(verdicts) = book.select(&prod()).for_image(&repository(NGINX)) else {
        panic!()
    };
    let finding = &verdicts[0].verdict.findings[0];
    assert_eq!(finding.found, "no AIToolPolicy that selects this namespace covers docker.io/library/nginx");
    assert_eq!(finding.wanted, "an image that select.images of \"a\" or \"b\" matches");
}

#[rstest]
#[case(&["Pin", "InsecureAllow"], Tags::Pin)]
#[case(&["InsecureAllow", "Pin", "Deny"], Tags::Deny)]
#[case(&["InsecureAllow", "InsecureAllow"], Tags::InsecureAllow)]
fn of_several_policies_on_a_tag_the_strictest_wins(#[case] tags: &[&str], #[case] strictest: Tags) {
    let names = ["a", "b", "c"];
    let policies: Vec<_> =
        names.into_iter().zip(tags).map(|(name, tags)| (name, spec_with("/tags", json!(tags)))).collect();
    assert_eq!(book(&policies).select(&prod()).tags(&repository(CART)), Some(strictest));
}

#[test]
fn a_policy_that_does_not_cover_an_image_says_nothing_of_its_tag() {
    let mut elsewhere = spec_with("/tags", json!("Deny"));
    elsewhere["select"]["images"] = json!(["example.com/x"]);
    let book = book(&[("a", spec()), ("b", elsewhere)]);
    assert_eq!(book.select(&prod()).tags(&repository(CART)), Some(Tags::Pin));
}

#[test]
fn a_policy_that_cannot_be_decoded_selects_everything_and_denies() {
    let odd = Unreadable {
        name: "odd".into(),
        uid: "u".into(),
        generation: 4,
        why: "unknown variant `Obey`".into(),
    };
    let book = book(&[("a", with("Warn", "InsecureAllow"))]).with_unreadable([odd]);
    let selection = book.select(&namespace("any", &[]));
    assert_eq!(names(&selection), ["odd"]);
    let ImageSelection::Judged(judging) = selection.for_image(&repository(NGINX)) else { panic!("judged") };
    let verdict = judging[0].invalid().unwrap();
    assert_eq!((verdict.policy.name.as_str(), verdict.policy.generation), ("odd", 4));
    assert_eq!((verdict.effect(), verdict.verdict.findings[0].code), (Effect::Deny, Code::PolicyInvalid));
    assert!(verdict.verdict.findings[0].found.contains("Obey"));
    assert_eq!(names(&book.select(&prod())), ["a", "odd"]);
}

#[test]
fn a_namespace_is_selected_by_its_name_without_its_labels() {
    let by_name = json!({ "matchLabels": { "kubernetes.io/metadata.name": "shop" } });
    let book = book(&[("a", spec_with("/select/namespaces", by_name))]);
    assert!(!book.select(&namespace("shop", &[])).is_empty());
    assert!(book.select(&namespace("b", &[("kubernetes.io/metadata.name", "shop")])).is_empty());
    assert!(!book.selects_by_label());
}

#[test]
fn whether_labels_matter_is_known() {
    assert!(book(&[("a", spec())]).selects_by_label());
    assert!(!book(&[("a", spec_with("/select/namespaces", Value::Null))]).selects_by_label());
    assert!(!book(&[("a", spec_with("/select/namespaces", json!({})))]).selects_by_label());
}
