//! The rule book follows the cluster.

use std::time::Duration;

use cluster::SecretNamespaces;
use tokio::time::timeout;
use verdict::Mode;

use super::*;
use crate::tests::{
    api_server::{ApiServer, POLICIES},
    fixtures::keyless,
};

const SOON: Duration = Duration::from_secs(20);

async fn until(
    book: &mut watch::Receiver<Arc<RuleBook>>,
    state: impl FnMut(&Arc<RuleBook>) -> bool,
) -> Arc<RuleBook> {
    Arc::clone(&*timeout(SOON, book.wait_for(state)).await.expect("the state is reached").unwrap())
}

#[tokio::test(start_paused = true)]
async fn an_edit_makes_a_new_book_and_keeps_what_was_not_edited() {
    let server = ApiServer::with(&[keyless("a"), keyless("b")]);
    let (mut book, keep) = keep_rulebook(server.cluster(SecretNamespaces::None));
    tokio::spawn(keep);
    let before = until(&mut book, |book| book.is_compiled()).await;
    assert_eq!(before.policies().len(), 2);
    server.edit(&keyless("b").with("mode: Enforce", "mode: Warn"));
    let after = until(&mut book, |book| book.policies()[1].mode == Mode::Warn).await;
    assert_eq!(before.policies()[1].mode, Mode::Enforce, "who holds the old one reads the old one");
    assert!(Arc::ptr_eq(&before.policies()[0], &after.policies()[0]));
}

#[tokio::test(start_paused = true)]
async fn there_is_no_book_before_everything_is_listed() {
    let server = ApiServer::with(&[keyless("a")]);
    server.silence(POLICIES);
    let (mut book, keep) = keep_rulebook(server.cluster(SecretNamespaces::None));
    tokio::spawn(keep);
    assert!(timeout(SOON, book.wait_for(|book| book.is_compiled())).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_cannot_be_decoded_is_in_the_book_and_invalid() {
    let server = ApiServer::with(&[]);
    let odd = serde_json::json!({ "apiVersion": "tidewaiter.dev/v1alpha1", "kind": "AIToolPolicy",
                                  "metadata": { "name": "odd", "uid": "u", "generation": 1, "resourceVersion": "7" },
                                  "spec": { "mode": "Someday" } });
    server.say(POLICIES, serde_json::json!({ "kind": "List", "apiVersion": "v1", "metadata": { "resourceVersion": "1" }, "items": [odd] }));
    let (mut book, keep) = keep_rulebook(server.cluster(SecretNamespaces::None));
    tokio::spawn(keep);
    let book = until(&mut book, |book| book.is_compiled()).await;
    assert_eq!(book.policies().len(), 1);
    assert!(book.policies()[0].invalid().is_some());
}
