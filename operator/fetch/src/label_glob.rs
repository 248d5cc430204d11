//! One label of a host against one label of a pull secret's key, by the rule of Go's `filepath.Match`,
//! which is what the kubelet uses: `*`, `?`, `[a-z]`, `[^a-z]`, `\c`. A malformed pattern matches nothing.

enum Piece {
    Star,
    Any,
    Literal(char),
    Class { negated: bool, ranges: Vec<(char, char)> },
}

impl Piece {
    fn accepts(&self, c: char) -> bool {
        match self {
            Self::Star => false,
            Self::Any => true,
            Self::Literal(own) => *own == c,
            Self::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

/// Whether the whole of `text` fits `pattern`. Time is bounded by the product of the two lengths: only
/// the last star is ever taken back.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let Some(pieces) = parse(pattern) else { return false };
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut piece) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    loop {
        match (pieces.get(piece), text.get(at)) {
            (None, None) => return true,
            (Some(Piece::Star), _) => {
                last_star = Some((piece, at));
                piece += 1;
                continue;
            }
            (Some(own), Some(c)) if own.accepts(*c) => {
                piece += 1;
                at += 1;
                continue;
            }
            (Some(_) | None, _) => {}
        }
        match last_star {
            Some((star, from)) if from < text.len() => {
                last_star = Some((star, from + 1));
                piece = star + 1;
                at = from + 1;
            }
            Some(_) | None => return false,
        }
    }
}

fn parse(pattern: &str) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        pieces.push(match c {
            '*' => Piece::Star,
            '?' => Piece::Any,
            '\\' => Piece::Literal(chars.next()?),
            '[' => class(&mut chars)?,
            other => Piece::Literal(other),
        });
    }
    Some(pieces)
}

fn class(chars: &mut std::str::Chars<'_>) -> Option<Piece> {
    let mut rest = chars.clone();
    let negated = rest.next() == Some('^');
    if negated {
        *chars = rest;
    }
    let mut ranges = Vec::new();
    loop {
        let low = match chars.next()? {
            ']' if !ranges.is_empty() => return Some(Piece::Class { negated, ranges }),
            ']' | '-' => return None,
            '\\' => chars.next()?,
            c => c,
        };
        let mut ahead = chars.clone();
        let high = if ahead.next() == Some('-') {
            *chars = ahead;
            match chars.next()? {
                ']' | '-' => return None,
                '\\' => chars.next()?,
                c => c,
            }
        } else {
            low
        };
        ranges.push((low, high));
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn labels_match_as_the_kubelet_matches_them() {
        for (pattern, text, wanted) in [
            ("ghcr", "ghcr", true),
            ("ghcr", "ghcr2", false),
            ("*", "anything", true),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("eu-*", "eu-west", true),
            ("eu-*", "us-west", false),
            ("*-a*b", "x-aab", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[a-c]x", "dx", false),
            ("[^a-c]x", "dx", true),
            ("[^a-c]x", "bx", false),
            (r"\*", "*", true),
            (r"\*", "a", false),
            ("[]", "a", false),
            ("[a", "a", false),
            ("a\\", "a", false),
        ] {
            assert_eq!(matches(pattern, text), wanted, "{pattern:?} against {text:?}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_more_than_the_product_of_the_lengths() {
        let pattern = "*a".repeat(2_000) + "b";
        assert!(!matches(&pattern, &"a".repeat(4_000)));
    }
}
