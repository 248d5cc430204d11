//! Keeps the rule book in step with the cluster: any change of a policy or of a ConfigMap it names compiles again.

use std::{future::Future, sync::Arc};

use cluster::Cluster;
use rulebook::{Materials, RuleBook, Unreadable};
use tokio::sync::watch;

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
                let unreadable = snapshot.unreadable.into_iter().map(unreadable);
                let materials = Materials { config_maps: snapshot.config_maps };
                let book = RuleBook::recompile(&previous, &snapshot.policies, &materials)
                    .with_unreadable(unreadable);
                sender.send_replace(Arc::new(book));
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    };
    (receiver, task)
}

fn unreadable(policy: cluster::UnreadablePolicy) -> Unreadable {
    let cluster::UnreadablePolicy { name, uid, generation, why } = policy;
    Unreadable { name, uid, generation, why }
}
