//! References as Docker and containerd read them, and those that are refused.

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::DigestError;

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn problem(text: &str) -> Problem {
    match ImageRef::parse(text).unwrap_err() {
        ReferenceError::Invalid { problem, .. } => problem,
        error @ ReferenceError::Ambiguous { .. } => panic!("{text}: {error}"),
    }
}

#[rstest]
#[case("nginx", "docker.io/library/nginx")]
#[case("nginx:1.27", "docker.io/library/nginx:1.27")]
#[case("shop/cart", "docker.io/shop/cart")]
#[case("docker.io/nginx", "docker.io/library/nginx")]
#[case("index.docker.io/shop/cart", "docker.io/shop/cart")]
#[case("index.docker.io/nginx", "docker.io/library/nginx")]
#[case("localhost/cart", "localhost/cart")]
#[case("localhost:5000", "docker.io/library/localhost:5000")]
#[case("registry:5000/cart:v1", "registry:5000/cart:v1")]
#[case("registry/cart", "docker.io/registry/cart")]
#[case("registry.example.com/shop/cart:1.4", "registry.example.com/shop/cart:1.4")]
#[case("10.0.0.1:5000/a__b/c.d/e---f", "10.0.0.1:5000/a__b/c.d/e---f")]
#[case("[fd00::1]:5000/cart", "[fd00::1]:5000/cart")]
#[case("[fd00::1]/cart", "[fd00::1]/cart")]
#[case("cart:_Tag.1-x", "docker.io/library/cart:_Tag.1-x")]
fn a_reference_is_read_as_runtimes_read_it(#[case] text: &str, #[case] shown: &str) {
    assert_eq!(ImageRef::parse(text).unwrap().to_string(), shown);
}

#[test]
fn tag_and_digest_both_stay_and_the_digest_is_what_runs() {
    let text = format!("registry.example.com/shop/cart:1.4@sha256:{HEX}");
    let reference = ImageRef::parse(&text).unwrap();
    assert_eq!(reference.to_string(), text);
    assert_eq!(reference.tag(), Some("1.4"));
    assert_eq!(reference.digest().map(Digest::hex), Some(HEX));
    assert_eq!(reference.tag_or_latest(), None);
    assert!(reference.is_pinned());
}

#[test]
fn without_tag_and_digest_latest_is_meant_and_binding_keeps_the_repository() {
    let reference = ImageRef::parse("nginx").unwrap();
    assert_eq!((reference.tag(), reference.tag_or_latest()), (None, Some("latest")));
    assert!(!reference.is_pinned());
    let pinned = reference.with_digest(Digest::sha256(b""));
    assert_eq!(pinned.to_string(), format!("docker.io/library/nginx@sha256:{HEX}"));
    assert_eq!(pinned.repository(), reference.repository());
}

#[rstest]
#[case::bare_upper("UPPER/x", ["x on the host UPPER", "UPPER/x on the host docker.io"])]
#[case::mixed("myReg/shop/cart:1", ["shop/cart on the host myReg", "myReg/shop/cart on the host docker.io"])]
#[case::dns("Registry.example.com/x", ["x on the host Registry.example.com", "x on the host registry.example.com"])]
#[case::localhost("LOCALHOST/x", ["x on the host LOCALHOST", "LOCALHOST/x on the host docker.io"])]
fn a_host_that_parsers_disagree_about_is_refused_with_both_readings(
    #[case] text: &str,
    #[case] readings: [&str; 2],
) {
    let error = ImageRef::parse(text).unwrap_err();
    assert!(readings.iter().all(|reading| error.to_string().contains(reading)), "{error}");
    let readings = readings.map(str::to_owned);
    assert_eq!(error, ReferenceError::Ambiguous { reference: text.to_owned(), readings });
}

#[rstest]
#[case::short("cart@sha256:e3b0c44298fc1c149afbf4c8996fb924", DigestError::Length { algorithm: crate::Algorithm::Sha256, wanted: 64, found: 32 })]
#[case::upper(
    "cart@sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
    DigestError::Digit
)]
#[case::two("cart@sha256:e3b0@sha256:e3b0", DigestError::Length { algorithm: crate::Algorithm::Sha256, wanted: 64, found: 16 })]
#[case::none("cart@", DigestError::NoAlgorithm)]
fn a_digest_that_only_some_parsers_accept_is_refused(#[case] text: &str, #[case] error: DigestError) {
    assert_eq!(problem(text), Problem::Digest(error));
}

#[rstest]
#[case::host_with_underscore("my_host.example/x", Problem::Host("my_host.example".into()))]
#[case::trailing_dot("docker.io./x", Problem::Host("docker.io.".into()))]
#[case::port_word("host:port/x", Problem::Host("host:port".into()))]
#[case::port_too_big("host:65536/x", Problem::Host("host:65536".into()))]
#[case::port_signed("host:+80/x", Problem::Host("host:+80".into()))]
#[case::no_port("host:/x", Problem::Host("host:".into()))]
#[case::user("user:pass@host/x", Problem::Host("user:pass@host".into()))]
#[case::ipv6_tail("[::1]x/y", Problem::Host("[::1]x".into()))]
#[case::leading_dash("-a.example/x", Problem::Host("-a.example".into()))]
#[case::scheme("https://registry.example.com/x", Problem::Path("/registry.example.com/x".into()))]
#[case::upper_path("registry.example.com/Shop", Problem::Path("Shop".into()))]
#[case::upper_name("UPPER", Problem::Path("UPPER".into()))]
#[case::empty_segment("registry.example.com/a//b", Problem::Path("a//b".into()))]
#[case::no_path("registry.example.com/", Problem::Path(String::new()))]
#[case::dots("registry.example.com/a/../b", Problem::Path("a/../b".into()))]
#[case::three_underscores("a___b", Problem::Path("a___b".into()))]
#[case::end_in_dash("cart-", Problem::Path("cart-".into()))]
#[case::space(" nginx", Problem::Path(" nginx".into()))]
#[case::newline("nginx\n", Problem::Path("nginx\n".into()))]
#[case::homoglyph("nginх", Problem::Path("nginх".into()))]
#[case::empty_tag("nginx:", Problem::Tag(String::new()))]
#[case::dotted_tag("nginx:.a", Problem::Tag(".a".into()))]
#[case::image_id("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Problem::ImageId)]
#[case::empty("", Problem::Empty)]
fn what_no_runtime_pulls_is_refused_by_rule(#[case] text: &str, #[case] wanted: Problem) {
    assert_eq!(problem(text), wanted);
}

#[test]
fn lengths_are_bounded_and_an_error_repeats_only_a_part() {
    let longest = format!("a.example/{}", "x".repeat(MAX_NAME - "a.example/".len()));
    assert!(ImageRef::parse(&longest).is_ok());
    assert_eq!(problem(&format!("{longest}x")), Problem::TooLong { max: MAX_NAME });
    assert!(ImageRef::parse(&format!("a:{}", "t".repeat(MAX_TAG))).is_ok());
    assert!(matches!(problem(&format!("a:{}", "t".repeat(MAX_TAG + 1))), Problem::Tag(_)));
    let hostile = "é/".repeat(1_000_000);
    assert!(ImageRef::parse(&hostile).unwrap_err().to_string().len() < 1_000);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,80}|[a-zA-Z0-9.:/@_\\[\\]-]{0,80}") {
        let _ = ImageRef::parse(&text);
    }

    #[test]
    fn what_is_read_is_displayed_so_that_it_reads_back(
        text in "([a-z]{1,4}\\.[a-z]{2}(:[0-9]{1,4})?/)?[a-z0-9]{1,5}([._-][a-z0-9]{1,5})?(/[a-z0-9]{1,5}){0,3}(:[\\w&&[:ascii:]]{1,9})?"
    ) {
        let reference = ImageRef::parse(&text).unwrap();
        prop_assert_eq!(&ImageRef::parse(&reference.to_string()).unwrap(), &reference);
        let pinned = reference.with_digest(Digest::sha256(text.as_bytes()));
        prop_assert_eq!(&ImageRef::parse(&pinned.to_string()).unwrap(), &pinned);
    }

    #[test]
    fn whatever_is_accepted_reads_back_as_itself(text in "[a-zA-Z0-9.:/@_\\[\\]-]{0,40}") {
        if let Ok(reference) = ImageRef::parse(&text) {
            prop_assert_eq!(&ImageRef::parse(&reference.to_string()).unwrap(), &reference);
        }
    }
}
