//! The moment of the cutover, as the server knows it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_postgres::Row;

use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::counted;
use crate::postgres::{Session, failed};

const DOING: &str = "mark the moment of the cutover";

/// How often to look whether others still write, a [`PAUSE`] apart.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// Transactions that write in this database, other than the server's own housekeeping.
const WRITERS: &str = "select (select count(*) from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid \
    where l.locktype = 'transactionid' and l.granted and l.mode = 'ExclusiveLock' and l.pid is not null and l.pid <> pg_backend_pid() \
    and a.datname = current_database() and a.usesysid is not null) \
    + (select count(*) from pg_catalog.pg_prepared_xacts where database = current_database())";

/// Who the server is: its identifier, how often it took over from another, and the database.
const SERVER: &str = "select (select system_identifier::text from pg_control_system()) || '/' || \
    (select timeline_id::text from pg_control_checkpoint())";

/// Where a table's rows lie; of a partitioned one, where those of its partitions do.
const TABLES: &str = "select c.relname::text, c.oid::bigint, coalesce((select string_agg(p.relid::oid::text || ':' || \
    coalesce(pg_relation_filenode(p.relid)::text, ''), ',' order by p.relid::oid) from pg_partition_tree(c.oid) p), \
    coalesce(pg_relation_filenode(c.oid)::text, '')), \
    array(select a.attname::text from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped \
    order by a.attnum), \
    array(select format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 \
    and not a.attisdropped order by a.attnum) \
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition";

/// The moment of the cutover: what is in the target now came with the load; what comes later was written by the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mark {
    /// When it was taken (RFC 3339, UTC).
    pub at: String,
    /// The transactions that had ended, as `pg_current_snapshot()` says it.
    pub snapshot: String,
    /// The server and its timeline; none where the role may not ask.
    pub server: Option<String>,
    /// The database's number.
    pub database: i64,
    /// The schema.
    pub schema: String,
    /// Its tables.
    pub tables: BTreeMap<String, MarkedTable>,
}

/// A table of the target, as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct MarkedTable {
    /// Its number.
    pub oid: i64,
    /// Where its rows lie on the server's disk: another place says that they were written anew.
    pub storage: String,
    /// Its columns with their types, in order.
    pub columns: Vec<(String, String)>,
    /// How many rows it holds.
    pub rows: u64,
}

impl Mark {
    /// Takes the mark. Waits a few seconds for transactions that still write; fails while there are any, because what they commit
    /// later could be taken for a part of the load.
    pub async fn take(session: &Session, schema: &str) -> Result<Self> {
        nobody_writes(session).await?;
        session.client().batch_execute("begin isolation level repeatable read read only").await.map_err(broken)?;
        let taken = Self::within(session, schema, true).await;
        let ended = session.client().batch_execute("rollback").await.map_err(broken);
        let taken = taken?;
        ended.map(|()| taken)
    }

    /// The same, within a transaction that is open; rows are counted where that is wanted.
    pub(in crate::rollback) async fn within(session: &Session, schema: &str, counting: bool) -> Result<Self> {
        let client = session.client();
        let sql = "select pg_current_snapshot()::text, (select oid::bigint from pg_catalog.pg_database where datname = current_database())";
        let row = client.query_one(sql, &[]).await.map_err(broken)?;
        let (snapshot, database) = (text(&row, 0)?, row.try_get(1).map_err(broken)?);
        let server = server(session).await?;
        let mut tables = BTreeMap::new();
        for row in client.query(TABLES, &[&schema]).await.map_err(broken)? {
            let (name, columns, types): (String, Vec<String>, Vec<String>) =
                (text(&row, 0)?, row.try_get(3).map_err(broken)?, row.try_get(4).map_err(broken)?);
            let rows = if counting { count(session, schema, &name).await? } else { 0 };
            let (oid, storage) = (row.try_get(1).map_err(broken)?, text(&row, 2)?);
            tables.insert(name, MarkedTable { oid, storage, columns: columns.into_iter().zip(types).collect(), rows });
        }
        Ok(Self { at: Timestamp::now().to_string(), snapshot, server, database, schema: schema.to_owned(), tables })
    }

    /// The first transaction that came behind it: 64 bits wide.
    pub(super) fn horizon(&self) -> Result<i64> {
        horizon(&self.snapshot)
    }
}

/// The first transaction behind a snapshot, as `pg_current_snapshot()` writes it: `xmin:xmax:…`.
pub(in crate::rollback) fn horizon(snapshot: &str) -> Result<i64> {
    let unreadable = || Error::new(ErrorKind::Unforeseen, "read a mark", "it does not name a transaction of PostgreSQL's");
    snapshot.split(':').nth(1).and_then(|text| text.parse().ok()).ok_or_else(unreadable)
}

/// The 32 bits of a transaction that its rows carry; the first three numbers are nobody's.
pub(in crate::rollback) fn short(transaction: i64) -> i64 {
    transaction.rem_euclid(1 << 32).max(3)
}

/// Asks in a way that leaves the transaction usable where the role may not know.
async fn server(session: &Session) -> Result<Option<String>> {
    let may =
        "select has_function_privilege('pg_control_system()', 'execute') and has_function_privilege('pg_control_checkpoint()', 'execute')";
    let row = session.client().query_one(may, &[]).await.map_err(broken)?;
    if !row.try_get::<_, bool>(0).map_err(broken)? {
        return Ok(None);
    }
    let row = session.client().query_one(SERVER, &[]).await.map_err(broken)?;
    row.try_get(0).map_err(broken)
}

async fn count(session: &Session, schema: &str, table: &str) -> Result<u64> {
    let sql = format!("select count(*) from {}.{}", quoted(schema), quoted(table));
    let row = session.client().query_one(&sql, &[]).await.map_err(|error| failed(format!("count the rows of {table}"), error))?;
    Ok(u64::try_from(row.try_get::<_, i64>(0).map_err(broken)?).unwrap_or(0))
}

async fn nobody_writes(session: &Session) -> Result<()> {
    let mut writers = 0;
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let row = session.client().query_one(WRITERS, &[]).await.map_err(broken)?;
        writers = row.try_get::<_, i64>(0).map_err(broken)?;
        if writers == 0 {
            return Ok(());
        }
    }
    let detail = format!(
        "{} open that has written to this database, and what it commits later could not be told from the load",
        if writers == 1 {
            "1 transaction is".to_owned()
        } else {
            format!("{} are", counted(u64::try_from(writers).unwrap_or(0), "transaction"))
        }
    );
    Err(Error::new(ErrorKind::TargetBusy, DOING, detail).hint("pg_stat_activity and pg_prepared_xacts show whose it is; end it"))
}

fn text(row: &Row, index: usize) -> Result<String> {
    row.try_get(index).map_err(broken)
}

fn broken(error: tokio_postgres::Error) -> Error {
    failed(DOING, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_names_the_first_transaction_behind_it() {
        assert_eq!(horizon("10:20:10,14,15").unwrap(), 20);
        assert_eq!(horizon("738:738:").unwrap(), 738);
        assert!(horizon("").is_err() && horizon("a:b:").is_err());
        assert_eq!([20, (5 << 32) + 20, 1 << 32].map(short), [20, 20, 3]);
    }
}
