//! One image, one source repository.

use super::*;
use crate::testing::{CLAUDE, TODAY, ai, ai_by, by_ci, evidence, sbom, scan, scan_by};
use crate::{ScanRule, testing::scan_rule};

fn from(repository: Option<&str>) -> trust::Proof {
    let mut proof = by_ci(TODAY);
    proof.claims.source_repository = repository.map(str::to_owned);
    proof
}

/// Rules whose `ci` names no claim, so that every repository is believed.
fn any_source() -> Rules {
    let mut rules = rules();
    for signer in &mut rules.signers {
        if let crate::Proves::Keyless { claims, .. } = &mut signer.proves {
            claims.clear();
        }
    }
    rules
}

#[test]
fn sbom_and_ai_provenance_of_two_repositories_do_not_go_together() {
    let found = |repository| {
        let provenance = ai_by(TODAY, CLAUDE, from(repository));
        evidence(vec![sbom(TODAY, by_ci(TODAY)), provenance, scan(TODAY, 0)])
    };
    assert_eq!(judged(&any_source(), &found(Some(crate::testing::CART))), allowed());
    assert_eq!(
        judged(&any_source(), &found(Some("https://github.com/shop/other"))),
        denied(&[Code::SourceMismatch])
    );
    assert_eq!(judged(&any_source(), &found(None)), denied(&[Code::SourceMismatch]));
}

#[test]
fn an_older_statement_that_no_longer_decides_must_agree_too() {
    let older = sbom("2026-11-20T09:00:00Z", from(Some("https://github.com/shop/other")));
    let mut documents = sound().documents;
    documents.push(older);
    assert_eq!(judged(&any_source(), &evidence(documents)), denied(&[Code::SourceMismatch]));
}

#[test]
fn a_scan_may_come_from_a_central_repository() {
    let mut rules = any_source();
    rules.scan = Some(ScanRule { signed_by: vec!["ci".to_owned()], ..scan_rule() });
    let central = scan_by("trivy", TODAY, 0, from(Some("https://github.com/shop/scans")));
    let found = evidence(vec![sbom(TODAY, by_ci(TODAY)), ai(TODAY, CLAUDE), central]);
    assert_eq!(judged(&rules, &found), allowed());
}

#[test]
fn a_mismatch_is_certain_even_while_something_is_unread() {
    let mut found =
        evidence(vec![sbom(TODAY, by_ci(TODAY)), ai_by(TODAY, CLAUDE, from(None)), scan(TODAY, 0)]);
    found.unread.push(evidence::Unread {
        candidate: None,
        obstacle: Obstacle::Deadline,
        detail: "x".to_owned(),
    });
    let wanted = denied(&[Code::SourceMismatch, Code::DeadlineExceeded]);
    assert_eq!(judged(&any_source(), &found), wanted);
}
