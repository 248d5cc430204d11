//! Text within the limits of the API server and of its audit log. Judgements are put into words, and bounded,
//! by `verdict`; here is what this room says itself.

/// Longest warning, in characters: the API server cuts longer ones without a word.
pub(crate) const MAX_WARNING: usize = 256;

/// Longest value of an audit annotation, in bytes: five of them stay small beside an audit event.
pub(crate) const MAX_ANNOTATION: usize = 1024;

/// Stands where text was left out.
const CUT: char = '…';

/// `text` in one line: the API server drops a warning with a control character.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// `text`, or as much of it as fits `most` characters together with the sign that it was cut.
pub(crate) fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain([CUT]).collect()
}

/// Whole items joined by commas, up to [`MAX_ANNOTATION`] bytes, and how many more there are, as in `a,b,+7`.
pub(crate) fn join<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    /// For `,+` and the digits of any count that a body of 8 MiB can hold.
    const TAIL: usize = 16;
    let mut joined = String::new();
    let mut left_out = 0_usize;
    for item in items {
        if left_out > 0 || joined.len() + 1 + item.len() > MAX_ANNOTATION - TAIL {
            left_out += 1;
            continue;
        }
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(item);
    }
    if left_out > 0 {
        joined.push_str(&format!(",+{left_out}"));
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_clipped_by_characters_and_says_so() {
        assert_eq!(clip("é".repeat(5).as_str(), 5), "ééééé");
        assert_eq!(clip("é".repeat(6).as_str(), 5), "éééé…");
        assert_eq!(printable("a\nb\u{0}c"), "a b c");
    }

    #[test]
    fn items_are_joined_whole_and_the_rest_is_counted() {
        assert_eq!(join([]), "");
        assert_eq!(join(["a", "b"]), "a,b");
        let long = "x".repeat(200);
        let joined = join(vec![long.as_str(); 9]);
        assert_eq!(joined, format!("{}+4", format!("{long},").repeat(5)));
        assert!(joined.len() <= MAX_ANNOTATION);
        assert_eq!(join([("y".repeat(MAX_ANNOTATION)).as_str()]), ",+1");
    }
}
