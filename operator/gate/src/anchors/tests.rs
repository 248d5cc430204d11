//! Same anchors, same name; other anchors, another.

use super::*;
use crate::tests::fixtures::{Written, key_signed, keyless, select};

fn policies(written: &[Written]) -> Vec<Arc<Compiled>> {
    select(written).policies().to_vec()
}

fn name(written: &[Written]) -> Digest {
    Anchors::of(&policies(written)).name().clone()
}

#[test]
fn the_same_anchors_are_one_set_whoever_names_them_in_whatever_order() {
    let both = name(&[keyless("a"), key_signed("b")]);
    assert_eq!(name(&[key_signed("a"), keyless("b")]), both);
    assert_eq!(name(&[keyless("a"), key_signed("b"), keyless("c")]), both);
    assert_eq!(Anchors::of(&policies(&[keyless("a"), keyless("b")])).iter().count(), 1);
}

#[test]
fn another_root_or_key_or_the_demand_for_a_log_makes_another_set() {
    let logged =
        "proof: InclusionProof\n  trustRoot: { configMap: { name: sigstore, key: trusted_root.json } }";
    let names = [
        name(&[]),
        name(&[keyless("a")]),
        name(&[keyless("a").with("name: sigstore", "name: other-sigstore")]),
        name(&[key_signed("a")]),
        name(&[key_signed("a").with("ci-pub", "other-pub")]),
        name(&[key_signed("a").with("proof: InsecureNone", logged)]),
        name(&[keyless("a"), key_signed("b")]),
    ];
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
}

#[test]
fn a_set_is_made_once_for_the_policies_and_anew_when_one_is_compiled_anew() {
    let sets = AnchorSets::default();
    let mut selected = policies(&[keyless("a"), key_signed("b")]);
    let first = sets.of(&selected);
    assert!(Arc::ptr_eq(&first, &sets.of(&selected)));
    assert!(!Arc::ptr_eq(&first, &sets.of(&selected[..1])));
    selected[0] = policies(&[keyless("a").with("name: sigstore", "name: other-sigstore")]).remove(0);
    assert_ne!(sets.of(&selected).name(), first.name());
}

#[test]
fn sets_of_policies_that_are_gone_go_and_the_rest_is_bounded() {
    let sets = AnchorSets::default();
    let count = || sets.0.lock().unwrap().len();
    for _ in 0..3 {
        sets.of(&policies(&[keyless("gone")]));
    }
    assert_eq!(count(), 1, "the last one, until the next is made");
    let selected: Vec<_> = (0..MAX_SETS + 1).map(|_| policies(&[key_signed("a")])).collect();
    for policies in &selected {
        sets.of(policies);
    }
    assert_eq!(count(), MAX_SETS);
}
