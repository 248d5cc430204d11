//! How many findings of a scan, and how many lines of code, are too many.

use evidence::{Scan, Scanner};
use names::Severity;

use super::signed::told;
use crate::{ai_lines::LineObjection, demand::Demand, heard::Heard, rules::ScanRule};

/// What the deciding scan found too much of, and how much of it may be.
pub(super) fn scan_words(rule: &ScanRule, scan: &Scan, heard: Heard<'_>) -> (String, String) {
    let told = told(Demand::Scan(rule), heard);
    let found = over(rule, scan, |(severity, _), found| format!("{found} {severity}"));
    let most = over(rule, scan, |(severity, most), _| format!("{most} {severity}"));
    (
        format!("the newest {told}{} found {found}", scanner_of(&scan.scanner)),
        format!("the policy allows at most {most}"),
    )
}

/// The severities of which `scan` found too many, each in the words of `each`.
fn over(rule: &ScanRule, scan: &Scan, each: fn(&(Severity, u64), u64) -> String) -> String {
    let limits = rule.at_most.iter().map(|limit| (limit, scan.findings.of(limit.0)));
    let exceeded = limits.filter(|((_, most), found)| found > most);
    exceeded.map(|(limit, found)| each(limit, found)).collect::<Vec<_>>().join(" and ")
}

fn scanner_of(scanner: &Scanner) -> String {
    match (&scanner.name, &scanner.version) {
        (Some(name), Some(version)) => format!(" ({name} {version})"),
        (Some(name), None) => format!(" ({name})"),
        (None, _) => String::new(),
    }
}

pub(super) fn line_words(lines: LineObjection) -> (String, String) {
    match lines {
        LineObjection::Grade { below, total, minimum } => (
            format!("{below} of {total} lines are attributed on weaker grounds than {minimum}"),
            format!("every line must be {minimum} or better"),
        ),
        LineObjection::Unknown { unknown, below, total, most, minimum } => {
            let weak = match minimum {
                Some(minimum) if below > 0 => format!(", {below} of them for a grade below {minimum}"),
                _ => String::new(),
            };
            (
                format!(
                    "{} of the lines ({unknown} of {total}) are of unknown author{weak}",
                    percent(unknown, total)
                ),
                format!("at most {most}% is allowed"),
            )
        }
        LineObjection::Ai { ai, total, most } => (
            format!("{} of the lines ({ai} of {total}) were written by AI", percent(ai, total)),
            format!("at most {most}% is allowed"),
        ),
    }
}

/// With one decimal, rounded up, so that what exceeds a limit never reads as the limit.
fn percent(part: u64, total: u64) -> String {
    let tenths = (u128::from(part) * 1000).div_ceil(u128::from(total.max(1)));
    format!("{}.{}%", tenths / 10, tenths % 10)
}
