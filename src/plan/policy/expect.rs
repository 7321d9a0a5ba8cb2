//! Which server the target is expected to be.

use serde::{Deserialize, Serialize};

/// What is known beforehand of the target's server. Whatever is left out is not compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct ExpectedServer {
    /// The cluster's own number, as text: `select system_identifier from pg_control_system()`.
    pub system_identifier: Option<String>,
    /// Its data directory, as the server sees it.
    pub data_directory: Option<String>,
    /// Its major version.
    pub major: Option<u32>,
    /// How many connections the application's pool will take.
    pub pool: Option<u64>,
}
