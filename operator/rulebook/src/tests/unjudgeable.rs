//! A policy that cannot be compiled, or not even decoded, stops what it may have meant to stop.

use crds::ai_tool_policy::Tags;
use rstest::rstest;
use verdict::{Code, Effect, Mode, Outcome};

use super::{FULL, SHORT, book, compiled, edited, namespace, policy, repository};
use crate::{Compiled, ImageSelection, RuleBook, Unreadable};

fn covers(compiled: &Compiled, image: &str) -> bool {
    compiled.covers(&repository(image))
}

#[test]
fn a_policy_with_broken_rules_selects_as_written() {
    let broken = compiled(&edited(FULL, "maxAge: 24h", "maxAge: a day"));
    assert!(broken.rules.is_err() && broken.anchors.is_empty());
    assert!(broken.selects(&namespace("shop", &[("env", "prod")])));
    assert!(!broken.selects(&namespace("shop", &[("env", "test")])));
    assert!(covers(&broken, "registry.example.com/shop/cart"));
    assert!(!covers(&broken, "nginx"));
    assert_eq!((broken.mode, broken.tags), (Mode::Enforce, Tags::Pin));
}

#[test]
fn a_broken_pattern_makes_the_policy_cover_every_image() {
    let images = r#"["registry.example.com/shop/**"]"#;
    let broken = compiled(&edited(FULL, images, r#"["registry.example.com/shop/**", "Registry/x"]"#));
    assert!(broken.rules.is_err());
    assert!(covers(&broken, "registry.example.com/shop/cart") && covers(&broken, "nginx"));
    assert!(!broken.selects(&namespace("shop", &[("env", "test")])));
}

#[rstest]
#[case::unknown_operator(
    "{ matchLabels: { env: prod }, matchExpressions: [{ key: a, operator: Matches, values: [b] }] }"
)]
#[case::key("{ matchLabels: { 'env of mine': prod } }")]
#[case::value("{ matchLabels: { env: 'prod?' } }")]
fn a_broken_selector_makes_the_policy_select_every_namespace(#[case] selector: &str) {
    let broken = compiled(&edited(FULL, "{ matchLabels: { env: prod } }", selector));
    assert!(broken.rules.is_err());
    assert!(broken.selects(&namespace("elsewhere", &[])));
    assert!(covers(&broken, "registry.example.com/shop/cart") && !covers(&broken, "nginx"));
}

#[rstest]
#[case("mode: Enforce", Effect::Deny)]
#[case("mode: Warn", Effect::Warn)]
#[case("mode: Audit", Effect::Audit)]
fn all_that_a_broken_policy_covers_is_undecided_in_its_mode(#[case] mode: &str, #[case] effect: Effect) {
    let broken = edited(&edited(FULL, "mode: Enforce", mode), "maxAge: 24h", "maxAge: 9d");
    let verdict = compiled(&broken).invalid().expect("it is invalid");
    assert_eq!(verdict.effect(), effect);
    assert_eq!(verdict.verdict.outcome, Outcome::Undecided);
    let [finding] = verdict.verdict.findings.as_slice() else { panic!("{verdict:?}") };
    assert_eq!((finding.code, finding.policy.as_str()), (Code::PolicyInvalid, "production"));
    assert_eq!(
        finding.found,
        "spec.require.vulnerabilityScan.maxAge: \"9d\" is no age; write hours, minutes and seconds, such as 24h, \
         90m or 1h30m; wanted is an age such as 24h, 90m or 1h30m; correct the age"
    );
}

#[test]
fn of_several_faults_a_finding_tells_the_first_and_how_many_more() {
    let broken = edited(SHORT, "signedBy: [scanner]", "signedBy: [x, y, z]");
    let verdict = compiled(&broken).invalid().expect("it is invalid");
    assert_eq!(
        verdict.verdict.findings[0].found,
        "spec.require.vulnerabilityScan.signedBy: spec.signers has no signer \"x\"; wanted is the name of a \
         signer; correct the name, or add the signer (and 2 more)"
    );
}

#[test]
fn a_sound_policy_is_not_invalid() {
    assert_eq!(compiled(FULL).invalid(), None);
}

#[test]
fn a_broken_policy_leaves_the_others_their_rules() {
    let broken = edited(FULL, "maxAge: 24h", "maxAge: 9d");
    let book = book(&[policy(&broken), policy(SHORT)]);
    let sound: Vec<_> = book.policies().iter().map(|policy| policy.rules.is_ok()).collect();
    assert_eq!(sound, [false, true]);
}

fn with_unreadable() -> RuleBook {
    let why = "missing field `mode`".to_owned();
    let odd = Unreadable { name: "odd".into(), uid: "77".into(), generation: 3, why };
    book(&[policy(FULL), policy(SHORT)]).with_unreadable([odd])
}

#[test]
fn an_unreadable_policy_selects_everything_and_denies() {
    let selection = with_unreadable().select(&namespace("elsewhere", &[]));
    let ImageSelection::Judged(policies) = selection.for_image(&repository("nginx")) else {
        panic!("not judged");
    };
    let names: Vec<_> = policies.iter().map(|policy| policy.id.name.as_str()).collect();
    assert_eq!(names, ["odd", "short"]);
    let odd = &policies[0];
    assert_eq!((odd.id.uid.as_str(), odd.id.generation), ("77", 3));
    let verdict = odd.invalid().expect("it is invalid");
    assert_eq!((verdict.mode, verdict.effect()), (Mode::Enforce, Effect::Deny));
    let finding = &verdict.verdict.findings[0];
    assert_eq!(finding.code, Code::PolicyInvalid);
    assert_eq!(
        finding.found,
        "spec: the policy cannot be decoded: missing field `mode`; wanted is an AIToolPolicy of a version that \
         this operator knows; upgrade the operator, or correct or delete the policy"
    );
}

#[test]
fn an_unreadable_policy_stands_among_the_others_by_name() {
    let book = with_unreadable();
    let names: Vec<_> = book.policies().iter().map(|policy| policy.id.name.as_str()).collect();
    assert_eq!(names, ["odd", "production", "short"]);
}
