//! What the application's framework says of both sides: which of its migrations were applied.

use crate::catalog::{FrameworkState, SourceCatalog, TargetCatalog};
use crate::error::Result;
use crate::postgres::{self, Session};
use crate::preset::PRESETS;
use crate::sqlite::SourceReader;

/// Reads the ledger of every framework that has one here.
pub fn applied_to_source(reader: &SourceReader, catalog: &SourceCatalog) -> Result<FrameworkState> {
    let mut state = FrameworkState::default();
    for preset in PRESETS {
        let Some(ledger) = &preset.ledger else { continue };
        let there = catalog.table(ledger.table).is_some_and(|table| ledger.columns().all(|column| table.column(column).is_some()));
        if there && let Some(applied) = reader.applied_migrations(ledger)? {
            state.applied.insert(preset.id.to_owned(), applied);
        }
    }
    Ok(state)
}

/// Reads the target's catalog, with the ledger of every framework that has one there.
pub async fn target(session: &mut Session, schema: &str) -> Result<TargetCatalog> {
    let mut catalog = postgres::catalog(session, schema).await?;
    for preset in PRESETS {
        let Some(ledger) = &preset.ledger else { continue };
        if !catalog.relations.iter().any(|relation| relation.name.eq_ignore_ascii_case(ledger.table)) {
            continue;
        }
        if let Some(applied) = postgres::applied_migrations(session, schema, ledger).await? {
            catalog.framework.applied.insert(preset.id.to_owned(), applied);
        }
    }
    Ok(catalog)
}
