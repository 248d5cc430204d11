//! Words that came from a parser or a cryptographic library, made safe to print.

use std::error::Error;
use std::fmt::{self, Write};

/// Longest detail kept, in characters: three lines of a terminal. Messages of parsers quote what they read,
/// and a stranger may have written a 16 MiB string there.
const MAX_CHARACTERS: usize = 240;

/// An error's message and those of its causes, cut to 240 characters and free of control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail(String);

impl Detail {
    pub(crate) fn of(error: &dyn Error) -> Self {
        let mut words = Bounded { text: String::new(), room: MAX_CHARACTERS };
        let mut cause = Some(error);
        let mut said = String::new();
        while let Some(error) = cause {
            let message = error.to_string();
            // Several of the wrapped errors print their cause as well as naming it.
            if !said.contains(&message) {
                let separator = if said.is_empty() { "" } else { ": " };
                if write!(words, "{separator}{message}").is_err() {
                    break;
                }
                said = message;
            }
            cause = error.source();
        }
        Self(words.text)
    }
}

impl Detail {
    /// A value that was read, made safe in the same way.
    pub(crate) fn of_text(text: &str) -> Self {
        let mut words = Bounded { text: String::new(), room: MAX_CHARACTERS };
        // Full is as good as done: the cut is marked.
        let _ = words.write_str(text);
        Self(words.text)
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Detail {}

/// Takes characters until it is full, then says so and refuses.
struct Bounded {
    text: String,
    room: usize,
}

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.room == 0 {
                self.text.push('…');
                return Err(fmt::Error);
            }
            self.room -= 1;
            self.text.push(if character.is_control() { ' ' } else { character });
        }
        Ok(())
    }
}
