//! The gate: one image in, one judgement out. A judgement is data: nothing here fails, everything has a code.

use std::sync::Arc;

use fetch::{Ask, Source};
use jiff::Timestamp;
use names::{Digest, ImageRef};
use rulebook::{Compiled, ImageSelection, Selection};
use tokio::time::Instant;
use verdict::{Code, Judgement, PolicyVerdict};

use crate::{
    Context, Stage, Verifications,
    anchors::AnchorSets,
    collect::{Collector, Subject, within},
    obstacle, tags,
    verifier::Verifier,
};

/// Bounds of the gate's own work. Those of the network are in `fetch`.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes that all verifications of large bundles may hold together.
    pub verification_memory: usize,
}

impl Default for Limits {
    /// 192 MiB: one bundle of the largest size allowed (16 MiB × 8) and a half-size one beside it.
    fn default() -> Self {
        Self { verification_memory: 192 << 20 }
    }
}

/// Judges images. Cheap to clone; clones share what was verified.
#[derive(Clone)]
pub struct Gate {
    collector: Collector,
    anchor_sets: Arc<AnchorSets>,
}

impl Gate {
    /// A gate that reads from `source`.
    #[must_use]
    pub fn new(source: Arc<dyn Source>, limits: Limits) -> Self {
        let verifier = Arc::new(Verifier::new(limits.verification_memory));
        Self { collector: Collector { source, verifier }, anchor_sets: Arc::default() }
    }

    /// How much was verified so far.
    #[must_use]
    pub fn verifications(&self) -> Verifications {
        self.collector.verifier.count()
    }

    /// Judges `image`, written as a Pod writes it, under every policy of `context` that covers it. Ends by
    /// `deadline`; what was not known by then is a finding that says so.
    ///
    /// 1. Read the reference; one that two parsers could read differently is turned away unread.
    /// 2. Ask the policies whether they cover it; what none covers costs no request.
    /// 3. Resolve the tag once; all that follows is about that digest.
    /// 4. Collect what is said about the digest.
    /// 5. Let every policy decide, each by its own rules, and then speak of the tag.
    pub async fn judge(
        &self,
        image: &str,
        context: &Context,
        stage: Stage,
        now: Timestamp,
        deadline: Instant,
    ) -> Judgement {
        let written = image.to_owned();
        // 1.
        let reference = match ImageRef::parse(image) {
            Ok(reference) => reference,
            Err(error) => {
                let policies = context.selection.policies().iter();
                let said = error.to_string();
                let wanted = "a reference that every parser reads alike is wanted";
                let ambiguous = policies.map(|policy| found(policy, Code::ImageAmbiguous, &said, wanted));
                return Judgement::new(written, None, None, ambiguous.collect());
            }
        };
        // 2.
        match context.selection.for_image(reference.repository()) {
            ImageSelection::Outside | ImageSelection::InsecureAllowed => {
                Judgement::new(written, Some(reference), None, Vec::new())
            }
            ImageSelection::NotCovered(verdicts) => Judgement::new(written, Some(reference), None, verdicts),
            ImageSelection::Judged(policies) => {
                let (digest, mut verdicts) =
                    self.judge_covered(&reference, &policies, context, now, deadline).await;
                tags::demand_digest(&context.selection, &reference, digest.as_ref(), stage, &mut verdicts);
                Judgement::new(written, Some(reference), digest, verdicts)
            }
        }
    }

    /// Whether [`Self::pin`] has something to do for `image`. Asks nobody.
    #[must_use]
    pub fn pins(&self, image: &str, selection: &Selection) -> bool {
        tags::to_be_pinned(image, selection).is_some()
    }

    /// `image` with its tag bound to the digest that is judged. `None` where the policies together do not ask for
    /// that, it is bound already, or it cannot be resolved (judging it will say why).
    pub async fn pin(&self, image: &str, context: &Context, deadline: Instant) -> Option<ImageRef> {
        let reference = tags::to_be_pinned(image, &context.selection)?;
        let digest = self.resolve(&reference, ask(context, deadline)).await.ok()?;
        Some(reference.with_digest(digest))
    }

    /// Steps 3 to 5 for the policies that cover the image. The verdicts are in the order of the policies' names.
    async fn judge_covered(
        &self,
        reference: &ImageRef,
        policies: &[Arc<Compiled>],
        context: &Context,
        now: Timestamp,
        deadline: Instant,
    ) -> (Option<Digest>, Vec<PolicyVerdict>) {
        let mut verdicts: Vec<_> = policies.iter().filter_map(|policy| policy.invalid()).collect();
        let sound = || policies.iter().filter_map(|policy| Some((policy, policy.rules.as_ref().ok()?)));
        if sound().next().is_none() {
            return (None, verdicts);
        }
        let ask = ask(context, deadline);
        // 3.
        let resolved = self.resolve(reference, ask).await;
        match &resolved {
            Err(error) => {
                let code = obstacle::code(obstacle::of(error));
                let said = with_notes(names::with_causes(error), code, &context.notes);
                let wanted = "the digest that its registry has for the image is wanted";
                verdicts.extend(sound().map(|(policy, _)| found(policy, code, &said, wanted)));
            }
            Ok(digest) => {
                // 4.
                let anchors = &self.anchor_sets.of(policies);
                let subject = Subject { repository: reference.repository(), digest, anchors, now, ask };
                let mut evidence = self.collector.collect(subject).await;
                for unread in &mut evidence.unread {
                    let code = obstacle::code(unread.obstacle);
                    unread.detail = with_notes(std::mem::take(&mut unread.detail), code, &context.notes);
                }
                // 5.
                verdicts.extend(sound().map(|(policy, rules)| PolicyVerdict {
                    policy: policy.id.clone(),
                    mode: policy.mode,
                    on_undecided: policy.on_undecided,
                    verdict: verdict::decide(rules, &evidence, now),
                }));
            }
        }
        verdicts.sort_by(|a, b| a.policy.name.cmp(&b.policy.name));
        (resolved.ok(), verdicts)
    }

    /// The runtime uses a digest where there is one and ignores the tag; so does the judgement.
    async fn resolve(&self, reference: &ImageRef, ask: Ask<'_>) -> Result<Digest, fetch::Error> {
        if let Some(digest) = reference.digest() {
            return Ok(digest.clone());
        }
        let resolved = self.collector.source.resolve(reference, ask);
        Ok(within(ask.deadline, reference.repository(), "the digest of its tag", resolved).await?.digest)
    }
}

const fn ask<'a>(context: &'a Context, deadline: Instant) -> Ask<'a> {
    Ask { keychain: &context.keychain, namespace: context.namespace.as_str(), deadline }
}

fn found(policy: &Compiled, code: Code, found: &str, wanted: &str) -> PolicyVerdict {
    PolicyVerdict::of_code(policy.id.clone(), policy.mode, policy.on_undecided, code, found, wanted)
}

/// A refusal may come from a credential that was not read: the reader is told which, and how to mend it.
fn with_notes(said: String, code: Code, notes: &[String]) -> String {
    if code != Code::RegistryRefused || notes.is_empty() {
        said
    } else {
        format!("{said} ({})", notes.join("; "))
    }
}
