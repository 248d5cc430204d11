//! Which stage asks for a digest under which demand.

use rstest::rstest;
use verdict::{Mode, Outcome};

use super::*;
use crate::tests::fixtures::{Written, keyless, select};

const TAGGED: &str = "registry.example.com/shop/cart:1.4";

fn tagging(name: &str, tags: &str) -> Written {
    keyless(name).with("tags: Pin", &format!("tags: {tags}"))
}

/// What every covering policy says before tags are spoken of: nothing, or one finding.
fn verdicts(selection: &Selection, code: Option<Code>) -> Vec<PolicyVerdict> {
    let verdict = |policy: &std::sync::Arc<Compiled>| {
        let code = code.unwrap_or(Code::SbomMissing);
        PolicyVerdict::of_code(
            policy.id.clone(),
            policy.mode,
            policy.on_undecided,
            code,
            "what is",
            "what should be",
        )
    };
    let mut verdicts: Vec<_> = selection.policies().iter().map(verdict).collect();
    if code.is_none() {
        verdicts.iter_mut().for_each(|verdict| verdict.verdict = Verdict::new(Vec::new(), None));
    }
    verdicts
}

/// The codes by policy, after `image` was resolved or not and tags were spoken of.
fn demanded(
    policies: &[Written],
    image: &str,
    resolved: bool,
    stage: Stage,
    found: Option<Code>,
) -> Vec<PolicyVerdict> {
    let selection = select(policies);
    let mut verdicts = verdicts(&selection, found);
    let digest = resolved.then(|| Digest::sha256(b"cart"));
    demand_digest(&selection, &ImageRef::parse(image).unwrap(), digest.as_ref(), stage, &mut verdicts);
    verdicts
}

fn codes(verdicts: &[PolicyVerdict]) -> Vec<Code> {
    verdicts.iter().flat_map(|verdict| &verdict.verdict.findings).map(|finding| finding.code).collect()
}

#[rstest]
#[case::pin_on_a_pod("Pin", Stage::Pod, true)]
#[case::pin_on_a_template("Pin", Stage::Template, false)]
#[case::deny_on_a_pod("Deny", Stage::Pod, true)]
#[case::deny_on_a_template("Deny", Stage::Template, true)]
#[case::allowed_on_a_pod("InsecureAllow", Stage::Pod, false)]
#[case::allowed_on_a_template("InsecureAllow", Stage::Template, false)]
fn a_resolved_tag_is_refused_where_a_digest_is_demanded(
    #[case] tags: &str,
    #[case] stage: Stage,
    #[case] refused: bool,
) {
    let verdicts = demanded(&[tagging("p", tags)], TAGGED, true, stage, None);
    assert_eq!(codes(&verdicts), if refused { vec![Code::ImageNotPinned] } else { vec![] });
}

#[test]
fn a_reference_with_a_digest_satisfies_every_demand() {
    let pinned = format!("{TAGGED}@sha256:{}", "a".repeat(64));
    for tags in ["Pin", "Deny"] {
        let verdicts = demanded(&[tagging("p", tags)], &pinned, true, Stage::Pod, None);
        assert_eq!(codes(&verdicts), [], "{tags}");
    }
}

#[test]
fn a_tag_that_could_not_be_resolved_keeps_its_own_code_under_pin_and_gets_a_second_under_deny() {
    let unreachable = Some(Code::RegistryUnreachable);
    let verdicts = demanded(&[tagging("p", "Pin")], TAGGED, false, Stage::Pod, unreachable);
    assert_eq!(codes(&verdicts), [Code::RegistryUnreachable]);
    let verdicts = demanded(&[tagging("p", "Deny")], TAGGED, false, Stage::Pod, unreachable);
    assert_eq!(codes(&verdicts), [Code::RegistryUnreachable, Code::ImageNotPinned]);
    assert_eq!(verdicts[0].verdict.outcome, Outcome::Denied, "denied beats undecided");
}

#[test]
fn the_finding_joins_the_others_of_its_policy_and_says_what_the_tag_means() {
    let verdicts = demanded(&[tagging("p", "Pin")], TAGGED, true, Stage::Pod, Some(Code::SbomMissing));
    assert_eq!(verdicts.len(), 1);
    assert_eq!(codes(&verdicts), [Code::SbomMissing, Code::ImageNotPinned]);
    let finding = &verdicts[0].verdict.findings[1];
    assert!(finding.found.contains(TAGGED), "{finding:?}");
    assert!(finding.wanted.contains(&Digest::sha256(b"cart").to_string()), "{finding:?}");
}

#[test]
fn when_the_verdict_changes_is_kept() {
    let selection = select(&[tagging("p", "Deny")]);
    let mut verdicts = verdicts(&selection, None);
    let changes_at = "2026-11-22T10:00:00Z".parse().unwrap();
    verdicts[0].verdict = Verdict::new(Vec::new(), Some(changes_at));
    demand_digest(&selection, &ImageRef::parse(TAGGED).unwrap(), None, Stage::Pod, &mut verdicts);
    assert_eq!(verdicts[0].verdict.changes_at, Some(changes_at));
}

#[test]
fn deny_beats_pin_beats_allow_and_each_policy_keeps_its_mode() {
    let strict = tagging("strict", "Deny").with("mode: Enforce", "mode: Warn");
    let three = [tagging("lax", "InsecureAllow"), tagging("pins", "Pin"), strict];
    let verdicts = demanded(&three, TAGGED, true, Stage::Template, None);
    let found: Vec<_> = verdicts
        .iter()
        .filter(|verdict| !verdict.verdict.findings.is_empty())
        .map(|verdict| (verdict.policy.name.as_str(), verdict.mode))
        .collect();
    assert_eq!(found, [("pins", Mode::Enforce), ("strict", Mode::Warn)], "the lax policy finds nothing");
    let verdicts = demanded(&three[..2], TAGGED, true, Stage::Template, None);
    assert_eq!(codes(&verdicts), [], "Pin lets the tag of a template stand");
    assert_eq!(codes(&demanded(&three[..2], TAGGED, true, Stage::Pod, None)), [Code::ImageNotPinned]);
}

#[test]
fn a_policy_that_does_not_cover_the_image_demands_nothing() {
    let elsewhere = tagging("strict", "Deny").with("shop/*", "other/*");
    let verdicts = demanded(&[elsewhere, tagging("pins", "Pin")], TAGGED, true, Stage::Template, None);
    assert_eq!(codes(&verdicts), []);
}
