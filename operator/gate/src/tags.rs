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

use crds::ai_tool_policy::Tags;
use names::{Digest, ImageRef};
use rulebook::{Compiled, Selection};
use verdict::{Code, PolicyVerdict, Verdict};

/// What is judged: a Pod, which runs as it is, or what Pods will be made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The kubelet pulls next: after pinning, a tag is a fault.
    Pod,
    /// Its Pods will be judged, and pinned, when they are made. A manifest in a file is this too.
    Template,
}

/// `image`, if the policies together want its tag bound to a digest and it names none.
pub(crate) fn to_be_pinned(image: &str, selection: &Selection) -> Option<ImageRef> {
    let reference = ImageRef::parse(image).ok()?;
    let wanted = selection.tags(reference.repository()) == Some(Tags::Pin);
    (wanted && !reference.is_pinned()).then_some(reference)
}

/// Adds `ImageNotPinned` to the verdict of every covering policy that does not let a tag stand at `stage`.
///
/// Where the demand is `Pin`, a tag that could not be resolved keeps that finding (undecided, so that a registry
/// that is down is not read as a fault of the author) and gets no second one. Where it is `Deny`, no resolution
/// would have helped.
pub(crate) fn demand_digest(
    selection: &Selection,
    reference: &ImageRef,
    digest: Option<&Digest>,
    stage: Stage,
    verdicts: &mut Vec<PolicyVerdict>,
) {
    if reference.is_pinned() {
        return;
    }
    let refused = match selection.tags(reference.repository()) {
        Some(Tags::Deny) => true,
        Some(Tags::Pin) => stage == Stage::Pod && digest.is_some(),
        Some(Tags::InsecureAllow) | None => false,
    };
    if !refused {
        return;
    }
    let covering = selection.policies().iter().filter(|policy| policy.covers(reference.repository()));
    for policy in covering.filter(|policy| policy.tags != Tags::InsecureAllow) {
        let added = not_pinned(policy, reference, digest);
        match verdicts.iter_mut().find(|verdict| verdict.policy == policy.id) {
            Some(PolicyVerdict { verdict, .. }) => {
                let findings = std::mem::take(&mut verdict.findings);
                let findings = findings.into_iter().chain(added.verdict.findings).collect();
                *verdict = Verdict::new(findings, verdict.changes_at);
            }
            None => verdicts.push(added),
        }
    }
}

fn not_pinned(policy: &Compiled, reference: &ImageRef, digest: Option<&Digest>) -> PolicyVerdict {
    let found = format!("{reference} names no digest");
    let wanted = digest.map_or_else(
        || "a digest is wanted".to_owned(),
        |digest| format!("a digest is wanted; the tag now means {digest}"),
    );
    let code = Code::ImageNotPinned;
    PolicyVerdict::of_code(policy.id.clone(), policy.mode, policy.on_undecided, code, &found, &wanted)
}

#[cfg(test)]
mod tests;
