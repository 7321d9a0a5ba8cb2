//! Keeps the target from being written to, once the application has gone back to the source.

use std::time::Duration;

use super::{Session, failed};
use crate::catalog::quoted;
use crate::error::Result;

const DOING: &str = "freeze the target";

/// The name of the trigger, in every table.
const TRIGGER: &str = "outgrow_frozen";

/// Makes every write to a table of the schema fail, from one moment on: what writes is waited for, and no longer than `wait` for any
/// table. Gives the number of tables that it froze; those that are frozen are left as they are.
///
/// Needs to own the tables.
pub async fn freeze_target(session: &Session, schema: &str, wait: Duration) -> Result<u64> {
    let client = session.client();
    let sql = "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition
        and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = $2) order by 1";
    let rows = client.query(sql, &[&schema, &TRIGGER]).await.map_err(|error| failed(DOING, error))?;
    let tables = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>().map_err(|error| failed(DOING, error))?;
    if tables.is_empty() {
        return Ok(0);
    }
    let mut sql = format!(
        "begin; set local lock_timeout = {}; create schema if not exists outgrow;
         create or replace function outgrow.frozen() returns trigger language plpgsql as $outgrow$ begin
           raise exception 'the application has gone back to SQLite: outgrow has frozen this database, and it takes no writes'
             using errcode = '25006'; end $outgrow$;",
        wait.as_millis().max(1)
    );
    for table in &tables {
        let table = format!("{}.{}", quoted(schema), quoted(table));
        sql.push_str(&format!(
            "create trigger {TRIGGER} before insert or update or delete or truncate on {table} for each statement
               execute function outgrow.frozen(); alter table {table} enable always trigger {TRIGGER};"
        ));
    }
    sql.push_str("commit");
    if let Err(error) = client.batch_execute(&sql).await {
        // What failed is what is told; a session that is gone has rolled back by itself.
        drop(client.batch_execute("rollback").await);
        return Err(failed(DOING, error)
            .hint("writers that do not end keep it from freezing: see pg_stat_activity, stop them, and run the same command again"));
    }
    Ok(u64::try_from(tables.len()).unwrap_or(u64::MAX))
}

/// Takes the freeze away. Gives the number of tables that were frozen.
pub async fn thaw_target(session: &Session, schema: &str) -> Result<u64> {
    let client = session.client();
    let sql = "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_trigger t on t.tgrelid = c.oid and t.tgname = $2 where n.nspname = $1 and not c.relispartition order by 1";
    let rows = client.query(sql, &[&schema, &TRIGGER]).await.map_err(|error| failed(DOING, error))?;
    if rows.is_empty() {
        return Ok(0);
    }
    let mut sql = String::from("begin;");
    for row in &rows {
        let table: String = row.try_get(0).map_err(|error| failed(DOING, error))?;
        sql.push_str(&format!("drop trigger {TRIGGER} on {}.{};", quoted(schema), quoted(&table)));
    }
    sql.push_str("drop function if exists outgrow.frozen(); commit");
    client.batch_execute(&sql).await.map_err(|error| failed("thaw the target", error))?;
    Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
}
