//! Step 3: the status as it should be. Pure.

use std::collections::BTreeSet;

use crds::{
    AIToolPolicyStatus,
    ai_tool_policy::Selects,
    conditions::{READY, REASON_COMPILED, REASON_POLICY_INVALID, STALLED},
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use rulebook::Compiled;

use super::{
    dereference::{Found, Policy},
    validate::Validated,
};

/// A condition's message may have 32,768 characters; nobody reads more than this in `kubectl describe`.
const MESSAGE: usize = 2_048;

/// A status, and the sentence that an Event says when it changes.
pub(super) struct Prepared {
    pub(super) status: AIToolPolicyStatus,
    pub(super) reason: &'static str,
    pub(super) message: String,
}

pub(super) fn build(
    policy: &Policy,
    before: Option<&AIToolPolicyStatus>,
    validated: &Validated,
    found: &Found,
    now: Timestamp,
) -> Prepared {
    let (reason, message) = match validated {
        Validated::Compiled(compiled) => match &compiled.rules {
            Ok(_) => (REASON_COMPILED, "the policy judges".to_owned()),
            Err(errors) => {
                let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                (REASON_POLICY_INVALID, errors.join("; "))
            }
        },
        Validated::Unreadable(why) => (REASON_POLICY_INVALID, why.clone()),
    };
    let message = shortened(&message);
    let old = before.map(|status| status.conditions.as_slice());
    let generation = policy.generation();
    let mut conditions = Vec::with_capacity(2);
    let ready = reason == REASON_COMPILED;
    conditions.push(condition(READY, ready, reason, &message, generation, old, now));
    if !ready {
        conditions.push(condition(STALLED, true, reason, &message, generation, old, now));
    }
    let (selects, insecure) = match validated {
        Validated::Compiled(compiled) => (Some(selects(compiled, found)), compiled.insecure.clone()),
        Validated::Unreadable(_) => (None, Vec::new()),
    };
    Prepared {
        status: AIToolPolicyStatus { conditions, observed_generation: generation, selects, insecure },
        reason,
        message,
    }
}

/// Keeps the instant of the last transition while the status of the condition stays the same.
fn condition(
    type_: &str,
    status: bool,
    reason: &str,
    message: &str,
    generation: Option<i64>,
    old: Option<&[Condition]>,
    now: Timestamp,
) -> Condition {
    let status = if status { "True" } else { "False" };
    let kept = old
        .unwrap_or_default()
        .iter()
        .find(|condition| condition.type_ == type_ && condition.status == status)
        .map(|condition| condition.last_transition_time.clone());
    Condition {
        type_: type_.to_owned(),
        status: status.to_owned(),
        reason: reason.to_owned(),
        message: message.to_owned(),
        observed_generation: generation,
        // Whole seconds: the API server keeps no more, and a status that differs in less is no other status.
        last_transition_time: kept
            .unwrap_or_else(|| Time(Timestamp::from_second(now.as_second()).unwrap_or(now))),
    }
}

fn selects(compiled: &Compiled, found: &Found) -> Selects {
    let selected: BTreeSet<&str> = found
        .namespaces
        .iter()
        .filter(|namespace| compiled.selects(namespace))
        .map(|namespace| namespace.name.as_str())
        .collect();
    let workloads = found
        .roots
        .iter()
        .filter(|root| {
            selected.contains(root.namespace.as_str())
                && root.repositories.iter().any(|repository| compiled.covers(repository))
        })
        .count();
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Selects { namespaces: count(selected.len()), workloads: count(workloads) }
}

fn shortened(message: &str) -> String {
    match message.char_indices().nth(MESSAGE) {
        None => message.to_owned(),
        Some((end, _)) => message.get(..end).map(|start| format!("{start}…")).unwrap_or_default(),
    }
}
