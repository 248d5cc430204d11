//! Keeps the rule book in step with the cluster: any change of a policy or of a ConfigMap it names compiles again.

use std::{future::Future, sync::Arc};

use cluster::{Cluster, Snapshot};
use rulebook::{Materials, RuleBook, Unreadable};
use tokio::{sync::watch, task::spawn_blocking};

use crate::joined::joined;

/// The current rule book, and the task that keeps it current for as long as the cluster is watched.
///
/// Before the cluster is fully listed the book is empty; [`crate::Intake::ready`] says so, and nothing reads it.
pub fn keep_rulebook(
    cluster: Cluster,
) -> (watch::Receiver<Arc<RuleBook>>, impl Future<Output = ()> + Send + 'static) {
    let (sender, receiver) = watch::channel(Arc::new(RuleBook::default()));
    let task = async move {
        let mut changes = cluster.changes();
        loop {
            // Marked as seen before reading, so that a change during the compilation is not lost.
            changes.borrow_and_update();
            // All of one instant; before everything is listed there is none, and the book stays unwritten.
            if let Some(snapshot) = cluster.snapshot() {
                let previous = Arc::clone(&sender.borrow());
                // A thousand policies take tens of milliseconds; the threads that answer have no time for that.
                let book = joined(spawn_blocking(move || compile(&previous, snapshot))).await;
                sender.send_replace(Arc::new(book));
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    };
    (receiver, task)
}

fn compile(previous: &RuleBook, snapshot: Snapshot) -> RuleBook {
    let Snapshot { policies, unreadable, config_maps } = snapshot;
    RuleBook::recompile(previous, &policies, &Materials { config_maps })
        .with_unreadable(unreadable.into_iter().map(self::unreadable))
}

fn unreadable(policy: cluster::UnreadablePolicy) -> Unreadable {
    let cluster::UnreadablePolicy { name, uid, generation, why } = policy;
    Unreadable { name, uid, generation, why }
}

#[cfg(test)]
mod tests;
