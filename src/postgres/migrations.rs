//! The applied migrations that a framework's ledger names.

use std::collections::BTreeSet;

use super::{Session, failed};
use crate::catalog::{MigrationLedger, RowCounts, quoted};
use crate::error::Result;

const DOING: &str = "read the ledger of migrations";

/// More rows than any ledger of migrations has; a table of so many is something else.
const GREATEST: usize = 100_000;

/// Reads which migrations were applied to this schema; none where it has no such ledger. Some frameworks fold the names
/// of their tables on PostgreSQL, so that they are found in either case.
pub async fn applied_migrations(session: &Session, schema: &str, ledger: &MigrationLedger) -> Result<Option<BTreeSet<String>>> {
    let rows = session.client().query(COLUMNS, &[&schema, &ledger.table]).await.map_err(|error| failed(DOING, error))?;
    let mut found: Vec<(String, String)> = Vec::with_capacity(rows.len());
    for row in rows {
        let named = row.try_get(0).and_then(|table| Ok((table, row.try_get(1)?)));
        found.push(named.map_err(|error| failed(DOING, error))?);
    }
    let Some((table, _)) = found.first().cloned() else { return Ok(None) };
    let column = |wanted: &str| {
        let same = found.iter().filter(|(of, name)| *of == table && name.eq_ignore_ascii_case(wanted));
        same.map(|(_, name)| quoted(name)).next()
    };
    let Some(name) = ledger.name.iter().map(|wanted| column(wanted)).collect::<Option<Vec<_>>>() else { return Ok(None) };
    let conditions = ledger.counts.iter().map(|counts| column(counts.column()).map(|name| condition(*counts, &name)));
    let Some(conditions) = conditions.collect::<Option<Vec<_>>>() else { return Ok(None) };
    let name: Vec<String> = name.iter().map(|name| format!("coalesce({name}::text, '')")).collect();
    let only = if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(" and ")) };
    let from = format!("{}.{}", quoted(schema), quoted(&table));
    let sql = format!("select {} from {from}{only} limit {}", name.join(" || ' ' || "), GREATEST + 1);
    let rows = session.client().query(&sql, &[]).await.map_err(|error| failed(format!("{DOING} {from}"), error))?;
    let too_many = rows.len() > GREATEST;
    let applied = rows.iter().map(|row| row.try_get(0)).collect::<Result<BTreeSet<String>, _>>();
    Ok((!too_many).then_some(applied.map_err(|error| failed(DOING, error))?))
}

/// The columns of the table of this name, the exact name before one of another case.
const COLUMNS: &str = "\
    select c.relname::text, a.attname::text \
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped \
    where n.nspname = $1 and c.relkind in ('r', 'p') and lower(c.relname) = lower($2) \
    order by c.relname <> $2, c.relname, a.attnum";

fn condition(counts: RowCounts, column: &str) -> String {
    match counts {
        RowCounts::IfTrue(_) => format!("lower({column}::text) in ('1', 'true', 't')"),
        RowCounts::IfFalse(_) => format!("lower({column}::text) in ('0', 'false', 'f')"),
        RowCounts::IfSet(_) => format!("{column} is not null"),
        RowCounts::IfUnset(_) => format!("{column} is null"),
    }
}
