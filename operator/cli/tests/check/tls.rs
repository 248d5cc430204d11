//! How a registry is spoken to: https with whose certificates, or plain http where the command line says so.

use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::aws_lc_rs, pki_types::PrivateKeyDer};

use crate::{
    desk::Desk,
    manifests::{key, policy, signed_image},
    registry::{BY_KEY, Shelves},
};

/// A registry behind https; its address, and its certificate as PEM.
fn https() -> (String, String) {
    let own = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let shelves = Shelves::with(&[("shop/cart", &BY_KEY)]);
    let host = shelves.serve_through(move |stream| {
        Some(StreamOwned::new(ServerConnection::new(Arc::clone(&config)).ok()?, stream))
    });
    (host, own.cert.pem())
}

#[test]
fn the_certificates_named_for_a_registry_are_the_ones_trusted() {
    let (host, pem) = https();
    let (_, another) = https();
    let desk = Desk::new();
    desk.objects("policy.json", &[policy(), key()]).write("ca.pem", pem).write("another.pem", another);
    let image = signed_image(&host, "shop/cart");
    for (file, code) in [("ca.pem", 0), ("another.pem", 3)] {
        let ca = format!("{host}={file}");
        desk.run(&["check", "--image", &image, "--policy", "policy.json", "--registry-ca", &ca])
            .ends_with(code);
    }
}

#[test]
fn plain_http_is_spoken_only_to_a_registry_named_for_it() {
    let host = Shelves::with(&[("shop/cart", &BY_KEY)]).serve();
    let desk = Desk::new();
    desk.objects("policy.json", &[policy(), key()]);
    let image = signed_image(&host, "shop/cart");
    let arguments = ["check", "--image", &image, "--policy", "policy.json"];
    desk.run(&[&arguments[..], &["--plain-http", "localhost:1"]].concat()).ends_with(3);
    desk.run(&[&arguments[..], &["--plain-http", &host]].concat()).ends_with(0);
}
