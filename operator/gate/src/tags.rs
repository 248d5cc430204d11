//! Tags: what the policies together demand, and the finding where a tag is left.
//!
//! ```text
//!   tags:        Pin                        Deny                InsecureAllow
//!   pinning      writes the digest          leaves the tag      leaves the tag
//!   Template     judged by tag              ImageNotPinned      judged by tag
//!   Pod          a digest must be there     ImageNotPinned      judged by tag
//! ```
//!
//! Of several policies on one image `Deny` beats `Pin` beats `InsecureAllow`; each policy's finding acts by that
//! policy's own mode. Not here: resolving a tag, and writing a digest into a Pod.

use std::sync::Arc;

use crds::ai_tool_policy::Tags;
use names::{Digest, ImageRef};
use rulebook::Compiled;
use verdict::{Code, PolicyVerdict, Verdict};

/// What is judged: a Pod, which runs as it is, or what Pods will be made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The kubelet pulls next: after pinning, a tag is a fault.
    Pod,
    /// Its Pods will be judged, and pinned, when they are made. A manifest in a file is this too.
    Template,
}

/// The strictest demand of `policies`; `None` when there are none.
pub(crate) fn strictest(policies: &[Arc<Compiled>]) -> Option<Tags> {
    let says = |tags: Tags| policies.iter().any(|policy| policy.tags == tags);
    [Tags::Deny, Tags::Pin, Tags::InsecureAllow].into_iter().find(|tags| says(*tags))
}

/// Adds `ImageNotPinned` to the verdict of every policy that does not let a tag stand at `stage`.
///
/// Where the demand is `Pin`, a tag that could not be resolved keeps that finding (undecided, so that a registry
/// that is down is not read as a fault of the author) and gets no second one. Where it is `Deny`, no resolution
/// would have helped.
pub(crate) fn demand_digest(
    reference: &ImageRef,
    digest: Option<&Digest>,
    stage: Stage,
    policies: &[Arc<Compiled>],
    verdicts: &mut Vec<PolicyVerdict>,
) {
    let refused = match strictest(policies) {
        Some(Tags::Deny) => !reference.is_pinned(),
        Some(Tags::Pin) => !reference.is_pinned() && stage == Stage::Pod && digest.is_some(),
        Some(Tags::InsecureAllow) | None => false,
    };
    if !refused {
        return;
    }
    for policy in policies.iter().filter(|policy| policy.tags != Tags::InsecureAllow) {
        let found = format!("{reference} names no digest");
        let wanted = digest.map_or_else(
            || "a digest is wanted".to_owned(),
            |digest| format!("a digest is wanted; the tag now means {digest}"),
        );
        let added = PolicyVerdict::of_code(
            policy.id.clone(),
            policy.mode,
            policy.on_undecided,
            Code::ImageNotPinned,
            &found,
            &wanted,
        );
        match verdicts.iter_mut().find(|verdict| verdict.policy == policy.id) {
            Some(verdict) => {
                let old = std::mem::replace(&mut verdict.verdict, Verdict::new(Vec::new(), None));
                let findings = old.findings.into_iter().chain(added.verdict.findings).collect();
                verdict.verdict = Verdict::new(findings, old.changes_at);
            }
            None => verdicts.push(added),
        }
    }
}
