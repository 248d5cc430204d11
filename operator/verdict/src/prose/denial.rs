//! The denial: codes, images, findings, hints, and how to ask about it.

use std::fmt::Write;

use super::{MAX_MESSAGE, image};
use crate::{
    code::Code, effect::Effect, finding::Finding, judgement::Judgement, policy_verdict::PolicyVerdict, text,
    verdict::Outcome,
};

/// Longest finding with its hint: seven fit beside the rest, so that one long one hides no other.
const MAX_FINDING: usize = 512;

/// One image under one policy that turns it away.
struct Block<'a> {
    image: String,
    judgement: &'a Judgement,
    policy: &'a PolicyVerdict,
}

/// Why `judgements` deny a request: at most [`MAX_MESSAGE`] bytes, codes first, whole findings only.
///
/// Tells the findings of the policies whose effect is to deny; an empty text if none does.
#[must_use]
pub fn denial(judgements: &[Judgement], decision_id: &str) -> String {
    let blocks: Vec<_> = judgements.iter().flat_map(blocks_of).collect();
    let Some(first) = blocks.first() else { return String::new() };

    let mut text = format!("{}: ", codes(&blocks));
    text += &match blocks.as_slice() {
        [block] => format!("{}\n", block.headline()),
        _ => format!("{}\n", turned_away(&blocks, first)),
    };
    let last = last_line(&blocks, decision_id);
    let mut left: usize = blocks.iter().map(|block| block.policy.objections().count()).sum();
    let mut hinted = Vec::new();
    'told: for block in &blocks {
        let mut head = if blocks.len() > 1 { format!("{}\n", block.headline()) } else { String::new() };
        for finding in block.policy.objections() {
            let lines = lines(finding, !hinted.contains(&finding.code));
            let more = more_line(left);
            if text.len() + head.len() + lines.len() + more.len() + last.len() > MAX_MESSAGE {
                text += &more;
                break 'told;
            }
            text += &head;
            text += &lines;
            head.clear();
            hinted.push(finding.code);
            left -= 1;
        }
    }
    text + &last
}

// === impl Block ===

impl Block<'_> {
    /// `IMAGE (DIGEST) was turned away by AIToolPolicy "production"`.
    fn headline(&self) -> String {
        let mut line = self.image.clone();
        if let Some(digest) = &self.judgement.digest {
            // Writing to a String cannot fail.
            let _ = write!(line, " ({})", digest.short());
        }
        let name = text::clean(&self.policy.policy.name);
        match self.policy.verdict.outcome {
            Outcome::Denied | Outcome::Allowed => {
                line + &format!(" was turned away by AIToolPolicy \"{name}\"")
            }
            Outcome::Undecided => {
                line + &format!(" was held back: AIToolPolicy \"{name}\" could not be decided")
            }
        }
    }
}

fn blocks_of(judgement: &Judgement) -> impl Iterator<Item = Block<'_>> {
    let denying = judgement.policies.iter().filter(|policy| policy.effect() == Effect::Deny);
    denying.map(|policy| Block { image: image(judgement), judgement, policy })
}

/// The distinct codes, in the order of the table.
fn codes(blocks: &[Block<'_>]) -> String {
    let findings = blocks.iter().flat_map(|block| block.policy.objections());
    let mut codes: Vec<_> = findings.map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter().map(Code::as_str).collect::<Vec<_>>().join(", ")
}

/// The first line's end when there is more than one block.
fn turned_away(blocks: &[Block<'_>], first: &Block<'_>) -> String {
    let mut images: Vec<_> = blocks.iter().map(|block| block.image.as_str()).collect();
    images.dedup();
    match images.len() {
        1 => format!("{} was turned away by {} policies", first.image, blocks.len()),
        count => format!("{count} images were turned away"),
    }
}

fn lines(finding: &Finding, with_hint: bool) -> String {
    let hint = finding.hint.as_deref().filter(|_| with_hint).map(text::clean);
    let hint = hint.map(|hint| format!("    hint: {hint}\n")).unwrap_or_default();
    let room = MAX_FINDING.saturating_sub(hint.len());
    let told = format!("  {}: {}", finding.code, text::clean(&finding.sentence()));
    format!("{}\n{hint}", text::cut(&told, room))
}

fn more_line(count: usize) -> String {
    format!("  … and {count} more\n")
}

fn last_line(blocks: &[Block<'_>], decision_id: &str) -> String {
    let mut findings = blocks.iter().flat_map(|block| block.policy.objections());
    let retryable =
        if findings.all(|finding| finding.code.retryable()) { "retryable" } else { "not retryable" };
    format!("decision {}; {retryable}", text::cut(&text::clean(decision_id), 64))
}

#[cfg(test)]
mod tests;
