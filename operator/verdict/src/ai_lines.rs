//! How many lines AI wrote, and how many nobody accounts for.
//!
//! Not here: which tools and models they were (`tools`).

use evidence::{AiProvenance, Grade};

use crate::{code::Code, rules::AiProvenanceRule};

/// Too many lines of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineObjection {
    /// Lines attributed below the minimum, where no share of unknown lines is allowed for.
    Grade { below: u64, total: u64, minimum: Grade },
    /// Lines of unknown author; `below` of them for their grade.
    Unknown { unknown: u64, below: u64, total: u64, most: u8, minimum: Option<Grade> },
    /// Lines by AI.
    Ai { ai: u64, total: u64, most: u8 },
}

/// Tells `object` of every share that `rule` does not allow.
pub(crate) fn examine(
    rule: &AiProvenanceRule,
    ai: &AiProvenance,
    mut object: impl FnMut(Code, LineObjection),
) {
    let lines = &ai.lines;
    let total = lines.total();
    let below = rule.minimum_grade.map_or(0, |minimum| lines_below(ai, minimum));
    match (rule.max_unknown_percent, rule.minimum_grade) {
        (Some(most), minimum) => {
            let unknown = lines.unknown.saturating_add(below);
            if exceeds(unknown, most, total) {
                object(
                    Code::UnknownShareExceeded,
                    LineObjection::Unknown { unknown, below, total, most, minimum },
                );
            }
        }
        (None, Some(minimum)) if below > 0 => {
            object(Code::GradeTooLow, LineObjection::Grade { below, total, minimum });
        }
        (None, _) => {}
    }
    // Every grade counts here: nothing hides by being declared on weak grounds.
    if let Some(most) = rule.max_ai_percent.filter(|most| exceeds(lines.ai, *most, total)) {
        object(Code::AiShareExceeded, LineObjection::Ai { ai: lines.ai, total, most });
    }
}

/// Lines by people or AI whose attribution is weaker than `minimum`; AI lines without a tool have none.
fn lines_below(ai: &AiProvenance, minimum: Grade) -> u64 {
    let human = if ai.lines.human_grade >= minimum { 0 } else { ai.lines.human };
    let firm = ai.tools.iter().filter(|tool| tool.grade >= minimum).map(|tool| tool.lines);
    let firm = firm.fold(0_u64, u64::saturating_add);
    human.saturating_add(ai.lines.ai.saturating_sub(firm))
}

/// `part` of `total` is more than `most` percent. Both products of 64-bit numbers fit in 128 bits.
fn exceeds(part: u64, most: u8, total: u64) -> bool {
    u128::from(part) * 100 > u128::from(most) * u128::from(total)
}

#[cfg(test)]
mod tests;
