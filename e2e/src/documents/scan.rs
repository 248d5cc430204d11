//! A vulnerability scan: Trivy's JSON report inside cosign's `vuln` predicate.
//!
//! cosign reads the predicate into its own struct and writes it back, so fields it does not know, such as the
//! time of the scanner's database, cannot travel this way and are not offered here.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Document, written};

/// A scan. Build it from [`Scan::good`].
#[derive(Debug, Clone)]
pub struct Scan {
    /// `scanner.uri`.
    pub scanner_uri: String,
    /// `scanner.version`.
    pub scanner_version: String,
    /// `scanner.db`: where it comes from and its version. Trivy itself leaves it empty.
    pub database: Option<(String, String)>,
    /// `metadata.scanStartedOn`; cosign writes year 1 for `None`.
    pub started: Option<Timestamp>,
    /// `metadata.scanFinishedOn`; cosign writes year 1 for `None`.
    pub finished: Option<Timestamp>,
    /// What was found.
    pub vulnerabilities: Vec<Vulnerability>,
}

/// One row of a Trivy report.
#[derive(Debug, Clone)]
pub struct Vulnerability {
    /// `VulnerabilityID`.
    pub id: String,
    /// `PkgName`.
    pub package: String,
    /// `InstalledVersion`.
    pub installed: String,
    /// `FixedVersion`; `None` for no fix yet.
    pub fixed: Option<String>,
    /// `CRITICAL`, `HIGH`, `MEDIUM`, `LOW` or `UNKNOWN`.
    pub severity: String,
}

impl Vulnerability {
    /// A vulnerability that has a fix.
    pub fn fixable(id: &str, severity: &str) -> Self {
        Self {
            id: id.to_owned(),
            package: "libexample".to_owned(),
            installed: "1.2.3-1".to_owned(),
            fixed: Some("1.2.4-1".to_owned()),
            severity: severity.to_owned(),
        }
    }

    /// The same without a fix.
    pub fn unfixable(id: &str, severity: &str) -> Self {
        Self { fixed: None, ..Self::fixable(id, severity) }
    }
}

impl Scan {
    /// A Trivy scan finished an hour before `now` that found one low severity.
    pub fn good(now: Timestamp) -> Self {
        Self::finished(now - SignedDuration::from_hours(1))
    }

    /// The same, finished at `finished`.
    pub fn finished(finished: Timestamp) -> Self {
        Self {
            scanner_uri: "pkg:github/aquasecurity/trivy@0.70.0".to_owned(),
            scanner_version: "0.70.0".to_owned(),
            database: None,
            started: Some(finished - SignedDuration::from_secs(20)),
            finished: Some(finished),
            vulnerabilities: vec![Vulnerability::fixable("CVE-2026-1001", "LOW")],
        }
    }

    /// The same scan with `count` more fixable findings of a severity.
    pub fn with(mut self, severity: &str, count: u32) -> Self {
        let more = (0..count).map(|n| Vulnerability::fixable(&format!("CVE-2026-{}", 20_000 + n), severity));
        self.vulnerabilities.extend(more);
        self
    }

    fn report(&self) -> Value {
        let rows: Vec<Value> = self
            .vulnerabilities
            .iter()
            .map(|found| {
                let mut row = json!({
                    "VulnerabilityID": found.id,
                    "PkgName": found.package,
                    "InstalledVersion": found.installed,
                    "Status": if found.fixed.is_some() { "fixed" } else { "affected" },
                    "SeveritySource": "debian",
                    "Severity": found.severity,
                    "CweIDs": ["CWE-787"],
                });
                if let (Some(fixed), Some(fields)) = (&found.fixed, row.as_object_mut()) {
                    fields.insert("FixedVersion".to_owned(), json!(fixed));
                }
                row
            })
            .collect();
        json!({
            "SchemaVersion": 2,
            "ArtifactName": "shop/cart",
            "ArtifactType": "container_image",
            "Metadata": {"OS": {"Family": "debian", "Name": "12.13"}},
            "Results": [{
                "Target": "shop/cart (debian 12.13)", "Class": "os-pkgs", "Type": "debian",
                "Vulnerabilities": rows,
            }],
        })
    }
}

impl Document for Scan {
    fn cosign_type(&self) -> &'static str {
        "vuln"
    }

    fn predicate_type(&self) -> &'static str {
        "https://cosign.sigstore.dev/attestation/vuln/v1"
    }

    fn predicate(&self) -> Value {
        let (database, version) = self.database.clone().unwrap_or_default();
        let mut metadata = serde_json::Map::new();
        for (name, time) in [("scanStartedOn", self.started), ("scanFinishedOn", self.finished)] {
            if let Some(time) = time {
                metadata.insert(name.to_owned(), json!(written(time)));
            }
        }
        json!({
            "invocation": {"parameters": null, "uri": "", "event_id": "", "builder.id": ""},
            "scanner": {
                "uri": self.scanner_uri, "version": self.scanner_version,
                "db": {"uri": database, "version": version},
                "result": self.report(),
            },
            "metadata": metadata,
        })
    }
}
