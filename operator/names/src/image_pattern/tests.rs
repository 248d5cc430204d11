//! Patterns over repositories: what matches, what must not, and what is no pattern.

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::ImageRef;

fn repository(text: &str) -> Repository {
    ImageRef::parse(text).unwrap().repository().clone()
}

#[rstest]
#[case("registry.example.com/shop/**", "registry.example.com/shop/cart", true)]
#[case("registry.example.com/shop/**", "registry.example.com/shop/a/b/c", true)]
#[case("registry.example.com/shop/**", "registry.example.com/shop", false)]
#[case("registry.example.com/shop/**", "registry.example.com/shopping/cart", false)]
#[case("registry.example.com/shop/*", "registry.example.com/shop/a/b", false)]
#[case("registry.example.com/shop/cart-*", "registry.example.com/shop/cart-api", true)]
#[case("registry.example.com/**/cart", "registry.example.com/a/b/cart", true)]
#[case("registry.example.com/**/cart", "registry.example.com/cart", false)]
#[case("registry.example.com/{team}/{team}", "registry.example.com/a/a", true)]
#[case("registry.example.com/{team}/{team}", "registry.example.com/a/b", false)]
#[case("registry.example.com/**", "registry.example.com.evil.example/x", false)]
#[case("registry.example.com/**", "registry.example.com:5000/x", false)]
#[case("registry.example.com:*/**", "registry.example.com:5000/x", true)]
#[case("docker.io/library/*", "nginx", true)]
#[case("index.docker.io/library/*", "nginx", true)]
#[case("docker.io/**", "shop/cart", true)]
#[case("*/shop/**", "ghcr.io/shop/cart", true)]
#[case("[fd00::1]:5000/**", "[fd00::1]:5000/cart", true)]
fn a_pattern_speaks_of_whole_repositories(#[case] pattern: &str, #[case] image: &str, #[case] matches: bool) {
    assert_eq!(ImagePattern::parse(pattern).unwrap().matches(&repository(image)), matches);
}

#[test]
fn a_host_pattern_never_reaches_into_the_path() {
    // A known bypass: a glob over the whole name took the attacker's path for the trusted host.
    let pattern = ImagePattern::parse("*.trusted.example.com/org/*").unwrap();
    assert!(pattern.matches(&repository("eu.trusted.example.com/org/cart")));
    assert!(!pattern.matches(&repository("attacker.example.com/x.trusted.example.com/org/evil")));
}

#[rstest]
#[case("", PatternError::Empty)]
#[case("*", PatternError::MissingHost("*".into()))]
#[case("**", PatternError::MissingHost("**".into()))]
#[case("shop/**", PatternError::MissingHost("shop/**".into()))]
#[case("**/cart", PatternError::Host("**".into()))]
#[case("{host}/cart", PatternError::Host("{host}".into()))]
#[case("Registry.example.com/x", PatternError::Host("Registry.example.com".into()))]
#[case("docker.io/nginx", PatternError::DockerLibrary("nginx".into()))]
#[case("docker.io/*", PatternError::DockerLibrary("*".into()))]
#[case("registry.example.com/", PatternError::Path(String::new()))]
#[case("registry.example.com/a//b", PatternError::Path(String::new()))]
#[case("registry.example.com/cart:1.4", PatternError::Path("cart:1.4".into()))]
#[case("registry.example.com/cart@sha256", PatternError::Path("cart@sha256".into()))]
#[case("registry.example.com/Shop/*", PatternError::Path("Shop".into()))]
#[case("registry.example.com/a**", PatternError::DoubleStar("a**".into()))]
#[case("registry.example.com/***", PatternError::DoubleStar("***".into()))]
#[case("registry.example.com/**/x/**", PatternError::ManyDoubleStars)]
#[case("registry.example.com/x{name}", PatternError::Capture("x{name}".into()))]
#[case("registry.example.com/{}", PatternError::Capture("{}".into()))]
#[case("registry.example.com/{a}{b}", PatternError::Capture("{a}{b}".into()))]
fn what_is_no_pattern_is_refused_by_rule(#[case] text: &str, #[case] error: PatternError) {
    assert_eq!(ImagePattern::parse(text), Err(error));
}

#[test]
fn a_pattern_longer_than_any_name_is_refused() {
    let of_length = |length: usize| format!("a.example/{}", "x".repeat(length - "a.example/".len()));
    assert!(ImagePattern::parse(&of_length(MAX_PATTERN)).is_ok());
    assert_eq!(
        ImagePattern::parse(&of_length(MAX_PATTERN + 1)),
        Err(PatternError::TooLong { max: MAX_PATTERN })
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}|[a-z.*{}/:]{0,60}") {
        let _ = ImagePattern::parse(&text);
    }

    #[test]
    fn a_repository_matches_itself_and_all_below_its_host(path in "[a-z0-9]{1,8}(/[a-z0-9]{1,8}){0,5}") {
        let name = format!("registry.example.com/{path}");
        let repository = repository(&name);
        prop_assert!(ImagePattern::parse(&name).unwrap().matches(&repository));
        prop_assert!(ImagePattern::parse("registry.example.com/**").unwrap().matches(&repository));
        prop_assert!(!ImagePattern::parse("other.example.com/**").unwrap().matches(&repository));
    }
}
