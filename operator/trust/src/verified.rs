//! `Verified`: a value whose signature, subject and log were checked. Only this room can make one.

use crate::proof::Proof;

/// A value together with what was proved about it.
///
/// The fields are private and there is no public constructor: holding one means that
/// [`verify`](crate::verify) returned it.
///
/// ```compile_fail
/// let forged = trust::Verified { value: "anything", proof: todo!() };
/// ```
#[derive(Debug, Clone)]
pub struct Verified<T> {
    value: T,
    proof: Proof,
}

impl<T> Verified<T> {
    pub(crate) const fn new(value: T, proof: Proof) -> Self {
        Self { value, proof }
    }

    /// What was verified.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// What was proved about it, and under which root or key.
    pub const fn proof(&self) -> &Proof {
        &self.proof
    }
}
