//! Tags: what the policies together demand, and the finding where a tag is left.
//!
//! ```text
//!   tags:            Pin                        Deny                InsecureAllow
//!   pinning door     writes the digest          leaves the tag      leaves the tag
//!   template doors   judged by tag              ImageNotPinned      judged by tag
//!   Pod door         a digest must be there     ImageNotPinned      judged by tag
//! ```
//!
//! Of several policies on one image `Deny` beats `Pin` beats `InsecureAllow`; each policy's finding still acts
//! by that policy's own mode.
//!
//! Not here: resolving a tag (`gate`) and writing a digest (`patch`).

use crds::ai_tool_policy::Tags;
use verdict::{Code, Finding, Judgement, PolicyVerdict, Requirement, Verdict};

use crate::{court::TagRule, door::Door};

/// The strictest demand among `rules`; `None` when no policy covers the image.
pub(crate) fn strictest(rules: &[TagRule]) -> Option<Tags> {
    let says = |tags: Tags| rules.iter().any(|rule| rule.tags == tags);
    [Tags::Deny, Tags::Pin, Tags::InsecureAllow].into_iter().find(|tags| says(*tags))
}

/// Adds `ImageNotPinned` to the verdict of every policy that does not let a tag stand at `door`.
///
/// Where the demand is `Pin`, a tag that could not be resolved keeps that finding (undecided, so that a
/// registry that is down is not read as a fault of the author) and gets no second one. Where it is `Deny`, no
/// resolution would have helped.
pub(crate) fn demand_digest(judgement: &mut Judgement, door: Door, rules: &[TagRule]) {
    let Some(reference) = &judgement.reference else { return };
    if reference.is_pinned() {
        return;
    }
    let refused = match strictest(rules) {
        Some(Tags::Deny) => true,
        Some(Tags::Pin) => door == Door::Pod && judgement.digest.is_some(),
        Some(Tags::InsecureAllow) | None => false,
    };
    if !refused {
        return;
    }
    for rule in rules.iter().filter(|rule| rule.tags != Tags::InsecureAllow) {
        let found = format!("{} names no digest", judgement.image);
        let wanted = match &judgement.digest {
            Some(digest) => format!("a digest; the tag now means {digest}"),
            None => "a digest".to_owned(),
        };
        let mut finding =
            Finding::new(&rule.policy.name, Requirement::Image, Code::ImageNotPinned, &found, &wanted);
        finding.digest.clone_from(&judgement.digest);
        match judgement.policies.iter_mut().find(|verdict| verdict.policy == rule.policy) {
            Some(PolicyVerdict { verdict, .. }) => {
                let mut findings = std::mem::take(&mut verdict.findings);
                findings.push(finding);
                *verdict = Verdict::new(findings, verdict.changes_at);
            }
            None => judgement.policies.push(PolicyVerdict {
                policy: rule.policy.clone(),
                mode: rule.mode,
                on_undecided: rule.on_undecided,
                verdict: Verdict::new(vec![finding], None),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
