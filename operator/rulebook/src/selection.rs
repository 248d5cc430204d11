//! The policies that select one namespace, and what they say of one image.

use std::sync::Arc;

use crds::ai_tool_policy::{OtherImages, Tags};
use names::Repository;
use verdict::{Code, Mode, PolicyVerdict};

use crate::Compiled;

/// How many policies a finding names before it only counts them.
const MAX_NAMED: usize = 5;

/// The policies that select a namespace, by name.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    pub(crate) policies: Vec<Arc<Compiled>>,
}

/// What the policies of a namespace say of an image.
#[derive(Clone, Debug)]
pub enum ImageSelection {
    /// No policy selects the namespace: it is outside the gate.
    Outside,
    /// These policies cover the image; all of them must pass.
    Judged(Vec<Arc<Compiled>>),
    /// The namespace is selected and no policy covers the image.
    NotCovered(Vec<PolicyVerdict>),
    /// No policy covers the image, and all that select the namespace let such images through.
    InsecureAllowed,
}

impl Selection {
    /// Whether no policy selects the namespace.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty()
    }

    /// The policies that select the namespace.
    #[must_use]
    pub fn policies(&self) -> &[Arc<Compiled>] {
        &self.policies
    }

    /// What the policies say of an image from `repository`.
    #[must_use]
    pub fn for_image(&self, repository: &Repository) -> ImageSelection {
        let Some(strictest) = self.policies.iter().min_by_key(|policy| laxity(policy.mode)) else {
            return ImageSelection::Outside;
        };
        let covering: Vec<_> =
            self.policies.iter().filter(|policy| policy.covers(repository)).cloned().collect();
        if !covering.is_empty() {
            return ImageSelection::Judged(covering);
        }
        if self.policies.iter().all(|policy| policy.other_images == OtherImages::InsecureAllow) {
            return ImageSelection::InsecureAllowed;
        }
        ImageSelection::NotCovered(vec![self.not_covered(strictest, repository)])
    }

    /// What becomes of tags in `repository`: the strictest of the policies that cover it, `None` without any.
    #[must_use]
    pub fn tags(&self, repository: &Repository) -> Option<Tags> {
        let covering = self.policies.iter().filter(|policy| policy.covers(repository));
        covering.map(|policy| policy.tags).min_by_key(|tags| match tags {
            Tags::Deny => 0_u8,
            Tags::Pin => 1,
            Tags::InsecureAllow => 2,
        })
    }

    /// One finding for the namespace, in the strictest mode of the policies that select it: it is the gap
    /// between them all that the image stands in.
    fn not_covered(&self, strictest: &Compiled, repository: &Repository) -> PolicyVerdict {
        let mut names: Vec<String> =
            self.policies.iter().take(MAX_NAMED).map(|policy| format!("{:?}", policy.id.name)).collect();
        let more = self.policies.len().saturating_sub(names.len());
        if more > 0 {
            names.push(format!("{more} more"));
        }
        let found = format!("no AIToolPolicy that selects this namespace covers {repository}");
        let wanted = format!("an image that select.images of {} matches", names.join(" or "));
        PolicyVerdict::of_code(
            strictest.id.clone(),
            strictest.mode,
            strictest.on_undecided,
            Code::NotCovered,
            &found,
            &wanted,
        )
    }
}

const fn laxity(mode: Mode) -> u8 {
    match mode {
        Mode::Enforce => 0,
        Mode::Warn => 1,
        Mode::Audit => 2,
    }
}
