//! Whom one policy speaks of, compiled.

use std::collections::BTreeMap;

use crds::ai_tool_policy::Select as Written;
use names::{ImagePattern, Repository};

use crate::{label_selector::LabelSelector, policy_error::Faults};

/// What selects a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamespaceFacts {
    /// Its name.
    pub name: String,
    /// Its labels. `kubernetes.io/metadata.name` need not be among them: the API server keeps it equal to the
    /// name, and so it is taken from there.
    pub labels: BTreeMap<String, String>,
}

/// Namespaces by labels and images by patterns. An absent part selects everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Select {
    namespaces: Option<LabelSelector>,
    images: Vec<ImagePattern>,
}

impl Select {
    /// Selects everything.
    pub(crate) const EVERYTHING: Self = Self { namespaces: None, images: Vec::new() };

    /// Compiles a selection. A part that cannot be read selects everything that it could have selected.
    pub(crate) fn compile(written: &Written, faults: &mut Faults) -> Self {
        let namespaces = written
            .namespaces
            .as_ref()
            .and_then(|selector| LabelSelector::compile(selector, "spec.select.namespaces", faults));
        let mut images = Vec::with_capacity(written.images.len());
        for (index, pattern) in written.images.iter().enumerate() {
            let parsed = faults.keep(
                &format!("spec.select.images[{index}]"),
                ImagePattern::parse(pattern),
                "a pattern over host/repository, such as registry.example.com/shop/**",
                "correct the pattern",
            );
            images.extend(parsed);
        }
        if images.len() < written.images.len() {
            images.clear();
        }
        Self { namespaces, images }
    }

    pub(crate) fn namespace(&self, namespace: &NamespaceFacts) -> bool {
        self.namespaces.as_ref().is_none_or(|selector| selector.matches(namespace))
    }

    pub(crate) fn image(&self, repository: &Repository) -> bool {
        self.images.is_empty() || self.images.iter().any(|pattern| pattern.matches(repository))
    }

    /// Whether a namespace's name alone does not tell if it is selected.
    pub(crate) fn is_by_label(&self) -> bool {
        self.namespaces.as_ref().is_some_and(LabelSelector::needs_labels)
    }
}
