//! Where to load.

use serde::{Deserialize, Serialize};

use super::{Counter, ExpectedServer, Mode, NameRule, SeededRule};
use crate::dialect::HELPER_SCHEMA;
use crate::error::{Error, ErrorKind, Result};

/// Where to load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct TargetPolicy {
    /// The PostgreSQL schema that gets the tables; made when it is not there.
    pub schema: String,
    /// Whose tables are loaded: ours, or those that the application's own migrations made.
    pub mode: Mode,
    /// How names of tables and columns that are there already are matched.
    pub names: NameRule,
    /// What becomes of rows that stand in a table which is to be loaded.
    pub seeded: SeededRule,
    /// Tables of the source that count what sequences of the target count.
    #[serde(rename = "counter")]
    pub counters: Vec<Counter>,
    /// Which server it is expected to be.
    pub expect: ExpectedServer,
}

impl Default for TargetPolicy {
    fn default() -> Self {
        Self {
            schema: "public".to_owned(),
            mode: Mode::default(),
            names: NameRule::default(),
            seeded: SeededRule::default(),
            counters: Vec::new(),
            expect: ExpectedServer::default(),
        }
    }
}

impl TargetPolicy {
    /// Refuses a schema that is not for the user's tables.
    pub(super) fn check(&self) -> Result<()> {
        let schema = &self.schema;
        let ours = ["", "outgrow", HELPER_SCHEMA, "information_schema"].contains(&schema.as_str());
        if !ours && !schema.starts_with("pg_") {
            return Ok(());
        }
        let detail = format!("the schema `{schema}` can't get the tables: outgrow or PostgreSQL keeps things of its own there");
        Err(Error::new(ErrorKind::Policy, "read the policy", detail).hint("name another schema under [target]"))
    }
}
