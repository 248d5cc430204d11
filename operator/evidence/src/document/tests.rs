//! Which predicate types are read as which model.

use names::Digest;
use rstest::rstest;
use trust::{AnchorId, Claims, Log};

use super::*;

fn proof() -> Proof {
    Proof {
        anchor: AnchorId::Key(Digest::sha256(b"key")),
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

fn document(predicate_type: &str, predicate: &str) -> Document {
    let digest = "0".repeat(64);
    let statement = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"digest":{{"sha256":"{digest}"}}}}],"predicateType":"{predicate_type}","predicate":{predicate}}}"#
    );
    read(&trust::testing::verified(&statement, proof()))
}

#[rstest]
#[case("https://cyclonedx.org/bom", Some(Model::Sbom))]
#[case("https://cyclonedx.org/bom/v1.6", Some(Model::Sbom))]
#[case("https://cyclonedx.org/bomb", None)]
#[case("https://cyclonedx.org/bom/", None)]
#[case("https://tidewaiter.dev/attestation/ai-provenance/v1", Some(Model::AiProvenance))]
#[case("https://tidewaiter.dev/attestation/ai-provenance/v2", None)]
#[case("https://cosign.sigstore.dev/attestation/vuln/v1", Some(Model::Scan))]
#[case("cosign.sigstore.dev/attestation/vuln/v1", Some(Model::Scan))]
#[case("https://cosign.sigstore.dev/attestation/vuln/v2", None)]
#[case("https://slsa.dev/provenance/v1", None)]
#[case("", None)]
fn a_type_belongs_to_one_model_or_none(#[case] predicate_type: &str, #[case] model: Option<Model>) {
    assert_eq!(model_of(predicate_type), model);
    let document = document(predicate_type, "{}");
    assert_eq!(document.predicate_type(), predicate_type);
    let models = [document.sbom().is_some(), document.ai_provenance().is_some(), document.scan().is_some()];
    let wanted = [Model::Sbom, Model::AiProvenance, Model::Scan].map(|each| model == Some(each));
    assert_eq!(models, wanted);
}

#[test]
fn a_document_carries_what_was_proved_and_the_payloads_own_digest() {
    let read = document("https://cyclonedx.org/bom", r#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#);
    assert_eq!(read.proof(), &proof());
    assert_ne!(read.digest(), document("https://cyclonedx.org/bom", "{}").digest());
    assert!(read.sbom().unwrap().is_ok());
}

#[test]
fn a_broken_scan_is_a_broken_scan_and_not_nothing() {
    let read = document("https://cosign.sigstore.dev/attestation/vuln/v1", r#""all clear""#);
    assert!(read.scan().unwrap().is_err());
}

#[test]
fn a_document_weighs_what_its_tools_and_models_weigh() {
    let provenance = |tools: usize| {
        let tool = format!(r#"{{"name":"{}","grade":"Observed","lines":1}}"#, "x".repeat(200));
        let predicate = format!(
            r#"{{"source":{{"uri":"git+https://git.example/cart","digest":{{"gitCommit":"{}"}}}},"collector":{{"name":"t","version":"1"}},
            "collectedAt":"2026-11-22T09:00:00Z","scope":{{"kind":"tree","lines":60,"notExamined":0}},
            "lines":{{"ai":60,"human":0,"unknown":0}},"tools":[{}]}}"#,
            "0123456789".repeat(4),
            vec![tool; tools].join(",")
        );
        document(predicate::PREDICATE_TYPE, &predicate)
    };
    assert!(provenance(60).ai_provenance().unwrap().is_ok());
    assert!(provenance(60).weight() >= provenance(0).weight() + 60 * 200);
}
