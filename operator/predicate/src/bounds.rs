//! How large a predicate may be. The numbers are in the JSON Schema too, and a test holds both together.

/// The largest integer that every JSON reader keeps exact: 2⁵³ − 1.
pub const MAX_COUNT: u64 = (1 << 53) - 1;

/// Characters of a name or version.
pub const MAX_NAME: usize = 256;

/// Characters of a source URI.
pub const MAX_URI: usize = 2048;

/// Ways of collecting: there are four or five in the world.
pub const MAX_METHODS: usize = 32;

/// Tools, one entry for each version and grade. A repository with ten tools of six versions each fits.
pub const MAX_TOOLS: usize = 64;

/// Models of one tool.
pub const MAX_MODELS: usize = 64;

/// MCP servers that were configured or seen.
pub const MAX_MCP_SERVERS: usize = 256;

/// Rows of findings, which count equal ones. At about 200 bytes each they stay below a megabyte.
pub const MAX_FINDINGS: usize = 4096;
