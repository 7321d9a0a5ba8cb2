//! Empties the tables of the plan, where the application's own migrations made them.
//!
//! All of them in one statement, so that it does not matter in which order they refer to each other: no trigger of a row fires, no rule
//! counts, and the sequences go on. Foreign keys that further, empty tables have on them are taken out of the way and put back.

use super::loads::Loads;
use super::{Cleared, ClearedWhat, DOING, broken, run, unexported};
use crate::catalog::quoted;
use crate::dialect::text_sql;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{ExistingSchema, Plan, TablePlan};
use crate::postgres::Session;
use crate::rollback::ChangeSet;

/// Foreign keys of other tables on those that are emptied.
const REFERRING: &str = "select quote_ident(n.nspname) || '.' || quote_ident(c.relname), k.conname::text, pg_get_constraintdef(k.oid), \
    obj_description(k.oid, 'pg_constraint') \
    from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    join pg_catalog.pg_class p on p.oid = k.confrelid join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace \
    where k.contype = 'f' and k.conparentid = 0 and pn.nspname = $1 and p.relname = any($2) and not (n.nspname = $1 and c.relname = any($2)) \
    order by 1, 2";

/// Triggers that would fire.
const FIRING: &str = "select c.relname::text, t.tgname::text, t.tgenabled::text from pg_catalog.pg_trigger t \
    join pg_catalog.pg_class c on c.oid = t.tgrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = $1 and c.relname = any($2) and not t.tgisinternal and (t.tgtype & 32) <> 0 and t.tgenabled in ('O', 'A') order by 1, 2";

/// Empties the tables, within the transaction that is open.
pub(super) async fn empty(session: &Session, loads: &Loads, existing: &ExistingSchema, exported: Option<&ChangeSet>) -> Result<Cleared> {
    let plan = loads.last();
    if !loads.finished {
        let detail = "the load into the application's own tables is not finished, and its foreign keys and triggers are out of their place; \
                      nothing was changed";
        return Err(Error::new(ErrorKind::TargetUnfit, DOING, detail)
            .hint("go on with it by the same `outgrow migrate`, or take it back by `outgrow migrate --fresh`"));
    }
    let there = there(session, plan).await?;
    let tables: Vec<&TablePlan> =
        plan.tables.iter().filter(|table| there.contains(&table.target) && !is_untouched(existing, table, exported)).collect();
    let targets: Vec<&str> = tables.iter().map(|table| table.target.as_str()).collect();
    let named: Vec<String> = targets.iter().map(|table| format!("{}.{}", quoted(&plan.schema), quoted(table))).collect();
    for name in &named {
        run(session, &format!("lock table {name} in access exclusive mode")).await?;
    }
    unexported::nothing(session, loads, &tables, exported).await?;
    if !named.is_empty() {
        let back = aside(session, plan, &targets).await?;
        run(session, &format!("truncate table {} restrict", named.join(", "))).await?;
        for statement in back {
            run(session, &statement).await?;
        }
    }
    loads.forget(session).await?;
    let mut left = loads.scripts();
    left.extend(
        plan.tables
            .iter()
            .filter(|table| !targets.contains(&table.target.as_str()))
            .map(|table| format!("{} stays: its rows were there before the load, and nobody changed them since", table.target)),
    );
    left.extend(existing.replaced.keys().map(|table| {
        format!(
            "the rows that migrations had put into {table} were deleted when the load began, as the policy says, and are not brought back"
        )
    }));
    let names = targets.into_iter().map(ToOwned::to_owned).collect();
    Ok(Cleared { what: ClearedWhat::Emptied, names, left })
}

/// Whether a table held the source's rows before the load, and still holds them and no others.
fn is_untouched(existing: &ExistingSchema, table: &TablePlan, exported: Option<&ChangeSet>) -> bool {
    let of_set = exported.map(|set| set.tables.iter().any(|changes| changes.table == table.source && changes.rows() == 0));
    existing.identical.contains(&table.source) && of_set != Some(false)
}

async fn there(session: &Session, plan: &Plan) -> Result<Vec<String>> {
    let sql = "select c.relname::text from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
               where n.nspname = $1 and c.relkind in ('r', 'p')";
    let rows = session.client().query(sql, &[&plan.schema]).await.map_err(broken)?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(broken)
}

/// Takes out of the way what would refuse or fire, and gives what puts it back as it was.
async fn aside(session: &Session, plan: &Plan, targets: &[&str]) -> Result<Vec<String>> {
    let mut back = Vec::new();
    for row in session.client().query(REFERRING, &[&plan.schema, &targets]).await.map_err(broken)? {
        let fields = || -> Result<(String, String, String, Option<String>), tokio_postgres::Error> {
            Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))
        };
        let (table, name, definition, comment) = fields().map_err(broken)?;
        let holds = session.client().query_one(&format!("select exists(select from {table})"), &[]).await.map_err(broken)?;
        if holds.try_get(0).map_err(broken)? {
            let detail = format!(
                "{table} holds rows that may refer to rows of the load, and it is not among the tables that were moved; nothing was changed"
            );
            return Err(
                Error::new(ErrorKind::TargetUnfit, DOING, detail).hint("empty it, or choose `keep`, then run the same command again")
            );
        }
        let name = quoted(&name);
        run(session, &format!("alter table {table} drop constraint {name}")).await?;
        back.push(format!("alter table {table} add constraint {name} {definition}"));
        back.extend(comment.map(|comment| format!("comment on constraint {name} on {table} is {}", text_sql(&comment))));
    }
    for row in session.client().query(FIRING, &[&plan.schema, &targets]).await.map_err(broken)? {
        let fields =
            || -> Result<(String, String, String), tokio_postgres::Error> { Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)) };
        let (table, trigger, state) = fields().map_err(broken)?;
        let (table, trigger) = (format!("{}.{}", quoted(&plan.schema), quoted(&table)), quoted(&trigger));
        run(session, &format!("alter table {table} disable trigger {trigger}")).await?;
        let how = if state == "A" { "enable always" } else { "enable" };
        back.push(format!("alter table {table} {how} trigger {trigger}"));
    }
    Ok(back)
}
