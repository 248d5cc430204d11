//! Statements: the signed in-toto payload, its predicate left as the text that was signed.

mod outline;

use std::sync::Arc;

use names::Digest;

use crate::bundle::Bundle;

pub(crate) use outline::Outline;
pub use outline::Subject;

/// An in-toto statement. It holds the bundle it came from; a clone shares it.
#[derive(Clone)]
pub struct Statement {
    bundle: Bundle,
    outline: Arc<Outline>,
    digest: Digest,
}

impl Statement {
    pub(crate) fn new(bundle: &Bundle, outline: &Arc<Outline>) -> Self {
        let digest = Digest::sha256(bundle.payload());
        Self { bundle: bundle.clone(), outline: Arc::clone(outline), digest }
    }

    /// `https://in-toto.io/Statement/v1` or `https://in-toto.io/Statement/v0.1`.
    pub fn statement_type(&self) -> &str {
        self.outline.statement_type().unwrap_or_default()
    }

    /// What kind of predicate this is, as the signer wrote it.
    pub fn predicate_type(&self) -> &str {
        self.outline.predicate_type().unwrap_or_default()
    }

    /// The predicate's JSON, as it was signed; `{}` where there is none, as the in-toto specification reads
    /// it. Keys that stand twice inside it are for its own parser to refuse.
    pub fn predicate(&self) -> &str {
        self.outline.predicate(self.bundle.payload()).unwrap_or("{}")
    }

    /// SHA-256 of the signed payload.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// What the statement is about: at least one of them is the digest that was looked up.
    pub fn subjects(&self) -> &[Subject] {
        self.outline.subjects()
    }
}

impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Statement")
            .field("predicate_type", &self.predicate_type())
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}
