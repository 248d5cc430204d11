//! Limits and forms of answers; what a judgement means is tested where it is made.

use serde_json::Value;
use verdict::OnUndecided;

use super::*;
use crate::{
    bounds::MAX_ANNOTATION,
    court::fake::{clean, denied, digest_of, found, unresolved},
};

const DECISION: &str = "01JD0000000000000000000000";

fn image(n: usize) -> String {
    format!("registry.example.com/shop/{}-{n}:1", "long".repeat(20))
}

fn answer(door: Door, ruling: &Ruling) -> Value {
    let review: Value = serde_json::from_slice(&Answer::of(door, ruling, DECISION).into_json("u-1")).unwrap();
    review["response"].clone()
}

#[test]
fn a_denial_of_many_images_stays_within_every_limit() {
    let judgements: Vec<_> = (0..256).map(|n| denied(&image(n))).collect();
    let response = answer(Door::Pod, &Ruling::Judged(judgements));
    let message = response["status"]["message"].as_str().unwrap();
    assert!(message.len() <= prose::MAX_MESSAGE, "{}", message.len());
    assert!(message.contains(DECISION), "{message}");
    for (key, value) in response["auditAnnotations"].as_object().unwrap() {
        assert!(value.as_str().unwrap().len() <= MAX_ANNOTATION, "{key}");
    }
    let digests = response["auditAnnotations"]["digests"].as_str().unwrap();
    let (whole, more) = digests.rsplit_once(",+").unwrap();
    let shown: Vec<_> = whole.split(',').collect();
    assert_eq!(shown.len() + more.parse::<usize>().unwrap(), 256, "every digest is shown or counted");
    assert!(
        shown.iter().all(|digest| digest.len() == digest_of("x").to_string().len()),
        "none is cut: {whole}"
    );
}

#[test]
fn warnings_of_many_images_stay_within_every_limit() {
    let judgements: Vec<_> =
        (0..256).map(|n| found(&image(n), Mode::Warn, OnUndecided::Deny, Code::SbomMissing)).collect();
    let response = answer(Door::Early, &Ruling::Judged(judgements));
    let warnings = response["warnings"].as_array().unwrap();
    assert!(warnings.len() > 5, "{warnings:?}");
    let lengths = warnings.iter().map(|warning| warning.as_str().unwrap().chars().count());
    assert!(lengths.clone().all(|length| length <= MAX_WARNING));
    assert!(lengths.sum::<usize>() <= prose::MAX_MESSAGE);
}

#[test]
fn an_unreadable_object_cannot_blow_up_the_answer() {
    let found = format!("{}\u{0}\nend", "é".repeat(10_000));
    for (door, allowed) in [(Door::Pod, false), (Door::Early, true)] {
        let response = answer(door, &Ruling::Unjudged { code: Code::ObjectUnreadable, found: found.clone() });
        assert_eq!(response["allowed"], allowed);
        let said = if allowed { &response["warnings"][0] } else { &response["status"]["message"] };
        let said = said.as_str().unwrap();
        assert!(said.starts_with("ObjectUnreadable: "));
        assert!(if allowed { said.chars().count() <= MAX_WARNING } else { said.len() <= prose::MAX_MESSAGE });
        assert!(!said.contains('\u{0}'));
        assert!(allowed || said.contains(&format!("\ndecision {DECISION}; ")), "{said}");
    }
}

#[test]
fn an_unjudged_denial_says_what_to_do() {
    let not_ready = Ruling::Unjudged { code: Code::NotReady, found: "not listed yet".to_owned() };
    let response = answer(Door::Pod, &not_ready);
    let message = response["status"]["message"].as_str().unwrap();
    assert!(
        message.starts_with(
            "NotReady: the object was held back: nothing could be judged\n  NotReady: not listed yet\n"
        ),
        "{message}"
    );
    assert!(message.ends_with(&format!("decision {DECISION}; retryable")), "{message}");
    assert_eq!(answer(Door::Pin, &not_ready).as_object().unwrap().len(), 2, "the pinning door stays silent");
}

#[test]
fn a_denial_and_another_policys_warning_are_both_told() {
    let mut judgement = denied(&image(1));
    let mild = found(&image(1), Mode::Warn, OnUndecided::Deny, Code::ScanMissing);
    judgement.policies.extend(mild.policies);
    let response = answer(Door::Pod, &Ruling::Judged(vec![judgement]));
    assert_eq!(response["allowed"], false);
    assert!(response["status"]["message"].as_str().unwrap().contains("SbomMissing"));
    assert!(response["warnings"].to_string().contains("ScanMissing"), "{response}");
}

#[test]
fn at_an_early_door_the_denied_is_denied_beside_the_undecided() {
    let judgements = vec![unresolved(&image(1)), denied(&image(2))];
    let response = answer(Door::Early, &Ruling::Judged(judgements));
    assert_eq!(response["allowed"], false);
    let message = response["status"]["message"].as_str().unwrap();
    assert!(message.contains(&image(2)), "{message}");
    assert_eq!(response["auditAnnotations"]["outcome"], "Denied");
    assert!(response["warnings"].to_string().contains("RegistryUnreachable"), "{response}");
}

#[test]
fn at_an_early_door_no_undecided_image_is_told_louder_than_its_policys_mode() {
    let quiet = found(&image(1), Mode::Audit, OnUndecided::Deny, Code::RegistryUnreachable);
    let response = answer(Door::Early, &Ruling::Judged(vec![quiet]));
    assert_eq!(response["allowed"], true);
    assert_eq!(response.get("warnings"), None);
}

#[test]
fn an_object_whose_images_are_all_clean_is_allowed_in_silence() {
    let response = answer(Door::Pod, &Ruling::Judged(vec![clean(&image(1))]));
    assert_eq!(response["allowed"], true);
    assert_eq!(response.get("warnings"), None);
    assert_eq!(response["auditAnnotations"]["decision"], DECISION);
}

#[test]
fn nothing_judged_is_never_allowed_as_judged() {
    assert_eq!(answer(Door::Pod, &Ruling::Judged(Vec::new()))["allowed"], false);
}
