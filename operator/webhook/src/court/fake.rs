//! A court that says what a test tells it to, and remembers what it was asked.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use futures::future::BoxFuture;
use names::Digest;
use verdict::{Mode, OnUndecided, PolicyId, PolicyVerdict};

use super::*;

type JudgeFn = dyn Fn(String, Stage) -> BoxFuture<'static, Judgement> + Send + Sync;

/// What the court says about selection.
pub(crate) enum Selects {
    Nothing,
    Blind(Code),
    Something,
}

pub(crate) struct FakeCourt {
    pub(crate) ready: bool,
    pub(crate) selects: Selects,
    pub(crate) judge: Box<JudgeFn>,
    /// What is to be pinned, and to what; `None`: it cannot be resolved.
    pub(crate) pins: BTreeMap<String, Option<ImageRef>>,
    asked: Mutex<Vec<String>>,
}

impl FakeCourt {
    /// Policies that pin nothing, and `judge` for every image.
    pub(crate) fn judging(judge: impl Fn(&str) -> Judgement + Send + Sync + 'static) -> Self {
        Self::judging_by_stage(move |image, _stage| judge(image))
    }

    /// Policies that pin nothing, and `judge` for every image at every stage.
    pub(crate) fn judging_by_stage(judge: impl Fn(&str, Stage) -> Judgement + Send + Sync + 'static) -> Self {
        Self {
            ready: true,
            selects: Selects::Something,
            judge: Box::new(move |image, stage| {
                let judgement = judge(&image, stage);
                Box::pin(async move { judgement })
            }),
            pins: BTreeMap::new(),
            asked: Mutex::new(Vec::new()),
        }
    }

    /// A court whose policies select nothing, and which must not be asked to judge.
    pub(crate) fn unselecting() -> Self {
        Self::judging(|image| panic!("asked to judge {image}")).selecting(Selects::Nothing)
    }

    pub(crate) fn selecting(mut self, selects: Selects) -> Self {
        self.selects = selects;
        self
    }

    pub(crate) fn pinning(mut self, image: &str, reference: &str) -> Self {
        self.pins.insert(image.to_owned(), Some(ImageRef::parse(reference).unwrap()));
        self
    }

    /// Everything asked so far, as in `judge registry.example.com/shop/cart:1.4`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, asked: String) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
    }
}

impl Court for FakeCourt {
    type Context = ();
    type Selection = ();

    fn ready(&self) -> bool {
        self.ready
    }

    async fn selection(&self, namespace: &str, _deadline: Instant) -> Result<Option<()>, Blind> {
        self.note(format!("selection {namespace}"));
        match &self.selects {
            Selects::Nothing => Ok(None),
            Selects::Blind(code) => Err(Blind { code: *code, message: "not listed yet".to_owned() }),
            Selects::Something => Ok(Some(())),
        }
    }

    async fn context(&self, namespace: &str, workload: &Workload, _selection: &(), _deadline: Instant) {
        self.note(format!("context {namespace} {}", workload.service_account));
    }

    fn pins(&self, image: &str, _selection: &()) -> bool {
        self.pins.contains_key(image)
    }

    async fn judge(
        &self,
        image: &str,
        _context: &(),
        stage: Stage,
        _now: Timestamp,
        _deadline: Instant,
    ) -> Judgement {
        self.note(format!("judge {image}"));
        (self.judge)(image.to_owned(), stage).await
    }

    async fn pin(&self, image: &str, _context: &(), _deadline: Instant) -> Option<ImageRef> {
        self.note(format!("pin {image}"));
        self.pins.get(image).cloned().flatten()
    }
}

pub(crate) fn policy(name: &str) -> PolicyId {
    PolicyId {
        name: name.to_owned(),
        uid: format!("uid-of-{name}"),
        generation: 7,
        digest: Digest::sha256(name.as_bytes()),
    }
}

/// The digest that the fake registry has for `image`.
pub(crate) fn digest_of(image: &str) -> Digest {
    Digest::sha256(image.as_bytes())
}

/// `image` judged and resolved, with nothing found.
pub(crate) fn clean(image: &str) -> Judgement {
    Judgement {
        image: image.to_owned(),
        reference: ImageRef::parse(image).ok(),
        digest: Some(digest_of(image)),
        policies: Vec::new(),
    }
}

/// `image` with one finding of the policy `production`.
pub(crate) fn found(image: &str, mode: Mode, on_undecided: OnUndecided, code: Code) -> Judgement {
    let verdict = PolicyVerdict::of_code(
        policy("production"),
        mode,
        on_undecided,
        code,
        "what was found",
        "what was wanted",
    );
    Judgement { policies: vec![verdict], ..clean(image) }
}

/// `image` denied by an Enforce policy.
pub(crate) fn denied(image: &str) -> Judgement {
    found(image, Mode::Enforce, OnUndecided::Deny, Code::SbomMissing)
}

/// `image` that could not be resolved, under an Enforce policy that denies when undecided.
pub(crate) fn unresolved(image: &str) -> Judgement {
    Judgement { digest: None, ..found(image, Mode::Enforce, OnUndecided::Deny, Code::RegistryUnreachable) }
}
