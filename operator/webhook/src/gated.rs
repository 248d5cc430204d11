//! The real court: intake for what is seen of the cluster, gate for what is known of an image.

use gate::{Gate, Intake, Stage};
use jiff::Timestamp;
use names::ImageRef;
use rulebook::Selection;
use tokio::time::Instant;
use verdict::Judgement;
use workload::Workload;

use crate::court::{Blind, Court};

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

    fn pins(&self, image: &str, selection: &Selection) -> bool {
        self.gate.pins(image, selection)
    }

    async fn judge(
        &self,
        image: &str,
        context: &gate::Context,
        stage: Stage,
        now: Timestamp,
        deadline: Instant,
    ) -> Judgement {
        self.gate.judge(image, context, stage, now, deadline).await
    }

    async fn pin(&self, image: &str, context: &gate::Context, deadline: Instant) -> Option<ImageRef> {
        self.gate.pin(image, context, deadline).await
    }
}
