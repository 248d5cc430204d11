//! A vulnerability scan, from cosign's `vuln` predicate with Trivy's report as its result.
//!
//! A scan that shows no result is never clean. `invocation` and the database block are not read: Trivy
//! leaves both empty. Not here: what number of findings is too many.

use jiff::Timestamp;
use names::Severity;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::{
    scanner::Scanner,
    stream,
    text::Text,
    timestamp,
    unreadable::{Reason, Unreadable},
};

/// The one version of Trivy's report that is read; version 1 was a bare list.
const TRIVY_SCHEMA: u64 = 2;

/// What a scanner found in an image, and when it had finished looking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// Who scanned.
    pub scanner: Scanner,
    /// `metadata.scanFinishedOn`.
    pub finished_at: Option<Timestamp>,
    /// Findings by severity, one for each package and vulnerability. Those the scanner was told to
    /// suppress count like any other.
    pub findings: SeverityCounts,
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeverityCounts {
    critical: u64,
    high: u64,
    medium: u64,
    low: u64,
    negligible: u64,
    unknown: u64,
}

#[derive(Deserialize)]
struct Predicate<'a> {
    #[serde(borrow, default)]
    scanner: Option<ScannerBlock<'a>>,
    // Only in the first text of the format, and still copied from there.
    #[serde(borrow, default)]
    scanners: Option<Vec<ScannerBlock<'a>>>,
    #[serde(borrow, default)]
    metadata: Option<Metadata<'a>>,
}

#[derive(Deserialize)]
struct ScannerBlock<'a> {
    #[serde(borrow, default)]
    uri: Option<Text<'a>>,
    #[serde(borrow, default)]
    version: Option<Text<'a>>,
    // Kept as text until the rest is known: a scan with a bad result must still take its place in time.
    #[serde(borrow, default)]
    result: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow, default)]
    scan_finished_on: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Report {
    #[serde(default)]
    schema_version: Option<u64>,
    #[serde(default, deserialize_with = "results")]
    results: SeverityCounts,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResultRow {
    #[serde(default, deserialize_with = "vulnerabilities")]
    vulnerabilities: SeverityCounts,
    #[serde(default, deserialize_with = "suppressed")]
    experimental_modified_findings: SeverityCounts,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Suppressed<'a> {
    #[serde(borrow, default)]
    r#type: Option<Text<'a>>,
    #[serde(borrow, default)]
    finding: Option<Vulnerability<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Vulnerability<'a> {
    #[serde(borrow, default)]
    severity: Option<Text<'a>>,
}

// === impl Scan ===

impl Scan {
    /// Reads a cosign `vuln` predicate.
    pub(crate) fn read(predicate: &str) -> Result<Self, Unreadable> {
        let Predicate { scanner, scanners, metadata } =
            serde_json::from_str(predicate).map_err(|error| Unreadable::new(Reason::from_json(&error)))?;
        let mut blocks: Vec<_> = scanner.into_iter().chain(scanners.into_iter().flatten()).collect();
        let count = blocks.len();
        let block = blocks.pop().filter(|_| count == 1);
        let named = block.as_ref().map(ScannerBlock::scanner).unwrap_or_default();

        let stated = metadata.and_then(|metadata| metadata.scan_finished_on);
        let time = timestamp::read(stated.as_ref().map(|text| &*text.0), "metadata.scanFinishedOn");
        let place = |reason, time| Unreadable { reason, time, scanner: named.name.clone() };
        let finished_at = time.map_err(|reason| place(reason, None))?;
        let refused = |reason| place(reason, finished_at);

        let block = block.ok_or_else(|| refused(Reason::Scanners { count }))?;
        let result = block.result.ok_or_else(|| refused(Reason::ResultMissing))?;
        let findings = trivy(result.get()).map_err(refused)?;
        Ok(Self { scanner: named, finished_at, findings })
    }
}

// === impl ScannerBlock ===

impl ScannerBlock<'_> {
    fn scanner(&self) -> Scanner {
        Scanner::read(self.uri.as_ref().map(|text| &*text.0), self.version.as_ref().map(|text| &*text.0))
    }
}

// === impl SeverityCounts ===

impl SeverityCounts {
    /// Findings of `severity`.
    #[must_use]
    pub const fn of(&self, severity: Severity) -> u64 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Negligible => self.negligible,
            Severity::Unknown => self.unknown,
        }
    }

    fn add(&mut self, severity: Severity) {
        let count = match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Negligible => &mut self.negligible,
            Severity::Unknown => &mut self.unknown,
        };
        *count = count.saturating_add(1);
    }

    fn merge(&mut self, other: &Self) {
        self.critical = self.critical.saturating_add(other.critical);
        self.high = self.high.saturating_add(other.high);
        self.medium = self.medium.saturating_add(other.medium);
        self.low = self.low.saturating_add(other.low);
        self.negligible = self.negligible.saturating_add(other.negligible);
        self.unknown = self.unknown.saturating_add(other.unknown);
    }
}

// === impl Vulnerability ===

impl Vulnerability<'_> {
    /// A missing severity, and a word that no scanner of ours uses, are unknown; never harmless.
    fn severity(&self) -> Severity {
        self.severity.as_ref().and_then(|text| text.0.parse().ok()).unwrap_or(Severity::Unknown)
    }
}

/// Counts the vulnerabilities of a Trivy report. Trivy omits `Results` when it found nothing to list, so
/// its `SchemaVersion` is what tells an empty report from something that is no report.
fn trivy(result: &str) -> Result<SeverityCounts, Reason> {
    if !result.starts_with('{') {
        return Err(Reason::ResultFormat);
    }
    let report: Report = serde_json::from_str(result).map_err(|error| Reason::from_json(&error))?;
    if report.schema_version != Some(TRIVY_SCHEMA) {
        return Err(Reason::ResultFormat);
    }
    Ok(report.results)
}

fn results<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SeverityCounts, D::Error> {
    stream::fold(deserializer, "results", SeverityCounts::default(), |total, row: ResultRow| {
        total.merge(&row.vulnerabilities);
        total.merge(&row.experimental_modified_findings);
    })
}

fn vulnerabilities<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SeverityCounts, D::Error> {
    stream::fold(
        deserializer,
        "vulnerabilities",
        SeverityCounts::default(),
        |total, found: Vulnerability<'_>| {
            total.add(found.severity());
        },
    )
}

/// `.trivyignore` and a local VEX file move findings here; neither is signed by anybody the policy knows.
fn suppressed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SeverityCounts, D::Error> {
    stream::fold(
        deserializer,
        "suppressed findings",
        SeverityCounts::default(),
        |total, item: Suppressed<'_>| {
            if item.r#type.as_ref().is_some_and(|text| text.0 == "vulnerability") {
                total.add(item.finding.as_ref().map_or(Severity::Unknown, Vulnerability::severity));
            }
        },
    )
}

#[cfg(test)]
mod tests;
