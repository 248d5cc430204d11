//! All policies of a cluster, compiled together.

use std::{collections::BTreeMap, sync::Arc};

use crds::{
    AIToolPolicy,
    ai_tool_policy::{OtherImages, Tags},
};
use names::Digest;
use verdict::{Mode, OnUndecided, PolicyId};

use crate::{
    Compiled, Materials, NamespaceFacts, PolicyError, Selection, compile::compile_on, compile::id_of,
    materials::Used, select::Select, shelf::Shelf,
};

/// A policy that exists and cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// `metadata.name`
    pub name: String,
    /// `metadata.uid`
    pub uid: String,
    /// `metadata.generation`
    pub generation: i64,
    /// What the decoder met.
    pub why: String,
}

/// The policies in force. Immutable: a change makes a new book.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    policies: Vec<Arc<Compiled>>,
    pub(crate) shelf: Shelf,
    compiled: bool,
}

impl RuleBook {
    /// Compiles all policies.
    #[must_use]
    pub fn compile(policies: &[Arc<AIToolPolicy>], materials: &Materials) -> Self {
        Self::recompile(&Self::default(), policies, materials)
    }

    /// Compiles what is new, and keeps of `previous` each policy whose object, spec and named ConfigMap
    /// entries are unchanged. Equal in effect to [`RuleBook::compile`].
    #[must_use]
    pub fn recompile(previous: &Self, policies: &[Arc<AIToolPolicy>], materials: &Materials) -> Self {
        let known: BTreeMap<&str, &Arc<Compiled>> =
            previous.policies.iter().map(|compiled| (compiled.id.name.as_str(), compiled)).collect();
        let mut shelf = previous.shelf.clone();
        let mut compiled: Vec<Arc<Compiled>> = policies
            .iter()
            .map(|policy| {
                let id = id_of(policy);
                match known.get(id.name.as_str()) {
                    Some(old) if old.id == id && old.used.still_holds(materials) => Arc::clone(old),
                    _ => Arc::new(compile_on(&mut shelf, policy, id, materials)),
                }
            })
            .collect();
        compiled.sort_by(|a, b| a.id.name.cmp(&b.id.name));
        shelf.tidy();
        Self { policies: compiled, shelf, compiled: true }
    }

    /// The book with policies that cannot be decoded. What such a policy selects is not known, and neither is
    /// its mode, so it selects everything and denies: `PolicyInvalid`, in mode Enforce. The API server admits
    /// no such object; it takes an operator older than the definition to meet one.
    #[must_use]
    pub fn with_unreadable(mut self, unreadable: impl IntoIterator<Item = Unreadable>) -> Self {
        self.policies.extend(unreadable.into_iter().map(|policy| Arc::new(unknown(policy))));
        self.policies.sort_by(|a, b| a.id.name.cmp(&b.id.name));
        self
    }

    /// Whether the book was compiled, be it from no policy at all. A default book is only a place to put one:
    /// that it selects nothing says nothing.
    #[must_use]
    pub const fn is_compiled(&self) -> bool {
        self.compiled
    }

    /// Every policy, by name.
    #[must_use]
    pub fn policies(&self) -> &[Arc<Compiled>] {
        &self.policies
    }

    /// Whether some policy selects namespaces by their labels, so that they must be known.
    #[must_use]
    pub fn selects_by_label(&self) -> bool {
        self.policies.iter().any(|policy| policy.select.is_by_label())
    }

    /// The policies that select a namespace.
    #[must_use]
    pub fn select(&self, namespace: &NamespaceFacts) -> Selection {
        let selecting = self.policies.iter().filter(|policy| policy.selects(namespace));
        Selection { policies: selecting.cloned().collect() }
    }

    /// Changes whenever a policy, or a ConfigMap entry that one names, does.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut text = String::new();
        for policy in &self.policies {
            let PolicyId { name, uid, generation, digest } = &policy.id;
            text.push_str(&format!("{name}\n{uid}\n{generation}\n{digest}\n"));
            for used in policy.used.digests() {
                text.push_str(&match used {
                    Ok(digest) => format!("{digest}\n"),
                    Err(missing) => format!("no {missing:?}\n"),
                });
            }
            text.push('\n');
        }
        Digest::sha256(text.as_bytes())
    }
}

fn unknown(policy: Unreadable) -> Compiled {
    let Unreadable { name, uid, generation, why } = policy;
    let digest = Digest::sha256(why.as_bytes());
    Compiled {
        id: PolicyId { name, uid, generation, digest },
        mode: Mode::Enforce,
        on_undecided: OnUndecided::Deny,
        tags: Tags::Pin,
        other_images: OtherImages::Deny,
        rules: Err(vec![PolicyError {
            field: "spec".to_owned(),
            found: format!("the policy cannot be decoded: {why}"),
            wanted: "an AIToolPolicy of a version that this operator knows".to_owned(),
            mend: "upgrade the operator, or correct or delete the policy".to_owned(),
        }]),
        anchors: Vec::new(),
        insecure: Vec::new(),
        select: Select::EVERYTHING,
        used: Used::default(),
    }
}
