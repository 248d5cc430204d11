//! Requirements: ages parsed, signers' names held against the list.

use crds::ai_tool_policy::{AtMost, Grade as WrittenGrade, Require, Signer};
use names::{Age, Severity};
use predicate::Grade;
use verdict::{AiProvenanceRule, SbomRule, ScanRule};

use crate::policy_error::Faults;

type Requirements = (Option<SbomRule>, Option<AiProvenanceRule>, Option<ScanRule>);

pub(super) fn compile(written: &Require, signers: &[Signer], faults: &mut Faults) -> Requirements {
    let Require { sbom, ai_provenance, vulnerability_scan } = written;
    if sbom.is_none() && ai_provenance.is_none() && vulnerability_scan.is_none() {
        let wanted = "at least one of sbom, aiProvenance and vulnerabilityScan";
        faults.add(
            "spec.require",
            "nothing is required, so every image would pass",
            wanted,
            "add a requirement",
        );
    }
    let sbom = sbom.as_ref().map(|sbom| SbomRule {
        signed_by: signed_by("sbom", &sbom.signed_by, signers, faults),
        max_age: age("sbom", sbom.max_age.as_deref(), faults),
    });
    let ai_provenance = ai_provenance.as_ref().map(|provenance| {
        let field = "aiProvenance";
        AiProvenanceRule {
            signed_by: signed_by(field, &provenance.signed_by, signers, faults),
            max_age: age(field, provenance.max_age.as_deref(), faults),
            minimum_grade: provenance.minimum_grade.map(grade),
            max_unknown_percent: percent("maxUnknownPercent", provenance.max_unknown_percent, faults),
            max_ai_percent: percent("maxAIPercent", provenance.max_ai_percent, faults),
        }
    });
    let scan = vulnerability_scan.as_ref().map(|scan| {
        let field = "vulnerabilityScan";
        ScanRule {
            signed_by: signed_by(field, &scan.signed_by, signers, faults),
            max_age: age(field, scan.max_age.as_deref(), faults),
            at_most: scan.at_most.as_ref().map(|written| at_most(written, faults)).unwrap_or_default(),
        }
    });
    (sbom, ai_provenance, scan)
}

fn signed_by(requirement: &str, names: &[String], signers: &[Signer], faults: &mut Faults) -> Vec<String> {
    let field = format!("spec.require.{requirement}.signedBy");
    if names.is_empty() {
        faults.add(&field, "it names nobody", "the name of a signer", "name one");
    }
    for name in names.iter().filter(|name| !signers.iter().any(|signer| signer.name == **name)) {
        let found = format!("spec.signers has no signer {name:?}");
        faults.add(&field, found, "the name of a signer", "correct the name, or add the signer");
    }
    names.to_vec()
}

fn age(requirement: &str, text: Option<&str>, faults: &mut Faults) -> Option<Age> {
    let field = format!("spec.require.{requirement}.maxAge");
    faults.keep(&field, Age::parse(text?), "an age such as 24h, 90m or 1h30m", "correct the age")
}

fn percent(field: &str, percent: Option<u8>, faults: &mut Faults) -> Option<u8> {
    if let Some(over) = percent.filter(|percent| *percent > 100) {
        let field = format!("spec.require.aiProvenance.{field}");
        faults.add(&field, format!("{over} is more than a hundred"), "0 to 100", "correct the number");
    }
    percent
}

fn at_most(written: &AtMost, faults: &mut Faults) -> Vec<(Severity, u64)> {
    if *written == AtMost::default() {
        let field = "spec.require.vulnerabilityScan.atMost";
        faults.add(field, "it names no severity", "at least one", "add critical: 0, or remove atMost");
    }
    let AtMost { critical, high, medium, low, negligible, unknown } = *written;
    [
        (Severity::Critical, critical),
        (Severity::High, high),
        (Severity::Medium, medium),
        (Severity::Low, low),
        (Severity::Negligible, negligible),
        (Severity::Unknown, unknown),
    ]
    .into_iter()
    .filter_map(|(severity, most)| Some((severity, u64::from(most?))))
    .collect()
}

const fn grade(written: WrittenGrade) -> Grade {
    match written {
        WrittenGrade::Declared => Grade::Declared,
        WrittenGrade::Observed => Grade::Observed,
        WrittenGrade::Witnessed => Grade::Witnessed,
    }
}
