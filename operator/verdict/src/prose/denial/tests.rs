//! Goldens: the denial for each code, and for the shapes of a request. `UPDATE_GOLDEN=1` rewrites them.

use std::{fs, path::PathBuf};

use evidence::{Evidence, Grade, Obstacle, Unread};
use names::ImageRef;
use trust::{AnchorId, Identity, Log, Proof, Step};

use super::*;
use crate::{
    ApprovedTool, Class, DeniedTool, Mode, OnUndecided, Rules, ToolRules, Unlisted, decide,
    testing::{
        AI, CLAUDE, SBOM, SCAN, TODAY, ai, ai_by, at, broken_scan, by_ci, by_key, digest, evidence, no_rules,
        now, pattern, policy_id, refused, rules, sbom, scan, scan_only, sound,
    },
};

const IMAGE: &str = "registry.example.com/shop/cart:1.4";
const DECISION: &str = "01JD9Z6Q8T5V3X2W1Y0A4B7C6D";

fn golden(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("testdata/denials/{name}.txt"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, text).unwrap();
    }
    let wanted = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, wanted, "{} differs; UPDATE_GOLDEN=1 rewrites it", path.display());
}

fn judgement(image: &str, policies: Vec<PolicyVerdict>) -> Judgement {
    Judgement::new(image.to_owned(), ImageRef::parse(image).ok(), Some(digest("image")), policies)
}

fn decided(rules: &Rules, evidence: &Evidence) -> PolicyVerdict {
    let verdict = decide(rules, evidence, now());
    PolicyVerdict {
        policy: rules.policy.clone(),
        mode: rules.mode,
        on_undecided: rules.on_undecided,
        verdict,
    }
}

fn stated(code: Code, found: &str, wanted: &str) -> PolicyVerdict {
    PolicyVerdict::of_code(policy_id("production"), Mode::Enforce, OnUndecided::Deny, code, found, wanted)
}

/// `sound` without the statement of one type, and with `instead`.
fn with(predicate_type: &str, instead: Vec<std::sync::Arc<evidence::Document>>) -> Evidence {
    let mut evidence = sound();
    evidence.documents.retain(|document| document.predicate_type() != predicate_type);
    evidence.documents.extend(instead);
    evidence
}

fn without(predicate_type: &str, step: Option<Step>) -> Evidence {
    let mut evidence = with(predicate_type, Vec::new());
    evidence.refused.extend(step.map(|step| refused(Some(predicate_type), step)));
    evidence
}

fn ai_limits(unknown: Option<u8>, share: Option<u8>) -> Rules {
    let mut rules = rules();
    if let Some(rule) = &mut rules.ai_provenance {
        (rule.max_unknown_percent, rule.max_ai_percent) = (unknown, share);
        rule.minimum_grade = Some(Grade::Witnessed).filter(|_| share.is_none());
    }
    rules
}

fn tools(denied: bool) -> Rules {
    let approved = ApprovedTool {
        name: "claude-code".to_owned(),
        versions: Some(">=2".parse().unwrap()),
        models: vec![pattern("anthropic/claude-*")],
    };
    let entry = DeniedTool {
        name: "cursor".to_owned(),
        versions: None,
        models: vec![pattern("*/legacy-*")],
        reason: Some("fails the injection suite".to_owned()),
        from: Some(at("2026-09-01T00:00:00Z")),
    };
    let denied = if denied { vec![entry] } else { Vec::new() };
    Rules { tools: Some(ToolRules { unlisted: Unlisted::Deny, approved: vec![approved], denied }), ..rules() }
}

const CURSOR: &str = r#"{"name":"cursor","version":"1.7","grade":"Observed","lines":1200,
    "models":[{"id":"acme/legacy-2","lines":1200}]}"#;

fn unread(obstacle: Obstacle, detail: &str) -> Evidence {
    let unread = Unread { candidate: Some(digest("candidate")), obstacle, detail: detail.to_owned() };
    Evidence { unread: vec![unread], ..sound() }
}

fn another_workflow() -> Proof {
    let workflow = "https://github.com/shop/other/.github/workflows/release.yml@refs/heads/main";
    Proof { identity: Some(Identity::Uri(workflow.to_owned())), ..by_ci(TODAY) }
}

const UNRESOLVED: &[Code] = &[
    Code::ImageAmbiguous,
    Code::ImageNotFound,
    Code::NotCovered,
    Code::NotReady,
    Code::ObjectUnreadable,
    Code::InternalError,
];

/// One policy's verdict in which `code` stands, as it comes about.
fn example(code: Code) -> PolicyVerdict {
    let old = "2026-11-13T10:00:00Z";
    let strict = |age| {
        let mut rules = rules();
        if let (Some(sbom), Some(ai)) = (&mut rules.sbom, &mut rules.ai_provenance) {
            (sbom.max_age, ai.max_age) = (crate::testing::age(age), crate::testing::age(age));
        }
        rules
    };
    match code {
        Code::SbomMissing => decided(&rules(), &without(SBOM, None)),
        Code::SbomStale => decided(&strict("168h"), &with(SBOM, vec![sbom(old, by_ci(TODAY))])),
        Code::AiProvenanceMissing => decided(&rules(), &without(AI, None)),
        Code::AiProvenanceStale => decided(&strict("168h"), &with(AI, vec![ai(old, CLAUDE)])),
        Code::GradeTooLow => decided(&ai_limits(None, None), &sound()),
        Code::UnknownShareExceeded => decided(&ai_limits(Some(20), None), &sound()),
        Code::AiShareExceeded => decided(&ai_limits(None, Some(25)), &sound()),
        Code::ToolNotApproved => decided(&tools(false), &with(AI, vec![ai(TODAY, CURSOR)])),
        Code::ToolDenied => decided(&tools(true), &with(AI, vec![ai(TODAY, CURSOR)])),
        Code::ScanMissing => decided(&rules(), &without(SCAN, None)),
        Code::ScanStale => decided(&rules(), &with(SCAN, vec![scan(old, 0)])),
        Code::SeverityExceeded => decided(&rules(), &with(SCAN, vec![scan(TODAY, 2)])),
        Code::SourceMismatch => {
            let mut rules = rules();
            if let crate::Proves::Keyless { claims, .. } = &mut rules.signers[0].proves {
                claims.clear();
            }
            let mut elsewhere = another_workflow();
            elsewhere.claims.source_repository = Some("https://github.com/shop/other".to_owned());
            decided(&rules, &with(AI, vec![ai_by(TODAY, CLAUDE, elsewhere)]))
        }
        Code::SignerNotTrusted => {
            let mut proof = another_workflow();
            proof.identity = Some(Identity::Uri(
                "https://github.com/shop/cart/.github/workflows/test.yml@refs/heads/main".to_owned(),
            ));
            decided(&rules(), &with(AI, vec![ai_by(TODAY, CLAUDE, proof)]))
        }
        Code::SignatureInvalid => decided(&rules(), &without(SCAN, Some(Step::Signature))),
        Code::LogProofMissing => {
            decided(&rules(), &with(SBOM, vec![sbom(TODAY, Proof { log: Log::None, ..by_ci(TODAY) })]))
        }
        Code::EvidenceUndated => decided(&rules(), &with(SCAN, vec![scan("2026-12-24T00:00:00Z", 0)])),
        Code::SubjectMismatch => decided(&rules(), &without(SBOM, Some(Step::Subject))),
        Code::PredicateInvalid => {
            let broken = broken_scan(r#""scanFinishedOn":"2026-11-22T09:00:00Z""#, by_key());
            decided(&rules(), &with(SCAN, vec![broken]))
        }
        Code::ImageAmbiguous => stated(
            code,
            "the reference can be read as registry.example.com/shop/cart and as docker.io/registry.example.com/shop/cart",
            "a reference has one reading",
        ),
        Code::ImageNotPinned => {
            stated(code, "the reference has a tag and no digest", "the policy says tags: Deny")
        }
        Code::NotCovered => stated(
            code,
            "no policy that selects namespace \"shop\" matches this image",
            "select.otherImages is Deny",
        ),
        Code::RegistryRefused => {
            decided(&rules(), &unread(Obstacle::Refused, "registry.example.com answered 403"))
        }
        Code::RegistryUnreachable => {
            decided(&rules(), &unread(Obstacle::Unreachable, "registry.example.com answered 503"))
        }
        Code::RegistryInvalid => decided(
            &rules(),
            &unread(Obstacle::Invalid, "registry.example.com served bytes of another digest"),
        ),
        Code::ImageNotFound => stated(code, "registry.example.com knows no tag 1.4 of shop/cart", ""),
        Code::DeadlineExceeded => decided(&rules(), &unread(Obstacle::Deadline, "8.5 s had passed")),
        Code::LimitExceeded => decided(
            &rules(),
            &unread(Obstacle::Limit, "more than 1000 attestations are attached to the image"),
        ),
        Code::PolicyInvalid => stated(
            code,
            "signer \"ci\" names key \"trusted_root.json\" of ConfigMap \"sigstore-private\", which does not exist",
            "a policy that cannot be read judges nothing",
        ),
        Code::NotReady => stated(code, "this replica has not listed all policies and namespaces yet", ""),
        Code::ObjectUnreadable => stated(code, "spec.template.spec.containers is not a list", ""),
        Code::InternalError => stated(code, "the decision broke off", ""),
        Code::EvidenceUnreadable => {
            let mut evidence = without(SBOM, None);
            evidence.refused.push(refused(None, Step::Parse));
            decided(&rules(), &evidence)
        }
    }
}

#[test]
fn each_code_has_its_words() {
    for code in Code::ALL {
        let verdict = example(*code);
        assert!(verdict.verdict.codes().contains(code), "{code}: {verdict:?}");
        let mut judgement = judgement(IMAGE, vec![verdict]);
        // What is found before there is evidence is found before, or without, a digest.
        judgement.digest = judgement.digest.filter(|_| !UNRESOLVED.contains(code));
        let text = denial(&[judgement], DECISION);
        golden(code.as_str(), &text);
        let counts = code.class() != Class::Notice;
        assert_eq!(text.lines().next().unwrap().contains(code.as_str()), counts, "{text}");
    }
}

#[test]
fn an_image_without_attestations_lacks_all_three_in_one_message() {
    golden(
        "nothing-attested",
        &denial(&[judgement(IMAGE, vec![decided(&rules(), &Evidence::default())])], DECISION),
    );
}

#[test]
fn several_findings_of_several_policies_and_images_stand_under_their_own() {
    let found = with(SCAN, vec![scan("2026-11-13T10:00:00Z", 1)]);
    let base = Rules { policy: policy_id("base"), ..scan_only() };
    let cart = judgement(IMAGE, vec![decided(&rules(), &found), decided(&base, &found)]);
    golden("two-policies", &denial(std::slice::from_ref(&cart), DECISION));
    let sidecar = judgement("registry.example.com/mesh/proxy:2", vec![decided(&base, &Evidence::default())]);
    let fine = judgement("registry.example.com/shop/fine:1", vec![decided(&rules(), &sound())]);
    golden("two-images", &denial(&[cart, fine, sidecar], DECISION));
}

#[test]
fn each_reason_against_a_tool_has_its_words() {
    let tool =
        |name: &str, rest: &str| format!(r#"{{"name":"{name}","grade":"Observed","lines":200{rest}}}"#);
    let named = [
        tool("claude-code", r#","models":[{"id":"anthropic/claude-opus-4-6","lines":200}]"#),
        tool("claude-code", r#","version":"1.9","models":[{"id":"anthropic/claude-opus-4-6","lines":200}]"#),
        tool("cursor", r#","version":"1.7""#),
        tool("cursor", r#","models":[{"id":"acme/legacy-2","lines":1},{"id":"acme/large","lines":199}]"#),
    ];
    let verdict = decided(&tools(true), &with(AI, vec![ai(TODAY, &named.join(","))]));
    golden("tools", &denial(&[judgement(IMAGE, vec![verdict])], DECISION));
}

#[test]
fn a_policy_that_judges_nothing_says_why() {
    let rules = Rules { tools: rules().tools, ..no_rules() };
    golden("nothing-judged", &denial(&[judgement(IMAGE, vec![decided(&rules, &sound())])], DECISION));
}

#[test]
fn only_policies_that_deny_are_told() {
    let warn = Rules { mode: Mode::Warn, policy: policy_id("trial"), ..rules() };
    let audit = Rules { mode: Mode::Audit, ..warn.clone() };
    let lenient = [&warn, &audit].map(|rules| decided(rules, &Evidence::default()));
    let mut policies = lenient.to_vec();
    assert_eq!(denial(&[judgement(IMAGE, policies.clone())], DECISION), "");
    policies.push(decided(&scan_only(), &Evidence::default()));
    let text = denial(&[judgement(IMAGE, policies)], DECISION);
    assert!(text.starts_with("ScanMissing: ") && !text.contains("trial"), "{text}");
}

#[test]
fn a_message_that_would_be_too_long_ends_with_whole_findings_and_a_count() {
    let images: Vec<_> = (0..40)
        .map(|n| {
            judgement(
                &format!("registry.example.com/shop/service-{n}:1.4"),
                vec![decided(&rules(), &Evidence::default())],
            )
        })
        .collect();
    let text = denial(&images, DECISION);
    assert!(text.len() <= MAX_MESSAGE, "{}", text.len());
    golden("too-many", &text);
    let told = text.lines().filter(|line| line.starts_with("  ") && line.contains("Missing: ")).count();
    assert!(text.contains(&format!("\n  … and {} more\ndecision ", 120 - told)), "{told} {text}");
}

#[test]
fn hostile_references_and_identities_cannot_lengthen_or_break_the_message() {
    let mut verdict = stated(Code::ImageAmbiguous, &"\u{1b}[2Jx\n".repeat(4000), &"y\u{202e}".repeat(4000));
    verdict.policy.name = "p".to_owned();
    let image = format!("evil\r\ndecision 0; retryable\u{200b}{}", "z".repeat(5000));
    let text = denial(&[judgement(&image, vec![verdict.clone(), verdict])], "id\n");
    assert!(text.len() <= MAX_MESSAGE, "{}", text.len());
    assert!(text.chars().all(|character| character == '\n' || !character.is_control()), "{text:?}");
    assert!(!text.contains('\u{202e}') && !text.contains('\u{200b}'));
    assert_eq!(text.lines().filter(|line| line.starts_with("decision ")).count(), 1);
    assert!(text.ends_with("decision id\\u{a}; not retryable"), "{text}");
}

#[test]
fn no_address_of_a_person_is_printed() {
    let mut proof = by_ci(TODAY);
    proof.identity = Some(Identity::Email("bob@example.com".to_owned()));
    let found = evidence(vec![sbom(TODAY, proof)]);
    let sbom_only = Rules { sbom: rules().sbom, ..no_rules() };
    let text = denial(&[judgement(IMAGE, vec![decided(&sbom_only, &found)])], DECISION);
    assert!(!text.contains("bob") && !text.contains("example.com/bob"), "{text}");
    golden("e-mail-identity", &text);
}

#[test]
fn a_statement_under_a_strange_key_and_one_by_a_strange_key_of_the_policy_read_differently() {
    let mut strange = by_key();
    strange.anchor = AnchorId::Key(digest("strange"));
    let sbom_only = Rules { sbom: rules().sbom, ..no_rules() };
    for (name, proof) in [("signed-under-strange-key", strange), ("signed-by-another-signer", by_key())] {
        let verdict = decided(&sbom_only, &evidence(vec![sbom(TODAY, proof)]));
        golden(name, &denial(&[judgement(IMAGE, vec![verdict])], DECISION));
    }
}

#[test]
fn it_is_retryable_only_when_all_that_denies_is() {
    let last =
        |verdict| denial(&[judgement(IMAGE, vec![verdict])], DECISION).lines().last().unwrap().to_owned();
    let unreachable = unread(Obstacle::Unreachable, "503");
    assert_eq!(last(decided(&rules(), &unreachable)), format!("decision {DECISION}; retryable"));
    let bad = Evidence { documents: vec![scan(TODAY, 1)], ..unreachable };
    assert_eq!(last(decided(&scan_only(), &bad)), format!("decision {DECISION}; not retryable"));
}
