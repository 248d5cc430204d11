//! The real court: intake for what is seen of the cluster, gate for what is known of an image.

use gate::{Gate, Intake};
use jiff::Timestamp;
use names::ImageRef;
use rulebook::{ImageSelection, Selection};
use tokio::time::Instant;
use verdict::Judgement;
use workload::Workload;

use crate::court::{Blind, Court, TagRule};

/// An intake and a gate, as one court.
#[derive(Clone)]
pub struct Gated {
    intake: Intake,
    gate: Gate,
}

impl Gated {
    /// A court of the two.
    pub const fn new(intake: Intake, gate: Gate) -> Self {
        Self { intake, gate }
    }
}

impl Court for Gated {
    type Context = gate::Context;
    type Selection = Selection;

    fn ready(&self) -> bool {
        self.intake.ready()
    }

    async fn selection(&self, namespace: &str, deadline: Instant) -> Result<Option<Selection>, Blind> {
        match self.intake.selection(namespace, deadline).await {
            Ok(selection) => Ok(Some(selection).filter(|selection| !selection.is_empty())),
            Err(gate::Blind { code, message }) => Err(Blind { code, message }),
        }
    }

    async fn context(
        &self,
        namespace: &str,
        workload: &Workload,
        selection: &Selection,
        deadline: Instant,
    ) -> gate::Context {
        self.intake.context(namespace, workload, selection, deadline).await
    }

    fn tag_rules(&self, image: &str, selection: &Selection) -> Vec<TagRule> {
        let Ok(reference) = ImageRef::parse(image) else { return Vec::new() };
        match selection.for_image(reference.repository()) {
            ImageSelection::Judged(policies) => policies
                .iter()
                .map(|policy| TagRule {
                    policy: policy.id.clone(),
                    mode: policy.mode,
                    on_undecided: policy.on_undecided,
                    tags: policy.tags,
                })
                .collect(),
            ImageSelection::Outside | ImageSelection::NotCovered(_) | ImageSelection::InsecureAllowed => {
                Vec::new()
            }
        }
    }

    async fn judge(
        &self,
        image: &str,
        context: &gate::Context,
        now: Timestamp,
        deadline: Instant,
    ) -> Judgement {
        self.gate.judge(image, context, gate::Stage::Template, now, deadline).await
    }

    async fn pin(&self, image: &str, context: &gate::Context, deadline: Instant) -> Option<ImageRef> {
        self.gate.pin(image, context, deadline).await
    }
}
