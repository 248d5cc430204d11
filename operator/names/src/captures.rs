//! What the `{name}` segments of a pattern stood for, carried from one pattern to the next.

/// Names and the segments they were bound to. A bound name matches nothing but its segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    bound: Vec<(String, String)>,
}

impl Captures {
    /// Nothing bound yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { bound: Vec::new() }
    }

    /// The segment that `name` was bound to.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.bound.iter().find(|(bound, _)| bound == name).map(|(_, segment)| segment.as_str())
    }

    /// Binds `name`, or compares if it is bound. An empty segment is never captured.
    pub(crate) fn bind(&mut self, name: &str, segment: &str) -> bool {
        match self.get(name) {
            Some(bound) => bound == segment,
            None if segment.is_empty() => false,
            None => {
                self.bound.push((name.to_owned(), segment.to_owned()));
                true
            }
        }
    }

    /// How many names are bound, for [`Captures::forget_after`].
    pub(crate) const fn mark(&self) -> usize {
        self.bound.len()
    }

    /// Undoes the bindings of a match that failed half-way.
    pub(crate) fn forget_after(&mut self, mark: usize) {
        self.bound.truncate(mark);
    }
}
