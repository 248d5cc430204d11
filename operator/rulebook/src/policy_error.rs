//! What stands in the way of compiling a policy: where, what, what is wanted, and how to mend it.

/// One fault of a policy. A policy has as many as it has faults; compiling does not stop at the first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {found}; wanted is {wanted}; {mend}")]
pub struct PolicyError {
    /// Path of the field from the policy's root, such as `spec.signers[ci].keyless.subject`.
    pub field: String,
    /// What is there. A clause.
    pub found: String,
    /// What should be there. A noun phrase.
    pub wanted: String,
    /// What to do. An imperative clause.
    pub mend: String,
}

/// Faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<PolicyError>);

impl Faults {
    pub(crate) fn add(&mut self, field: &str, found: impl Into<String>, wanted: &str, mend: &str) {
        self.0.push(PolicyError {
            field: field.to_owned(),
            found: found.into(),
            wanted: wanted.to_owned(),
            mend: mend.to_owned(),
        });
    }

    /// The value, or a fault that tells the whole error.
    pub(crate) fn keep<T, E: std::error::Error>(
        &mut self,
        field: &str,
        parsed: Result<T, E>,
        wanted: &str,
        mend: &str,
    ) -> Option<T> {
        parsed.map_err(|error| self.add(field, names::with_causes(&error), wanted, mend)).ok()
    }

    pub(crate) fn into_inner(self) -> Vec<PolicyError> {
        self.0
    }
}
