//! What could not be read is never taken for what is not there.

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use fetch::{Bound, Error, Fault, Flaw};
use rstest::rstest;
use verdict::{Effect, Outcome};

use super::*;

const HOST: &str = "registry.example.com";

fn refused() -> Error {
    Error::Refused { host: HOST.to_owned(), what: "a thing".to_owned(), status: 403 }
}

fn rate_limited() -> Error {
    Error::RateLimited { host: HOST.to_owned(), what: "a thing".to_owned(), retry_after: None }
}

fn unreachable() -> Error {
    Error::Unreachable { host: HOST.to_owned(), what: "a thing".to_owned(), fault: Fault::Status(500) }
}

fn not_found() -> Error {
    Error::NotFound { host: HOST.to_owned(), what: "a thing".to_owned() }
}

fn invalid() -> Error {
    Error::Invalid { host: HOST.to_owned(), what: "a thing".to_owned(), flaw: Flaw::Encoding }
}

fn limit() -> Error {
    Error::Limit { host: HOST.to_owned(), what: "a thing".to_owned(), bound: Bound::Entries(2_000) }
}

fn late() -> Error {
    Error::Deadline { host: HOST.to_owned(), what: "a thing".to_owned() }
}

fn forbidden() -> Error {
    Error::ForbiddenAddress { host: HOST.to_owned(), address: IpAddr::from([127, 0, 0, 1]) }
}

#[rstest]
#[case::refused(refused(), Code::RegistryRefused)]
#[case::rate_limited(rate_limited(), Code::RegistryUnreachable)]
#[case::unreachable(unreachable(), Code::RegistryUnreachable)]
#[case::not_found(not_found(), Code::ImageNotFound)]
#[case::invalid(invalid(), Code::RegistryInvalid)]
#[case::limit(limit(), Code::LimitExceeded)]
#[case::late(late(), Code::DeadlineExceeded)]
#[case::forbidden(forbidden(), Code::RegistryRefused)]
#[tokio::test]
async fn a_tag_that_cannot_be_resolved_is_undecided_under_every_policy(
    #[case] error: Error,
    #[case] code: Code,
) {
    let source = FakeSource::holding(&KEYLESS);
    source.tag_means([Err(error.clone())]);
    let judgement = judged(&source, &[keyless("a"), keyless("b")]).await;
    assert_eq!(judgement.digest, None);
    assert_eq!(judgement.policies.len(), 2);
    for verdict in &judgement.policies {
        assert_eq!(verdict.verdict.outcome, Outcome::Undecided);
        assert_eq!(verdict.verdict.findings[0].code, code);
        assert!(verdict.verdict.findings[0].found.contains(&error.to_string()), "{verdict:?}");
    }
}

#[rstest]
#[case::refused(refused(), Code::RegistryRefused)]
#[case::rate_limited(rate_limited(), Code::RegistryUnreachable)]
#[case::unreachable(unreachable(), Code::RegistryUnreachable)]
#[case::not_found(not_found(), Code::RegistryInvalid)]
#[case::invalid(invalid(), Code::RegistryInvalid)]
#[case::limit(limit(), Code::LimitExceeded)]
#[case::late(late(), Code::DeadlineExceeded)]
#[case::forbidden(forbidden(), Code::RegistryRefused)]
#[tokio::test]
async fn a_list_or_a_statement_that_cannot_be_read_leaves_the_image_undecided(
    #[case] error: Error,
    #[case] code: Code,
) {
    let unlisted = FakeSource::holding(&KEYLESS);
    unlisted.refuse_listing(error.clone());
    let cut = FakeSource::holding(&KEYLESS);
    cut.cut(error.clone());
    let unread = FakeSource::holding(&KEYLESS);
    unread.refer("unread", [Err(error)]);
    for (source, what) in [(unlisted, "no listing"), (cut, "half a listing"), (unread, "one unread")] {
        let judgement = judged(&source, &[keyless("production")]).await;
        assert_eq!(codes(&judgement), [code], "{what}");
        assert_eq!(judgement.policies[0].verdict.outcome, Outcome::Undecided, "{what}");
        assert_eq!(judgement.effect(), Effect::Deny, "{what}");
    }
}

#[tokio::test]
async fn a_transient_failure_is_not_remembered() {
    let good = || Ok(vec![fixtures::bundle("keyless-vuln")]);
    for failing in [unreachable(), rate_limited(), late()] {
        let source = FakeSource::holding(&KEYLESS[..2]);
        source.refer("scan", [Err(failing), good()]);
        let (gate, context) = (gate(&source), context(select(&[keyless("production")])));
        let first = judge_at(&gate, CART, &context, signed().checked_at).await;
        assert_eq!(first.policies[0].verdict.outcome, Outcome::Undecided);
        let second = judge_at(&gate, CART, &context, signed().checked_at).await;
        assert_eq!(codes(&second), [], "at once");
    }
}

#[tokio::test]
async fn junk_in_front_of_good_statements_changes_nothing_but_is_told() {
    let source = FakeSource::holding(&[]);
    for index in 0..1_000 {
        let junk = match index % 3 {
            0 => vec![Bytes::from_static(b"{}")],
            1 => vec![Bytes::from_static(b"\xff\xfe not JSON")],
            _ => Vec::new(),
        };
        source.refer(&format!("junk {index}"), [Ok(junk)]);
    }
    for name in KEYLESS.into_iter().chain(["other-key-sbom", "other-root-sbom", "other-image-sbom"]) {
        source.refer(name, [Ok(vec![fixtures::bundle(name)])]);
    }
    let judgement = judged(&source, &[keyless("production")]).await;
    assert_eq!(codes(&judgement), [Code::EvidenceUnreadable]);
    assert_eq!(judgement.effect(), Effect::None);
}

#[tokio::test]
async fn a_refusal_says_which_pull_secret_was_not_read_and_other_findings_do_not() {
    let note = "add namespace \"shop\" to the chart value pullSecrets.namespaces";
    let context = context(select(&[keyless("production")])).with_notes(vec![note.to_owned()]);
    let at_the_tag = |error| {
        let source = FakeSource::holding(&[]);
        source.tag_means([Err(error)]);
        source
    };
    let at_a_statement = |error| {
        let source = FakeSource::holding(&KEYLESS);
        source.refer("unread", [Err(error)]);
        source
    };
    for source in [at_the_tag(refused()), at_a_statement(refused())] {
        let judgement = judge_at(&gate(&source), CART, &context, signed().checked_at).await;
        assert!(judgement.policies[0].verdict.findings[0].found.contains(note), "{judgement:?}");
    }
    for source in [at_the_tag(unreachable()), at_a_statement(not_found())] {
        let judgement = judge_at(&gate(&source), CART, &context, signed().checked_at).await;
        assert!(!judgement.policies[0].verdict.findings[0].found.contains(note), "{judgement:?}");
    }
}

#[tokio::test]
async fn an_error_is_told_with_its_causes() {
    let lost =
        Error::Unreachable { host: HOST.to_owned(), what: "a thing".to_owned(), fault: Fault::Status(503) };
    let source = FakeSource::holding(&[]);
    source.tag_means([Err(lost)]);
    let judgement = judge_at(
        &Gate::new(Arc::new(source), Limits::default()),
        CART,
        &context(select(&[keyless("p")])),
        signed().checked_at,
    )
    .await;
    assert!(judgement.policies[0].verdict.findings[0].found.contains("HTTP 503"), "{judgement:?}");
}
