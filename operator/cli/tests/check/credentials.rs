//! Registry credentials: those of `docker login`, and no program is run to get them.

use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{
    desk::Desk,
    manifests::{key, policy, signed_image},
    registry::{BY_KEY, Shelves},
};

const LOGIN: &str = "robot:a-secret-of-this-test";

/// A registry for whoever knows [`LOGIN`].
fn private() -> String {
    Shelves::with(&[("shop/cart", &BY_KEY)]).only_for(format!("Basic {}", STANDARD.encode(LOGIN))).serve()
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.objects("policy.json", &[policy(), key()]);
    desk
}

fn login(host: &str) -> String {
    json!({ "auths": { host: { "auth": STANDARD.encode(LOGIN) } } }).to_string()
}

#[test]
fn a_login_is_used_and_never_shown() {
    let (host, desk) = (private(), desk());
    let image = signed_image(&host, "shop/cart");
    let arguments = ["check", "--image", &image, "--policy", "policy.json", "--plain-http", &host];
    desk.run(&arguments).ends_with(3).shows("RegistryRefused");
    desk.write(".docker/config.json", login(&host));
    let said = desk.run(&arguments);
    said.ends_with(0).shows("allowed");
    assert!(!format!("{}{}", said.stdout, said.stderr).contains("secret"), "{}", said.stderr);
}

#[test]
fn the_folder_of_logins_can_be_named() {
    let (host, desk) = (private(), desk());
    desk.write("elsewhere/config.json", login(&host));
    let image = signed_image(&host, "shop/cart");
    let arguments = ["check", "--image", &image, "--policy", "policy.json", "--plain-http", &host];
    let mut command = desk.command(&arguments);
    let output = command.env("DOCKER_CONFIG", desk.path("elsewhere")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // An empty name is none: not the folder that the command runs in.
    let mut command =
        desk.command(&["check", "--image", &image, "--policy", "../policy.json", "--plain-http", &host]);
    let output = command.env("DOCKER_CONFIG", "").current_dir(desk.path("elsewhere")).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
}

#[test]
fn a_credential_helper_is_named_and_never_run() {
    let (host, desk) = (private(), desk());
    let (helper, trace) = (desk.path("bin/docker-credential-desk"), desk.path("trace"));
    desk.write("bin/docker-credential-desk", format!("#!/bin/sh\n: > '{}'\n", trace.display()));
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(Command::new(&helper).status().unwrap().success());
    fs::remove_file(&trace).expect("the helper leaves a trace when it is run");

    let config = json!({ "auths": { host.as_str(): {} }, "credsStore": "desk", "credHelpers": { host.as_str(): "desk" } });
    desk.write(".docker/config.json", config.to_string());
    let image = signed_image(&host, "shop/cart");
    let arguments = ["check", "--image", &image, "--policy", "policy.json", "--plain-http", &host];
    let output = desk.command(&arguments).env("PATH", desk.path("bin")).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains(&format!("credHelpers names a program for {host}")), "{stderr}");
    assert!(!trace.exists(), "the helper was run");
}

#[test]
fn a_configuration_that_cannot_be_read_is_said_to_be_unused() {
    let (host, desk) = (private(), desk());
    desk.write(".docker/config.json", "not json");
    let image = signed_image(&host, "shop/cart");
    let said = desk.run(&["check", "--image", &image, "--policy", "policy.json", "--plain-http", &host]);
    said.ends_with(3).says("config.json is no Docker configuration, and was not used");
}
