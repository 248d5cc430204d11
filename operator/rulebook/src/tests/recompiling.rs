//! What a new book keeps of the old one, and what it must not.

use std::sync::Arc;

use serde_json::json;
use trust::{Anchor, TrustRoot};

use super::{KEY, OTHER_KEY, OTHER_ROOT, book, materials, policy, spec, spec_with};
use crate::{RuleBook, Unreadable};

fn root(book: &RuleBook, policy: usize) -> Arc<TrustRoot> {
    let Anchor::Root(root) = book.policies()[policy].anchors[0].as_ref() else { panic!("a root") };
    Arc::clone(root)
}

#[test]
fn a_default_book_is_not_compiled_and_an_empty_one_is() {
    assert!(!RuleBook::default().is_compiled());
    assert!(RuleBook::compile(&[], &materials()).is_compiled());
}

#[test]
fn an_unchanged_policy_is_kept_and_an_edited_one_compiled_again() {
    let old = book(&[("a", spec()), ("b", spec())]);
    let edited = [policy("a", &spec()), policy("b", &spec_with("/mode", json!("Warn")))];
    let new = RuleBook::recompile(&old, &edited, &materials());
    assert!(Arc::ptr_eq(&old.policies()[0], &new.policies()[0]));
    assert_eq!(new.policies()[1].mode, verdict::Mode::Warn);
    assert_ne!(old.digest(), new.digest());
}

#[test]
fn a_policy_made_anew_under_an_old_name_is_compiled_again() {
    let old = book(&[("a", spec())]);
    let mut anew = policy("a", &spec()).as_ref().clone();
    anew.metadata.uid = Some("another".to_owned());
    let new = RuleBook::recompile(&old, &[Arc::new(anew)], &materials());
    assert_eq!(new.policies()[0].id.uid, "another");
    assert_eq!(new.policies()[0].rules.as_ref().unwrap().policy.uid, "another");
}

#[test]
fn a_deleted_policy_is_gone() {
    let old = book(&[("a", spec()), ("b", spec())]);
    let new = RuleBook::recompile(&old, &[policy("b", &spec())], &materials());
    assert_eq!(new.policies().len(), 1);
    assert_eq!(new.policies()[0].id.name, "b");
}

#[test]
fn a_named_config_map_that_changes_goes_or_comes_back_is_noticed() {
    let policies = [policy("a", &spec())];
    let good = RuleBook::compile(&policies, &materials());

    let mut gone = materials();
    gone.config_maps.remove("scanner");
    let broken = RuleBook::recompile(&good, &policies, &gone);
    assert!(broken.policies()[0].rules.is_err(), "there is no last good version");
    assert_ne!(broken.digest(), good.digest());

    let mended = RuleBook::recompile(&broken, &policies, &materials());
    assert!(mended.policies()[0].rules.is_ok());
    assert_eq!(mended.digest(), good.digest());

    let mut rotated = materials();
    rotated.config_maps.get_mut("scanner").unwrap().insert("cosign.pub".to_owned(), OTHER_KEY.to_owned());
    rotated
        .config_maps
        .get_mut("sigstore")
        .unwrap()
        .insert("trusted_root.json".to_owned(), OTHER_ROOT.to_owned());
    let rotated = RuleBook::recompile(&mended, &policies, &rotated);
    let ids =
        |book: &RuleBook| -> Vec<_> { book.policies()[0].anchors.iter().map(|anchor| anchor.id()).collect() };
    assert!(ids(&rotated).iter().all(|id| !ids(&mended).contains(id)));
}

#[test]
fn a_config_map_that_no_policy_names_changes_nothing() {
    let policies = [policy("a", &spec())];
    let old = RuleBook::compile(&policies, &materials());
    let mut more = materials();
    more.config_maps.insert("other".to_owned(), [("x".to_owned(), "y".to_owned())].into());
    let new = RuleBook::recompile(&old, &policies, &more);
    assert!(Arc::ptr_eq(&old.policies()[0], &new.policies()[0]));
    assert_eq!(old.digest(), new.digest());
}

#[test]
fn equal_roots_and_keys_are_one_object_over_policies_and_recompiles() {
    let old = book(&[("a", spec()), ("b", spec())]);
    assert!(Arc::ptr_eq(&root(&old, 0), &root(&old, 1)));

    let inline = spec_with("/signers/1/keys/0", json!({ "pem": KEY }));
    let new = RuleBook::recompile(&old, &[policy("a", &inline)], &materials());
    assert!(Arc::ptr_eq(&root(&old, 0), &root(&new, 0)));
    let key = |book: &RuleBook| match book.policies()[0].anchors[1].as_ref() {
        Anchor::Key { key, .. } => Arc::clone(key),
        Anchor::Root(_) => panic!("a key"),
    };
    assert!(Arc::ptr_eq(&key(&old), &key(&new)));
}

#[test]
fn a_policy_that_can_be_decoded_again_is_compiled_again() {
    let odd = Unreadable { name: "a".into(), uid: "uid-a".into(), generation: 1, why: "odd".into() };
    let old = RuleBook::compile(&[], &materials()).with_unreadable([odd]);
    let new = RuleBook::recompile(&old, &[policy("a", &spec())], &materials());
    assert_eq!(new.policies().len(), 1);
    assert!(new.policies()[0].rules.is_ok());
}
