//! Which statement decides: in each group of one signer and one scanner, the newest.
//!
//! An older good scan never hides a newer bad one, and a bad one goes on counting, however old, until its
//! own group has a newer.

use jiff::Timestamp;
use names::{Age, Digest};

use crate::{demand::Demand, fault::Fault, heard::Heard};

/// How the deciding statements of one requirement stand in time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing<'a> {
    /// Some decider is within `maxAge`, or there is none.
    pub(crate) fresh: bool,
    /// The newest decider beyond it, and its time.
    pub(crate) stale: Option<(Timestamp, Heard<'a>)>,
    /// A decider whose age nobody can tell.
    pub(crate) undated: Option<Heard<'a>>,
}

/// Puts `heard` in the order that `examine` wants: by signer, those of no known scanner first, by scanner.
/// The payload's digest last, so that the order in which a registry lists them changes no word.
pub(crate) fn sort(heard: &mut [Heard<'_>]) {
    heard.sort_by(|left, right| place(left).cmp(&place(right)));
}

fn place<'a>(heard: &Heard<'a>) -> (&'a str, bool, Option<&'a str>, &'a Digest) {
    (&heard.signer.name, !heard.is_unplaced(), heard.scanner(), heard.document.digest())
}

/// Examines the deciding statements, pushes what is wrong with what they say, and tells how they stand in
/// time. `heard` is sorted.
pub(crate) fn examine<'a>(
    demand: Demand<'a>,
    heard: &[Heard<'a>],
    now: Timestamp,
    faults: &mut Vec<Fault<'a>>,
) -> Standing<'a> {
    let mut standing = Standing::default();
    for of_signer in heard.chunk_by(|left, right| left.signer.name == right.signer.name) {
        let (unplaced, placed) = of_signer.split_at(of_signer.partition_point(Heard::is_unplaced));
        if placed.is_empty() {
            decide_group(demand, unplaced, &[], now, faults, &mut standing);
        }
        for group in placed.chunk_by(|left, right| left.scanner() == right.scanner()) {
            decide_group(demand, unplaced, group, now, faults, &mut standing);
        }
    }
    standing
}

/// The newest of a group decides; of several equally new, each does, so that the worse wins. Statements that
/// no scanner can be told for may be this group's newest.
fn decide_group<'a>(
    demand: Demand<'a>,
    unplaced: &[Heard<'a>],
    group: &[Heard<'a>],
    now: Timestamp,
    faults: &mut Vec<Fault<'a>>,
    standing: &mut Standing<'a>,
) {
    let members = || unplaced.iter().chain(group);
    let newest = members().map(|heard| heard.time(now)).max().flatten();
    for heard in members().filter(|heard| heard.time(now) == newest) {
        demand.examine(*heard, now, faults);
        match (newest, demand.max_age()) {
            (_, None) => standing.fresh = true,
            (None, Some(_)) => standing.undated = Some(*heard),
            (Some(time), Some(max_age)) if is_within(time, max_age, now) => standing.fresh = true,
            (Some(time), Some(_)) => {
                if standing.stale.is_none_or(|(newest, _)| newest < time) {
                    standing.stale = Some((time, *heard));
                }
            }
        }
    }
}

/// Whether something of `time` is at most `max_age` old.
fn is_within(time: Timestamp, max_age: Age, now: Timestamp) -> bool {
    now.duration_since(time) <= max_age.as_duration()
}
