//! Keys and roots that are missing, cannot be read, or can prove nothing.

use rstest::rstest;

use super::{
    super::{FULL, KEY, edited, materials, set, signers::without},
    CONFIG_MAP, faults, faults_with,
};

#[rstest]
#[case::config_map_of_a_root(
    "name: sigstore",
    "name: gone",
    "spec.signers[ci].trustRoot.configMap: there is no ConfigMap \"gone\" in the operator's namespace; wanted is a \
     sigstore trusted_root.json under key \"trusted_root.json\"; create it, or correct the name; the policy is \
     compiled again as soon as it is there"
)]
#[case::key_of_a_root(
    "key: trusted_root.json",
    "key: root.json",
    "spec.signers[ci].trustRoot.configMap: ConfigMap \"sigstore\" has no key \"root.json\"; wanted is a sigstore \
     trusted_root.json under key \"root.json\"; create it, or correct the name; the policy is compiled again as \
     soon as it is there"
)]
#[case::config_map_of_a_key(
    "name: scanner-pub",
    "name: gone",
    "spec.signers[scanner].keys[0].configMap: there is no ConfigMap \"gone\" in the operator's namespace; wanted \
     is a PEM public key under key \"cosign.pub\"; create it, or correct the name; the policy is compiled again as \
     soon as it is there"
)]
#[case::key_of_a_key(
    "key: cosign.pub",
    "key: cosign.key",
    "spec.signers[scanner].keys[0].configMap: ConfigMap \"scanner-pub\" has no key \"cosign.key\"; wanted is a PEM \
     public key under key \"cosign.key\"; create it, or correct the name; the policy is compiled again as soon as \
     it is there"
)]
#[case::inline_key(
    CONFIG_MAP,
    "    - pem: c2VjcmV0\n",
    "spec.signers[scanner].keys[0].pem: 0 PEM blocks; exactly one is wanted; wanted is one PEM public key: ECDSA \
     P-256 or P-384, or Ed25519; put the public key there that cosign generate-key-pair wrote as cosign.pub"
)]
fn a_text_that_is_not_where_the_policy_says_is_told(
    #[case] from: &str,
    #[case] to: &str,
    #[case] fault: &str,
) {
    assert_eq!(faults(&edited(FULL, from, to)), [fault]);
}

const ROOT_FIELD: &str = "spec.signers[ci].trustRoot.configMap";
const ROOT_WANTED: &str =
    "wanted is a sigstore trusted_root.json; put the trusted_root.json of your Sigstore there";

#[rstest]
#[case::no_authorities(
    &without("certificateAuthorities"),
    "it lists no certificateAuthorities, without which nothing can be proved"
)]
#[case::no_certificate_logs(&without("ctlogs"), "it lists no ctlogs, without which nothing can be proved")]
#[case::no_logs(&without("tlogs"), "it lists no tlogs, without which nothing can be proved")]
fn a_root_that_can_prove_nothing_is_told(#[case] root: &str, #[case] found: &str) {
    let mut materials = materials();
    set(&mut materials, "sigstore", "trusted_root.json", root);
    assert_eq!(faults_with(FULL, &materials), [format!("{ROOT_FIELD}: {found}; {ROOT_WANTED}")]);
}

/// What the parser says of it is the parser's, and is only looked for.
#[rstest]
#[case::no_json("-----BEGIN PUBLIC KEY-----")]
#[case::another_document("{}")]
#[case::empty("")]
fn a_root_that_cannot_be_read_is_told(#[case] root: &str) {
    let mut materials = materials();
    set(&mut materials, "sigstore", "trusted_root.json", root);
    let faults = faults_with(FULL, &materials);
    let [fault] = faults.as_slice() else { panic!("{faults:?}") };
    let head = format!("{ROOT_FIELD}: it cannot be read as trusted_root.json: ");
    let said = fault.strip_prefix(&head).and_then(|rest| rest.strip_suffix(&format!("; {ROOT_WANTED}")));
    assert!(said.is_some_and(|said| !said.is_empty()), "{fault}");
}

#[rstest]
#[case::no_pem("cosign.pub", "0 PEM blocks; exactly one is wanted")]
#[case::two_keys(&KEY.repeat(2), "2 PEM blocks; exactly one is wanted")]
fn a_key_that_cannot_be_read_is_told(#[case] pem: &str, #[case] found: &str) {
    let mut materials = materials();
    set(&mut materials, "scanner-pub", "cosign.pub", pem);
    let fault = format!(
        "spec.signers[scanner].keys[0].configMap: {found}; wanted is one PEM public key: ECDSA P-256 or P-384, or \
         Ed25519; put the public key there that cosign generate-key-pair wrote as cosign.pub"
    );
    assert_eq!(faults_with(FULL, &materials), [fault]);
}
