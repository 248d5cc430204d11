//! The three requirements seen alike: who may meet them, how old the answer may be, and what they are called.

use evidence::{Document, Model};
use jiff::Timestamp;
use names::Age;

use crate::{
    ai_lines,
    code::Code,
    fault::{Fault, What},
    finding::Requirement,
    heard::{Content, Heard},
    rules::{AiProvenanceRule, Rules, SbomRule, ScanRule},
    tool_rules::ToolRules,
    tools,
};

/// One requirement of a policy.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Demand<'a> {
    Sbom(&'a SbomRule),
    AiProvenance(&'a AiProvenanceRule, Option<&'a ToolRules>),
    Scan(&'a ScanRule),
}

// === impl Demand ===

impl<'a> Demand<'a> {
    /// The requirements of `rules`, in the order in which findings are told.
    pub(crate) fn all_of(rules: &'a Rules) -> impl Iterator<Item = Self> {
        let ai = rules.ai_provenance.as_ref().map(|rule| Self::AiProvenance(rule, rules.tools.as_ref()));
        [rules.sbom.as_ref().map(Self::Sbom), ai, rules.scan.as_ref().map(Self::Scan)].into_iter().flatten()
    }

    pub(crate) const fn requirement(self) -> Requirement {
        match self {
            Self::Sbom(_) => Requirement::Sbom,
            Self::AiProvenance(..) => Requirement::AiProvenance,
            Self::Scan(_) => Requirement::VulnerabilityScan,
        }
    }

    pub(crate) const fn model(self) -> Model {
        match self {
            Self::Sbom(_) => Model::Sbom,
            Self::AiProvenance(..) => Model::AiProvenance,
            Self::Scan(_) => Model::Scan,
        }
    }

    pub(crate) fn signed_by(self) -> &'a [String] {
        match self {
            Self::Sbom(rule) => &rule.signed_by,
            Self::AiProvenance(rule, _) => &rule.signed_by,
            Self::Scan(rule) => &rule.signed_by,
        }
    }

    pub(crate) const fn max_age(self) -> Option<Age> {
        match self {
            Self::Sbom(rule) => rule.max_age,
            Self::AiProvenance(rule, _) => rule.max_age,
            Self::Scan(rule) => rule.max_age,
        }
    }

    pub(crate) const fn missing(self) -> Code {
        match self {
            Self::Sbom(_) => Code::SbomMissing,
            Self::AiProvenance(..) => Code::AiProvenanceMissing,
            Self::Scan(_) => Code::ScanMissing,
        }
    }

    pub(crate) const fn stale(self) -> Code {
        match self {
            Self::Sbom(_) => Code::SbomStale,
            Self::AiProvenance(..) => Code::AiProvenanceStale,
            Self::Scan(_) => Code::ScanStale,
        }
    }

    /// What people call what is asked for.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::Sbom(_) => "SBOM",
            Self::AiProvenance(..) => "AI provenance",
            Self::Scan(_) => "scan",
        }
    }

    /// What a document says of this requirement; `None` when its type is that of another.
    pub(crate) fn content(self, document: &'a Document) -> Option<Content<'a>> {
        let content = match self {
            Self::Sbom(_) => document.sbom()?.map(Content::Sbom),
            Self::AiProvenance(..) => document.ai_provenance()?.map(Content::AiProvenance),
            Self::Scan(_) => document.scan()?.map(Content::Scan),
        };
        Some(content.unwrap_or_else(Content::Unreadable))
    }

    /// Pushes all that is wrong with what a deciding statement says.
    pub(crate) fn examine(self, heard: Heard<'a>, now: Timestamp, faults: &mut Vec<Fault<'a>>) {
        let fault = |code, what| self.fault(heard, heard.time(now), code, what);
        match (heard.content, self) {
            (Content::Unreadable(unreadable), _) => {
                faults.push(fault(Code::PredicateInvalid, What::Unreadable { heard, unreadable }));
            }
            (Content::Scan(scan), Self::Scan(rule)) => {
                if rule.at_most.iter().any(|(severity, most)| scan.findings.of(*severity) > *most) {
                    faults.push(fault(Code::SeverityExceeded, What::Severities { heard, rule, scan }));
                }
            }
            (Content::AiProvenance(ai), Self::AiProvenance(rule, tool_rules)) => {
                ai_lines::examine(rule, ai, |code, lines| {
                    faults.push(fault(code, What::Lines(lines)));
                });
                if let Some(rules) = tool_rules {
                    tools::examine(rules, ai, now, |objection| {
                        let since = objection.since().or_else(|| heard.time(now));
                        faults.push(self.fault(heard, since, objection.code(), What::Tool(objection)));
                    });
                }
            }
            // An SBOM has no content that is judged. The other pairs do not come up: `content` reads a
            // document as what the requirement asks for.
            (Content::Sbom(_) | Content::Scan(_) | Content::AiProvenance(_), _) => {}
        }
    }

    fn fault(self, heard: Heard<'a>, since: Option<Timestamp>, code: Code, what: What<'a>) -> Fault<'a> {
        Fault { requirement: self.requirement(), code, evidence: Some(heard.document), since, what }
    }
}
