//! The pinning door's JSON patch: each tag replaced by the reference that was resolved, digest and all.
//!
//! Only Pods are pinned. A template keeps what its author wrote, so that GitOps sees no drift.
//!
//! Not here: which policy demands it, and what a tag means now (`gate`).

use std::collections::BTreeMap;

use names::ImageRef;
use serde::Serialize;
use workload::{ImageUse, Workload};

/// One operation of a JSON patch (RFC 6902).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Replace {
    op: &'static str,
    path: String,
    value: String,
}

/// The images of `new` that this request brings: all of a new Pod, of an update those whose (list, name) had
/// another reference before. What is unchanged was judged when it came, and rewriting it would be refused.
pub(crate) fn brought<'w>(
    new: &'w Workload,
    old: Option<&'w Workload>,
) -> impl Iterator<Item = &'w ImageUse> {
    new.images.iter().filter(move |image| {
        !old.into_iter().flat_map(|old| &old.images).any(|before| {
            before.list == image.list && before.name == image.name && before.reference == image.reference
        })
    })
}

/// The patch that writes `resolved` (by reference as written) wherever this request brings the tag.
pub(crate) fn of(
    new: &Workload,
    old: Option<&Workload>,
    resolved: &BTreeMap<String, ImageRef>,
) -> Vec<Replace> {
    brought(new, old)
        .filter_map(|image| {
            let value = resolved.get(&image.reference)?.to_string();
            Some(Replace { op: "replace", path: image.pointer.clone(), value })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{json, value::RawValue};
    use workload::Kind;

    use super::*;

    fn pod(containers: &serde_json::Value, init: &serde_json::Value) -> Workload {
        let object = json!({ "spec": { "containers": containers, "initContainers": init } });
        let object: Box<RawValue> = serde_json::value::to_raw_value(&object).unwrap();
        Workload::read(Kind::Pod, &object).unwrap()
    }

    fn resolved(image: &str) -> BTreeMap<String, ImageRef> {
        let reference = format!("{image}@sha256:{}", "a".repeat(64));
        BTreeMap::from([(image.to_owned(), ImageRef::parse(&reference).unwrap())])
    }

    const CART: &str = "registry.example.com/shop/cart:1.4";

    #[test]
    fn every_place_that_names_the_tag_is_rewritten() {
        let new = pod(
            &json!([{ "name": "cart", "image": CART }, { "name": "other", "image": "registry.example.com/x:1" }]),
            &json!([{ "name": "wait", "image": CART }]),
        );
        let patch = serde_json::to_value(of(&new, None, &resolved(CART))).unwrap();
        let value = format!("{CART}@sha256:{}", "a".repeat(64));
        assert_eq!(
            patch,
            json!([
                { "op": "replace", "path": "/spec/initContainers/0/image", "value": value },
                { "op": "replace", "path": "/spec/containers/0/image", "value": value },
            ])
        );
    }

    #[test]
    fn an_update_is_rewritten_only_where_it_changed_something() {
        let old = pod(&json!([{ "name": "cart", "image": CART }]), &json!(null));
        let new = pod(
            &json!([{ "name": "cart", "image": CART }, { "name": "second", "image": CART }]),
            &json!([{ "name": "cart", "image": CART }]),
        );
        let patch = of(&new, Some(&old), &resolved(CART));
        let paths: Vec<_> = patch.iter().map(|replace| replace.path.as_str()).collect();
        assert_eq!(paths, ["/spec/initContainers/0/image", "/spec/containers/1/image"]);
    }
}
