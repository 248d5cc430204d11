//! Signers known by a certificate: issuer, subject and claims.

use crds::ai_tool_policy::{CLAIMS, Keyless, Proof, Signer as Written};
use names::TextPattern;
use trust::Anchor;
use verdict::{ClaimName, Proves};

use super::Bench;
use crate::shelf::Proving;

const PATTERN: &str = "a pattern: * inside a segment, ** for several, {name} for one that repeats";

impl Bench<'_> {
    pub(super) fn keyless(&mut self, keyless: &Keyless, written: &Written, field: &str) -> Option<Proves> {
        if written.proof == Proof::InsecureNone {
            let at = format!("{field}.proof");
            let found =
                "InsecureNone, with which a keyless signature proves nothing once its certificate has ended";
            self.faults.add(&at, found, "InclusionProof", "remove proof");
        }
        if keyless.issuer.is_empty() {
            let at = format!("{field}.keyless.issuer");
            self.faults.add(&at, "it is empty", "the URL of an identity provider", "write it out");
        }
        let subject = self.subject(&format!("{field}.keyless.subject"), &keyless.subject);
        // All of them are looked at before one that cannot be read ends it.
        let claims: Vec<_> = keyless
            .claims
            .iter()
            .map(|(name, pattern)| self.claim(&format!("{field}.keyless.claims.{name}"), name, pattern))
            .collect();
        let claims: Option<Vec<_>> = claims.into_iter().collect();
        if let (Some(subject), Some(claims)) = (&subject, &claims) {
            self.captures(field, subject, claims);
        }
        let absent = "a keyless signer has no trustRoot";
        let root = self.root(written.trust_root.as_ref(), Proving::Identities, field, absent)?;
        let (subject, claims) = (subject?, claims?);
        let digest = root.digest().clone();
        self.anchor(Anchor::Root(root));
        Some(Proves::Keyless { root: digest, issuer: keyless.issuer.clone(), subject, claims })
    }

    fn subject(&mut self, field: &str, text: &str) -> Option<TextPattern> {
        let parsed = TextPattern::parse(text);
        if parsed.is_err() && text.contains('@') && !text.contains("://") {
            // The error quotes what it was read from, and a fault is told to whoever is turned away.
            let found = "it is no pattern (and is not shown, for it looks like a mail address)";
            self.faults.add(field, found, PATTERN, "correct the pattern");
            return None;
        }
        self.faults.keep(field, parsed, PATTERN, "correct the pattern")
    }

    fn claim(&mut self, field: &str, name: &str, pattern: &str) -> Option<(ClaimName, TextPattern)> {
        let pattern = self.faults.keep(field, TextPattern::parse(pattern), PATTERN, "correct the pattern");
        let claim = ClaimName::ALL.into_iter().find(|claim| claim.as_str() == name);
        if claim.is_none() {
            let wanted = format!("one of {}", CLAIMS.join(", "));
            self.faults.add(field, "there is no such claim", &wanted, "correct the name");
        }
        Some((claim?, pattern?))
    }

    /// A `{name}` that stands in one claim only binds nothing: it is `*` to the reader of the policy, and most
    /// likely a misspelt name that was meant to tie two places together.
    fn captures(&mut self, field: &str, subject: &TextPattern, claims: &[(ClaimName, TextPattern)]) {
        let names =
            || claims.iter().map(|(_, pattern)| pattern).chain([subject]).flat_map(TextPattern::captures);
        for (claim, pattern) in claims {
            for capture in pattern.captures() {
                if names().filter(|other| *other == capture).count() == 1 {
                    self.faults.add(
                        &format!("{field}.keyless.claims.{claim}"),
                        format!("{{{capture}}} stands nowhere else in this signer"),
                        "a name that the subject or another claim repeats",
                        "correct the name, or write * for any one segment",
                    );
                }
            }
        }
    }
}
