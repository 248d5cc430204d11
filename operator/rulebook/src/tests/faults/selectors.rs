//! Selectors that Kubernetes would refuse.

use rstest::rstest;

use super::{
    super::{FULL, edited},
    faults,
};

#[rstest]
#[case::operator(
    "{ key: env, operator: Matches, values: [prod] }",
    "spec.select.namespaces.matchExpressions[0]: \"Matches\" is no operator; wanted is In, NotIn, Exists or \
     DoesNotExist; correct the operator"
)]
#[case::in_without_values(
    "{ key: env, operator: In }",
    "spec.select.namespaces.matchExpressions[0]: operator In has no values; wanted is at least one value; add \
     values, or use Exists or DoesNotExist"
)]
#[case::not_in_without_values(
    "{ key: env, operator: NotIn, values: [] }",
    "spec.select.namespaces.matchExpressions[0]: operator NotIn has no values; wanted is at least one value; add \
     values, or use Exists or DoesNotExist"
)]
#[case::exists_with_values(
    "{ key: env, operator: Exists, values: [prod] }",
    "spec.select.namespaces.matchExpressions[0]: operator Exists has values; wanted is no values; remove the \
     values, or use In or NotIn"
)]
#[case::does_not_exist_with_values(
    "{ key: env, operator: DoesNotExist, values: [prod] }",
    "spec.select.namespaces.matchExpressions[0]: operator DoesNotExist has values; wanted is no values; remove the \
     values, or use In or NotIn"
)]
#[case::value(
    "{ key: env, operator: In, values: ['prod?'] }",
    "spec.select.namespaces.matchExpressions[0]: \"prod?\" cannot be a label's value; wanted is a label value of \
     at most 63 letters, digits, - _ or .; correct the value"
)]
fn a_selector_that_kubernetes_would_refuse_is_refused(#[case] expression: &str, #[case] fault: &str) {
    let selector = format!("{{ matchExpressions: [{expression}] }}");
    assert_eq!(faults(&edited(FULL, "{ matchLabels: { env: prod } }", &selector)), [fault]);
}

#[rstest]
#[case::empty("")]
#[case::blank("env of mine")]
#[case::begins_with_a_sign("-env")]
#[case::two_slashes("example.com/env/x")]
#[case::no_prefix("/env")]
#[case::no_name("example.com/")]
#[case::upper_case_prefix("Example.com/env")]
#[case::empty_label_of_a_prefix("example..com/env")]
#[case::prefix_ends_with_a_sign("example-/env")]
#[case::long("a123456789012345678901234567890123456789012345678901234567890123")]
fn a_key_that_no_label_has_is_refused(#[case] key: &str) {
    let selector = format!("{{ matchLabels: {{ '{key}': prod }} }}");
    let fault = format!(
        "spec.select.namespaces.matchLabels: {key:?} cannot be a label's key; wanted is a label key, such as env \
         or example.com/env; correct the key"
    );
    assert_eq!(faults(&edited(FULL, "{ matchLabels: { env: prod } }", &selector)), [fault]);
}
