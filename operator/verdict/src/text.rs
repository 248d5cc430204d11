//! Foreign text made fit for a line of ours: nothing that moves a cursor, nothing endless.

use std::fmt::Write;

/// `text` with control characters, and those that turn or hide what is beside them, as `\u{…}`.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || hides(character) {
            // Writing to a String cannot fail.
            let _ = write!(clean, "{}", character.escape_unicode());
        } else {
            clean.push(character);
        }
    }
    clean
}

/// Zero-width and bidirectional characters, line and paragraph separators, and the byte order mark.
const fn hides(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// At most `most` bytes of `text`, cut between characters; a cut shows as `…`.
pub(crate) fn cut(text: &str, most: usize) -> String {
    const MARK: char = '…';
    if text.len() <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(MARK.len_utf8());
    let mut kept = String::with_capacity(most);
    for character in text.chars() {
        if kept.len() + character.len_utf8() > room {
            break;
        }
        kept.push(character);
    }
    kept.push(MARK);
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_that_moves_a_cursor_or_turns_a_line_is_left() {
        assert_eq!(clean("a\n\u{1b}[2J\u{202e}b\u{200b}"), "a\\u{a}\\u{1b}[2J\\u{202e}b\\u{200b}");
    }

    proptest! {
        #[test]
        fn a_cut_keeps_to_its_length_and_to_characters(text in "\\PC{0,40}", most in 3_usize..60) {
            let kept = cut(&text, most);
            prop_assert!(kept.len() <= most);
            prop_assert!(kept == text || kept.ends_with('…'));
        }

        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once);
        }
    }
}
