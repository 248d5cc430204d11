//! What writes to the cluster: the policies' status, the certificates, the registration of the webhooks.
//!
//! Every controller has the same five steps, each in a file of its own:
//!
//! ```text
//! dereference (reads) -> validate (pure) -> build (pure) -> apply (writes) -> update_status (writes)
//! ```
//!
//! Not here: judging images, answering the API server, and anybody's workloads, which are counted and never touched.

pub mod ai_tool_policy;
pub mod certificates;

/// The field manager of everything the controllers apply.
pub const FIELD_MANAGER: &str = "tidewaiter-controllers";
