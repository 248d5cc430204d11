//! Long JSON lists folded into a number as they are read: one element in memory at a time.
//!
//! `null` is the empty list, because Go writes an empty slice that way.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, SeqAccess, Visitor},
};

/// The most entries of one list that are counted. A Debian release has about 64,000 packages in all; a
/// list of eight times that says nothing about one image and is refused before its time is spent.
pub(crate) const MAX_ENTRIES: u64 = 500_000;

/// Folds a list into `seed`, element by element. `what` names the entries in the error.
pub(crate) fn fold<'de, D, T, A>(
    deserializer: D,
    what: &'static str,
    seed: A,
    step: fn(&mut A, T),
) -> Result<A, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(Fold { what, seed, step, element: PhantomData })
}

struct Fold<T, A> {
    what: &'static str,
    seed: A,
    step: fn(&mut A, T),
    element: PhantomData<T>,
}

// === impl Fold ===

impl<'de, T: Deserialize<'de>, A> Visitor<'de> for Fold<T, A> {
    type Value = A;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {}", self.what)
    }

    fn visit_unit<E: Error>(self) -> Result<A, E> {
        Ok(self.seed)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<A, S::Error> {
        let Self { what, mut seed, step, .. } = self;
        let mut read = 0;
        while let Some(element) = list.next_element()? {
            read += 1;
            if read > MAX_ENTRIES {
                return Err(S::Error::custom(format_args!("more than {MAX_ENTRIES} {what}")));
            }
            step(&mut seed, element);
        }
        Ok(seed)
    }
}
