//! Whose tables are to be loaded.

use super::matching;
use crate::catalog::{SourceCatalog, TargetCatalog};
use crate::plan::{Mode, Policy};

/// Whether the tables of the target are to be loaded as they are.
pub fn is_existing(policy: &Policy, source: &SourceCatalog, target: &TargetCatalog) -> bool {
    match policy.target.mode {
        Mode::Own => false,
        Mode::Existing => true,
        Mode::Auto => source.tables.iter().any(|table| matching::table(policy, &table.name, target).is_some()),
    }
}
