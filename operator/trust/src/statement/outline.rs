//! The outline of an in-toto statement: types, subjects, and where the predicate lies. The predicate itself
//! is scanned, not read.

use std::fmt;
use std::ops::Range;

use names::Digest;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::bundle::{Bounded, Fault};
use crate::detail::Detail;
use crate::refused::{Reason, Step};

/// Most subjects of a statement, as in sigstore-go (CVE-2024-45395: 200,000 took a verifier down).
pub(crate) const MAX_SUBJECTS: usize = 1024;
/// Most digests of one subject, as in sigstore-go.
pub(crate) const MAX_DIGESTS: usize = 32;

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    name: Option<String>,
    digests: Vec<(String, String)>,
}

impl Subject {
    /// The name that the signer gave it, if any; nothing is looked up by it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Whether one of its digests is this one: same algorithm, same lower-case hex.
    pub fn is(&self, digest: &Digest) -> bool {
        let algorithm = digest.algorithm().as_str();
        self.digests.iter().any(|(name, value)| name == algorithm && value == digest.hex())
    }
}

pub(crate) struct Outline {
    statement_type: Option<String>,
    predicate_type: Option<String>,
    subjects: Vec<Subject>,
    predicate: Option<Range<usize>>,
}

impl Outline {
    /// Step 7 of [`verify`](crate::verify).
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Fault> {
        let unreadable = |error: &dyn std::error::Error| {
            Fault::new(Step::Statement, Reason::Unreadable(Detail::of(error)))
        };
        let text = std::str::from_utf8(payload).map_err(|error| unreadable(&error))?;
        let wire: Wire<'_> = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
        bound("subjects", wire.subject.found, MAX_SUBJECTS)?;
        let most = wire.subject.items.iter().map(|subject| subject.digest.found).max();
        bound("digests of a subject", most.unwrap_or(0), MAX_DIGESTS)?;
        let subjects = wire.subject.items.into_iter().map(Subject::from).collect();
        let predicate = wire.predicate.map(|predicate| place(predicate.get(), text));
        Ok(Self {
            statement_type: wire.statement_type,
            predicate_type: wire.predicate_type,
            subjects,
            predicate,
        })
    }

    pub(crate) fn statement_type(&self) -> Option<&str> {
        self.statement_type.as_deref()
    }

    pub(crate) fn predicate_type(&self) -> Option<&str> {
        self.predicate_type.as_deref()
    }

    pub(crate) fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    /// The predicate's text within the payload that was parsed.
    pub(crate) fn predicate<'a>(&self, payload: &'a [u8]) -> Option<&'a str> {
        let bytes = payload.get(self.predicate.clone()?)?;
        Some(std::str::from_utf8(bytes).expect("the whole payload was UTF-8 when it was parsed"))
    }
}

fn bound(what: &'static str, found: usize, most: usize) -> Result<(), Fault> {
    if found > most {
        return Err(Fault::new(Step::Statement, Reason::TooMany { what, found, most }));
    }
    Ok(())
}

/// Where a borrowed part lies in the text it was borrowed from.
fn place(part: &str, text: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(rename = "_type")]
    statement_type: Option<String>,
    predicate_type: Option<String>,
    #[serde(default)]
    subject: Bounded<WireSubject, MAX_SUBJECTS>,
    #[serde(borrow)]
    predicate: Option<&'a RawValue>,
}

#[derive(serde::Deserialize)]
struct WireSubject {
    name: Option<String>,
    #[serde(default)]
    digest: Digests,
}

impl From<WireSubject> for Subject {
    fn from(wire: WireSubject) -> Self {
        Self { name: wire.name, digests: wire.digest.items }
    }
}

/// A digest set: each algorithm once, read up to the bound and counted beyond it.
#[derive(Default)]
struct Digests {
    items: Vec<(String, String)>,
    found: usize,
}

impl<'de> Deserialize<'de> for Digests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DigestSet)
    }
}

struct DigestSet;

impl<'de> Visitor<'de> for DigestSet {
    type Value = Digests;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a set of digests by algorithm")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut digests = Digests::default();
        while digests.found < MAX_DIGESTS {
            let Some((algorithm, value)) = map.next_entry::<String, String>()? else { return Ok(digests) };
            if digests.items.iter().any(|(known, _)| *known == algorithm) {
                return Err(A::Error::custom("a digest algorithm stands twice in one subject"));
            }
            digests.items.push((algorithm, value));
            digests.found += 1;
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            digests.found += 1;
        }
        Ok(digests)
    }
}
