//! Which door asks for a digest under which demand.

use rstest::rstest;
use verdict::{Mode, OnUndecided, Outcome};

use super::*;
use crate::court::fake::{clean, denied, policy, rule, unresolved};

const TAGGED: &str = "registry.example.com/shop/cart:1.4";

fn codes(judgement: &Judgement) -> Vec<&'static str> {
    judgement
        .policies
        .iter()
        .flat_map(|verdict| &verdict.verdict.findings)
        .map(|finding| finding.code.as_str())
        .collect()
}

#[rstest]
#[case::pin_at_the_pod_door(Tags::Pin, Door::Pod, true)]
#[case::pin_on_templates(Tags::Pin, Door::Early, false)]
#[case::deny_at_the_pod_door(Tags::Deny, Door::Pod, true)]
#[case::deny_on_templates(Tags::Deny, Door::Early, true)]
#[case::allowed_at_the_pod_door(Tags::InsecureAllow, Door::Pod, false)]
#[case::allowed_on_templates(Tags::InsecureAllow, Door::Early, false)]
fn a_resolved_tag_is_refused_where_a_digest_is_demanded(
    #[case] tags: Tags,
    #[case] door: Door,
    #[case] refused: bool,
) {
    let mut judgement = clean(TAGGED);
    demand_digest(&mut judgement, door, &[rule(tags)]);
    assert_eq!(codes(&judgement), if refused { vec!["ImageNotPinned"] } else { vec![] });
}

#[test]
fn a_reference_with_a_digest_satisfies_every_demand() {
    let pinned = format!("registry.example.com/shop/cart:1.4@sha256:{}", "a".repeat(64));
    for tags in [Tags::Pin, Tags::Deny] {
        let mut judgement = clean(&pinned);
        demand_digest(&mut judgement, Door::Pod, &[rule(tags)]);
        assert_eq!(codes(&judgement), Vec::<&str>::new());
    }
}

#[test]
fn a_tag_that_could_not_be_resolved_keeps_its_own_code_under_pin_and_gets_a_second_under_deny() {
    let mut judgement = unresolved(TAGGED);
    demand_digest(&mut judgement, Door::Pod, &[rule(Tags::Pin)]);
    assert_eq!(codes(&judgement), ["RegistryUnreachable"]);
    demand_digest(&mut judgement, Door::Pod, &[rule(Tags::Deny)]);
    assert_eq!(codes(&judgement), ["RegistryUnreachable", "ImageNotPinned"]);
    assert_eq!(judgement.policies[0].verdict.outcome, Outcome::Denied, "denied beats undecided");
}

#[test]
fn the_finding_joins_the_others_of_its_policy() {
    let mut judgement = denied(TAGGED);
    demand_digest(&mut judgement, Door::Pod, &[rule(Tags::Pin)]);
    assert_eq!(judgement.policies.len(), 1);
    assert_eq!(codes(&judgement), ["SbomMissing", "ImageNotPinned"]);
    assert_eq!(judgement.policies[0].verdict.findings[1].digest, judgement.digest);
}

#[test]
fn deny_beats_pin_beats_allow_and_each_policy_keeps_its_mode() {
    let lax = TagRule {
        policy: policy("lax"),
        mode: Mode::Enforce,
        on_undecided: OnUndecided::Deny,
        tags: Tags::InsecureAllow,
    };
    let strict = TagRule {
        policy: policy("strict"),
        mode: Mode::Warn,
        on_undecided: OnUndecided::Deny,
        tags: Tags::Deny,
    };
    assert_eq!(strictest(&[lax.clone(), rule(Tags::Pin)]), Some(Tags::Pin));
    assert_eq!(strictest(&[rule(Tags::Pin), strict.clone(), lax.clone()]), Some(Tags::Deny));
    assert_eq!(strictest(&[]), None);

    let mut judgement = clean(TAGGED);
    demand_digest(&mut judgement, Door::Early, &[lax.clone(), strict]);
    let verdicts: Vec<_> =
        judgement.policies.iter().map(|verdict| (verdict.policy.name.as_str(), verdict.mode)).collect();
    assert_eq!(verdicts, [("strict", Mode::Warn)], "the lax policy finds nothing");

    let mut judgement = clean(TAGGED);
    demand_digest(&mut judgement, Door::Pod, &[lax, rule(Tags::Pin)]);
    assert_eq!(judgement.policies.len(), 1);
}

#[test]
fn an_ambiguous_reference_and_an_uncovered_image_have_findings_of_their_own() {
    let mut judgement = Judgement { reference: None, ..clean(TAGGED) };
    demand_digest(&mut judgement, Door::Pod, &[rule(Tags::Deny)]);
    assert_eq!(codes(&judgement), Vec::<&str>::new());
    let mut judgement = clean(TAGGED);
    demand_digest(&mut judgement, Door::Pod, &[]);
    assert_eq!(codes(&judgement), Vec::<&str>::new());
}
