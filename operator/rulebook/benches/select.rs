//! How long it takes to say that no policy selects a namespace, which is the price of every admission in the
//! namespaces outside the gate. Prints one line of JSON.

use std::{hint::black_box, io::Write, sync::Arc, time::Instant};

use crds::AIToolPolicy;
use rulebook::{Materials, NamespaceFacts, RuleBook};

/// As many policies as a large cluster has.
const POLICIES: usize = 50;

/// Enough for a stable mean, and under a second.
const ROUNDS: u32 = 200_000;

fn policy(index: usize) -> Arc<AIToolPolicy> {
    let object = serde_json::json!({
        "apiVersion": "tidewaiter.dev/v1alpha1", "kind": "AIToolPolicy",
        "metadata": { "name": format!("policy-{index}") },
        "spec": {
            "mode": "Enforce",
            "select": { "namespaces": { "matchLabels": { "env": format!("prod-{index}") } } },
            "signers": [], "require": {},
        },
    });
    Arc::new(serde_json::from_value(object).expect("the policy is written as its type says"))
}

fn main() -> std::io::Result<()> {
    let policies: Vec<_> = (0..POLICIES).map(policy).collect();
    let book = RuleBook::compile(&policies, &Materials::default());
    let labels = [("env", "test"), ("kubernetes.io/metadata.name", "shop"), ("team", "a")];
    let namespace = NamespaceFacts {
        name: "shop".to_owned(),
        labels: labels.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
    };
    let start = Instant::now();
    for _ in 0..ROUNDS {
        assert!(black_box(book.select(black_box(&namespace))).is_empty());
    }
    let nanoseconds = start.elapsed().as_nanos() / u128::from(ROUNDS);
    let line = serde_json::json!({
        "name": "select: no policy of 50 selects", "value": nanoseconds, "unit": "ns",
        "command": "cargo bench -p rulebook --bench select",
    });
    writeln!(std::io::stdout(), "{line}")
}
