//! Verified statements for the tests of later rooms, which judge them and do not verify them.
//!
//! Only with the feature `testing`, which no normal dependency may enable: it would let any room forge a
//! proof.

use crate::bundle::Bundle;
use crate::proof::Proof;
use crate::statement::Statement;
use crate::verified::Verified;

/// A statement that counts as verified with the given proof.
///
/// # Panics
/// When the text is not an in-toto statement within the bounds of step 7 of [`verify`](crate::verify).
pub fn verified(statement_json: &str, proof: Proof) -> Verified<Statement> {
    let bundle = Bundle::around(statement_json);
    let outline = bundle.statement().expect("the test's own statement can be read");
    Verified::new(Statement::new(&bundle, outline), proof)
}

#[cfg(test)]
mod tests {
    use crate::{AnchorId, Claims, Log, Proof};
    use names::Digest;

    fn by_a_key() -> Proof {
        Proof {
            anchor: AnchorId::Key(Digest::sha256(b"a key")),
            identity: None,
            issuer: None,
            claims: Claims::default(),
            log: Log::None,
            sct: false,
            times: Vec::new(),
            certificate_not_before: None,
            root: None,
        }
    }

    #[test]
    fn a_verified_statement_is_made_of_text_and_proof() {
        let proof = by_a_key();
        let text = r#"{"_type":"t","predicateType":"p","subject":[],"predicate":{ "a" : 1 }}"#;

        let verified = super::verified(text, proof.clone());

        assert_eq!(verified.proof(), &proof);
        assert_eq!(verified.value().predicate_type(), "p");
        assert_eq!(verified.value().predicate(), r#"{ "a" : 1 }"#);
        assert_eq!(verified.value().digest(), &Digest::sha256(text.as_bytes()));
    }

    #[test]
    fn an_absent_predicate_reads_as_an_empty_one() {
        assert_eq!(super::verified(r#"{"predicateType":"p"}"#, by_a_key()).value().predicate(), "{}");
    }
}
