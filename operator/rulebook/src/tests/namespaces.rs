//! Which namespaces a policy selects.

use rstest::rstest;

use super::{book, namespace, policy_named};
use crate::RuleBook;

fn selecting(namespaces: &str) -> RuleBook {
    let spec = format!("  mode: Enforce\n  select: {{ namespaces: {namespaces} }}");
    let book = book(&[policy_named("p", &spec)]);
    assert!(book.policies()[0].rules.is_ok(), "{:?}", book.policies()[0].rules);
    book
}

#[rstest]
#[case::label_equal("{ matchLabels: { env: prod } }", &[("env", "prod")], true)]
#[case::label_other("{ matchLabels: { env: prod } }", &[("env", "test")], false)]
#[case::label_absent("{ matchLabels: { env: prod } }", &[("tier", "prod")], false)]
#[case::label_empty_value("{ matchLabels: { env: '' } }", &[("env", "")], true)]
#[case::label_prefix_is_no_match("{ matchLabels: { env: prod } }", &[("env", "production")], false)]
#[case::labels_are_all_needed("{ matchLabels: { env: prod, team: shop } }", &[("env", "prod")], false)]
#[case::labels_all("{ matchLabels: { env: prod, team: shop } }", &[("env", "prod"), ("team", "shop")], true)]
#[case::in_first("{ matchExpressions: [{ key: env, operator: In, values: [prod, stage] }] }", &[("env", "prod")], true)]
#[case::in_second("{ matchExpressions: [{ key: env, operator: In, values: [prod, stage] }] }", &[("env", "stage")], true)]
#[case::in_other("{ matchExpressions: [{ key: env, operator: In, values: [prod, stage] }] }", &[("env", "test")], false)]
#[case::in_absent("{ matchExpressions: [{ key: env, operator: In, values: [prod] }] }", &[], false)]
#[case::not_in_listed("{ matchExpressions: [{ key: env, operator: NotIn, values: [dev, test] }] }", &[("env", "test")], false)]
#[case::not_in_other("{ matchExpressions: [{ key: env, operator: NotIn, values: [dev] }] }", &[("env", "prod")], true)]
#[case::not_in_absent("{ matchExpressions: [{ key: env, operator: NotIn, values: [dev] }] }", &[], true)]
#[case::exists("{ matchExpressions: [{ key: env, operator: Exists }] }", &[("env", "")], true)]
#[case::exists_absent("{ matchExpressions: [{ key: env, operator: Exists }] }", &[("team", "")], false)]
#[case::does_not_exist("{ matchExpressions: [{ key: env, operator: DoesNotExist }] }", &[("team", "")], true)]
#[case::does_not_exist_there("{ matchExpressions: [{ key: env, operator: DoesNotExist }] }", &[("env", "")], false)]
#[case::both_kinds_are_needed(
    "{ matchLabels: { env: prod }, matchExpressions: [{ key: sandbox, operator: DoesNotExist }] }",
    &[("env", "prod"), ("sandbox", "yes")],
    false
)]
#[case::prefixed_key("{ matchLabels: { example.com/env: prod } }", &[("example.com/env", "prod")], true)]
#[case::nothing_demanded("{}", &[], true)]
fn selectors_select_as_in_kubernetes(
    #[case] selector: &str,
    #[case] labels: &[(&str, &str)],
    #[case] selected: bool,
) {
    let selection = selecting(selector).select(&namespace("shop", labels));
    assert_eq!(!selection.is_empty(), selected);
}

#[rstest]
#[case::equal("{ matchLabels: { kubernetes.io/metadata.name: shop } }", true)]
#[case::other("{ matchLabels: { kubernetes.io/metadata.name: pay } }", false)]
#[case::excluded(
    "{ matchExpressions: [{ key: kubernetes.io/metadata.name, operator: NotIn, values: [shop] }] }",
    false
)]
#[case::not_excluded(
    "{ matchExpressions: [{ key: kubernetes.io/metadata.name, operator: NotIn, values: [pay] }] }",
    true
)]
fn a_namespaces_name_is_known_without_its_labels(#[case] selector: &str, #[case] selected: bool) {
    let book = selecting(selector);
    assert_eq!(!book.select(&namespace("shop", &[])).is_empty(), selected);
    assert!(!book.selects_by_label());
}

#[test]
fn a_label_cannot_claim_another_name() {
    let book = selecting("{ matchLabels: { kubernetes.io/metadata.name: shop } }");
    assert!(book.select(&namespace("pay", &[("kubernetes.io/metadata.name", "shop")])).is_empty());
}

#[test]
fn labels_are_needed_as_soon_as_one_policy_asks_for_another_than_the_name() {
    assert!(
        selecting("{ matchLabels: { kubernetes.io/metadata.name: shop, env: prod } }").selects_by_label()
    );
    let without = policy_named("a", "  mode: Enforce");
    let with = policy_named("b", "  mode: Enforce\n  select: { namespaces: { matchLabels: { env: prod } } }");
    assert!(!book(std::slice::from_ref(&without)).selects_by_label());
    assert!(book(&[without, with]).selects_by_label());
}

#[test]
fn a_policy_without_a_selector_selects_every_namespace() {
    let book = book(&[policy_named("p", "  mode: Enforce")]);
    assert_eq!(book.select(&namespace("any", &[])).policies().len(), 1);
}

#[test]
fn a_selection_holds_every_policy_that_selects_and_no_other_by_name() {
    let of = |name: &str, env: &str| {
        policy_named(
            name,
            &format!("  mode: Enforce\n  select: {{ namespaces: {{ matchLabels: {{ env: {env} }} }} }}"),
        )
    };
    let selection = book(&[of("c", "prod"), of("b", "test"), of("a", "prod")])
        .select(&namespace("shop", &[("env", "prod")]));
    let names: Vec<_> = selection.policies().iter().map(|policy| policy.id.name.as_str()).collect();
    assert_eq!(names, ["a", "c"]);
}
