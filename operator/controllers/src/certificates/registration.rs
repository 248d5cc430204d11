//! How the webhooks are registered: which door sees what, and what happens while nobody answers. Pure.
//!
//! | door | sees | while nobody answers |
//! |---|---|---|
//! | `pods.validate.tidewaiter.dev` | Pods, ephemeral containers | nothing new runs (`Fail`) |
//! | `workloads.validate.tidewaiter.dev` | what makes Pods | passes (`Ignore`): its Pods meet the first door |
//! | `pods.pin.tidewaiter.dev` | Pods, ephemeral containers | passes (`Ignore`): the first door demands the digest |

use std::collections::BTreeMap;

use k8s_openapi::{
    ByteString,
    api::admissionregistration::v1::{
        MatchCondition, MutatingWebhook, MutatingWebhookConfiguration, RuleWithOperations, ServiceReference,
        ValidatingWebhook, ValidatingWebhookConfiguration, WebhookClientConfig,
    },
    apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement, OwnerReference},
};
use kube::api::ObjectMeta;

use super::Installation;

/// The label every namespace carries, set by the API server itself.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";
/// An update that leaves the spec as it is (finalizers, labels, status) is never in our way, also while nobody
/// answers. Cannot fail: each field is asked for before it is read, so that no error falls to the failure policy.
const SPEC_CHANGES: &str = "request.operation != 'UPDATE' || !has(object.spec) || !has(oldObject.spec) \
                            || object.spec != oldObject.spec";

/// The doors that decide.
pub(super) fn validating(
    installation: &Installation,
    ca_bundle: &ByteString,
    owner: Option<&OwnerReference>,
) -> ValidatingWebhookConfiguration {
    let door = |name: &str, failure_policy: &str, rules| ValidatingWebhook {
        name: name.to_owned(),
        admission_review_versions: vec!["v1".to_owned()],
        client_config: client_config(installation, ca_bundle, "/validate"),
        failure_policy: Some(failure_policy.to_owned()),
        match_conditions: Some(match_conditions()),
        match_policy: Some("Equivalent".to_owned()),
        namespace_selector: Some(namespaces(installation)),
        object_selector: Some(LabelSelector::default()),
        rules: Some(rules),
        side_effects: "NoneOnDryRun".to_owned(),
        timeout_seconds: Some(installation.timeout_seconds),
    };
    ValidatingWebhookConfiguration {
        metadata: metadata(installation, owner),
        webhooks: Some(vec![
            door("pods.validate.tidewaiter.dev", "Fail", vec![pods()]),
            door("workloads.validate.tidewaiter.dev", "Ignore", workloads()),
        ]),
    }
}

/// The door that binds tags to digests.
pub(super) fn mutating(
    installation: &Installation,
    ca_bundle: &ByteString,
    owner: Option<&OwnerReference>,
) -> MutatingWebhookConfiguration {
    MutatingWebhookConfiguration {
        metadata: metadata(installation, owner),
        webhooks: Some(vec![MutatingWebhook {
            name: "pods.pin.tidewaiter.dev".to_owned(),
            admission_review_versions: vec!["v1".to_owned()],
            client_config: client_config(installation, ca_bundle, "/pin"),
            failure_policy: Some("Ignore".to_owned()),
            match_conditions: Some(match_conditions()),
            match_policy: Some("Equivalent".to_owned()),
            namespace_selector: Some(namespaces(installation)),
            object_selector: Some(LabelSelector::default()),
            // Another webhook may add a container after us; it is pinned in a second round.
            reinvocation_policy: Some("IfNeeded".to_owned()),
            rules: Some(vec![pods()]),
            side_effects: "NoneOnDryRun".to_owned(),
            timeout_seconds: Some(installation.timeout_seconds),
        }]),
    }
}

/// Labels of what the controllers make.
pub(super) fn labels(installation: &Installation) -> BTreeMap<String, String> {
    [
        ("app.kubernetes.io/name", "tidewaiter"),
        ("app.kubernetes.io/instance", installation.release.as_str()),
        ("app.kubernetes.io/managed-by", super::super::FIELD_MANAGER),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect()
}

fn metadata(installation: &Installation, owner: Option<&OwnerReference>) -> ObjectMeta {
    ObjectMeta {
        name: Some(installation.release.clone()),
        labels: Some(labels(installation)),
        owner_references: owner.map(|owner| vec![owner.clone()]),
        ..ObjectMeta::default()
    }
}

fn client_config(installation: &Installation, ca_bundle: &ByteString, path: &str) -> WebhookClientConfig {
    WebhookClientConfig {
        ca_bundle: Some(ca_bundle.clone()),
        service: Some(ServiceReference {
            name: installation.service.clone(),
            namespace: installation.namespace.clone(),
            path: Some(path.to_owned()),
            port: Some(443),
        }),
        url: None,
    }
}

fn match_conditions() -> Vec<MatchCondition> {
    vec![MatchCondition { name: "spec-changes".to_owned(), expression: SPEC_CHANGES.to_owned() }]
}

/// Everything but our own namespace, where we could lock ourselves out, and those the operator leaves out.
fn namespaces(installation: &Installation) -> LabelSelector {
    let mut out: Vec<String> = installation.excluded_namespaces.clone();
    out.push(installation.namespace.clone());
    out.sort();
    out.dedup();
    LabelSelector {
        match_expressions: Some(vec![LabelSelectorRequirement {
            key: NAMESPACE_NAME.to_owned(),
            operator: "NotIn".to_owned(),
            values: Some(out),
        }]),
        match_labels: None,
    }
}

fn pods() -> RuleWithOperations {
    rule("", &["pods", "pods/ephemeralcontainers"])
}

fn workloads() -> Vec<RuleWithOperations> {
    vec![
        rule("", &["replicationcontrollers"]),
        rule("apps", &["deployments", "replicasets", "statefulsets", "daemonsets"]),
        rule("batch", &["jobs", "cronjobs"]),
    ]
}

fn rule(group: &str, resources: &[&str]) -> RuleWithOperations {
    RuleWithOperations {
        api_groups: Some(vec![group.to_owned()]),
        api_versions: Some(vec!["v1".to_owned()]),
        operations: Some(vec!["CREATE".to_owned(), "UPDATE".to_owned()]),
        resources: Some(resources.iter().map(|&resource| resource.to_owned()).collect()),
        scope: Some("Namespaced".to_owned()),
    }
}
