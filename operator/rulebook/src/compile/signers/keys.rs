//! Signers known by their keys.

use std::sync::Arc;

use crds::ai_tool_policy::{Proof, PublicKey as WrittenKey, Signer as Written};
use trust::{Anchor, PublicKey};
use verdict::Proves;

use super::Bench;
use crate::shelf::Proving;

impl Bench<'_> {
    pub(super) fn keys(&mut self, written: &Written, field: &str) -> Option<Proves> {
        // All of them are looked at before one that cannot be read ends it.
        let keys: Vec<_> = written
            .keys
            .iter()
            .enumerate()
            .map(|(index, key)| self.key(key, &format!("{field}.keys[{index}]")))
            .collect();
        let root = match written.proof {
            Proof::InclusionProof => {
                let absent = "keys with proof: InclusionProof have no trustRoot, which names the log";
                Some(self.root(written.trust_root.as_ref(), Proving::Logs, field, absent)?)
            }
            Proof::InsecureNone => {
                if written.trust_root.is_some() {
                    let at = format!("{field}.trustRoot");
                    let found = "with proof: InsecureNone nothing is looked up in it";
                    let mend = "remove trustRoot, or remove proof to have the log's word demanded";
                    self.faults.add(&at, found, "no trustRoot", mend);
                }
                None
            }
        };
        let keys: Vec<Arc<PublicKey>> = keys.into_iter().collect::<Option<_>>()?;
        let proves = Proves::Keys {
            keys: keys.iter().map(|key| key.digest().clone()).collect(),
            root: root.as_ref().map(|root| root.digest().clone()),
        };
        for key in keys {
            self.anchor(Anchor::Key { key, root: root.clone() });
        }
        Some(proves)
    }

    fn key(&mut self, written: &WrittenKey, field: &str) -> Option<Arc<PublicKey>> {
        let (at, pem) = match (&written.pem, &written.config_map) {
            (Some(pem), None) => (format!("{field}.pem"), pem.as_str()),
            (None, Some(entry)) => {
                let at = format!("{field}.configMap");
                let pem = self.text(entry, &at, "a PEM public key")?;
                (at, pem)
            }
            (Some(_), Some(_)) => {
                self.faults.add(field, "it has both pem and configMap", "one of them", "keep one");
                return None;
            }
            (None, None) => {
                self.faults.add(field, "it has neither pem nor configMap", "one of them", "add one");
                return None;
            }
        };
        let key = self.shelf.key(pem);
        let mend = "put the public key there that cosign generate-key-pair wrote as cosign.pub";
        self.faults.keep(&at, key, "one PEM public key: ECDSA P-256 or P-384, or Ed25519", mend)
    }
}
