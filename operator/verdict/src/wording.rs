//! Faults put into words: what is so, and what the policy asks for.
//!
//! Clauses for a sentence, without capital and full stop. No name and no address: an e-mail identity is told
//! by its issuer alone.

mod amounts;
mod dated;
mod signed;
mod tools;

use jiff::Timestamp;

use self::{
    amounts::{line_words, scan_words},
    dated::{at_most, undated, when},
    signed::{asks_for_signer, believes, not_believed, refusal, source_of, told, told_plainly},
    tools::tool_words,
};
use crate::{
    fault::{Fault, What},
    finding::Finding,
    rules::Rules,
    text,
};

/// Longest foreign word that is repeated: an identity, a model, a reason. A workflow's URI has about 120.
const MAX_QUOTED: usize = 200;

/// The finding for `fault`, as of `now`.
pub(crate) fn finding(fault: &Fault<'_>, rules: &Rules, now: Timestamp) -> Finding {
    let (found, wanted) = words(fault, rules, now);
    let mut finding = Finding::new(&rules.policy.name, fault.requirement, fault.code, &found, &wanted);
    finding.evidence = fault.evidence.map(|document| document.digest().clone());
    finding.since = fault.since;
    finding
}

fn words(fault: &Fault<'_>, rules: &Rules, now: Timestamp) -> (String, String) {
    let code = fault.code;
    match &fault.what {
        What::NothingAsked => (
            "the policy requires nothing, so nothing was checked".to_owned(),
            "a policy names at least one of sbom, aiProvenance and vulnerabilityScan".to_owned(),
        ),
        What::NobodyNamed(demand) => (
            format!(
                "signedBy of {} names no signer of the policy, so nobody is believed",
                demand.requirement()
            ),
            "it names at least one of spec.signers".to_owned(),
        ),
        What::ToolsUnseen => (
            "the policy has rules on tools and requires no AI provenance to judge them by".to_owned(),
            "tools needs require.aiProvenance".to_owned(),
        ),
        What::Unread { first, count } => (
            match &first.candidate {
                Some(_) => format!("{} could not be read: {}", attestations(*count), quoted(&first.detail)),
                None => {
                    format!("the image's attestations could not all be listed: {}", quoted(&first.detail))
                }
            },
            "what is not read is not taken for absent".to_owned(),
        ),
        What::Skipped { count } => (
            match count {
                1 => "one thing attached to the image is no attestation that can be read; it was skipped"
                    .to_owned(),
                _ => format!(
                    "{count} things attached to the image are no attestations that can be read; they were skipped"
                ),
            },
            String::new(),
        ),
        What::Missing(demand) => {
            (format!("no {} of this image is attested", demand.noun()), asks_for_signer(*demand))
        }
        What::Refused { demand, refused } => (refusal(*demand, code, refused), believes(*demand)),
        What::NotBelieved { demand, document, disbelief } => {
            not_believed(*demand, document, *disbelief, rules)
        }
        What::Stale { heard, time, max_age, demand } => {
            let found = format!("the newest {} is from {}", told(*demand, *heard), when(*time, now));
            (found, at_most(*max_age))
        }
        What::Undated { demand, heard, max_age } => (undated(*demand, *heard), at_most(*max_age)),
        What::Unreadable { heard, unreadable } => (
            format!("the newest {} cannot be read: {unreadable}", told_plainly(*heard, rules)),
            "the newest statement of a signer decides".to_owned(),
        ),
        What::Severities { heard, rule, scan } => scan_words(rule, scan, *heard),
        What::Lines(lines) => line_words(*lines),
        What::Tool(objection) => tool_words(*objection),
        What::Sources { first, other } => (
            format!(
                "statements about this image come from {} and from {}",
                source_of(first),
                source_of(other)
            ),
            "SBOM and AI provenance come from one source repository".to_owned(),
        ),
    }
}

fn attestations(count: usize) -> String {
    match count {
        1 => "one attestation of the image".to_owned(),
        _ => format!("{count} attestations of the image"),
    }
}

fn quoted(text: &str) -> String {
    text::cut(text, MAX_QUOTED)
}
