//! What the target has of the plan's tables, asked once for all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalog::quoted;
use crate::copy::Ledger;
use crate::error::Result;
use crate::plan::Plan;
use crate::postgres::{Session, failed};

/// What the target says of one of its tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// Whether its rows can be read by their places in it: an ordinary table, and a server that can.
    pub(super) by_place: bool,
    /// Its pages.
    pub(super) pages: u32,
    /// What it takes on the server's disk, long cells included.
    pub(super) bytes: u64,
    /// Whether every client knows the types of its columns; those of extensions, and domains and enums, it has to ask for.
    pub(super) known_types: bool,
    /// Its columns that hold no NULL.
    pub(super) not_null: BTreeSet<String>,
    /// Its columns whose values an index has in order, one after the other.
    pub(super) indexed: BTreeSet<String>,
    /// Its rows of reference data, where it has some.
    pub(super) reference: Option<ReferenceRows>,
}

/// The rows of a table that files of reference data have added.
#[derive(Debug, Clone)]
pub(super) struct ReferenceRows {
    /// What holds for them; `t` is the table.
    pub(super) condition: String,
    /// How many there are.
    pub(super) present: u64,
    /// How many were added: where there are more, others have got their keys.
    pub(super) added: u64,
}

const FACTS: &str = "select c.relname::text, c.relkind = 'r' and current_setting('server_version_num')::int >= 140000, \
    case when c.relkind = 'r' then coalesce(pg_relation_size(c.oid), 0) / current_setting('block_size')::bigint else 0 end, \
    case when c.relkind = 'r' then coalesce(pg_table_size(c.oid), 0) else 9223372036854775807 end, \
    array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and a.attnotnull), \
    array(select a.attname::text from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam \
        join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0] \
        where i.indrelid = c.oid and i.indisvalid and i.indpred is null and m.amname = 'btree'), \
    not exists(select from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and a.atttypid >= 16384) \
    from pg_class c join pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = $1 and c.relkind in ('r', 'p', 'f')";

/// Asks for the facts of every table of the target's schema, by name.
pub(super) async fn facts(session: &Session, plan: &Plan) -> Result<BTreeMap<String, Facts>> {
    let schema = &plan.schema;
    let doing = "look at the tables of the target";
    let rows = session.client().query(FACTS, &[schema]).await.map_err(|error| failed(doing, error))?;
    let read = |row: &tokio_postgres::Row| -> Result<(String, Facts), tokio_postgres::Error> {
        let set = |names: Vec<String>| names.into_iter().collect();
        let facts = Facts {
            by_place: row.try_get(1)?,
            pages: u32::try_from(row.try_get::<_, i64>(2)?).unwrap_or(0),
            bytes: u64::try_from(row.try_get::<_, i64>(3)?).unwrap_or(u64::MAX),
            known_types: row.try_get(6)?,
            not_null: set(row.try_get(4)?),
            indexed: set(row.try_get(5)?),
            reference: None,
        };
        Ok((row.try_get(0)?, facts))
    };
    let mut facts: BTreeMap<String, Facts> = rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| failed(doing, error))?;
    for (table, condition) in Ledger::reference_rows(session, plan).await? {
        let Some(facts) = facts.get_mut(&table) else { continue };
        let sql = format!(
            "select (select count(*) from {}.{} as t where {condition}), \
             (select count(*) from outgrow.reference where plan = $1 and target_table = $2 and not replaced)",
            quoted(schema),
            quoted(&table)
        );
        let row = session.client().query_one(&sql, &[&plan.id.as_str(), &table]).await.map_err(|error| failed(doing, error))?;
        let count = |place: usize| row.try_get::<_, i64>(place).map(|count| u64::try_from(count).unwrap_or(0));
        let (present, added) = (count(0).map_err(|error| failed(doing, error))?, count(1).map_err(|error| failed(doing, error))?);
        facts.reference = Some(ReferenceRows { condition, present, added });
    }
    Ok(facts)
}

/// How many cells of each of the plan's tables the quarantine holds; none where somebody has dropped it.
pub(super) async fn held(session: &Session, plan: &Plan) -> Result<Option<BTreeMap<String, u64>>> {
    let doing = "count the quarantine";
    let there = session.client().query_one("select to_regclass('outgrow.quarantine') is not null", &[]).await;
    if !there.and_then(|row| row.try_get::<_, bool>(0)).map_err(|error| failed(doing, error))? {
        return Ok(None);
    }
    let sql = "select source_table, count(*) from outgrow.quarantine where plan = $1 group by source_table";
    let rows = session.client().query(sql, &[&plan.id.as_str()]).await.map_err(|error| failed(doing, error))?;
    let read = |row: &tokio_postgres::Row| -> Result<_, tokio_postgres::Error> {
        Ok((row.try_get(0)?, u64::try_from(row.try_get::<_, i64>(1)?).unwrap_or(0)))
    };
    rows.iter().map(read).collect::<Result<_, _>>().map(Some).map_err(|error| failed(doing, error))
}
