//! Of when a statement is, and how old it may be.

use jiff::{SignedDuration, Timestamp};
use names::Age;

use super::signed::told;
use crate::{demand::Demand, heard::Heard};

pub(super) fn at_most(max_age: Age) -> String {
    format!("at most {max_age} is allowed")
}

/// `2026-11-13 (9 days)`; by the minute while that is what matters.
pub(super) fn when(time: Timestamp, now: Timestamp) -> String {
    let age = now.duration_since(time);
    if age >= SignedDuration::from_hours(48) {
        format!("{} ({} days)", time.strftime("%Y-%m-%d"), age.as_hours() / 24)
    } else {
        let old = if age >= SignedDuration::from_hours(2) {
            format!("{} hours", age.as_hours())
        } else if age >= SignedDuration::from_mins(2) {
            format!("{} minutes", age.as_mins())
        } else {
            format!("{} seconds", age.as_secs())
        };
        format!("{} ({old})", minute(time))
    }
}

pub(super) fn minute(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%MZ").to_string()
}

pub(super) fn undated(demand: Demand<'_>, heard: Heard<'_>) -> String {
    let told = told(demand, heard);
    match (heard.stated(), heard.verified()) {
        (Some(stated), Some(verified)) => {
            format!("the {told} says {}, which is after its proved time {}", minute(stated), minute(verified))
        }
        (Some(stated), None) => format!("the {told} says {}, which is ahead of the clock", minute(stated)),
        (None, _) => format!("the {told} does not say of when it is"),
    }
}
