//! Why a requirement that nobody met is unmet: the furthest that any candidate came gives the code.
//!
//! Called only when no statement of a named signer is there, and when nothing was left unread.

use evidence::{Evidence, model_of};
use trust::{Proof, Step};

use crate::{
    code::Code,
    demand::Demand,
    fault::{Fault, What},
    rules::Rules,
    signer::Disbelief,
};

/// The one fault that says most about why `demand` is unmet.
pub(crate) fn explain<'a>(demand: Demand<'a>, rules: &'a Rules, evidence: &'a Evidence) -> Fault<'a> {
    let fault =
        |code, evidence, what| Fault { requirement: demand.requirement(), code, evidence, since: None, what };
    // Whatever verified got further than whatever did not. The digest settles ties, so that the order in
    // which a registry lists them changes no word.
    let verified = evidence.documents.iter().map(|document| &**document);
    let nearest = verified
        .filter(|document| demand.content(document).is_some())
        .map(|document| (disbelief(demand, rules, document.proof()), document))
        .max_by_key(|&(disbelief, document)| (disbelief, rules.knows(document.proof()), document.digest()));
    if let Some((disbelief, document)) = nearest {
        let code = if disbelief == Disbelief::Log {
            Code::LogProofMissing
        } else if rules.knows(document.proof()) {
            Code::SignerNotTrusted
        } else {
            Code::SignatureInvalid
        };
        return fault(code, Some(document), What::NotBelieved { demand, document, disbelief });
    }
    let claims_it = |claimed: &str| model_of(claimed) == Some(demand.model());
    let furthest = evidence
        .refused
        .iter()
        .filter(|refused| refused.predicate_type.as_deref().is_some_and(claims_it))
        .max_by_key(|refused| (refused.step, &refused.bundle));
    match furthest {
        Some(refused) => fault(code_of(refused.step), None, What::Refused { demand, refused }),
        None => fault(demand.missing(), None, What::Missing(demand)),
    }
}

/// How close the proof came to any signer that the requirement names.
fn disbelief(demand: Demand<'_>, rules: &Rules, proof: &Proof) -> Disbelief {
    let disbeliefs = rules.named(demand.signed_by()).filter_map(|signer| signer.believes(proof).err());
    disbeliefs.max().unwrap_or(Disbelief::Anchor)
}

/// What a step's refusal is called.
const fn code_of(step: Step) -> Code {
    match step {
        Step::Size
        | Step::Parse
        | Step::MediaType
        | Step::Amounts
        | Step::Envelope
        | Step::PayloadType
        | Step::Statement
        | Step::StatementType
        | Step::PredicateType => Code::PredicateInvalid,
        Step::Subject => Code::SubjectMismatch,
        Step::Material
        | Step::Certificate
        | Step::Signature
        | Step::Complete
        | Step::Identity
        | Step::Clock => Code::SignatureInvalid,
        Step::LogProof | Step::Time | Step::Sct | Step::Log | Step::Entry | Step::LogWindow => {
            Code::LogProofMissing
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Step::Statement, Code::PredicateInvalid)]
    #[case(Step::Subject, Code::SubjectMismatch)]
    #[case(Step::Certificate, Code::SignatureInvalid)]
    #[case(Step::Signature, Code::SignatureInvalid)]
    #[case(Step::LogProof, Code::LogProofMissing)]
    #[case(Step::Entry, Code::LogProofMissing)]
    fn the_step_that_refused_gives_the_code(#[case] step: Step, #[case] code: Code) {
        assert_eq!(code_of(step), code);
    }
}
