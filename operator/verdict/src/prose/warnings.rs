//! Warnings: one line for each finding, within what the API server passes on.

use super::{MAX_MESSAGE, image};
use crate::{effect::Effect, judgement::Judgement, text};

/// The most characters of one warning; the API server cuts longer ones without a word.
const MAX_WARNING: usize = 256;

/// The findings of the policies whose effect is to warn, as `Code: image: text`. Each line has at most 256
/// bytes, all together at most [`MAX_MESSAGE`].
#[must_use]
pub fn warnings(judgements: &[Judgement]) -> Vec<String> {
    let mut lines = Vec::new();
    for judgement in judgements {
        let policies = judgement.policies.iter().filter(|policy| policy.effect() == Effect::Warn);
        for finding in policies.flat_map(|policy| policy.objections()) {
            // The image leaves room for the words, which begin with what matters.
            let image = text::cut(&image(judgement), MAX_WARNING / 2);
            let line = format!("{}: {image}: {}", finding.code, text::clean(&finding.sentence()));
            let line = text::cut(&line, MAX_WARNING);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
    }
    cap(lines)
}

/// Whole lines within the bound, and a last one that counts the rest.
fn cap(mut lines: Vec<String>) -> Vec<String> {
    let total: usize = lines.iter().map(String::len).sum();
    if total <= MAX_MESSAGE {
        return lines;
    }
    let mut room = MAX_MESSAGE - more(lines.len()).len();
    let fits = |line: &&String| match room.checked_sub(line.len()) {
        Some(rest) => {
            room = rest;
            true
        }
        None => false,
    };
    let kept = lines.iter().take_while(fits).count();
    let rest = lines.len() - kept;
    lines.truncate(kept);
    lines.push(more(rest));
    lines
}

fn more(count: usize) -> String {
    format!("… and {count} more findings")
}

#[cfg(test)]
mod tests;
