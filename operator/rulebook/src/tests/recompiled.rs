//! A book made from a former one: what is kept, what is made anew, what is let go.

use std::sync::Arc;

use trust::{Anchor, PublicKey, TrustRoot};

use super::{FULL, KEY, OTHER_KEY, SHORT, book, edited, materials, policy, set};
use crate::{Compiled, Materials, RuleBook, Unreadable};

fn root(compiled: &Compiled) -> &Arc<TrustRoot> {
    compiled.anchors.iter().find_map(|anchor| anchor.root()).expect("a root")
}

fn key(compiled: &Compiled) -> &Arc<PublicKey> {
    let key = |anchor: &'_ Arc<Anchor>| matches!(anchor.as_ref(), Anchor::Key { .. });
    match compiled.anchors.iter().find(|anchor| key(anchor)).map(Arc::as_ref) {
        Some(Anchor::Key { key, .. }) => key,
        other => panic!("{other:?}"),
    }
}

fn twin() -> String {
    edited(FULL, "name: production", "name: twin")
}

/// FULL with another spec.
fn later() -> String {
    edited(FULL, "mode: Enforce", "mode: Warn")
}

#[test]
fn policies_over_one_root_and_key_share_them() {
    let book = book(&[policy(FULL), policy(&twin())]);
    let [first, second] = book.policies() else { panic!("{book:?}") };
    assert!(Arc::ptr_eq(root(first), root(second)));
    assert!(Arc::ptr_eq(key(first), key(second)));
}

#[test]
fn a_policy_that_is_compiled_again_keeps_its_root_and_key() {
    let former = book(&[policy(FULL)]);
    let latter = RuleBook::recompile(&former, &[policy(&later())], &materials());
    let (former, latter) = (&former.policies()[0], &latter.policies()[0]);
    assert!(!Arc::ptr_eq(former, latter));
    assert!(Arc::ptr_eq(root(former), root(latter)));
    assert!(Arc::ptr_eq(key(former), key(latter)));
}

#[test]
fn a_root_and_key_that_nobody_names_any_more_are_dropped() {
    let former = book(&[policy(FULL)]);
    let (root, key) =
        (Arc::downgrade(root(&former.policies()[0])), Arc::downgrade(key(&former.policies()[0])));
    let latter = RuleBook::recompile(&former, &[], &materials());
    assert!(latter.policies().is_empty());
    assert!(root.upgrade().is_some(), "the former book is still in use");
    drop(former);
    assert!(root.upgrade().is_none() && key.upgrade().is_none());
    assert!(RuleBook::recompile(&latter, &[], &materials()).shelf.is_empty());
}

#[test]
fn an_unchanged_policy_is_not_compiled_again() {
    let former = book(&[policy(FULL), policy(SHORT)]);
    let mut materials = materials();
    set(&mut materials, "scanner-pub", "unnamed.pub", OTHER_KEY);
    set(&mut materials, "unnamed", "cosign.pub", OTHER_KEY);
    let latter = RuleBook::recompile(&former, &[policy(&later()), policy(SHORT)], &materials);
    let [_, short] = latter.policies() else { panic!("{latter:?}") };
    assert!(Arc::ptr_eq(short, &former.policies()[1]));
}

/// Each way in which a policy can be another one though its name is the same.
#[test]
fn a_policy_is_compiled_again_when_its_object_generation_or_spec_is_another() {
    let former = book(&[policy(FULL)]);
    for (from, to) in
        [("uid: 5f3c", "uid: 6a4d"), ("generation: 7", "generation: 8"), ("maxAge: 24h", "maxAge: 25h")]
    {
        let latter = RuleBook::recompile(&former, &[policy(&edited(FULL, from, to))], &materials());
        assert!(!Arc::ptr_eq(&latter.policies()[0], &former.policies()[0]), "{to}");
        assert_ne!(latter.digest(), former.digest(), "{to}");
    }
}

#[test]
fn a_policy_is_compiled_again_when_its_key_is_replaced() {
    let former = book(&[policy(SHORT)]);
    let mut materials = materials();
    set(&mut materials, "scanner-pub", "cosign.pub", OTHER_KEY);
    let latter = RuleBook::recompile(&former, &[policy(SHORT)], &materials);
    assert_ne!(key(&latter.policies()[0]).digest(), key(&former.policies()[0]).digest());
    assert_ne!(latter.digest(), former.digest());
}

fn fault(book: &RuleBook) -> String {
    book.policies()[0].rules.as_ref().unwrap_err()[0].found.clone()
}

#[test]
fn a_policy_follows_its_config_map_as_it_goes_and_comes() {
    let policies = [policy(SHORT)];
    let complete = book(&policies);
    let gone = RuleBook::recompile(&complete, &policies, &Materials::default());
    assert_eq!(fault(&gone), r#"there is no ConfigMap "scanner-pub" in the operator's namespace"#);
    let mut materials = Materials::default();
    materials.config_maps.insert("scanner-pub".to_owned(), [].into());
    let empty = RuleBook::recompile(&gone, &policies, &materials);
    assert_eq!(fault(&empty), r#"ConfigMap "scanner-pub" has no key "cosign.pub""#);
    set(&mut materials, "scanner-pub", "cosign.pub", KEY);
    let back = RuleBook::recompile(&empty, &policies, &materials);
    assert!(back.policies()[0].rules.is_ok());
    let digests = [complete.digest(), gone.digest(), empty.digest()];
    assert!(digests[0] != digests[1] && digests[1] != digests[2] && digests[0] != digests[2]);
    assert_eq!(back.digest(), complete.digest());
}

#[test]
fn the_digest_is_of_the_policies_in_any_order_and_of_what_they_name() {
    let one = book(&[policy(FULL), policy(SHORT)]);
    assert_eq!(one.digest(), book(&[policy(SHORT), policy(FULL)]).digest());
    assert_ne!(one.digest(), book(&[policy(FULL)]).digest());
    let mut materials = materials();
    set(&mut materials, "unnamed", "cosign.pub", OTHER_KEY);
    assert_eq!(one.digest(), RuleBook::compile(&[policy(FULL), policy(SHORT)], &materials).digest());
}

#[test]
fn the_digest_changes_with_an_unreadable_policy() {
    let unreadable =
        |why: &str| Unreadable { name: "odd".into(), uid: "u".into(), generation: 1, why: why.into() };
    let plain = book(&[policy(FULL)]);
    let with = plain.clone().with_unreadable([unreadable("mode is missing")]);
    let with_other = plain.clone().with_unreadable([unreadable("mode is 3")]);
    assert!(plain.digest() != with.digest() && with.digest() != with_other.digest());
}

#[test]
fn a_policy_that_can_be_decoded_again_is_compiled() {
    let odd = Unreadable { name: "short".into(), uid: String::new(), generation: 0, why: "no mode".into() };
    let former = RuleBook::compile(&[], &materials()).with_unreadable([odd]);
    let latter = RuleBook::recompile(&former, &[policy(SHORT)], &materials());
    let [short] = latter.policies() else { panic!("{latter:?}") };
    assert!(short.rules.is_ok());
}

#[test]
fn a_book_of_no_policy_is_compiled_and_a_default_one_is_not() {
    assert!(book(&[]).is_compiled());
    assert!(!RuleBook::default().is_compiled());
}
