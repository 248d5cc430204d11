//! One image is built from one source: its believed keyless statements must say so alike.
//!
//! Scans are left out: they may come from a central repository. The repository comes from the certificate,
//! never from the payload.

use evidence::Document;
use trust::AnchorId;

use crate::{
    code::Code,
    demand::Demand,
    fault::{Fault, What},
    finding::Requirement,
    heard::Heard,
};

/// The first statement whose source repository is another than that of the first one, if any. A certificate
/// that names none differs from one that does.
pub(crate) fn mismatch<'a: 'h, 'h>(
    hearings: impl Iterator<Item = (Demand<'a>, &'h [Heard<'a>])>,
) -> Option<Fault<'a>> {
    let from_source = hearings.filter(|(demand, _)| !matches!(demand, Demand::Scan(_)));
    let mut keyless = from_source
        .flat_map(|(_, heard)| heard)
        .map(|heard| heard.document)
        .filter(|document| matches!(document.proof().anchor, AnchorId::Root(_)));
    let first = keyless.next()?;
    let other = keyless.find(|other| repository(other) != repository(first))?;
    Some(Fault {
        requirement: Requirement::Image,
        code: Code::SourceMismatch,
        evidence: Some(other),
        since: None,
        what: What::Sources { first, other },
    })
}

/// The repository that the certificate says was built.
pub(crate) fn repository(document: &Document) -> Option<&str> {
    document.proof().claims.source_repository.as_deref()
}
