//! Patterns over identities and claims, captures included, and hostile lengths.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

const WORKFLOW: &str = "https://github.com/shop/{repo}/.github/workflows/release.yml@refs/heads/main";

fn matches(pattern: &str, text: &str) -> bool {
    TextPattern::parse(pattern).unwrap().matches(text, &mut Captures::new())
}

#[rstest]
#[case(WORKFLOW, "https://github.com/shop/cart/.github/workflows/release.yml@refs/heads/main", true)]
#[case(WORKFLOW, "https://github.com/shop/cart/.github/workflows/release.yml@refs/heads/main2", false)]
#[case(WORKFLOW, "https://github.com/shop/a/b/.github/workflows/release.yml@refs/heads/main", false)]
#[case(WORKFLOW, "https://github.com/shop//.github/workflows/release.yml@refs/heads/main", false)]
#[case(WORKFLOW, "x/https://github.com/shop/cart/.github/workflows/release.yml@refs/heads/main", false)]
#[case("https://github.com/shop/**", "https://github.com/shop/cart/x", true)]
#[case("https://github.com/shop/**", "https://github.com/shop/", false)]
#[case("https://github.com/shop/**", "https://github.com/shop/a//b", false)]
#[case("https://*/shop", "https:///shop", false)]
#[case("https://**/main", "https://a/b/main", true)]
#[case("anthropic/claude-*", "anthropic/claude-opus-4-6", true)]
#[case("anthropic/claude-*", "openai/claude-x", false)]
#[case("*/legacy-*", "any/legacy-1", true)]
#[case("github-hosted", "Github-hosted", false)]
#[case("{a}/**/{a}", "x/y/x", true)]
#[case("{a}/**/{a}", "x/y/z", false)]
fn a_pattern_matches_from_end_to_end(#[case] pattern: &str, #[case] text: &str, #[case] wanted: bool) {
    assert_eq!(matches(pattern, text), wanted);
}

#[test]
fn a_capture_is_carried_from_subject_to_claim() {
    let subject = TextPattern::parse(WORKFLOW).unwrap();
    let claim = TextPattern::parse("https://github.com/shop/{repo}").unwrap();
    let mut captures = Captures::new();
    assert!(subject.matches(
        "https://github.com/shop/cart/.github/workflows/release.yml@refs/heads/main",
        &mut captures
    ));
    assert_eq!(captures.get("repo"), Some("cart"));
    assert!(claim.matches("https://github.com/shop/cart", &mut captures));
    assert!(!claim.matches("https://github.com/shop/other", &mut captures));
    assert_eq!(claim.captures().collect::<Vec<_>>(), ["repo"]);
}

#[test]
fn a_match_that_fails_half_way_binds_nothing() {
    let mut captures = Captures::new();
    assert!(!TextPattern::parse("{a}/{b}/end").unwrap().matches("1/2/other", &mut captures));
    assert_eq!(captures, Captures::new());
}

#[test]
fn a_pattern_and_its_text_are_bounded() {
    let longest = "x".repeat(MAX_PATTERN);
    assert!(TextPattern::parse(&longest).is_ok());
    assert_eq!(TextPattern::parse(&format!("{longest}x")), Err(PatternError::TooLong { max: MAX_PATTERN }));
    assert!(matches("*", &"x".repeat(2048)));
    assert!(!matches("*", &"x".repeat(2049)));
}

/// What a backtracking matcher takes exponential or at least cubic time for. Here each of the 20,000 rounds
/// reads pattern and text once, about 2.5 kB: well under a second even without optimisation. A matcher
/// quadratic in the text would need minutes.
#[test]
fn hostile_names_take_linear_time() {
    let stars = TextPattern::parse(&"*a".repeat(255)).unwrap();
    let many = TextPattern::parse(&format!("{}**{}", "*a/".repeat(80), "/*a".repeat(80))).unwrap();
    let text = format!("{}b", "a".repeat(2047));
    let path = format!("{}b", "a/".repeat(1023));
    let started = std::time::Instant::now();
    for _ in 0..20_000 {
        assert!(!stars.matches(&text, &mut Captures::new()));
        assert!(!many.matches(&path, &mut Captures::new()));
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(30), "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn no_text_makes_parser_or_matcher_panic(pattern in "[a-z*{}/]{0,40}|\\PC{0,40}", text in "[a-z/]{0,60}|\\PC{0,60}") {
        if let Ok(pattern) = TextPattern::parse(&pattern) {
            let _ = pattern.matches(&text, &mut Captures::new());
        }
    }

    #[test]
    fn text_without_signs_matches_itself_alone(text in "[a-z]{0,5}(/[a-z]{0,5}){0,5}", other in "[a-z/]{0,20}") {
        prop_assume!(!text.is_empty());
        prop_assert!(matches(&text, &text));
        prop_assert_eq!(matches(&text, &other), text == other);
    }
}
