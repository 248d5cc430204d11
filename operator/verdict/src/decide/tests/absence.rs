//! Why nothing was there that counts: the furthest that any candidate came.

use rstest::rstest;
use trust::{AnchorId, Identity, Log, Step};

use super::*;
use crate::{
    Disbelief,
    testing::{
        AI, CLAUDE, SBOM, SCAN, TODAY, ai, by_ci, by_key, digest, evidence, no_rules, refused, sbom, scan,
        scan_by, scan_only,
    },
};

fn sbom_only() -> Rules {
    Rules { sbom: rules().sbom, ..no_rules() }
}

#[test]
fn what_is_not_there_is_missing() {
    let wanted = denied(&[Code::SbomMissing, Code::AiProvenanceMissing, Code::ScanMissing]);
    assert_eq!(judged(&rules(), &Evidence::default()), wanted);
}

#[test]
fn a_well_signed_statement_of_another_type_does_not_stand_in() {
    let only_ai = evidence(vec![ai(TODAY, CLAUDE)]);
    assert_eq!(judged(&rules(), &only_ai), denied(&[Code::SbomMissing, Code::ScanMissing]));
}

#[test]
fn another_signer_of_the_policy_is_not_trusted_where_it_is_not_named() {
    assert_eq!(
        judged(&sbom_only(), &evidence(vec![sbom(TODAY, by_key())])),
        denied(&[Code::SignerNotTrusted])
    );
}

#[test]
fn another_workflow_under_the_same_root_is_not_trusted() {
    let mut proof = by_ci(TODAY);
    proof.identity = Some(Identity::Uri(
        "https://github.com/shop/cart/.github/workflows/evil.yml@refs/heads/main".to_owned(),
    ));
    assert_eq!(judged(&sbom_only(), &evidence(vec![sbom(TODAY, proof)])), denied(&[Code::SignerNotTrusted]));
}

#[test]
fn a_statement_under_a_key_of_another_policy_is_as_good_as_unsigned() {
    let mut proof = by_key();
    proof.anchor = AnchorId::Key(digest("another policy's"));
    let theirs = evidence(vec![scan_by("trivy", TODAY, 0, proof)]);
    assert_eq!(judged(&scan_only(), &theirs), denied(&[Code::SignatureInvalid]));
}

#[test]
fn the_right_signer_without_its_log_lacks_the_proof() {
    let mut proof = by_ci(TODAY);
    proof.log = Log::None;
    assert_eq!(judged(&sbom_only(), &evidence(vec![sbom(TODAY, proof)])), denied(&[Code::LogProofMissing]));
}

#[test]
fn the_nearest_of_several_gives_the_code() {
    let mut unlogged = by_ci(TODAY);
    unlogged.log = Log::None;
    let mut found = evidence(vec![sbom(TODAY, unlogged), sbom(TODAY, by_key())]);
    found.refused = vec![refused(Some(SBOM), Step::Signature)];
    assert_eq!(judged(&sbom_only(), &found), denied(&[Code::LogProofMissing]));
    assert!(Disbelief::Log > Disbelief::Anchor);
}

#[rstest]
#[case(&[(SBOM, Step::Signature)], Code::SignatureInvalid)]
#[case(&[(SBOM, Step::Subject)], Code::SubjectMismatch)]
#[case(&[(SBOM, Step::LogProof)], Code::LogProofMissing)]
#[case(&[(SBOM, Step::StatementType)], Code::PredicateInvalid)]
#[case(&[(SBOM, Step::Subject), (SBOM, Step::Signature)], Code::SignatureInvalid)]
#[case(&[(SBOM, Step::Signature), (SBOM, Step::Subject)], Code::SignatureInvalid)]
#[case(&[(SCAN, Step::Signature)], Code::SbomMissing)]
#[case(&[(AI, Step::Signature), (SBOM, Step::Subject)], Code::SubjectMismatch)]
fn the_furthest_refusal_of_the_right_type_gives_the_code(
    #[case] candidates: &[(&str, Step)],
    #[case] code: Code,
) {
    let refused = candidates.iter().map(|(kind, step)| refused(Some(kind), *step)).collect();
    let found = Evidence { refused, ..Evidence::default() };
    assert_eq!(judged(&sbom_only(), &found), denied(&[code]));
}

#[test]
fn junk_beside_good_evidence_changes_nothing_and_is_told() {
    let mut found = sound();
    found.documents.push(sbom(TODAY, by_key()));
    let mut strange = by_key();
    strange.anchor = AnchorId::Key(digest("strange"));
    found.documents.push(scan_by("trivy", "2026-11-22T11:00:00Z", 9, strange));
    for kind in [None, Some(SBOM), Some(AI), Some(SCAN), Some("junk")] {
        let step = if kind.is_none() { Step::Parse } else { Step::Signature };
        found.refused.extend((0..200).map(|_| refused(kind, step)));
    }
    let verdict = decide(&rules(), &found, now());
    assert_eq!((verdict.outcome, verdict.codes()), (Outcome::Allowed, vec![Code::EvidenceUnreadable]));
    assert!(verdict.findings[0].found.starts_with("200 things"), "{:?}", verdict.findings);
}

#[test]
fn junk_that_cannot_be_read_leaves_missing_missing() {
    let found = Evidence { refused: vec![refused(None, Step::Parse)], ..Evidence::default() };
    assert_eq!(judged(&sbom_only(), &found), denied(&[Code::SbomMissing, Code::EvidenceUnreadable]));
}

#[test]
fn a_refused_newer_scan_does_not_shake_a_believed_one() {
    let mut found = evidence(vec![scan(TODAY, 0)]);
    found.refused.push(refused(Some(SCAN), Step::Signature));
    assert_eq!(judged(&scan_only(), &found), allowed());
}
