//! A candidate that nobody has read is never taken for absence.

use evidence::Unread;
use rstest::rstest;

use super::*;
use crate::testing::{TODAY, by_key, digest, evidence, sbom, scan, scan_only};

fn unread(obstacle: Obstacle) -> Unread {
    Unread { candidate: Some(digest("candidate")), obstacle, detail: "the registry answered 503".to_owned() }
}

fn with_unread(mut evidence: Evidence, obstacles: &[Obstacle]) -> Evidence {
    evidence.unread = obstacles.iter().copied().map(unread).collect();
    evidence
}

#[rstest]
#[case(Obstacle::Refused, Code::RegistryRefused)]
#[case(Obstacle::Unreachable, Code::RegistryUnreachable)]
#[case(Obstacle::Invalid, Code::RegistryInvalid)]
#[case(Obstacle::NotFound, Code::RegistryInvalid)]
#[case(Obstacle::Deadline, Code::DeadlineExceeded)]
#[case(Obstacle::Limit, Code::LimitExceeded)]
fn nothing_is_missing_while_something_is_unread(#[case] obstacle: Obstacle, #[case] code: Code) {
    let found = with_unread(Evidence::default(), &[obstacle]);
    assert_eq!(judged(&rules(), &found), (Outcome::Undecided, vec![code]));
}

#[test]
fn another_statement_that_passes_does_not_make_up_for_it() {
    let found = with_unread(sound(), &[Obstacle::NotFound]);
    assert_eq!(judged(&rules(), &found), (Outcome::Undecided, vec![Code::RegistryInvalid]));
}

#[test]
fn what_a_read_statement_says_stays_denied() {
    let found = with_unread(evidence(vec![scan(TODAY, 1)]), &[Obstacle::Unreachable]);
    let wanted = denied(&[Code::SeverityExceeded, Code::RegistryUnreachable]);
    assert_eq!(judged(&scan_only(), &found), wanted);
}

#[rstest]
#[case::stale(scan("2026-11-13T12:00:00Z", 0))]
#[case::undated(scan("0001-01-01T00:00:00Z", 0))]
#[case::not_trusted(sbom(TODAY, by_key()))]
fn what_follows_from_absence_is_left_open(#[case] only: std::sync::Arc<evidence::Document>) {
    let found = with_unread(evidence(vec![only]), &[Obstacle::Deadline]);
    assert_eq!(judged(&rules(), &found), (Outcome::Undecided, vec![Code::DeadlineExceeded]));
}

#[test]
fn each_obstacle_is_told_once_with_its_count() {
    let obstacles = [Obstacle::Invalid, Obstacle::Deadline, Obstacle::NotFound, Obstacle::Deadline];
    let verdict = decide(&rules(), &with_unread(Evidence::default(), &obstacles), now());
    let told: Vec<_> =
        verdict.findings.iter().map(|finding| (finding.code, finding.found.as_str())).collect();
    let words = "2 attestations of the image could not be read: the registry answered 503";
    assert_eq!(told, [(Code::RegistryInvalid, words), (Code::DeadlineExceeded, words)]);
}
