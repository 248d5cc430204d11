//! Lists that are read up to a bound and counted beyond it.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};

/// The first `MOST` items of a list, and how many there were. The rest is skipped without being kept, so
/// that a list of a million costs no memory and can still be reported. `null` is an empty list, as in
/// protobuf's JSON.
#[derive(Debug)]
pub(crate) struct Bounded<T, const MOST: usize> {
    pub(crate) items: Vec<T>,
    pub(crate) found: usize,
}

impl<T, const MOST: usize> Default for Bounded<T, MOST> {
    fn default() -> Self {
        Self { items: Vec::new(), found: 0 }
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Bounded<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(List::<T, MOST>(PhantomData))
    }
}

struct List<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for List<T, MOST> {
    type Value = Bounded<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Bounded::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut read = Bounded::default();
        while read.found < MOST {
            let Some(item) = list.next_element()? else { return Ok(read) };
            read.items.push(item);
            read.found += 1;
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            read.found += 1;
        }
        Ok(read)
    }
}
