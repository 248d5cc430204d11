//! A statement that some named signer is believed for, and its place in time.
//!
//! Order and age come from the time that was signed, bounded by the time that was proved: logging or
//! stamping an old statement again makes nothing newer.

use evidence::{AiProvenance, Document, Sbom, Scan, Unreadable};
use jiff::{SignedDuration, Timestamp};
use trust::AnchorId;

use crate::signer::Signer;

/// How far a signed time may lie after the proved one: the drift of a build machine's clock. Farther ahead,
/// a time is not believed.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A believed statement of one requirement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard<'a> {
    pub(crate) signer: &'a Signer,
    pub(crate) document: &'a Document,
    pub(crate) content: Content<'a>,
}

/// What it says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content<'a> {
    Sbom(&'a Sbom),
    AiProvenance(&'a AiProvenance),
    Scan(&'a Scan),
    Unreadable(&'a Unreadable),
}

// === impl Heard ===

impl<'a> Heard<'a> {
    /// The time that orders it and from which its age counts; `None` is undated. Undated sorts before every
    /// time, and so loses every comparison.
    pub(crate) fn time(&self, now: Timestamp) -> Option<Timestamp> {
        let verified = self.verified();
        match self.stated() {
            Some(stated) => {
                let ahead = stated.duration_since(verified.unwrap_or(now));
                (ahead <= CLOCK_SKEW).then_some(stated)
            }
            // A certificate lives for minutes, so the time proved for it is close to the time of signing. A
            // key signs at any time.
            None => match self.document.proof().anchor {
                AnchorId::Root(_) => verified,
                AnchorId::Key(_) => None,
            },
        }
    }

    /// The instant from which a time that is now too far ahead is believed.
    pub(crate) fn dated_from(&self) -> Option<Timestamp> {
        match (self.stated(), self.verified()) {
            (Some(stated), None) => stated.checked_sub(CLOCK_SKEW).ok(),
            _ => None,
        }
    }

    /// The time that the signer signed.
    pub(crate) const fn stated(&self) -> Option<Timestamp> {
        match self.content {
            Content::Sbom(sbom) => sbom.timestamp,
            Content::AiProvenance(ai) => Some(ai.collected_at),
            Content::Scan(scan) => scan.finished_at,
            Content::Unreadable(unreadable) => unreadable.time,
        }
    }

    /// The earliest time proved under the root that this signer names for times.
    pub(crate) fn verified(&self) -> Option<Timestamp> {
        let proof = self.document.proof();
        self.signer.trusts_times_of(proof).then(|| proof.verified_at()).flatten()
    }

    /// The scanner whose scans it replaces.
    pub(crate) fn scanner(&self) -> Option<&'a str> {
        match self.content {
            Content::Scan(scan) => scan.scanner.name.as_deref(),
            Content::Unreadable(unreadable) => unreadable.scanner.as_deref(),
            Content::Sbom(_) | Content::AiProvenance(_) => None,
        }
    }

    /// Whether nothing says which scanner's scan it is. It may be any scanner's newest, and competes with all.
    pub(crate) fn is_unplaced(&self) -> bool {
        matches!(self.content, Content::Unreadable(unreadable) if unreadable.scanner.is_none())
    }
}
