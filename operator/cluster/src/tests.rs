//! The cluster as seen through an API server that the test plays.

mod api_server;
mod pull_secrets;
mod views;
