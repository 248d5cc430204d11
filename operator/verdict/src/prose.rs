//! Verdicts as people read them: the denial, and warnings of one line each.
//!
//! Golden-tested, because these words are the product's voice. Not here: the clauses about single findings,
//! which `wording` makes, and tables for terminals.

mod denial;
mod warnings;

pub use denial::denial;
pub use warnings::warnings;

use crate::{judgement::Judgement, text};

/// The most bytes of one message: what the API server passes on of all warnings together, and a screenful
/// of a denial in `kubectl`.
pub const MAX_MESSAGE: usize = 4096;

/// Longest image reference that is repeated. One with a digest has at most 255 characters of repository,
/// 128 of tag and 72 of digest, and of a hostile one the beginning suffices.
const MAX_IMAGE: usize = 256;

/// The reference as written, fit for a line.
fn image(judgement: &Judgement) -> String {
    text::cut(&text::clean(&judgement.image), MAX_IMAGE)
}
