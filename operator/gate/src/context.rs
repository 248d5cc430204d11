//! Under which policies, and with whose credentials, an image is judged.

use fetch::Keychain;
use rulebook::Selection;

/// What a judgement needs beside the image: the policies that select its namespace, and the pull secrets its Pod has.
#[derive(Clone, Debug)]
pub struct Context {
    pub(crate) namespace: String,
    pub(crate) selection: Selection,
    pub(crate) keychain: Keychain,
    pub(crate) notes: Vec<String>,
}

impl Context {
    /// A context with credentials already at hand; the command line makes these.
    #[must_use]
    pub const fn new(namespace: String, selection: Selection, keychain: Keychain) -> Self {
        Self { namespace, selection, keychain, notes: Vec::new() }
    }

    /// Says why a credential that the Pod names is not in the keychain. Printed as the hint of `RegistryRefused`.
    #[must_use]
    pub fn with_notes(mut self, notes: Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// The policies that select the namespace.
    #[must_use]
    pub const fn selection(&self) -> &Selection {
        &self.selection
    }
}
