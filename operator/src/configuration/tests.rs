//! Each value that is refused, and each that reaches the room it is for.

use super::{Configuration, Error};

const GOOD: &str = r#"
release: gate
webhook: { service: gate-webhook, timeoutSeconds: 10 }
excludedNamespaces: ["kube-system"]
pullSecretNamespaces: ["shop"]
registries: [{"host":"registry.test:5000","plainHttp":true,"ca":"PEM","mirror":"mirror.test"}]
"#;

const FILE: &str = "configuration.yaml";

fn read(text: &str) -> Result<Configuration, Error> {
    let folder = written(text);
    Configuration::read(&folder.path().join(FILE))
}

/// A folder that holds the configuration for as long as it is kept.
fn written(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(FILE), text).unwrap();
    folder
}

#[test]
fn every_value_reaches_the_room_it_is_for() {
    let configuration = read(GOOD).unwrap();
    let fetch = configuration.fetch();
    let host = &fetch.hosts[0];
    assert_eq!(host.host, "registry.test:5000");
    assert!(host.plain_http);
    assert_eq!(host.ca_pem.as_deref(), Some(&b"PEM"[..]));
    assert!(host.any_address);
    assert_eq!(host.mirror.as_deref(), Some("mirror.test"));
    let installation = configuration.installation("gates");
    assert_eq!(installation.release, "gate");
    assert_eq!(installation.server_name(), "gate-webhook.gates.svc");
    assert_eq!(installation.timeout_seconds, 10);
    assert_eq!(installation.excluded_namespaces, ["kube-system"]);
    let expected = cluster::SecretNamespaces::Listed(["shop".to_owned()].into());
    assert_eq!(configuration.secret_namespaces(), expected);
}

#[test]
fn a_star_means_every_namespace_and_nothing_means_none() {
    let all = read(&GOOD.replace(r#"["shop"]"#, r#"["*"]"#)).unwrap();
    assert_eq!(all.secret_namespaces(), cluster::SecretNamespaces::All);
    let none = read(&GOOD.replace(r#"["shop"]"#, "[]")).unwrap();
    assert_eq!(none.secret_namespaces(), cluster::SecretNamespaces::None);
}

#[test]
fn an_unknown_field_is_refused() {
    let error = read(&format!("{GOOD}\nexcludedNamespace: [a]\n")).unwrap_err();
    assert!(matches!(error, Error::Parse { .. }), "{error}");
}

#[test]
fn a_timeout_the_api_server_would_not_take_is_refused() {
    for seconds in ["4", "31"] {
        let error =
            read(&GOOD.replace("timeoutSeconds: 10", &format!("timeoutSeconds: {seconds}"))).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the configuration says webhook.timeoutSeconds: {seconds}; wanted is 5 to 30")
        );
    }
}

#[test]
fn a_registry_without_a_host_and_a_release_without_a_name_are_refused() {
    let error = read(&GOOD.replace("registry.test:5000", "")).unwrap_err();
    assert!(matches!(error, Error::Value { field: "registries[].host", .. }), "{error}");
    let error = read(&GOOD.replace("release: gate", "release: \"\"")).unwrap_err();
    assert!(matches!(error, Error::Value { field: "release", .. }), "{error}");
}

#[test]
fn a_file_longer_than_a_config_map_is_refused_unread() {
    let error = read(&"#".repeat((1 << 20) + 1)).unwrap_err();
    assert!(matches!(error, Error::TooLong { bytes: 1_048_577, .. }), "{error}");
}

#[test]
fn more_entries_than_the_chart_allows_are_refused() {
    let many: Vec<String> = (0..65).map(|n| format!("n{n}")).collect();
    let error = read(&GOOD.replace(r#"["kube-system"]"#, &format!("{many:?}"))).unwrap_err();
    assert!(matches!(error, Error::Value { field: "excludedNamespaces", .. }), "{error}");
}
