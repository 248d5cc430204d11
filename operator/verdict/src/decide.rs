//! The decision itself: hear every requirement, say what is wrong now, and find out when that will change.

use evidence::{Evidence, Obstacle};
use jiff::{SignedDuration, Timestamp};

use crate::{
    absence,
    code::Code,
    demand::Demand,
    fault::{Fault, What},
    finding::Requirement,
    heard::Heard,
    rules::Rules,
    source, statement,
    statement::Standing,
    verdict::{Outcome, Verdict},
    wording,
};

/// Judges `evidence` against `rules` as of `now`. Every check runs, so that the reader sees all that is wrong.
///
/// Total: there is no input for which it has no answer, and no answer that means "nothing was checked".
#[must_use]
pub fn decide(rules: &Rules, evidence: &Evidence, now: Timestamp) -> Verdict {
    let case = Case::open(rules, evidence);
    let faults = case.faults(now);
    let changes_at = case.changes_after(now, &faults);
    let mut findings = Vec::with_capacity(faults.len());
    for fault in &faults {
        let finding = wording::finding(fault, rules, now);
        // One payload in two bundles, or one that may be either scanner's, is told once.
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    Verdict::new(findings, changes_at)
}

/// What does not depend on time: who is believed for what.
struct Case<'a> {
    rules: &'a Rules,
    evidence: &'a Evidence,
    hearings: Vec<(Demand<'a>, Vec<Heard<'a>>)>,
}

// === impl Case ===

impl<'a> Case<'a> {
    fn open(rules: &'a Rules, evidence: &'a Evidence) -> Self {
        let hearings = Demand::all_of(rules).map(|demand| (demand, hear(demand, rules, evidence))).collect();
        Self { rules, evidence, hearings }
    }

    /// All that is wrong at `now`.
    fn faults(&self, now: Timestamp) -> Vec<Fault<'a>> {
        let mut faults = Vec::new();
        self.push_unjudgeable(&mut faults);
        for (demand, heard) in &self.hearings {
            let standing = statement::examine(*demand, heard, now, &mut faults);
            // What nobody has read may be the very statement that is missed, so nothing is concluded from
            // absence. What a read statement says stays said.
            if !standing.fresh && self.evidence.unread.is_empty() {
                self.push_unmet(*demand, heard, standing, &mut faults);
            }
        }
        faults.extend(source::mismatch(
            self.hearings.iter().map(|(demand, heard)| (*demand, heard.as_slice())),
        ));
        self.push_unread(&mut faults);
        faults
    }

    /// The first instant after `now` at which the outcome or the codes are others than `faults` has.
    ///
    /// Nothing can change but at an instant where something ages out, comes into force, or is no longer ahead
    /// of the clock; so trying those in order finds the first that does change something.
    fn changes_after(&self, now: Timestamp, faults: &[Fault<'_>]) -> Option<Timestamp> {
        let mut instants: Vec<_> = self.instants().filter(|instant| *instant > now).collect();
        instants.sort_unstable();
        instants.dedup();
        let current = summary(faults);
        instants.into_iter().find(|instant| summary(&self.faults(*instant)) != current)
    }

    fn instants(&self) -> impl Iterator<Item = Timestamp> {
        let of_statements = self.hearings.iter().flat_map(|(demand, heard)| {
            let max_age = demand.max_age();
            heard.iter().flat_map(move |heard| {
                let times = [heard.stated(), heard.verified()].into_iter().flatten();
                let ends = times.filter_map(move |time| first_stale(time, max_age?.as_duration()));
                ends.chain(heard.dated_from())
            })
        });
        let of_tools =
            self.rules.tools.iter().flat_map(|tools| tools.denied.iter().filter_map(|tool| tool.from));
        of_statements.chain(of_tools)
    }

    /// Rules under which there would be nothing to check, or nobody to believe. Never "allowed".
    fn push_unjudgeable(&self, faults: &mut Vec<Fault<'a>>) {
        let mut push = |what| {
            let (requirement, code) = (Requirement::Policy, Code::PolicyInvalid);
            faults.push(Fault { requirement, code, evidence: None, since: None, what });
        };
        if self.hearings.is_empty() {
            push(What::NothingAsked);
        }
        if self.rules.tools.is_some() && self.rules.ai_provenance.is_none() {
            push(What::ToolsUnseen);
        }
        for (demand, _) in &self.hearings {
            if self.rules.named(demand.signed_by()).next().is_none() {
                push(What::NobodyNamed(*demand));
            }
        }
    }

    /// Why a requirement has no statement within its `maxAge`.
    fn push_unmet(
        &self,
        demand: Demand<'a>,
        heard: &[Heard<'a>],
        standing: Standing<'a>,
        faults: &mut Vec<Fault<'a>>,
    ) {
        if heard.is_empty() {
            // Whom nobody names, nobody can be missed from; that is said already.
            if self.rules.named(demand.signed_by()).next().is_some() {
                faults.push(absence::explain(demand, self.rules, self.evidence));
            }
            return;
        }
        let Some(max_age) = demand.max_age() else { return };
        let requirement = demand.requirement();
        if let Some((time, heard)) = standing.stale {
            let since = first_stale(time, max_age.as_duration());
            let what = What::Stale { demand, heard, time, max_age };
            let evidence = Some(heard.document);
            faults.push(Fault { requirement, code: demand.stale(), evidence, since, what });
        }
        if let Some(heard) = standing.undated {
            let what = What::Undated { demand, heard, max_age };
            let evidence = Some(heard.document);
            faults.push(Fault { requirement, code: Code::EvidenceUndated, evidence, since: None, what });
        }
    }

    /// What was not read, one fault for each obstacle, and what was read and is no attestation.
    fn push_unread(&self, faults: &mut Vec<Fault<'a>>) {
        let mut push = |code, what| {
            faults.push(Fault { requirement: Requirement::Image, code, evidence: None, since: None, what });
        };
        let unread = &self.evidence.unread;
        for (place, first) in unread.iter().enumerate() {
            let code = code_of(first.obstacle);
            if !unread.iter().take(place).any(|earlier| code_of(earlier.obstacle) == code) {
                let count = unread.iter().filter(|unread| code_of(unread.obstacle) == code).count();
                push(code, What::Unread { first, count });
            }
        }
        let count = self.evidence.refused.iter().filter(|refused| refused.predicate_type.is_none()).count();
        if count > 0 {
            push(Code::EvidenceUnreadable, What::Skipped { count });
        }
    }
}

/// The statements of `demand` that a signer it names is believed for, once for each such signer.
fn hear<'a>(demand: Demand<'a>, rules: &'a Rules, evidence: &'a Evidence) -> Vec<Heard<'a>> {
    let mut heard = Vec::new();
    for document in &evidence.documents {
        let Some(content) = demand.content(document) else { continue };
        let believed =
            rules.named(demand.signed_by()).filter(|signer| signer.believes(document.proof()).is_ok());
        heard.extend(believed.map(|signer| Heard { signer, document, content }));
    }
    statement::sort(&mut heard);
    heard
}

/// What `changes_at` is about: the outcome and the distinct codes.
fn summary(faults: &[Fault<'_>]) -> (Outcome, Vec<Code>) {
    let mut codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
    codes.sort_unstable();
    codes.dedup();
    (Outcome::of(codes.iter().copied()), codes)
}

/// The first instant at which something of `time` is older than `max_age`; exactly `max_age` is allowed.
fn first_stale(time: Timestamp, max_age: SignedDuration) -> Option<Timestamp> {
    time.checked_add(max_age).ok()?.checked_add(SignedDuration::from_nanos(1)).ok()
}

/// What an obstacle is called. A candidate that is listed and then not there is the registry's contradiction,
/// not an image that does not exist.
const fn code_of(obstacle: Obstacle) -> Code {
    match obstacle {
        Obstacle::Refused => Code::RegistryRefused,
        Obstacle::Unreachable => Code::RegistryUnreachable,
        Obstacle::Invalid | Obstacle::NotFound => Code::RegistryInvalid,
        Obstacle::Deadline => Code::DeadlineExceeded,
        Obstacle::Limit => Code::LimitExceeded,
    }
}

#[cfg(test)]
mod tests;
