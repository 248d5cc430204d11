//! Kubernetes' label selectors, compiled. What Kubernetes refuses in one is refused here.

use std::collections::BTreeSet;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector as Written;

use crate::{NamespaceFacts, policy_error::Faults};

/// The label that the API server puts on every namespace, and keeps equal to its name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// The longest name part of a key, and the longest value (Kubernetes' rule for labels).
const MAX_LABEL: usize = 63;

/// The longest prefix of a key: a DNS subdomain.
const MAX_PREFIX: usize = 253;

/// All requirements must hold. Without any, everything is selected, as in Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LabelSelector(Vec<Requirement>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    In(BTreeSet<String>),
    NotIn(BTreeSet<String>),
    Exists,
    DoesNotExist,
}

impl LabelSelector {
    /// Compiles a selector; adds to `faults` what cannot be, and then gives nothing.
    pub(crate) fn compile(written: &Written, field: &str, faults: &mut Faults) -> Option<Self> {
        let mut requirements = Vec::new();
        let mut sound = true;
        for (key, value) in written.match_labels.iter().flatten() {
            let test = Test::In([value.clone()].into());
            sound &= requirement(key, test, &format!("{field}.matchLabels"), faults, &mut requirements);
        }
        for (index, expression) in written.match_expressions.iter().flatten().enumerate() {
            let field = format!("{field}.matchExpressions[{index}]");
            let values: BTreeSet<String> = expression.values.iter().flatten().cloned().collect();
            match test(&expression.operator, values) {
                Ok(test) => sound &= requirement(&expression.key, test, &field, faults, &mut requirements),
                Err((found, wanted, mend)) => {
                    faults.add(&field, found, wanted, mend);
                    sound = false;
                }
            }
        }
        sound.then_some(Self(requirements))
    }

    pub(crate) fn matches(&self, namespace: &NamespaceFacts) -> bool {
        self.0.iter().all(|requirement| {
            let value = match requirement.key.as_str() {
                NAME_LABEL => Some(&namespace.name),
                key => namespace.labels.get(key),
            };
            match &requirement.test {
                Test::In(values) => value.is_some_and(|value| values.contains(value)),
                // As in Kubernetes, a label that is absent is in no set.
                Test::NotIn(values) => !value.is_some_and(|value| values.contains(value)),
                Test::Exists => value.is_some(),
                Test::DoesNotExist => value.is_none(),
            }
        })
    }

    /// Whether there is a requirement on another label than the one that names the namespace.
    pub(crate) fn needs_labels(&self) -> bool {
        self.0.iter().any(|requirement| requirement.key != NAME_LABEL)
    }
}

type Fault = (String, &'static str, &'static str);

fn test(operator: &str, values: BTreeSet<String>) -> Result<Test, Fault> {
    let filled = |values: BTreeSet<String>, make: fn(BTreeSet<String>) -> Test| {
        if values.is_empty() {
            return Err((
                format!("operator {operator} has no values"),
                "at least one value",
                "add values, or use Exists or DoesNotExist",
            ));
        }
        Ok(make(values))
    };
    let bare = |values: &BTreeSet<String>, test: Test| {
        if values.is_empty() {
            return Ok(test);
        }
        Err((format!("operator {operator} has values"), "no values", "remove the values, or use In or NotIn"))
    };
    match operator {
        "In" => filled(values, Test::In),
        "NotIn" => filled(values, Test::NotIn),
        "Exists" => bare(&values, Test::Exists),
        "DoesNotExist" => bare(&values, Test::DoesNotExist),
        other => Err((
            format!("{other:?} is no operator"),
            "In, NotIn, Exists or DoesNotExist",
            "correct the operator",
        )),
    }
}

fn requirement(key: &str, test: Test, field: &str, faults: &mut Faults, into: &mut Vec<Requirement>) -> bool {
    if !is_key(key) {
        // Such a key is on no namespace: the policy would select nothing, or everything, and look sound.
        faults.add(
            field,
            format!("{key:?} cannot be a label's key"),
            "a label key, such as env or example.com/env",
            "correct the key",
        );
        return false;
    }
    if let Test::In(values) | Test::NotIn(values) = &test
        && let Some(value) = values.iter().find(|value| !is_value(value))
    {
        faults.add(
            field,
            format!("{value:?} cannot be a label's value"),
            "a label value of at most 63 letters, digits, - _ or .",
            "correct the value",
        );
        return false;
    }
    into.push(Requirement { key: key.to_owned(), test });
    true
}

fn is_key(key: &str) -> bool {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let is_prefix = |prefix: &str| prefix.len() <= MAX_PREFIX && prefix.split('.').all(is_dns_label);
    !name.is_empty() && is_value(name) && prefix.is_none_or(is_prefix)
}

fn is_dns_label(label: &str) -> bool {
    let inside = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(inside)
}

fn is_value(value: &str) -> bool {
    let ends = |byte: Option<u8>| byte.is_none_or(|byte| byte.is_ascii_alphanumeric());
    value.len() <= MAX_LABEL
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && ends(value.bytes().next())
        && ends(value.bytes().last())
}
