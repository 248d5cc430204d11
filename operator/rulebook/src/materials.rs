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
    pub(crate) fn get(&self, at: &ConfigMapKey) -> Option<&str> {
        self.config_maps.get(&at.name)?.get(&at.key).map(String::as_str)
    }
}

/// Which texts a compilation read, by their digests; `None`: the text was not there. As long as these stay, so
/// does what was compiled from them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Used(BTreeMap<ConfigMapKey, Option<Digest>>);

impl Used {
    /// Reads a text and notes what it was.
    pub(crate) fn read<'m>(&mut self, materials: &'m Materials, at: &ConfigMapKey) -> Option<&'m str> {
        let text = materials.get(at);
        self.0.insert(at.clone(), text.map(|text| Digest::sha256(text.as_bytes())));
        text
    }

    /// Whether the same texts are there now.
    pub(crate) fn still_holds(&self, materials: &Materials) -> bool {
        self.0.iter().all(|(at, digest)| {
            materials.get(at).map(|text| Digest::sha256(text.as_bytes())).as_ref() == digest.as_ref()
        })
    }

    pub(crate) fn digests(&self) -> impl Iterator<Item = Option<&Digest>> {
        self.0.values().map(Option::as_ref)
    }
}
