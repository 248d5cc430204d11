//! What policies name and do not contain: ConfigMaps of the operator's namespace.

use std::collections::BTreeMap;

use crds::ai_tool_policy::ConfigMapKey;
use names::Digest;

/// `data` of the ConfigMaps of the operator's namespace, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Materials {
    /// ConfigMap name → key → text.
    pub config_maps: BTreeMap<String, BTreeMap<String, String>>,
}

impl Materials {
    /// The text at `at`, or which part of the way to it is missing.
    pub(crate) fn get(&self, at: &ConfigMapKey) -> Result<&str, Missing> {
        let map = self.config_maps.get(&at.name).ok_or(Missing::ConfigMap)?;
        map.get(&at.key).map(String::as_str).ok_or(Missing::Key)
    }
}

/// What is not there. A fault tells one from the other, so a change from one to the other is a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    ConfigMap,
    Key,
}

/// Which texts a compilation read, by their digests, and which it missed. As long as these stay, so does what
/// was compiled from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Used(BTreeMap<ConfigMapKey, Result<Digest, Missing>>);

impl Used {
    /// Reads a text and notes what it was.
    pub(crate) fn read<'m>(
        &mut self,
        materials: &'m Materials,
        at: &ConfigMapKey,
    ) -> Result<&'m str, Missing> {
        let text = materials.get(at);
        self.0.insert(at.clone(), text.map(digest));
        text
    }

    /// Whether the same texts are there now.
    pub(crate) fn still_holds(&self, materials: &Materials) -> bool {
        self.0.iter().all(|(at, known)| materials.get(at).map(digest) == *known)
    }

    /// What was read, in the order of where it lies.
    pub(crate) fn digests(&self) -> impl Iterator<Item = &Result<Digest, Missing>> {
        self.0.values()
    }
}

fn digest(text: &str) -> Digest {
    Digest::sha256(text.as_bytes())
}
