//! In which namespaces Secrets may be read.

use std::collections::BTreeSet;

/// The namespaces whose pull secrets may be read. Never the operator's own, whatever is said here: its keys
/// lie there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SecretNamespaces {
    /// None: images that need a credential are undecided, and the finding says why.
    #[default]
    None,
    /// These.
    Listed(BTreeSet<String>),
    /// Every namespace but the operator's own. Needs rights over all Secrets.
    All,
}

impl SecretNamespaces {
    /// Whether Secrets of `namespace` may be read by an operator that lives in `own`.
    pub(crate) fn allow(&self, namespace: &str, own: &str) -> bool {
        namespace != own
            && match self {
                Self::None => false,
                Self::Listed(names) => names.contains(namespace),
                Self::All => true,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operators_own_namespace_is_never_allowed() {
        let listed = SecretNamespaces::Listed(["shop".to_owned(), "own".to_owned()].into());
        for (namespaces, shop, other) in [
            (SecretNamespaces::None, false, false),
            (listed, true, false),
            (SecretNamespaces::All, true, true),
        ] {
            assert_eq!(namespaces.allow("shop", "own"), shop);
            assert_eq!(namespaces.allow("other", "own"), other);
            assert!(!namespaces.allow("own", "own"));
        }
    }
}
