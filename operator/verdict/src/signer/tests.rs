//! Which proofs a signer believes, and which one thing wrong makes it disbelieve.

use rstest::rstest;

use super::*;
use crate::testing::{CART, TODAY, by_ci, by_key, ci, digest, scanner};

/// `by_ci` with one thing changed.
fn changed(change: impl FnOnce(&mut Proof)) -> Proof {
    let mut proof = by_ci(TODAY);
    change(&mut proof);
    proof
}

fn uri(text: &str) -> Option<Identity> {
    Some(Identity::Uri(text.to_owned()))
}

#[test]
fn the_signer_is_believed_when_everything_matches() {
    assert_eq!(ci().believes(&by_ci(TODAY)), Ok(()));
    assert_eq!(scanner().believes(&by_key()), Ok(()));
}

#[rstest]
#[case(|proof: &mut Proof| proof.anchor = AnchorId::Root(digest("other")), Disbelief::Anchor)]
#[case(|proof: &mut Proof| proof.anchor = AnchorId::Key(digest("root")), Disbelief::Anchor)]
#[case(|proof: &mut Proof| proof.issuer = Some("https://token.actions.githubusercontent.com.evil".to_owned()), Disbelief::Issuer)]
#[case(|proof: &mut Proof| proof.issuer = None, Disbelief::Issuer)]
#[case(|proof: &mut Proof| proof.identity = None, Disbelief::Subject)]
#[case(|proof: &mut Proof| proof.identity = uri("https://github.com/shop/cart/.github/workflows/release.yml@refs/heads/mainline"), Disbelief::Subject)]
#[case(|proof: &mut Proof| proof.identity = uri("https://evil.example/https://github.com/shop/cart/.github/workflows/release.yml@refs/heads/main"), Disbelief::Subject)]
#[case(|proof: &mut Proof| proof.claims.source_repository = None, Disbelief::Claim(ClaimName::SourceRepository))]
#[case(|proof: &mut Proof| proof.claims.source_repository = Some("https://github.com/shop/other".to_owned()), Disbelief::Claim(ClaimName::SourceRepository))]
#[case(|proof: &mut Proof| proof.log = Log::None, Disbelief::Log)]
#[case(|proof: &mut Proof| proof.root = Some(digest("other")), Disbelief::Log)]
#[case(|proof: &mut Proof| proof.root = None, Disbelief::Log)]
fn one_thing_that_differs_is_enough(#[case] change: fn(&mut Proof), #[case] disbelief: Disbelief) {
    assert_eq!(ci().believes(&changed(change)), Err(disbelief));
}

#[test]
fn a_key_of_another_signer_is_not_believed() {
    let mut proof = by_key();
    proof.anchor = AnchorId::Key(digest("other"));
    assert_eq!(scanner().believes(&proof), Err(Disbelief::Anchor));
}

#[test]
fn a_key_that_must_be_logged_is_believed_only_from_the_log_of_its_own_root() {
    let signer = Signer {
        proves: Proves::Keys { keys: vec![digest("key")], root: Some(digest("root")) },
        log: LogDemand::InclusionProof,
        ..scanner()
    };
    let logged = |root: &str| Proof { log: Log::InclusionProof, root: Some(digest(root)), ..by_key() };
    assert_eq!(signer.believes(&by_key()), Err(Disbelief::Log));
    assert_eq!(signer.believes(&logged("other")), Err(Disbelief::Log));
    assert_eq!(signer.believes(&logged("root")), Ok(()));
}

#[test]
fn each_claim_is_read_from_its_own_field() {
    let said = |name: ClaimName| Some(name.as_str().to_owned());
    let claims = Claims {
        source_repository: said(ClaimName::SourceRepository),
        source_repository_ref: said(ClaimName::SourceRepositoryRef),
        source_repository_digest: said(ClaimName::SourceRepositoryDigest),
        source_repository_owner: said(ClaimName::SourceRepositoryOwner),
        source_repository_visibility: said(ClaimName::SourceRepositoryVisibility),
        runner_environment: said(ClaimName::RunnerEnvironment),
        build_signer_uri: said(ClaimName::BuildSignerUri),
        build_config_uri: said(ClaimName::BuildConfigUri),
        build_trigger: said(ClaimName::BuildTrigger),
        deployment_environment: said(ClaimName::DeploymentEnvironment),
        ..Claims::default()
    };
    for name in ClaimName::ALL {
        assert_eq!(name.of(&claims), Some(name.as_str()));
    }
}

#[test]
fn the_repository_of_subject_and_claim_must_be_one() {
    let proof = by_ci(TODAY);
    assert_eq!(proof.claims.source_repository.as_deref(), Some(CART));
    let elsewhere = changed(|proof| {
        proof.identity = uri("https://github.com/shop/other/.github/workflows/release.yml@refs/heads/main");
    });
    assert_eq!(ci().believes(&elsewhere), Err(Disbelief::Claim(ClaimName::SourceRepository)));
}
