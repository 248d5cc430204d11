//! The gate: one image in, one judgement out. A judgement is data: nothing here fails, everything has a code.

use std::sync::Arc;

use crds::ai_tool_policy::Tags;
use fetch::{Ask, Source};
use jiff::Timestamp;
use names::{Digest, ImageRef};
use rulebook::{Compiled, ImageSelection};
use tokio::{sync::Semaphore, time::Instant};
use trust::Anchor;
use verdict::{Code, Judgement, PolicyVerdict};

use crate::{
    Context, Stage,
    collect::{Collector, permits},
    obstacle, tags,
    verified::Memory,
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
    collector: Arc<Collector>,
}

impl Gate {
    /// A gate that reads from `source`.
    #[must_use]
    pub fn new(source: Arc<dyn Source>, limits: Limits) -> Self {
        let verification_permits = permits(limits.verification_memory);
        let verification = Arc::new(Semaphore::new(verification_permits as usize));
        let collector = Collector { source, memory: Memory::new(), verification, verification_permits };
        Self { collector: Arc::new(collector) }
    }

    /// Judges `image`, written as a Pod writes it, under every policy of `context` that covers it.
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
                let wanted = "a reference that every parser reads alike, best host/repository@sha256:…";
                let said = error.to_string();
                let policies = context.selection.policies().iter();
                let policies = policies.map(|policy| found(policy, Code::ImageAmbiguous, &said, wanted)).collect();
                return Judgement::new(written, None, None, policies);
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
                tags::demand_digest(&reference, digest.as_ref(), stage, &policies, &mut verdicts);
                Judgement::new(written, Some(reference), digest, verdicts)
            }
        }
    }

    /// `image` with its tag bound to the digest that is judged. `None` where the policies together do not ask for
    /// that, it is bound already, or it cannot be resolved (judging it will say why).
    pub async fn pin(&self, image: &str, context: &Context, deadline: Instant) -> Option<ImageRef> {
        let reference = ImageRef::parse(image).ok()?;
        let ImageSelection::Judged(policies) = context.selection.for_image(reference.repository()) else {
            return None;
        };
        if reference.is_pinned() || tags::strictest(&policies) != Some(Tags::Pin) {
            return None;
        }
        let ask = ask(context, deadline);
        let resolved = self.collector.source.resolve(&reference, ask).await.ok()?;
        Some(reference.with_digest(resolved.digest))
    }

    async fn judge_covered(
        &self,
        reference: &ImageRef,
        policies: &[Arc<Compiled>],
        context: &Context,
        now: Timestamp,
        deadline: Instant,
    ) -> (Option<Digest>, Vec<PolicyVerdict>) {
        let mut verdicts = Vec::with_capacity(policies.len());
        let mut sound = Vec::with_capacity(policies.len());
        for policy in policies {
            match &policy.rules {
                Ok(rules) => sound.push((policy, rules)),
                Err(errors) => {
                    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                    verdicts.push(found(policy, Code::PolicyInvalid, &errors.join("; "), "a policy that compiles"));
                }
            }
        }
        if sound.is_empty() {
            return (None, verdicts);
        }
        let ask = ask(context, deadline);
        // 3.
        let digest = match self.resolve(reference, ask).await {
            Ok(digest) => digest,
            Err(error) => {
                let code = obstacle::code(obstacle::of(&error));
                let said = with_notes(obstacle::say(&error), code, &context.notes);
                let wanted = "the digest of the image, from its registry";
                verdicts.extend(sound.iter().map(|(policy, _)| found(policy, code, &said, wanted)));
                return (None, verdicts);
            }
        };
        // 4.
        let anchors = anchors(&sound);
        let mut evidence = self.collector.collect(reference.repository(), &digest, &anchors, now, ask).await;
        for unread in &mut evidence.unread {
            let code = obstacle::code(unread.obstacle);
            unread.detail = with_notes(std::mem::take(&mut unread.detail), code, &context.notes);
        }
        // 5.
        verdicts.extend(sound.iter().map(|(policy, rules)| PolicyVerdict {
            policy: policy.id.clone(),
            mode: policy.mode,
            on_undecided: policy.on_undecided,
            verdict: verdict::decide(rules, &evidence, now),
        }));
        (Some(digest), verdicts)
    }

    async fn resolve(&self, reference: &ImageRef, ask: Ask<'_>) -> Result<Digest, fetch::Error> {
        match reference.digest() {
            // The runtime uses the digest and ignores the tag; so does the judgement.
            Some(digest) => Ok(digest.clone()),
            None => Ok(self.collector.source.resolve(reference, ask).await?.digest),
        }
    }
}

fn ask<'a>(context: &'a Context, deadline: Instant) -> Ask<'a> {
    Ask { keychain: &context.keychain, namespace: &context.namespace, deadline }
}

fn found(policy: &Compiled, code: Code, found: &str, wanted: &str) -> PolicyVerdict {
    PolicyVerdict::of_code(policy.id.clone(), policy.mode, policy.on_undecided, code, found, wanted)
}

/// A refusal may come from a credential that was not read: the reader is told which, and how to mend it.
fn with_notes(said: String, code: Code, notes: &[String]) -> String {
    if code != Code::RegistryRefused || notes.is_empty() { said } else { format!("{said} ({})", notes.join("; ")) }
}

/// Every key and root that the policies name, each once, in a stable order.
fn anchors(sound: &[(&Arc<Compiled>, &Arc<verdict::Rules>)]) -> Vec<Arc<Anchor>> {
    let mut anchors: Vec<Arc<Anchor>> =
        sound.iter().flat_map(|(policy, _)| policy.anchors.iter().map(Arc::clone)).collect();
    anchors.sort_by_cached_key(|anchor| anchor.cache_key());
    anchors.dedup_by_key(|anchor| anchor.cache_key());
    anchors
}
