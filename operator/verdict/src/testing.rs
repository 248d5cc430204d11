//! Policies and evidence for the tests of this room.
//!
//! One policy believes `ci` (keyless) about SBOM and AI provenance, and `scanner` (a key) about scans.

use std::sync::Arc;

use evidence::{Document, Evidence, Grade};
use jiff::Timestamp;
use names::{Age, Digest, Severity, TextPattern};
use trust::{AnchorId, Claims, Identity, Log, Proof, Reason, Refused, Step};

use crate::{
    AiProvenanceRule, ClaimName, LogDemand, Mode, OnUndecided, PolicyId, Proves, Rules, SbomRule, ScanRule,
    Signer, ToolRules, Unlisted,
};

/// The instant of every test that does not say otherwise.
pub(crate) const NOW: &str = "2026-11-22T12:00:00Z";
/// Three hours before it.
pub(crate) const TODAY: &str = "2026-11-22T09:00:00Z";

pub(crate) const SBOM: &str = "https://cyclonedx.org/bom";
pub(crate) const AI: &str = "https://tidewaiter.dev/attestation/ai-provenance/v1";
pub(crate) const SCAN: &str = "https://cosign.sigstore.dev/attestation/vuln/v1";

pub(crate) const CI: &str = "https://github.com/shop/cart/.github/workflows/release.yml@refs/heads/main";
pub(crate) const ISSUER: &str = "https://token.actions.githubusercontent.com";
pub(crate) const CART: &str = "https://github.com/shop/cart";

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    at(NOW)
}

pub(crate) fn digest(of: &str) -> Digest {
    Digest::sha256(of.as_bytes())
}

pub(crate) fn policy_id(name: &str) -> PolicyId {
    PolicyId { name: name.to_owned(), uid: "uid".to_owned(), generation: 1, digest: digest("spec") }
}

pub(crate) fn ci() -> Signer {
    Signer {
        name: "ci".to_owned(),
        proves: Proves::Keyless {
            root: digest("root"),
            issuer: ISSUER.to_owned(),
            subject: pattern("https://github.com/shop/{repo}/.github/workflows/release.yml@refs/heads/main"),
            claims: vec![(ClaimName::SourceRepository, pattern("https://github.com/shop/{repo}"))],
        },
        log: LogDemand::InclusionProof,
    }
}

pub(crate) fn scanner() -> Signer {
    Signer {
        name: "scanner".to_owned(),
        proves: Proves::Keys { keys: vec![digest("key")], root: None },
        log: LogDemand::InsecureNone,
    }
}

pub(crate) fn pattern(text: &str) -> TextPattern {
    TextPattern::parse(text).unwrap()
}

/// Signed by the release workflow of `shop/cart`, in the log since `time`.
pub(crate) fn by_ci(time: &str) -> Proof {
    Proof {
        anchor: AnchorId::Root(digest("root")),
        identity: Some(Identity::Uri(CI.to_owned())),
        issuer: Some(ISSUER.to_owned()),
        claims: Claims { source_repository: Some(CART.to_owned()), ..Claims::default() },
        log: Log::InclusionProof,
        sct: true,
        times: vec![at(time)],
        certificate_not_before: Some(at(time)),
        root: Some(digest("root")),
    }
}

/// Signed with the scanner's key, and in no log.
pub(crate) fn by_key() -> Proof {
    Proof {
        anchor: AnchorId::Key(digest("key")),
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

pub(crate) fn document(predicate_type: &str, predicate: &str, proof: Proof) -> Arc<Document> {
    let subject = digest("image");
    let statement = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"digest":{{"sha256":"{}"}}}}],"predicateType":"{predicate_type}","predicate":{predicate}}}"#,
        subject.hex()
    );
    Arc::new(evidence::read(&trust::testing::verified(&statement, proof)))
}

pub(crate) fn sbom(time: &str, proof: Proof) -> Arc<Document> {
    let text = format!(
        r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{{"timestamp":"{time}"}},"components":[{{"name":"a"}}]}}"#
    );
    document(SBOM, &text, proof)
}

/// By the scanner's key, with so many critical findings.
pub(crate) fn scan(time: &str, critical: usize) -> Arc<Document> {
    scan_by("pkg:github/aquasecurity/trivy@0.70.0", time, critical, by_key())
}

pub(crate) fn scan_by(uri: &str, time: &str, critical: usize, proof: Proof) -> Arc<Document> {
    let rows = vec![r#"{"Severity":"CRITICAL"}"#; critical].join(",");
    let text = format!(
        r#"{{"scanner":{{"uri":"{uri}","result":{{"SchemaVersion":2,"Results":[{{"Vulnerabilities":[{rows}]}}]}}}},"metadata":{{"scanFinishedOn":"{time}"}}}}"#
    );
    document(SCAN, &text, proof)
}

pub(crate) fn broken_scan(metadata: &str, proof: Proof) -> Arc<Document> {
    document(SCAN, &format!(r#"{{"scanner":{{"uri":"trivy"}},"metadata":{{{metadata}}}}}"#), proof)
}

/// 1200 lines by AI, 3000 by people and 200 by nobody knows whom.
pub(crate) fn ai(time: &str, tools: &str) -> Arc<Document> {
    ai_by(time, tools, by_ci(TODAY))
}

pub(crate) fn ai_by(time: &str, tools: &str, proof: Proof) -> Arc<Document> {
    document(AI, &ai_text(time, tools), proof)
}

pub(crate) fn ai_text(time: &str, tools: &str) -> String {
    format!(
        r#"{{"source":{{"uri":"git+https://git.example/shop/cart","digest":{{"gitCommit":"{}"}}}},
        "collector":{{"name":"tidewaiter","version":"0.1.0"}},"collectedAt":"{time}",
        "scope":{{"kind":"tree","lines":4400,"notExamined":900}},
        "lines":{{"ai":1200,"human":3000,"unknown":200,"humanGrade":"Observed"}},"tools":[{tools}]}}"#,
        "0123456789".repeat(4)
    )
}

pub(crate) const CLAUDE: &str = r#"{"name":"claude-code","version":"2.1.0","grade":"Observed","lines":1200,
    "models":[{"id":"anthropic/claude-opus-4-6","lines":1200}]}"#;

pub(crate) fn evidence(documents: Vec<Arc<Document>>) -> Evidence {
    Evidence { documents, ..Evidence::default() }
}

/// Everything in order.
pub(crate) fn sound() -> Evidence {
    evidence(vec![sbom(TODAY, by_ci(TODAY)), ai(TODAY, CLAUDE), scan(TODAY, 0)])
}

pub(crate) fn refused(predicate_type: Option<&str>, step: Step) -> Arc<Refused> {
    let predicate_type = predicate_type.map(str::to_owned);
    let reason = if step == Step::Subject {
        Reason::OtherSubject { wanted: digest("image") }
    } else if step == Step::Signature {
        Reason::Unchecked("the signature")
    } else {
        Reason::Missing("the envelope")
    };
    Arc::new(Refused { step, predicate_type, bundle: Some(digest("bundle")), reason })
}

pub(crate) fn age(text: &str) -> Option<Age> {
    Some(Age::parse(text).unwrap())
}

pub(crate) fn scan_rule() -> ScanRule {
    let at_most = vec![(Severity::Critical, 0), (Severity::High, 5)];
    ScanRule { signed_by: vec!["scanner".to_owned()], max_age: age("24h"), at_most }
}

pub(crate) fn ai_rule() -> AiProvenanceRule {
    AiProvenanceRule {
        signed_by: vec!["ci".to_owned()],
        max_age: age("720h"),
        minimum_grade: Some(Grade::Observed),
        max_unknown_percent: Some(20),
        max_ai_percent: Some(80),
    }
}

/// Asks for nothing yet.
pub(crate) fn no_rules() -> Rules {
    Rules {
        policy: policy_id("production"),
        mode: Mode::Enforce,
        on_undecided: OnUndecided::Deny,
        signers: vec![ci(), scanner()],
        sbom: None,
        ai_provenance: None,
        scan: None,
        tools: None,
    }
}

/// Asks for all three.
pub(crate) fn rules() -> Rules {
    Rules {
        sbom: Some(SbomRule { signed_by: vec!["ci".to_owned()], max_age: age("2160h") }),
        ai_provenance: Some(ai_rule()),
        scan: Some(scan_rule()),
        tools: Some(ToolRules { unlisted: Unlisted::Allow, approved: Vec::new(), denied: Vec::new() }),
        ..no_rules()
    }
}

/// Asks for a scan alone.
pub(crate) fn scan_only() -> Rules {
    Rules { scan: Some(scan_rule()), ..no_rules() }
}
