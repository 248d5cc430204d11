//! The answer "no policy selects this namespace": the price of every admission outside the gate.

use std::{hint::black_box, sync::Arc};

use crds::AIToolPolicy;
use rulebook::{Materials, NamespaceFacts, RuleBook};
use serde_json::json;

use crate::{clock, figure::Figure};

/// As many as a large cluster has.
const POLICIES: usize = 50;
/// Calls in a round; a round takes some milliseconds.
const CALLS: u32 = 10_000;

pub(crate) fn select() -> [Figure; 2] {
    let policies: Vec<_> = (0..POLICIES).map(policy).collect();
    let book = RuleBook::compile(&policies, &Materials::default());
    let labels = [("env", "test"), ("kubernetes.io/metadata.name", "shop"), ("team", "a")];
    let namespace = NamespaceFacts {
        name: "shop".to_owned(),
        labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
    };
    let ask = || assert!(black_box(book.select(black_box(&namespace))).is_empty(), "no policy selects it");
    let micros = clock::per_call(CALLS, ask);
    let allocations = allocation_counter::measure(ask).count_total;
    let name = format!("selection, none of {POLICIES} policies matches");
    [
        Figure::new(format!("{name}, CPU"), micros * 1e3, "ns"),
        Figure::new(format!("{name}, memory"), allocations as f64, "allocations"),
    ]
}

fn policy(index: usize) -> Arc<AIToolPolicy> {
    let object = json!({
        "apiVersion": "tidewaiter.dev/v1alpha1",
        "kind": "AIToolPolicy",
        "metadata": { "name": format!("policy-{index}") },
        "spec": {
            "mode": "Enforce",
            "select": { "namespaces": { "matchLabels": { "env": format!("prod-{index}") } } },
            "signers": [],
            "require": {},
        },
    });
    Arc::new(serde_json::from_value(object).expect("the policy is written as its type says"))
}
