//! Signers: who each is, and the keys and roots that it rests on, looked up.

mod keyless;
mod keys;

use std::{collections::BTreeMap, sync::Arc};

use crds::ai_tool_policy::{ConfigMapKey, Proof, Signer as Written, TrustRoot as WrittenRoot};
use trust::{Anchor, TrustRoot};
use verdict::{LogDemand, Signer};

use crate::{
    Materials,
    materials::{Missing, Used},
    policy_error::Faults,
    shelf::{Proving, Shelf},
};

/// What signers are compiled on, and what comes of it beside them.
pub(super) struct Bench<'a> {
    pub(super) shelf: &'a mut Shelf,
    pub(super) materials: &'a Materials,
    pub(super) used: &'a mut Used,
    pub(super) faults: &'a mut Faults,
    pub(super) anchors: Vec<Anchor>,
}

impl<'a> Bench<'a> {
    /// Compiles every signer that can be; the others leave faults.
    pub(super) fn signers(&mut self, written: &[Written]) -> Vec<Signer> {
        if written.is_empty() {
            self.faults.add("spec.signers", "there are none", "at least one signer", "add a signer");
        }
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for signer in written {
            *times.entry(&signer.name).or_default() += 1;
        }
        for (name, times) in times.into_iter().filter(|(_, times)| *times > 1) {
            let field = format!("spec.signers[{name}]");
            let found = format!("{times} signers have this name");
            self.faults.add(&field, found, "one signer of each name", "rename the others");
        }
        written.iter().filter_map(|signer| self.signer(signer)).collect()
    }

    fn signer(&mut self, written: &Written) -> Option<Signer> {
        let field = format!("spec.signers[{}]", written.name);
        let proves = match (&written.keyless, written.keys.as_slice()) {
            (Some(keyless), []) => self.keyless(keyless, written, &field),
            (None, [_, ..]) => self.keys(written, &field),
            (Some(_), [_, ..]) => {
                let mend = "make two signers of it";
                self.faults.add(&field, "it has both keyless and keys", "one of them", mend);
                None
            }
            (None, []) => {
                self.faults.add(&field, "it has neither keyless nor keys", "one of them", "add one");
                None
            }
        };
        let log = match written.proof {
            Proof::InclusionProof => LogDemand::InclusionProof,
            Proof::InsecureNone => LogDemand::InsecureNone,
        };
        Some(Signer { name: written.name.clone(), proves: proves?, log })
    }

    /// The root at `written`; `absent` is what to say if there is none.
    fn root(
        &mut self,
        written: Option<&WrittenRoot>,
        proving: Proving,
        field: &str,
        absent: &str,
    ) -> Option<Arc<TrustRoot>> {
        let Some(written) = written else {
            let mend = "put the trusted_root.json of your Sigstore into a ConfigMap, and name it";
            self.faults.add(&format!("{field}.trustRoot"), absent, "trustRoot.configMap", mend);
            return None;
        };
        let at = format!("{field}.trustRoot.configMap");
        let json = self.text(&written.config_map, &at, "a sigstore trusted_root.json")?;
        let root = self.shelf.root(json, proving);
        let mend = "put the trusted_root.json of your Sigstore there";
        self.faults.keep(&at, root, "a sigstore trusted_root.json", mend)
    }

    fn text(&mut self, entry: &ConfigMapKey, field: &str, wanted: &str) -> Option<&'a str> {
        let (name, key) = (&entry.name, &entry.key);
        let found = match self.used.read(self.materials, entry) {
            Ok(text) => return Some(text),
            Err(Missing::ConfigMap) => format!("there is no ConfigMap {name:?} in the operator's namespace"),
            Err(Missing::Key) => format!("ConfigMap {name:?} has no key {key:?}"),
        };
        let mend = "create it, or correct the name; the policy is compiled again as soon as it is there";
        self.faults.add(field, found, &format!("{wanted} under key {key:?}"), mend);
        None
    }

    /// Adds an anchor that is not there yet: two signers with one key are verified once.
    fn anchor(&mut self, anchor: Anchor) {
        if !self.anchors.iter().any(|known| known.cache_key() == anchor.cache_key()) {
            self.anchors.push(anchor);
        }
    }
}
