//! Warnings fit what the API server passes on.

use names::ImageRef;

use super::*;
use crate::{
    Code, Mode, OnUndecided, PolicyVerdict,
    testing::{digest, policy_id},
};

fn verdict(mode: Mode, code: Code, found: &str) -> PolicyVerdict {
    PolicyVerdict::of_code(policy_id("p"), mode, OnUndecided::Deny, code, found, "wanted")
}

fn judgement(image: &str, policies: Vec<PolicyVerdict>) -> Judgement {
    Judgement::new(image.to_owned(), ImageRef::parse(image).ok(), Some(digest("image")), policies)
}

#[test]
fn each_finding_of_a_policy_that_warns_is_a_line() {
    let policies = vec![
        verdict(Mode::Warn, Code::ScanStale, "the scan is old"),
        verdict(Mode::Audit, Code::SbomMissing, "no SBOM"),
        verdict(Mode::Enforce, Code::SbomMissing, "no SBOM"),
        verdict(Mode::Warn, Code::EvidenceUnreadable, "junk"),
    ];
    let lines = warnings(&[judgement("cart:1", policies)]);
    assert_eq!(lines, ["ScanStale: cart:1: the scan is old; wanted"]);
}

#[test]
fn what_two_policies_find_alike_is_said_once() {
    let twice =
        vec![verdict(Mode::Warn, Code::ScanStale, "old"), verdict(Mode::Warn, Code::ScanStale, "old")];
    assert_eq!(warnings(&[judgement("cart:1", twice)]).len(), 1);
}

#[test]
fn lines_keep_to_the_api_servers_limits_whatever_is_in_them() {
    let hostile = verdict(Mode::Warn, Code::ScanStale, &"\u{7}ä\r\n".repeat(500));
    let images: Vec<_> = (0..60).map(|n| format!("evil-{n}\n{}", "x".repeat(400))).collect();
    let judgements: Vec<_> = images.iter().map(|image| judgement(image, vec![hostile.clone()])).collect();
    let lines = warnings(&judgements);
    assert!(lines.iter().all(|line| line.len() <= 256 && !line.chars().any(char::is_control)), "{lines:?}");
    assert!(lines.iter().map(String::len).sum::<usize>() <= MAX_MESSAGE);
    let told = lines.len() - 1;
    assert!(told > 10);
    assert_eq!(lines.last().unwrap(), &format!("… and {} more findings", 60 - told));
}
