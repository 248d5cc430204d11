//! A whole AdmissionReview for an image that was judged before: from the body to the answer, without the socket.

use std::sync::Arc;

use anyhow::{Context as _, ensure};
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use webhook::{Clerk, Metrics, Path};

use crate::{
    clock,
    court::{self, Bench},
    figure::Figure,
    fixtures::{Fixtures, Signed},
    loopback::Loopback,
};

/// Calls in a round; a round takes some ten milliseconds. All rounds end long before a listing ages.
const CALLS: u32 = 200;
/// In microseconds: ten times under what TLS and the API server take for the same request.
const AIM: f64 = 150.0;

pub(crate) fn admission(
    runtime: &Runtime,
    fixtures: &Fixtures,
    registry: &Loopback,
) -> anyhow::Result<Figure> {
    let now = fixtures.now;
    let court = Bench::new(fixtures, court::gate(&court::client(registry)?));
    let clerk = Clerk::new(court, Arc::new(move || now), Metrics::register(&mut Registry::default()));
    let image = format!("{}/{}/warm:1.4@{}", registry.host(), Signed::Keyless.as_str(), fixtures.subject);
    let body = review(&image).to_string();
    let attend = || runtime.block_on(clerk.attend(Path::Validate, body.as_bytes(), court::deadline()));

    let answer = attend().context("the review has a uid")?;
    let answer: Value = serde_json::from_slice(&answer)?;
    ensure!(answer.pointer("/response/allowed") == Some(&json!(true)), "not admitted: {answer}");
    let requests = registry.asked().requests;
    let value = clock::per_call(CALLS, || {
        attend();
    });
    ensure!(registry.asked().requests == 0 && requests > 0, "a warm answer asks no registry");
    let name = "warm AdmissionReview in process, one Pod, one image with 3 attestations, CPU";
    Ok(Figure::new(name, value, "µs").compared("the aim, at most", AIM))
}

/// A review as the API server sends it for a Pod of a Deployment, its managed fields and token volume included.
fn review(image: &str) -> Value {
    let owner = json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "cart-5d8f7c9b6d",
        "uid": "0f9f3c52-8f9b-4f3e-9c39-9d6a3a6c7d11", "controller": true, "blockOwnerDeletion": true,
    });
    let managed = json!({
        "manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1",
        "time": "2026-11-25T03:59:26Z", "fieldsType": "FieldsV1",
        "fieldsV1": {
            "f:metadata": { "f:generateName": {}, "f:labels": { ".": {}, "f:app": {}, "f:pod-template-hash": {} } },
            "f:spec": { "f:containers": { "k:{\"name\":\"cart\"}": {
                ".": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:resources": {},
                "f:terminationMessagePath": {}, "f:terminationMessagePolicy": {},
            } }, "f:dnsPolicy": {}, "f:restartPolicy": {}, "f:schedulerName": {}, "f:securityContext": {} },
        },
    });
    let container = json!({
        "name": "cart", "image": image, "imagePullPolicy": "IfNotPresent",
        "ports": [{ "containerPort": 8080, "protocol": "TCP" }],
        "env": [{ "name": "LOG_LEVEL", "value": "info" }],
        "resources": { "requests": { "cpu": "100m", "memory": "128Mi" }, "limits": { "memory": "256Mi" } },
        "volumeMounts": [{
            "name": "kube-api-access-x7k2p", "readOnly": true,
            "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount",
        }],
        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
    });
    let token = json!({
        "name": "kube-api-access-x7k2p",
        "projected": { "defaultMode": 420, "sources": [
            { "serviceAccountToken": { "expirationSeconds": 3607, "path": "token" } },
            { "configMap": { "name": "kube-root-ca.crt", "items": [{ "key": "ca.crt", "path": "ca.crt" }] } },
        ] },
    });
    json!({
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": { "group": "", "version": "v1", "kind": "Pod" },
            "resource": { "group": "", "version": "v1", "resource": "pods" },
            "namespace": "shop",
            "operation": "CREATE",
            "userInfo": {
                "username": "system:serviceaccount:kube-system:replicaset-controller",
                "groups": ["system:serviceaccounts", "system:authenticated"],
            },
            "object": {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "generateName": "cart-5d8f7c9b6d-", "namespace": "shop",
                    "labels": { "app": "cart", "pod-template-hash": "5d8f7c9b6d" },
                    "ownerReferences": [owner], "managedFields": [managed],
                },
                "spec": {
                    "containers": [container], "volumes": [token], "serviceAccountName": "default",
                    "restartPolicy": "Always", "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler",
                    "tolerations": [
                        { "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 },
                        { "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 },
                    ],
                },
            },
            "oldObject": null,
            "dryRun": false,
            "options": { "kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1" },
        },
    })
}
