//! The room against registries that misbehave on purpose, in-process, over real connections.

mod addresses;
mod bounds;
mod caches;
mod classes;
mod credentials;
mod fairness;
mod fake;
mod lookup;
mod tls;
