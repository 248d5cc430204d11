//! V20: the library's success is believed only for what it says it checked.

use jiff::Timestamp;
use rstest::rstest;
use sigstore_verify::SubjectAltName;

use super::{Checks, identity};
use crate::{Reason, Step};

fn seconds(since_1970: i64) -> Timestamp {
    Timestamp::from_second(since_1970).unwrap()
}

const ALL: Checks = Checks { certificate: true, sct: true, log: true };

#[rstest]
#[case(Checks { certificate: false, ..ALL }, "the certificate")]
#[case(Checks { sct: false, ..ALL }, "the certificate's log")]
#[case(Checks { log: false, ..ALL }, "the log")]
fn step_19_refuses_success_without_a_check(#[case] checks: Checks, #[case] what: &'static str) {
    let fault = checks.keyless(&[seconds(1)]).unwrap_err();

    assert_eq!((fault.step, fault.reason), (Step::Complete, Reason::Unchecked(what)));
}

#[test]
fn step_19_refuses_success_without_a_time_for_a_certificate_only() {
    assert_eq!(ALL.keyless(&[]).unwrap_err().reason, Reason::Unchecked("the time"));
    assert_eq!(ALL.logged(&[]).unwrap(), []);
    assert_eq!(Checks { log: false, ..ALL }.logged(&[]).unwrap_err().reason, Reason::Unchecked("the log"));
}

#[test]
fn times_are_reported_earliest_first() {
    let times = ALL.keyless(&[seconds(2), seconds(1), seconds(3)]).unwrap();

    assert_eq!(times, [seconds(1), seconds(2), seconds(3)]);
}

#[rstest]
#[case(SubjectAltName::Uri(String::new()))]
#[case(SubjectAltName::Email(String::new()))]
fn step_21_refuses_an_empty_name(#[case] name: SubjectAltName) {
    assert_eq!(identity(Some(&name), Some("https://issuer.example")).unwrap_err().step, Step::Identity);
}
