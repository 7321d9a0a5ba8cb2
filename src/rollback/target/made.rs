//! Drops what outgrow made, each object by its name.

use std::collections::BTreeSet;

use super::loads::Loads;
use super::{Cleared, ClearedWhat, DOING, broken, run, tried, unexported};
use crate::catalog::quoted;
use crate::dialect::HELPER_SCHEMA;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Action, Plan, TablePlan, installed_helpers};
use crate::postgres::Session;
use crate::rollback::ChangeSet;

/// What a statement of a plan makes that does not go with something else, in the order in which it is dropped: the words behind CREATE,
/// and those behind DROP.
const KINDS: [(&str, &str); 6] = [
    ("VIEW ", "view"),
    ("TABLE ", "table"),
    ("FUNCTION ", "function"),
    ("SEQUENCE ", "sequence"),
    ("TEXT SEARCH CONFIGURATION ", "text search configuration"),
    ("TEXT SEARCH DICTIONARY ", "text search dictionary"),
];

/// Drops it all, with RESTRICT, within the transaction that is open.
pub(super) async fn drop_all(session: &Session, loads: &Loads, exported: Option<&ChangeSet>) -> Result<Cleared> {
    let plan = loads.last();
    let tables: Vec<&TablePlan> = loaded(loads, plan);
    no_migrations(session, plan).await?;
    lock(session, plan, &tables).await?;
    unexported::nothing(session, loads, &tables, exported).await?;
    let mut names = Vec::new();
    for (create, kind) in KINDS {
        let made: BTreeSet<String> = loads.plans().flat_map(|plan| made(loads, plan, create)).collect();
        if made.is_empty() {
            continue;
        }
        let written: Vec<String> = made.iter().map(|name| if kind == "function" { format!("{name}()") } else { name.clone() }).collect();
        // Text search objects are dropped one by one; of the others, those that depend on each other go together.
        let statements = if kind.starts_with("text") { written.clone() } else { vec![written.join(", ")] };
        for list in statements {
            run(session, &format!("drop {kind} if exists {list} restrict")).await?;
        }
        names.extend(made.iter().map(|name| format!("{kind} {}", bare(name))));
    }
    let mut left = loads.scripts();
    helpers(session, loads, &mut left).await?;
    let is_ours = made_schema(session, plan).await?;
    loads.forget(session).await?;
    left.extend(
        relations(session, &plan.schema).await?.into_iter().map(|name| format!("{}.{name} stays: outgrow did not make it", plan.schema)),
    );
    if is_ours && !tried(session, &format!("drop schema {} restrict", quoted(&plan.schema))).await? {
        left.push(format!("the schema {} stays, because it is not empty", plan.schema));
    }
    Ok(Cleared { what: ClearedWhat::Dropped, names, left })
}

/// The books of the policy's migrations would say that they were run, when the tables that they work on are new.
async fn no_migrations(session: &Session, plan: &Plan) -> Result<()> {
    let sql = "select c.relname::text from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
               where n.nspname = $1 and c.relkind = 'r' and array(select a.attname::text from pg_catalog.pg_attribute a \
               where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) \
               = '{version,name,checksum,applied_at,applied_by,execution_ms,state}'::text[] order by 1";
    for row in session.client().query(sql, &[&plan.schema]).await.map_err(broken)? {
        let table: String = row.try_get(0).map_err(broken)?;
        let sql = format!("select exists(select from {}.{})", quoted(&plan.schema), quoted(&table));
        let ran = session.client().query_one(&sql, &[]).await.map_err(broken)?;
        if ran.try_get(0).map_err(broken)? {
            let detail = format!(
                "migrations of the policy were run in the schema {} ({table} names them), and nobody can tell what they made; nothing was changed",
                plan.schema
            );
            return Err(Error::new(ErrorKind::TargetUnfit, DOING, detail)
                .hint("choose `target = \"rename\"`, which sets the whole schema aside, or take back what they made, and their rows in that table"));
        }
    }
    Ok(())
}

/// The tables that are there by a step of the plan.
fn loaded<'p>(loads: &Loads, plan: &'p Plan) -> Vec<&'p TablePlan> {
    plan.tables.iter().filter(|table| loads.is_done(plan, &format!("table:{}", table.source))).collect()
}

/// Keeps others out before anything is looked at.
async fn lock(session: &Session, plan: &Plan, tables: &[&TablePlan]) -> Result<()> {
    for table in tables {
        let name = format!("{}.{}", quoted(&plan.schema), quoted(&table.target));
        let sql = "select to_regclass($1) is not null";
        let row = session.client().query_one(sql, &[&name]).await.map_err(broken)?;
        if row.try_get(0).map_err(broken)? {
            run(session, &format!("lock table {name} in access exclusive mode")).await?;
        }
    }
    Ok(())
}

/// The names, as SQL has them, of the objects of a kind that a plan made in its schema.
fn made(loads: &Loads, plan: &Plan, create: &str) -> Vec<String> {
    let head = format!("CREATE {create}{}.", quoted(&plan.schema));
    let mut names = Vec::new();
    for step in plan.steps.iter().filter(|step| !step.id.starts_with("sql:") && loads.is_done(plan, &step.id)) {
        let Action::Run { sql, .. } = &step.action else { continue };
        let named = sql.iter().filter_map(|statement| identifier(statement.strip_prefix(&head)?));
        names.extend(named.map(|name| format!("{}.{name}", quoted(&plan.schema))));
    }
    names
}

/// The quoted identifier that a text begins with.
fn identifier(text: &str) -> Option<&str> {
    let mut rest = text.strip_prefix('"')?.char_indices().peekable();
    while let Some((at, letter)) = rest.next() {
        if letter == '"' && rest.next_if(|(_, next)| *next == '"').is_none() {
            return text.get(..at + 2);
        }
    }
    None
}

/// The name without its marks and its schema, for people.
fn bare(name: &str) -> String {
    let mut rest = name;
    let mut last = name;
    while let Some(part) = identifier(rest) {
        last = part;
        rest = rest.get(part.len() + 1..).unwrap_or_default();
    }
    last.trim_matches('"').replace("\"\"", "\"")
}

/// The functions that the plan installed, unless another load may use them.
async fn helpers(session: &Session, loads: &Loads, left: &mut Vec<String>) -> Result<()> {
    let names: Vec<&str> = loads.plans().flat_map(|plan| installed_helpers(&plan.steps)).collect();
    if names.is_empty() {
        return Ok(());
    }
    if !loads.others.is_empty() {
        left.push(format!("the functions in the schema {HELPER_SCHEMA} stay, because the load into {} uses them", loads.others.join(", ")));
        return Ok(());
    }
    let sql = "select p.oid::regprocedure::text from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace \
               where n.nspname = $1 and p.proname = any($2) order by 1";
    let found = session.client().query(sql, &[&HELPER_SCHEMA, &names]).await.map_err(broken)?;
    let found = found.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>().map_err(broken)?;
    if !found.is_empty() {
        run(session, &format!("drop function {} restrict", found.join(", "))).await?;
    }
    tried(session, &format!("drop schema if exists {HELPER_SCHEMA} restrict")).await.map(drop)
}

/// Whether the schema came with the load: its entry in the catalog and the ledger's line of the first table are of one transaction.
async fn made_schema(session: &Session, plan: &Plan) -> Result<bool> {
    let Some(first) = plan.tables.first() else { return Ok(false) };
    let sql = "select exists(select from pg_catalog.pg_namespace n, outgrow.step s \
               where n.nspname = $1 and s.plan = $2 and s.step = $3 and n.xmin = s.xmin)";
    let step = format!("table:{}", first.source);
    let row = session.client().query_one(sql, &[&plan.schema, &plan.id.as_str(), &step]).await.map_err(broken)?;
    row.try_get(0).map_err(broken)
}

/// What is in a schema, without what belongs to something else in it.
pub(super) async fn relations(session: &Session, schema: &str) -> Result<Vec<String>> {
    let sql = "select c.relname::text from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
               where n.nspname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f') \
               and not exists(select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid \
               and d.deptype in ('e', 'a', 'i')) order by 1";
    let rows = session.client().query(sql, &[&schema]).await.map_err(broken)?;
    rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::{bare, identifier};

    #[test]
    fn a_name_ends_where_its_marks_do() {
        assert_eq!(identifier("\"a\" (x"), Some("\"a\""));
        assert_eq!(identifier("\"a\"\"b.\"()"), Some("\"a\"\"b.\""));
        assert_eq!(identifier("a"), None);
        assert_eq!(identifier("\"a"), None);
        assert_eq!(bare("\"public\".\"a\"\"b\""), "a\"b");
    }
}
