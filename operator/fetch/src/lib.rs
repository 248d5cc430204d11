//! The only room that speaks to a registry: tags, referrers, and the bundles that referrers carry.
//!
//! It reads and never writes, verifies no signature and believes no label: a descriptor's
//! `artifactType` and annotations are a stranger's words, handed on as such. What it does promise:
//! every body was checked against its digest, everything was bounded in bytes, count and time, a
//! credential went to the host it names and to nobody else, and an answer that could not be had is an
//! error of one of eight classes, never an empty list.
//!
//! ```text
//!   Source ◄── Registry         caches, one flight for many askers, credentials in turn
//!                 │
//!        tag  referrers  bundle     what is asked, in which order
//!                 │
//!               Wire               one exchange: permit, redirects, challenge, token, capped body
//!                 │
//!        Hosts  Shares  Tokens     which address, whose turn, whose credential
//! ```
//!
//! Proxies of the environment are not used: behind a proxy the address that was checked would not be
//! the address that is dialled.

mod address;
mod attempts;
mod body;
mod bundle;
mod challenge;
mod config;
mod content;
mod counters;
mod docker_config;
mod error;
mod flights;
mod hosts;
mod key;
mod keychain;
mod label_glob;
mod limits;
mod link;
mod manifest;
mod place;
mod referrers;
mod registry;
mod resolver;
mod retry;
mod shares;
mod shelf;
mod source;
mod tag;
mod token;
mod wire;

#[cfg(test)]
mod tests;

pub use config::{Config, ConfigError, HostConfig};
pub use counters::{Counters, Kind};
pub use docker_config::{Ignored, SecretKind};
pub use error::{Bound, Error, Fault, Flaw};
pub use keychain::{Credential, Keychain};
pub use limits::Limits;
pub use registry::Registry;
pub use source::{Answer, Ask, Descriptor, Listing, Resolved, Source};
