//! The kubelet's matching, row by row, and what is never used.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Credential, Keychain};
use crate::docker_config::{Ignored, SecretKind};

fn auth(user: &str) -> String {
    STANDARD.encode(format!("{user}:secret"))
}

fn keychain(locations: &[&str]) -> Keychain {
    let auths: Vec<String> =
        locations.iter().map(|at| format!(r#""{at}":{{"username":"{at}","password":"secret"}}"#)).collect();
    of(&format!(r#"{{"auths":{{{}}}}}"#, auths.join(",")))
}

fn of(json: &str) -> Keychain {
    Keychain::from_docker_configs(&[(SecretKind::DockerConfigJson, json.as_bytes().to_vec())])
}

fn users(keychain: &Keychain, host: &str, path: &str) -> Vec<String> {
    keychain.matching(host, path).into_iter().map(|c| c.username).collect()
}

#[test]
fn hosts_ports_labels_and_paths_match_as_in_the_kubelet() {
    for (location, host, path, wanted) in [
        ("registry.example.com", "registry.example.com", "a/b", true),
        ("https://registry.example.com", "registry.example.com", "a", true),
        ("http://registry.example.com/v2/", "registry.example.com", "a", true),
        ("https://registry.example.com/v1/", "registry.example.com", "a", true),
        ("registry.example.com/v2/team", "registry.example.com", "team/app", true),
        ("registry.example.com", "registry.example.com:5000", "a", false),
        ("registry.example.com:5000", "registry.example.com:5000", "a", true),
        ("registry.example.com:5000", "registry.example.com", "a", false),
        ("*.example.com", "eu.example.com", "a", true),
        ("*.example.com", "a.eu.example.com", "a", false),
        ("*.example.com", "example.com", "a", false),
        ("*.azurecr.io", "evil.azurecr.io.attacker.com", "a", false),
        ("*.azurecr.io", "evilazurecr.io", "a", false),
        ("ghcr.io/org", "ghcr.io", "org/app", true),
        ("ghcr.io/org", "ghcr.io", "org-b/app", true),
        ("ghcr.io/org", "ghcr.io", "other/app", false),
        ("[::1]:5000", "[::1]:5000", "a", true),
        ("https://index.docker.io/v1/", "docker.io", "library/nginx", true),
        ("https://index.docker.io/v1/", "localhost", "nginx", false),
        ("docker.io", "docker.io", "library/nginx", true),
        ("user@registry.example.com", "registry.example.com", "a", true),
    ] {
        let found = users(&keychain(&[location]), host, path);
        assert_eq!(!found.is_empty(), wanted, "{location} for {host}/{path}");
    }
}

#[test]
fn longer_paths_are_tried_first_and_all_matches_are_kept() {
    let chain = keychain(&["ghcr.io", "ghcr.io/org/app", "ghcr.io/org", "*.io"]);
    assert_eq!(users(&chain, "ghcr.io", "org/app"), ["ghcr.io/org/app", "ghcr.io/org", "ghcr.io", "*.io"]);
}

#[test]
fn the_docker_hub_login_is_used_only_when_nothing_else_matches() {
    let chain = keychain(&["https://index.docker.io/v1/", "docker.io/library"]);
    assert_eq!(users(&chain, "docker.io", "library/nginx"), ["docker.io/library"]);
    assert_eq!(users(&chain, "docker.io", "other/app"), ["https://index.docker.io/v1/"]);
}

#[test]
fn two_secrets_for_one_host_are_tried_in_the_order_of_the_pod() {
    let secret = |user| {
        let json = format!(r#"{{"ghcr.io":{{"auth":"{}"}}}}"#, auth(user));
        (SecretKind::DockerCfg, json.into_bytes())
    };
    let chain = Keychain::from_docker_configs(&[secret("zoe"), secret("ann")]);
    assert_eq!(users(&chain, "ghcr.io", "a"), ["zoe", "ann"]);
}

#[test]
fn auth_wins_over_the_plain_fields_and_plain_fields_do_without_it() {
    let chain = of(&format!(
        r#"{{"auths":{{"a.io":{{"username":"plain","password":"p","auth":"{}"}},
                      "b.io":{{"username":"plain","password":"p"}}}}}}"#,
        auth("encoded")
    ));
    assert_eq!(users(&chain, "a.io", "x"), ["encoded"]);
    assert_eq!(users(&chain, "b.io", "x"), ["plain"]);
}

#[test]
fn unpadded_base64_and_a_colon_in_the_password_are_read() {
    let chain = of(r#"{"auths":{"a.io":{"auth":"dTpwOnE"}}}"#);
    let found = chain.matching("a.io", "x");
    assert_eq!(found, [Credential::new("u".into(), "p:q".into(), None)]);
}

#[test]
fn helpers_are_never_run_but_named_and_bad_entries_are_reported() {
    let chain = of(r#"{"auths":{"a.io":{"auth":"!!"},"b.io":null,"c.io":{}},
            "credHelpers":{"d.io":"evil"},"credsStore":"evil"}"#);
    assert_eq!(
        chain.ignored(),
        [Ignored::Store, Ignored::Helper("d.io".into()), Ignored::Auth("a.io".into())]
    );
    for host in ["a.io", "b.io", "c.io", "d.io"] {
        assert!(users(&chain, host, "x").is_empty(), "{host}");
    }
}

#[test]
fn junk_and_oversized_secrets_are_reported_and_null_lists_are_not_junk() {
    assert_eq!(of("{").ignored(), [Ignored::Unreadable]);
    assert_eq!(of(&" ".repeat((1 << 20) + 1)).ignored(), [Ignored::Unreadable]);
    assert_eq!(of(r#"{"auths":null,"credHelpers":null}"#).ignored(), []);
}

#[test]
fn a_key_for_caches_tells_credentials_apart_and_nothing_else() {
    let image = names::ImageRef::parse("ghcr.io/org/app").expect("a good reference");
    let key = |locations: &[&str]| keychain(locations).digest_for(image.repository());
    assert_eq!(keychain(&["ghcr.io"]).for_repository(image.repository()).len(), 1);
    assert_eq!(key(&["ghcr.io"]), key(&["ghcr.io", "other.io"]));
    assert_ne!(key(&["ghcr.io"]), key(&["ghcr.io/org"]));
    assert_ne!(key(&["ghcr.io"]), Keychain::anonymous().digest_for(image.repository()));
}

#[test]
fn the_two_types_of_pull_secret_are_known_and_no_other() {
    let kinds =
        ["kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg", "Opaque"].map(SecretKind::of_type);
    assert_eq!(kinds, [Some(SecretKind::DockerConfigJson), Some(SecretKind::DockerCfg), None]);
}

#[test]
fn debug_shows_no_secret() {
    let chain = of(r#"{"auths":{"a.io":{"username":"hush-user","password":"hush-word"}}}"#);
    let shown = format!("{chain:?}");
    assert!(shown.contains("a.io") && !shown.contains("hush"), "{shown}");
}
