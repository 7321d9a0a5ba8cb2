//! What stands in the schema that is to be loaded.
//!
//! Never looks into a row: how many there are is asked of the server. What the role may not look at is told as unknown.

mod column_type;
mod sequences;
mod tables;

use super::{Session, failed};
use crate::catalog::{FrameworkState, TargetCatalog, TargetExtension, TargetRelation, TargetRelationKind, quoted};
use crate::error::{Error, ErrorKind, Result};

const DOING: &str = "read the target's catalog";

/// Reads the schema's relations and types, in one transaction, so that all of it was true at one moment.
pub async fn catalog(session: &mut Session, schema: &str) -> Result<TargetCatalog> {
    let transaction = session.client_mut().build_transaction().read_only(true);
    let transaction = transaction.isolation_level(tokio_postgres::IsolationLevel::RepeatableRead).start().await;
    let transaction = transaction.map_err(|error| failed(DOING, error))?;
    let facts = transaction.query_one("select current_setting('server_version_num'), current_setting('server_encoding')", &[]).await;
    let facts = facts.map_err(|error| failed(DOING, error))?;
    let version: String = facts.try_get(0).map_err(|error| failed(DOING, error))?;
    let version = version.parse().map_err(|_| Error::new(ErrorKind::TargetUnfit, DOING, "the server tells no version"))?;
    let encoding = facts.try_get(1).map_err(|error| failed(DOING, error))?;

    let rows = transaction.query(RELATIONS, &[&schema]).await.map_err(|error| failed(DOING, error))?;
    let mut relations = Vec::with_capacity(rows.len());
    for row in rows {
        let name: String = row.try_get(0).map_err(|error| failed(DOING, error))?;
        let letter: String = row.try_get(1).map_err(|error| failed(DOING, error))?;
        let kind = kind(&letter);
        let readable: bool = row.try_get(2).map_err(|error| failed(DOING, error))?;
        let has_rows = if !readable {
            // Nobody can tell: a table that may hold rows is treated as one that does.
            true
        } else if letter == "r" || letter == "p" || letter == "f" {
            let question = format!("select exists (select from {}.{})", quoted(schema), quoted(&name));
            let answer = transaction.query_one(&question, &[]).await.and_then(|row| row.try_get(0));
            answer.map_err(|error| failed(format!("look whether {}.{} holds rows", quoted(schema), quoted(&name)), error))?
        } else {
            false
        };
        relations.push(TargetRelation { name, kind, has_rows });
    }
    let mut tables = tables::read(&transaction, schema).await?;
    let sequences = sequences::read(&transaction, schema, &mut tables).await?;
    let rows = transaction.query(EXTENSIONS, &[]).await.map_err(|error| failed(DOING, error))?;
    let extension = |row: &tokio_postgres::Row| Ok(TargetExtension { name: row.try_get(0)?, installed: row.try_get(1)? });
    let extensions = rows.iter().map(extension).collect::<std::result::Result<_, _>>().map_err(|error| failed(DOING, error))?;
    transaction.commit().await.map_err(|error| failed(DOING, error))?;
    let (schema, framework) = (schema.to_owned(), FrameworkState::default());
    Ok(TargetCatalog { version, encoding, schema, relations, tables, framework, sequences, extensions })
}

/// Types stand among them, because a table has a type of its name: where there is one already, the table can't be made.
/// Those of relations are not listed twice, and those of arrays, which give way by themselves, not at all.
///
/// The order of bytes, whatever the database's collation, so that the same target gives the same catalog.
const RELATIONS: &str = "\
    select name, kind, readable from (\
    select c.relname::text as name, c.relkind::text as kind, \
    c.relkind not in ('r', 'p', 'f') or has_table_privilege(c.oid, 'SELECT') and not row_security_active(c.oid) as readable \
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = $1 and c.relkind <> 't' \
    union all \
    select t.typname::text, 'type', true \
    from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace \
    where n.nspname = $1 and t.typrelid = 0 and not exists (select from pg_catalog.pg_type e where e.typarray = t.oid)\
    ) as taken order by name collate \"C\", kind";

/// What the server has at hand, in the order of bytes.
const EXTENSIONS: &str = "\
    select name::text, installed_version is not null from pg_catalog.pg_available_extensions order by name::text collate \"C\"";

fn kind(letter: &str) -> TargetRelationKind {
    match letter {
        "r" | "p" | "f" => TargetRelationKind::Table,
        "v" | "m" => TargetRelationKind::View,
        "S" => TargetRelationKind::Sequence,
        "i" | "I" => TargetRelationKind::Index,
        _ => TargetRelationKind::Other,
    }
}
