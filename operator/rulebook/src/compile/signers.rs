//! Signers: patterns parsed, keys and roots looked up.

use std::{collections::BTreeMap, sync::Arc};

use crds::ai_tool_policy::{
    Keyless, Proof, PublicKey as WrittenKey, Signer as Written, TrustRoot as WrittenRoot,
};
use names::TextPattern;
use trust::{Anchor, PublicKey, TrustRoot};
use verdict::{ClaimName, LogDemand, Proves, Signer};

use super::add_anchor;
use crate::{
    Materials,
    materials::Used,
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

impl Bench<'_> {
    /// Compiles every signer that can be; the others leave faults.
    pub(super) fn signers(&mut self, written: &[Written]) -> Vec<Signer> {
        if written.is_empty() {
            self.faults.add("spec.signers", "there are none", "at least one signer", "add a signer");
        }
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for signer in written {
            *times.entry(&signer.name).or_default() += 1;
        }
        for (name, _) in times.into_iter().filter(|(_, times)| *times > 1) {
            let field = format!("spec.signers[{name}]");
            self.faults.add(&field, "two signers have this name", "one", "rename one of them");
        }
        written.iter().filter_map(|signer| self.signer(signer)).collect()
    }

    fn signer(&mut self, written: &Written) -> Option<Signer> {
        let field = format!("spec.signers[{}]", written.name);
        let proves = match (&written.keyless, written.keys.as_slice()) {
            (Some(keyless), []) => self.keyless(keyless, written, &field),
            (None, [_, ..]) => self.keys(written, &field),
            (Some(_), [_, ..]) => {
                self.faults.add(
                    &field,
                    "it has both keyless and keys",
                    "one of them",
                    "make two signers of it",
                );
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

    fn keyless(&mut self, keyless: &Keyless, written: &Written, field: &str) -> Option<Proves> {
        if written.proof == Proof::InsecureNone {
            let at = format!("{field}.proof");
            let found =
                "InsecureNone, with which a keyless signature proves nothing once its certificate has ended";
            self.faults.add(&at, found, "InclusionProof", "remove proof");
        }
        let at = format!("{field}.keyless.issuer");
        if keyless.issuer.is_empty() {
            self.faults.add(&at, "it is empty", "the URL of an identity provider", "write it out");
        }
        let subject = self.pattern(&format!("{field}.keyless.subject"), &keyless.subject);
        let claims: Vec<_> = keyless
            .claims
            .iter()
            .map(|(name, pattern)| {
                let at = format!("{field}.keyless.claims.{name}");
                let pattern = self.pattern(&at, pattern);
                if claim(name).is_none() {
                    let wanted = crds::ai_tool_policy::CLAIMS.join(", ");
                    self.faults.add(
                        &at,
                        "there is no such claim",
                        &format!("one of {wanted}"),
                        "correct the name",
                    );
                }
                Some((claim(name)?, pattern?))
            })
            .collect();
        let claims: Option<Vec<_>> = claims.into_iter().collect();
        if let (Some(subject), Some(claims)) = (&subject, &claims) {
            self.captures(field, subject, claims);
        }
        let root = match &written.trust_root {
            Some(root) => self.root(root, Proving::Identities, field),
            None => {
                let found = "a keyless signer has no trustRoot";
                self.faults.add(&format!("{field}.trustRoot"), found, "trustRoot.configMap", "add it");
                None
            }
        };
        let (root, subject, claims) = (root?, subject?, claims?);
        let digest = root.digest().clone();
        add_anchor(&mut self.anchors, Anchor::Root(root));
        Some(Proves::Keyless { root: digest, issuer: keyless.issuer.clone(), subject, claims })
    }

    /// A `{name}` that stands in one place only binds nothing: it is `*` to the reader of the policy, and most
    /// likely a misspelt name that was meant to tie two places together.
    fn captures(&mut self, field: &str, subject: &TextPattern, claims: &[(ClaimName, TextPattern)]) {
        for (name, pattern) in claims {
            for capture in pattern.captures() {
                let elsewhere = claims.iter().filter(|(other, _)| other != name).map(|(_, pattern)| pattern);
                let repeated = std::iter::once(subject)
                    .chain(elsewhere)
                    .any(|other| other.captures().any(|theirs| theirs == capture))
                    || pattern.captures().filter(|theirs| *theirs == capture).count() > 1;
                if !repeated {
                    self.faults.add(
                        &format!("{field}.keyless.claims.{}", written_name(*name)),
                        format!("{{{capture}}} stands nowhere else in this signer"),
                        "a name that the subject or another claim repeats",
                        "correct the name, or write * for any one segment",
                    );
                }
            }
        }
    }

    fn keys(&mut self, written: &Written, field: &str) -> Option<Proves> {
        let keys: Vec<_> = written
            .keys
            .iter()
            .enumerate()
            .map(|(index, key)| self.key(key, &format!("{field}.keys[{index}]")))
            .collect();
        let root = match &written.trust_root {
            Some(root) => Some(self.root(root, Proving::Logs, field)),
            None => {
                if written.proof == Proof::InclusionProof {
                    self.faults.add(
                        &format!("{field}.trustRoot"),
                        "keys with proof: InclusionProof have no trustRoot, which names the log",
                        "trustRoot.configMap, or proof: InsecureNone",
                        "add trustRoot",
                    );
                }
                None
            }
        };
        let keys: Vec<Arc<PublicKey>> = keys.into_iter().collect::<Option<_>>()?;
        let root: Option<Arc<TrustRoot>> = match root {
            Some(looked_up) => Some(looked_up?),
            None => None,
        };
        let proves = Proves::Keys {
            keys: keys.iter().map(|key| key.digest().clone()).collect(),
            root: root.as_ref().map(|root| root.digest().clone()),
        };
        for key in keys {
            add_anchor(&mut self.anchors, Anchor::Key { key, root: root.clone() });
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
            (Some(_), Some(_)) | (None, None) => {
                self.faults.add(
                    field,
                    "it has not exactly one of pem and configMap",
                    "one of them",
                    "keep one",
                );
                return None;
            }
        };
        let key = self.shelf.key(pem);
        let mend = "put the public key there that cosign generate-key-pair wrote as cosign.pub";
        self.faults.keep(&at, key, "one PEM public key: ECDSA P-256 or P-384, or Ed25519", mend)
    }

    fn root(&mut self, written: &WrittenRoot, proving: Proving, field: &str) -> Option<Arc<TrustRoot>> {
        let at = format!("{field}.trustRoot.configMap");
        let json = self.text(&written.config_map, &at, "a sigstore trusted_root.json")?;
        let root = self.shelf.root(json, proving);
        let mend = "put the trusted_root.json of your Sigstore there";
        self.faults.keep(&at, root, "a sigstore trusted_root.json", mend)
    }

    fn pattern(&mut self, field: &str, text: &str) -> Option<TextPattern> {
        let wanted = "a pattern: * inside a segment, ** for several, {name} for one that repeats";
        self.faults.keep(field, TextPattern::parse(text), wanted, "correct the pattern")
    }
}

impl<'a> Bench<'a> {
    fn text(
        &mut self,
        entry: &crds::ai_tool_policy::ConfigMapKey,
        field: &str,
        wanted: &str,
    ) -> Option<&'a str> {
        let text = self.used.read(self.materials, entry);
        if text.is_none() {
            let (name, key) = (&entry.name, &entry.key);
            let found = if self.materials.config_maps.contains_key(name) {
                format!("ConfigMap {name:?} has no key {key:?}")
            } else {
                format!("there is no ConfigMap {name:?} in the operator's namespace")
            };
            let mend = "create it, or correct the name; the policy is compiled again as soon as it is there";
            self.faults.add(field, found, &format!("{wanted} under key {key:?}"), mend);
        }
        text
    }
}

/// The claims by the names that policies write, which are those of Fulcio's own list.
const CLAIMS: [(&str, ClaimName); 9] = [
    ("buildConfigURI", ClaimName::BuildConfigUri),
    ("buildSignerURI", ClaimName::BuildSignerUri),
    ("buildTrigger", ClaimName::BuildTrigger),
    ("runnerEnvironment", ClaimName::RunnerEnvironment),
    ("sourceRepository", ClaimName::SourceRepository),
    ("sourceRepositoryDigest", ClaimName::SourceRepositoryDigest),
    ("sourceRepositoryOwner", ClaimName::SourceRepositoryOwner),
    ("sourceRepositoryRef", ClaimName::SourceRepositoryRef),
    ("sourceRepositoryVisibility", ClaimName::SourceRepositoryVisibility),
];

fn claim(written: &str) -> Option<ClaimName> {
    CLAIMS.into_iter().find(|(name, _)| *name == written).map(|(_, claim)| claim)
}

fn written_name(claim: ClaimName) -> &'static str {
    CLAIMS.into_iter().find(|(_, known)| *known == claim).map_or(claim.as_str(), |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_claim_that_the_schema_takes_is_known() {
        assert_eq!(CLAIMS.map(|(name, _)| name), crds::ai_tool_policy::CLAIMS);
    }
}
