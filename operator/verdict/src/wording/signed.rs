//! Who signed, whom the policy believes, and what a candidate lacks. Names no person.

use evidence::Document;
use trust::{AnchorId, Identity, Refused};

use super::quoted;
use crate::{code::Code, demand::Demand, heard::Heard, rules::Rules, signer::Disbelief, source};

/// `"ci"`, or `"ci" or "release"`.
fn signers(demand: Demand<'_>) -> String {
    demand.signed_by().iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(" or ")
}

pub(super) fn asks_for_signer(demand: Demand<'_>) -> String {
    format!("the policy requires one signed by {}", signers(demand))
}

pub(super) fn believes(demand: Demand<'_>) -> String {
    format!("the policy believes {}", signers(demand))
}

/// `scan by signer "scanner"`.
pub(super) fn told(demand: Demand<'_>, heard: Heard<'_>) -> String {
    format!("{} by signer \"{}\"", demand.noun(), heard.signer.name)
}

/// As `told`, for a document that does not say what it is.
pub(super) fn told_plainly(heard: Heard<'_>, rules: &Rules) -> String {
    let demand = Demand::all_of(rules).find(|demand| demand.content(heard.document).is_some());
    demand.map_or_else(|| "statement".to_owned(), |demand| told(demand, heard))
}

/// Who signed, without naming a person.
fn signer_of(document: &Document) -> String {
    let proof = document.proof();
    match (&proof.identity, &proof.anchor) {
        (Some(Identity::Uri(uri)), _) => quoted(uri),
        (Some(Identity::Email(_)), _) => {
            format!(
                "an e-mail identity of {}",
                quoted(proof.issuer.as_deref().unwrap_or("an unknown issuer"))
            )
        }
        (None, AnchorId::Key(key)) => format!("the key {}", key.short()),
        (None, AnchorId::Root(root)) => format!("nobody in particular under the root {}", root.short()),
    }
}

pub(super) fn not_believed(
    demand: Demand<'_>,
    document: &Document,
    disbelief: Disbelief,
    rules: &Rules,
) -> (String, String) {
    let noun = with_article(demand);
    let found = match disbelief {
        Disbelief::Log => {
            format!(
                "{noun} was found, signed by {}, without proof that the log holds it",
                signer_of(document)
            )
        }
        Disbelief::Claim(name) => {
            let claim = name.of(&document.proof().claims);
            let claim = claim.map_or_else(|| "absent".to_owned(), |claim| format!("\"{}\"", quoted(claim)));
            format!("{noun} was found, signed by {}, whose {name} is {claim}", signer_of(document))
        }
        Disbelief::Issuer => {
            let issuer = document.proof().issuer.as_deref().unwrap_or("no issuer");
            format!("{noun} was found, signed by {} as {} says", signer_of(document), quoted(issuer))
        }
        Disbelief::Anchor | Disbelief::Subject if rules.knows(document.proof()) => {
            format!("{noun} was found, signed by {}", signer_of(document))
        }
        Disbelief::Anchor | Disbelief::Subject => {
            format!("{noun} was found, under a key or root that is none of this policy's")
        }
    };
    (found, believes(demand))
}

/// What the candidate that came nearest lacks. The reason is told without its cause, which may quote it.
pub(super) fn refusal(demand: Demand<'_>, code: Code, refused: &Refused) -> String {
    let lacks = if code == Code::SubjectMismatch {
        "it is about something else"
    } else if code == Code::LogProofMissing {
        "nothing proves that a log took it in, and when"
    } else if code == Code::PredicateInvalid {
        "it is no statement that can be read"
    } else {
        "no key or root of the policy proves its signature"
    };
    let (noun, reason) = (with_article(demand), quoted(&refused.reason.to_string()));
    let step = refused.step;
    format!("{noun} was found, but {lacks}: {reason} (step {}, {step})", step.number())
}

const fn with_article(demand: Demand<'_>) -> &'static str {
    match demand {
        Demand::Sbom(_) => "an SBOM",
        Demand::AiProvenance(..) => "AI provenance",
        Demand::Scan(_) => "a scan",
    }
}

pub(super) fn source_of(document: &Document) -> String {
    source::repository(document).map_or_else(|| "a signer that names no repository".to_owned(), quoted)
}
