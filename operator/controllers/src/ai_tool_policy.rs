//! Tells whoever applied an AIToolPolicy what became of it: does it compile, whom does it select, what is insecure.
//!
//! The verdict on a policy is that of the rule book, the same one the webhook judges by.
//! Not here: judging images, and the coverage of what runs.

mod apply;
mod build;
mod dereference;
mod update_status;
mod validate;
mod workloads;

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use cluster::Cluster;
use jiff::Timestamp;
use kube::Client;

use self::{
    dereference::{Found, Policy},
    workloads::Workloads,
};
use crate::certificates::Installation;

/// Many objects change at once when a release rolls out; one round answers them all.
const DEBOUNCE: Duration = Duration::from_millis(250);
/// After a round in which some status could not be written.
const RETRY: Duration = Duration::from_secs(5);

/// A status could not be brought up to date. Tried again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server did not give or take something.
    #[error("could not {verb} AIToolPolicy {policy}")]
    Api {
        /// What was tried.
        verb: &'static str,
        /// Name of the policy.
        policy: String,
        /// What the API server said.
        #[source]
        source: kube::Error,
    },
}

/// Keeps the status of every policy current, until dropped.
pub async fn run(
    client: Client,
    cluster: Cluster,
    installation: impl Fn() -> Arc<Installation>,
    clock: impl Fn() -> Timestamp,
) {
    let (workloads, watch) = Workloads::watch(&client);
    let rounds = keep(client, cluster, workloads, installation, clock);
    tokio::select! {
        () = watch => {}
        () = rounds => {}
    }
}

async fn keep(
    client: Client,
    cluster: Cluster,
    workloads: Workloads,
    installation: impl Fn() -> Arc<Installation>,
    clock: impl Fn() -> Timestamp,
) {
    let mut changes = cluster.changes();
    let mut counted = workloads.changes();
    loop {
        // Marked as seen before reading, so that a change during the round is not lost.
        changes.borrow_and_update();
        counted.borrow_and_update();
        let mut failed = false;
        // dereference (the views need no client)
        if let Some((policies, found)) = dereference::dereference(&cluster, &workloads, &installation()) {
            for policy in &policies {
                if let Err(error) = reconcile(&client, policy, &found, clock()).await {
                    tracing::warn!(error = %names::with_causes(&error), "a status is not up to date yet");
                    failed = true;
                }
            }
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            changed = counted.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(RETRY), if failed => {}
        }
        tokio::time::sleep(DEBOUNCE).await;
    }
}

async fn reconcile(client: &Client, policy: &Policy, found: &Found, now: Timestamp) -> Result<(), Error> {
    // dereference (client required)
    let before = dereference::status(client, policy).await?;
    // validate (no client required)
    let validated = validate::validate(policy, found);
    // build (no client required)
    let prepared = build::build(policy, before.as_ref(), &validated, found, now);
    // apply (client required)
    let applied = apply::apply(client, policy, before.as_ref(), prepared).await?;
    // update_status (client required)
    update_status::update_status(client, policy, before.as_ref(), &applied).await
}
