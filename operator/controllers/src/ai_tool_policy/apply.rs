//! Step 4: an Event on the policy when what is said of it changes. Nothing else is made for a policy.

use crds::{
    AIToolPolicyStatus,
    conditions::{READY, REASON_COMPILED},
};
use kube::{
    Client, Resource,
    runtime::events::{Event, EventType, Recorder, Reporter},
};

use super::{Error, build::Prepared, dereference::Policy};
use crate::FIELD_MANAGER;

/// The API server takes 1,024 bytes; four are the most that one character has.
const NOTE: usize = 250;

/// The status of a policy whose Event is out.
pub(super) struct Applied {
    pub(super) status: AIToolPolicyStatus,
}

pub(super) async fn apply(
    client: &Client,
    policy: &Policy,
    before: Option<&AIToolPolicyStatus>,
    prepared: Prepared,
) -> Result<Applied, Error> {
    let Prepared { status, reason, message } = prepared;
    if let Policy::Readable(object) = policy
        && is_news(before, reason, &message)
    {
        let event = Event {
            type_: if reason == REASON_COMPILED { EventType::Normal } else { EventType::Warning },
            reason: reason.to_owned(),
            note: Some(message.chars().take(NOTE).collect()),
            action: "Compile".to_owned(),
            secondary: None,
        };
        let reporter = Reporter { controller: FIELD_MANAGER.to_owned(), instance: None };
        Recorder::new(client.clone(), reporter).publish(&event, &object.object_ref(&())).await.map_err(
            |source| Error::Api { verb: "publish an Event on", policy: policy.name().to_owned(), source },
        )?;
    }
    Ok(Applied { status })
}

/// The status tells what was said before, also after a restart.
pub(super) fn is_news(before: Option<&AIToolPolicyStatus>, reason: &str, message: &str) -> bool {
    let ready = before.and_then(|status| status.conditions.iter().find(|condition| condition.type_ == READY));
    ready.is_none_or(|ready| ready.reason != reason || ready.message != message)
}
