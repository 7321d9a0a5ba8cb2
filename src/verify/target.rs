//! Connections that all see the target as it was at one moment.

use std::sync::atomic::AtomicBool;

use futures_util::future::join_all;
use tokio::runtime::Handle;

use super::facts::Facts;
use super::target_rows::{Manner, TargetRows};
use crate::catalog::quoted;
use crate::error::{Error, Result};
use crate::plan::{ColumnPlan, TablePlan};
use crate::postgres::{ConnectionSettings, Session, failed};

/// What a small table takes on the server's disk at the most; it is asked for in one round trip and held as a whole.
const SMALL: u64 = 256 * 1024;

/// Rows that are longer are fetched a few at a time.
const WIDE: u64 = 1024 * 1024;

/// Bytes of rows that are fetched at a time, where one row is not more.
const FETCHED: u64 = 4 * 1024 * 1024;

const DOING: &str = "begin to read the target";

/// Begins the transaction whose view of the target all others take over, and exports it.
pub(super) async fn export(session: &Session) -> Result<String> {
    let client = session.client();
    client.batch_execute("begin isolation level repeatable read read only").await.map_err(|error| failed(DOING, error))?;
    let row = client.query_one("select pg_export_snapshot()", &[]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| failed(DOING, error))
}

/// A connection that reads the target.
pub(super) struct Target {
    session: Session,
    snapshot: Option<String>,
}

impl Target {
    /// So many connections that see what `snapshot` does. Where the server gives fewer, as many as it gives; where it lets nobody
    /// take a snapshot over (a pooler in between, several servers), one, with a view of its own.
    pub(super) async fn several(settings: &ConnectionSettings, snapshot: &str, count: usize) -> Result<Vec<Self>> {
        let first = Session::connect(settings).await?;
        let Ok(first) = Self::over(first, snapshot).await else { return Ok(vec![Self::alone(settings).await?]) };
        let others = (1..count).map(|_| async { Self::over(Session::connect(settings).await?, snapshot).await });
        let others = join_all(others).await;
        Ok(std::iter::once(first).chain(others.into_iter().filter_map(Result::ok)).collect())
    }

    async fn over(session: Session, snapshot: &str) -> Result<Self> {
        let target = Self { session, snapshot: Some(snapshot.to_owned()) };
        target.begin().await?;
        Ok(target)
    }

    async fn alone(settings: &ConnectionSettings) -> Result<Self> {
        let target = Self { session: Session::connect(settings).await?, snapshot: None };
        target.begin().await?;
        Ok(target)
    }

    /// Begins the transaction. Rows are read by whom they are compared by, and no plan is worth compiling.
    async fn begin(&self) -> Result<()> {
        let import = self.snapshot.as_ref().map(|name| format!("set transaction snapshot '{}'; ", name.replace('\'', "''")));
        let sql = format!(
            "begin isolation level repeatable read read only; {}set local jit = off; set local max_parallel_workers_per_gather = 0",
            import.unwrap_or_default()
        );
        self.session.client().batch_execute(&sql).await.map_err(|error| failed(DOING, error))
    }

    /// Goes on after a statement that the server refused.
    pub(super) async fn begin_again(&self) -> Result<()> {
        self.session.client().batch_execute("rollback").await.map_err(|error| failed(DOING, error))?;
        self.begin().await
    }

    /// Asks for the rows of a table for which a condition holds, in the order of the key's columns.
    pub(super) fn rows<'a>(
        &'a self,
        (handle, stop): (&'a Handle, &'a AtomicBool),
        (schema, table, facts): (&str, &TablePlan, &Facts),
        condition: Option<&str>,
        key: &[usize],
    ) -> Result<TargetRows<'a>> {
        let manner = manner(table, facts);
        let mut columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.target)).collect();
        let key: Vec<String> = key.iter().filter_map(|index| table.columns.get(*index)).map(|column| term(column, facts)).collect();
        let mut conditions: Vec<String> = condition.iter().map(|condition| format!("({condition})")).collect();
        match &facts.reference {
            Some(reference) if key.is_empty() => conditions.push(format!("not ({})", reference.condition)),
            Some(reference) => columns.push(format!("({})", reference.condition)),
            None => {}
        }
        let condition = if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(" and ")) };
        let order = if key.is_empty() { String::new() } else { format!(" order by {}", key.join(", ")) };
        let query = format!("select {} from {}.{} as t{condition}{order}", columns.join(", "), quoted(schema), quoted(&table.target));
        TargetRows::of(&self.session, handle, stop, (&query, columns.len()), manner, &format!("read {}", table.target))
    }

    /// Asks for the rows of a table that are reference data.
    pub(super) fn reference_rows<'a>(
        &'a self,
        (handle, stop): (&'a Handle, &'a AtomicBool),
        (schema, table, facts): (&str, &TablePlan, &Facts),
    ) -> Result<TargetRows<'a>> {
        let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.target)).collect();
        let condition = facts.reference.as_ref().map_or("false", |reference| reference.condition.as_str());
        let query = format!("select {} from {}.{} as t where {condition}", columns.join(", "), quoted(schema), quoted(&table.target));
        let doing = format!("read the reference data of {}", table.target);
        TargetRows::of(&self.session, handle, stop, (&query, columns.len()), manner(table, facts), &doing)
    }

    /// Counts the rows of a table, those of reference data apart.
    pub(super) async fn count(&self, schema: &str, table: &TablePlan, facts: &Facts) -> Result<u64> {
        let doing = format!("count the rows of {}", table.target);
        let others = facts.reference.as_ref().map(|reference| format!(" where not ({})", reference.condition)).unwrap_or_default();
        let sql = format!("select count(*) from {}.{} as t{others}", quoted(schema), quoted(&table.target));
        let row = self.session.client().query_one(&sql, &[]).await;
        let count: i64 = row.and_then(|row| row.try_get(0)).map_err(|error| failed(&doing, error))?;
        u64::try_from(count).map_err(|error| Error::bug(doing, "the count is negative").because(error))
    }
}

fn manner(table: &TablePlan, facts: &Facts) -> Manner {
    match table.longest_row {
        longest if longest > WIDE => Manner::Few((FETCHED / longest).max(1)),
        // An answer with a type that the client has to ask for would wait for itself.
        _ if facts.bytes <= SMALL && facts.known_types => Manner::AtOnce,
        _ => Manner::Stream,
    }
}

/// SQLite's order. An index has no `nulls first`, so it is asked for only where there may be NULLs.
fn term(column: &ColumnPlan, facts: &Facts) -> String {
    let collation = if column.pg_type().collates() { " collate \"C\"" } else { "" };
    let nulls = if facts.not_null.contains(&column.target) { "" } else { " nulls first" };
    format!("{}{collation}{nulls}", quoted(&column.target))
}
