//! `tidewaiter check` as a black box: files and a registry in, exit code, stdout and stderr out.
//!
//! The evidence is what real cosign signed. It has a fixed date and the program a running clock, so no policy here
//! has a `maxAge`.

mod cluster;
mod credentials;
mod desk;
mod input;
mod manifests;
mod registry;
mod selection;
mod tls;
mod verdicts;
