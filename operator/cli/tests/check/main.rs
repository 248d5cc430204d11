//! `tidewaiter check` as a black box: files and a registry in, exit code, stdout and stderr out.
//!
//! The evidence is what real cosign signed. It has a fixed date and the program a running clock, so no policy here
//! has a `maxAge`.

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod input;
#[cfg(test)]
mod manifests;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod selection;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod verdicts;
