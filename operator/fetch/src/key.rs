//! Cache keys that cannot collide: parts are length-prefixed, then hashed.

use names::Digest;

/// One key of many parts; `["a", "bc"]` and `["ab", "c"]` differ.
pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Digest {
    let mut joined = Vec::new();
    for part in parts {
        joined.extend_from_slice(&(part.len() as u64).to_be_bytes());
        joined.extend_from_slice(part);
    }
    Digest::sha256(&joined)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn parts_that_join_to_the_same_text_make_different_keys() {
        assert_ne!(of([&b"a"[..], b"bc"]), of([&b"ab"[..], b"c"]));
        assert_ne!(of([&b"a"[..]]), of([&b"a"[..], b""]));
        assert_eq!(of([&b"a"[..], b"bc"]), of([&b"a"[..], b"bc"]));
    }
}
