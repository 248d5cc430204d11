//! The uid first, then the fields, over whole and broken documents.

use super::*;

const POD: &[u8] = include_bytes!("../../testdata/pod-create.json");

#[test]
fn a_create_review_is_read_field_by_field() {
    let review = read(POD).unwrap();
    assert_eq!(review.kind.group, "");
    assert_eq!(review.kind.kind, "Pod");
    assert_eq!(review.operation, Operation::Create);
    assert_eq!(review.namespace.as_deref(), Some("shop"));
    assert_eq!(review.user_info.username, "system:serviceaccount:kube-system:replicaset-controller");
    assert_eq!(review.dry_run, Some(false));
    assert!(review.object.unwrap().get().contains("cart"));
    assert!(review.old_object.is_none(), "a JSON null is no object");
    assert_eq!(uid(POD).as_deref(), Some("6f8a1c1e-0001-4000-8000-000000000001"));
}

#[test]
fn the_uid_survives_a_body_that_breaks_off_behind_it() {
    let cut = POD.iter().position(|byte| *byte == b'}').unwrap();
    assert!(read(&POD[..cut]).is_err());
    assert_eq!(uid(&POD[..cut]).as_deref(), Some("6f8a1c1e-0001-4000-8000-000000000001"));
}

#[test]
fn the_uid_survives_invalid_utf8_inside_the_object() {
    let body =
        b"{\"request\":{\"uid\":\"u-1\",\"kind\":{\"group\":\"\",\"kind\":\"Pod\"},\"operation\":\"CREATE\",\
        \"object\":{\"metadata\":{\"name\":\"\xff\xfe\"}}}}";
    assert!(read(body).is_err(), "raw text must be UTF-8");
    assert_eq!(uid(body).as_deref(), Some("u-1"));
}

#[test]
fn only_the_uid_of_the_request_is_taken() {
    let body = br#"{"uid":"outer","request":{"object":{"metadata":{"uid":"inner"}},"uid":"right"},"response":{"uid":"x"}}"#;
    assert_eq!(uid(body).as_deref(), Some("right"));
}

#[test]
fn a_missing_empty_or_huge_uid_is_no_uid() {
    assert_eq!(uid(b"{}"), None);
    assert_eq!(uid(b"not json"), None);
    assert_eq!(uid(br#"{"request":null}"#), None);
    assert_eq!(uid(br#"{"request":{"uid":""}}"#), None);
    assert_eq!(uid(br#"{"request":{"uid":7}}"#), None);
    let longest = format!(r#"{{"request":{{"uid":"{}"}}}}"#, "a".repeat(MAX_UID));
    assert_eq!(uid(longest.as_bytes()).map(|uid| uid.len()), Some(MAX_UID));
    let too_long = format!(r#"{{"request":{{"uid":"{}"}}}}"#, "a".repeat(MAX_UID + 1));
    assert_eq!(uid(too_long.as_bytes()), None);
}

#[test]
fn a_field_given_twice_is_refused_rather_than_read_by_one_of_two_rules() {
    let body = br#"{"request":{"uid":"u","kind":{"group":"","kind":"Pod"},"operation":"CREATE",
        "object":{"a":1},"object":{"a":2}}}"#;
    assert!(read(body).is_err());
}

#[test]
fn deep_nesting_inside_an_object_is_not_recursed_into() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let body = format!(
        r#"{{"request":{{"object":{deep},"uid":"u","kind":{{"group":"","kind":"Pod"}},"operation":"CREATE"}}}}"#
    );
    assert_eq!(uid(body.as_bytes()).as_deref(), Some("u"));
    assert_eq!(read(body.as_bytes()).unwrap().object.unwrap().get().len(), deep.len());
}

#[test]
fn an_operation_nobody_knows_is_refused() {
    let body = br#"{"request":{"uid":"u","kind":{"group":"","kind":"Pod"},"operation":"REPLACE"}}"#;
    assert!(read(body).is_err());
}
