//! One policy, compiled as far as it can be.

use std::sync::Arc;

use crds::ai_tool_policy::{OtherImages, Tags};
use names::Repository;
use trust::Anchor;
use verdict::{Code, Mode, OnUndecided, PolicyId, PolicyVerdict, Rules};

use crate::{NamespaceFacts, PolicyError, materials::Used, select::Select};

/// A policy with everything that it names looked up. It selects whether or not its rules could be compiled.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Which policy.
    pub id: PolicyId,
    /// What findings do.
    pub mode: Mode,
    /// What undecided verdicts do.
    pub on_undecided: OnUndecided,
    /// What becomes of tags.
    pub tags: Tags,
    /// What becomes of images in the selected namespaces that no policy covers.
    pub other_images: OtherImages,
    /// The rules, or why there are none: then every image that the policy covers is undecided with
    /// `PolicyInvalid`.
    pub rules: Result<Arc<Rules>, Vec<PolicyError>>,
    /// What to verify evidence against, each once; none if there are no rules.
    pub anchors: Vec<Arc<Anchor>>,
    /// Every setting that loosens security, as it is written.
    pub insecure: Vec<String>,
    pub(crate) select: Select,
    pub(crate) used: Used,
}

impl Compiled {
    /// Whether the policy speaks of a namespace.
    #[must_use]
    pub fn selects(&self, namespace: &NamespaceFacts) -> bool {
        self.select.namespace(namespace)
    }

    /// Whether the policy's patterns match a repository.
    #[must_use]
    pub fn covers(&self, repository: &Repository) -> bool {
        self.select.image(repository)
    }

    /// What the policy makes of every image while it cannot be compiled; `None` if it can.
    #[must_use]
    pub fn invalid(&self) -> Option<PolicyVerdict> {
        let errors = self.rules.as_ref().err()?;
        let found = match errors.as_slice() {
            [first, _, ..] => format!("{first} (and {} more)", errors.len().saturating_sub(1)),
            [first] => first.to_string(),
            [] => "the policy cannot be compiled".to_owned(),
        };
        let wanted = "a policy that can be compiled";
        Some(PolicyVerdict::of_code(
            self.id.clone(),
            self.mode,
            self.on_undecided,
            Code::PolicyInvalid,
            &found,
            wanted,
        ))
    }
}
