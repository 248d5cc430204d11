//! One segment of a pattern: literal text in which `*` stands for any run of characters, none included.

/// Literal pieces between stars; one piece means there is no star.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Glob {
    pieces: Vec<String>,
}

impl Glob {
    /// Every text is a glob; `**` is the caller's to refuse.
    pub(crate) fn new(text: &str) -> Self {
        Self { pieces: text.split('*').map(str::to_owned).collect() }
    }

    /// Whether the whole of `segment` matches. A segment that is only `*` stands for at least one character.
    ///
    /// The pieces are sought once, from left to right, each at its first place: for literals between stars
    /// the first place is never worse than a later one, so nothing is tried twice and time is linear.
    pub(crate) fn matches(&self, segment: &str) -> bool {
        match self.pieces.as_slice() {
            [] => false,
            [literal] => literal == segment,
            [first, last] if first.is_empty() && last.is_empty() => !segment.is_empty(),
            [first, middle @ .., last] => {
                let Some(mut rest) = segment.strip_prefix(first.as_str()) else { return false };
                for piece in middle {
                    let Some((_, after)) = rest.split_once(piece.as_str()) else { return false };
                    rest = after;
                }
                rest.ends_with(last.as_str())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("cart", "cart", true)]
    #[case("cart", "carts", false)]
    #[case("*", "cart", true)]
    #[case("*", "", false)]
    #[case("", "", true)]
    #[case("v*", "v", true)]
    #[case("*.example.com", "a.b.example.com", true)]
    #[case("*.example.com", "example.com", false)]
    #[case("a*a", "a", false)]
    #[case("a*a", "aa", true)]
    #[case("a*b*a", "a-b-a", true)]
    #[case("a*b*a", "a-b-", false)]
    #[case("ab*ab", "ab-ab-ab", true)]
    #[case("*ab*b", "ab", false)]
    #[case("cart", "CART", false)]
    fn a_star_stands_for_any_run_inside_one_segment(
        #[case] glob: &str,
        #[case] text: &str,
        #[case] matches: bool,
    ) {
        assert_eq!(Glob::new(glob).matches(text), matches);
    }
}
