//! The two ways out: data to stdout, words to stderr. Neither panics when nobody reads on.

use std::io::{ErrorKind, Write};

use anyhow::Context;

/// Words for a person, line by line. If stderr is closed there is nobody left to tell.
pub(crate) fn say(words: &str) {
    let mut stderr = std::io::stderr().lock();
    for line in words.lines() {
        let _ = writeln!(stderr, "{}", legible(line));
    }
}

/// Data, which another program may read. One that has read enough (`| head`) is no failure: the exit code still
/// tells the result.
pub(crate) fn show(data: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(data.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("the result could not be written")
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// `text` with every character escaped that would move the cursor, turn the line or hide: manifests are strangers.
pub(crate) fn legible(text: &str) -> String {
    let mut legible = String::with_capacity(text.len());
    for character in text.chars() {
        let hides = matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        );
        if character.is_control() || hides {
            legible.extend(character.escape_unicode());
        } else {
            legible.push(character);
        }
    }
    legible
}

#[cfg(test)]
mod tests {
    use super::legible;

    #[test]
    fn what_moves_the_cursor_or_turns_the_line_is_shown_and_not_done() {
        assert_eq!(legible("a\u{1b}[2J\nb\u{202e}c"), "a\\u{1b}[2J\\u{a}b\\u{202e}c");
        assert_eq!(legible("überall…"), "überall…");
    }
}
