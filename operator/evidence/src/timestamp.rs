//! Times inside signed documents: RFC 3339 or nothing.
//!
//! Not here: whether a time is believable; that needs the verified time, which `verdict` compares.

use jiff::Timestamp;

use crate::unreadable::Reason;

/// What Go programs write for "no time": cosign puts it where the scanner gave none.
const GO_ZERO: &str = "0001-01-01T00:00:00Z";

/// Reads `text` as RFC 3339. Absent, empty and Go's zero time are all "missing".
///
/// # Errors
/// `Reason::Time` when something else is there: a time that cannot be read must not pass for a missing one.
pub(crate) fn read(text: Option<&str>, field: &'static str) -> Result<Option<Timestamp>, Reason> {
    match text {
        None | Some("" | GO_ZERO) => Ok(None),
        Some(text) if is_rfc3339(text) => text.parse().map(Some).map_err(|_| Reason::Time { field }),
        Some(_) => Err(Reason::Time { field }),
    }
}

/// jiff reads more than RFC 3339 (week dates, bracketed zones, offsets without colon); two readers of one
/// signed document must not see two times, so only the common form goes through.
fn is_rfc3339(text: &str) -> bool {
    const SHAPE: &[u8; 19] = b"0000-00-00T00:00:00";
    let bytes = text.as_bytes();
    let Some((head, tail)) = bytes.split_at_checked(SHAPE.len()) else { return false };
    let fits = |(byte, shape): (&u8, &u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        other => byte == other,
    };
    if !head.iter().zip(SHAPE).all(fits) {
        return false;
    }
    let zone = match tail.split_first() {
        Some((b'.', fraction)) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            let Some((_, zone)) = fraction.split_at_checked(digits).filter(|_| digits > 0) else {
                return false;
            };
            zone
        }
        _ => tail,
    };
    match zone {
        b"Z" => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("2026-11-22T09:00:00Z")]
    #[case("2026-11-22T10:00:00+01:00")]
    #[case("2026-11-22T09:00:00.000Z")]
    fn every_way_to_write_one_instant_reads_alike(#[case] text: &str) {
        let wanted = "2026-11-22T09:00:00Z".parse().unwrap();
        assert_eq!(read(Some(text), "t"), Ok(Some(wanted)));
    }

    #[rstest]
    #[case(None)]
    #[case(Some(""))]
    #[case(Some("0001-01-01T00:00:00Z"))]
    fn no_time_and_the_zero_time_are_missing(#[case] text: Option<&str>) {
        assert_eq!(read(text, "t"), Ok(None));
    }

    #[rstest]
    #[case("yesterday")]
    #[case("2026-11-22")]
    #[case("2026-11-22 09:00:00Z")]
    #[case("2026-11-22T09:00:00")]
    #[case("2026-11-22T09:00:00.Z")]
    #[case("2026-11-22T09:00:00+0100")]
    #[case("2026-11-22T09:00:00+01:00[Europe/Berlin]")]
    #[case("2026-13-22T09:00:00Z")]
    #[case("1763802000")]
    #[case("２026-11-22T09:00:00Z")]
    fn anything_else_is_refused_rather_than_missing(#[case] text: &str) {
        assert_eq!(read(Some(text), "t"), Err(Reason::Time { field: "t" }));
    }
}
