//! Takes back a load into the application's own tables that was begun and not finished.
//!
//! Removes the rows that the ledger says it brought, puts foreign keys and triggers back as they were, and forgets the
//! load: all of it in one transaction, or nothing. Rows are known by the transaction that wrote them, which is also that
//! of their line in the ledger; where others have added or changed one since, nothing is touched.
//!
//! Never brings back seeded rows that the load replaced, and never sets a sequence back.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::json;

use super::observer::{Event, Observer};
use crate::catalog::{TargetTable, TargetTrigger, TriggerState, quoted};
use crate::copy::{Before, Ledger};
use crate::dialect::text_sql;
use crate::error::{Error, ErrorKind, Result};
use crate::journal::{EventKind, Journal};
use crate::mapping::counted;
use crate::plan::{ExistingSchema, Plan, TablePlan};
use crate::postgres::{Session, failed};

const DOING: &str = "take back the load that was not finished";

/// What an unfinished load has left in the target.
#[derive(Debug)]
pub(super) struct Standing {
    /// Rows by table, by its name in the source.
    rows: BTreeMap<String, i64>,
    foreign_keys: usize,
    triggers: usize,
    scripts: Vec<String>,
    /// Tables that were emptied of their seeded rows, and got none.
    cleared: Vec<String>,
}

impl Standing {
    /// Asks the ledger and the catalog.
    pub(super) async fn of(session: &Session, plan: &Plan) -> Result<Self> {
        let mut rows = BTreeMap::new();
        let sql = "select source_table, sum(rows)::bigint from outgrow.chunk where plan = $1 group by 1";
        for row in session.client().query(sql, &[&plan.id.as_str()]).await.map_err(broken)? {
            rows.insert(row.try_get(0).map_err(broken)?, row.try_get(1).map_err(broken)?);
        }
        let sql = "select step from outgrow.step where plan = $1 and refused is null order by step";
        let done = session.client().query(sql, &[&plan.id.as_str()]).await.map_err(broken)?;
        let done = done.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>().map_err(broken)?;
        let out = |aside: &str, back: &str| {
            let backs = |place: &str| done.iter().any(|step| step.strip_prefix(back) == Some(place));
            done.iter().filter_map(|step| step.strip_prefix(aside)).filter(|place| !backs(place)).count()
        };
        Ok(Self {
            rows,
            foreign_keys: out("foreign-key-aside:", "foreign-key-back:"),
            triggers: out("trigger-aside:", "trigger-back:"),
            scripts: done
                .iter()
                .filter(|step| step.starts_with("sql:") || (step.starts_with("reference:") && step.to_ascii_lowercase().ends_with(".sql")))
                .cloned()
                .collect(),
            cleared: done.iter().filter_map(|step| step.strip_prefix("clear:")).map(ToOwned::to_owned).collect(),
        })
    }

    /// What is there, for people.
    pub(super) fn describe(&self) -> String {
        let tables: Vec<&str> = self.rows.keys().map(String::as_str).collect();
        let rows = counted(u64::try_from(self.rows.values().sum::<i64>()).unwrap_or(0), "row");
        let rows = if tables.is_empty() { "no row is loaded".to_owned() } else { format!("{rows} are loaded ({})", tables.join(", ")) };
        let count = |count: usize, what: &str| counted(u64::try_from(count).unwrap_or(u64::MAX), what);
        format!("{rows}, {} and {} are out of their place", count(self.foreign_keys, "foreign key"), count(self.triggers, "trigger"))
    }
}

/// Takes back the load that was begun last in this schema, where it was into the application's own tables and is not
/// finished. The session holds the target's lock.
pub(super) async fn undo_unfinished(session: &Session, schema: &str, journal: &Journal, observer: &dyn Observer) -> Result<()> {
    let Before::Existing { plan, finished: false } = Ledger::before(session, schema).await? else { return Ok(()) };
    let Some(existing) = &plan.existing else { return Ok(()) };
    let standing = Standing::of(session, &plan).await?;
    if !standing.scripts.is_empty() {
        let detail = format!(
            "SQL of the policy's own was run with it ({}), and nobody can tell how to take that back; nothing was changed",
            standing.scripts.join(", ")
        );
        return Err(Error::new(ErrorKind::TargetUnfit, DOING, detail)
            .hint("go on with that load (the same source and policy, without --fresh), or make the database anew"));
    }
    journal.note("undo", EventKind::Intent, None, &json!({ "plan": plan.id.as_str(), "rows": standing.rows }))?;
    let began = Instant::now();
    let undo = Undo { session, plan: &plan, existing, rows: &standing.rows };
    undo.run("begin").await?;
    let not_valid = match undo.all().await {
        Ok(not_valid) => not_valid,
        Err(error) => {
            undo.run("rollback").await?;
            return Err(error);
        }
    };
    undo.run("commit").await?;
    journal.note("undo", EventKind::Done, Some(began.elapsed().as_secs_f64()), &json!({ "plan": plan.id.as_str() }))?;
    tell(&plan, existing, &standing, &not_valid, observer);
    Ok(())
}

fn tell(plan: &Plan, existing: &ExistingSchema, standing: &Standing, not_valid: &[String], observer: &dyn Observer) {
    let id = plan.id.as_str();
    observer.event(Event::Said(&format!(
        "the load that was not finished (plan {}) is taken back: {} until now; foreign keys and triggers are as they were before it, sequences \
         stay where they are",
        id.get(..12).unwrap_or(id),
        standing.describe()
    )));
    let emptied = |table: &&String| standing.rows.contains_key(*table) || standing.cleared.contains(table);
    let replaced: Vec<&str> = existing.replaced.keys().filter(emptied).map(String::as_str).collect();
    if !replaced.is_empty() {
        observer.event(Event::Said(&format!(
            "the rows that migrations had put into {} were deleted when that load began, as the policy says, and are not brought back",
            replaced.join(", ")
        )));
    }
    if !not_valid.is_empty() {
        observer.event(Event::Said(&format!(
            "these foreign keys stay NOT VALID, because rows that are there have no parent: {}",
            not_valid.join(", ")
        )));
    }
}

struct Undo<'a> {
    session: &'a Session,
    plan: &'a Plan,
    existing: &'a ExistingSchema,
    rows: &'a BTreeMap<String, i64>,
}

impl Undo<'_> {
    async fn run(&self, sql: &str) -> Result<()> {
        self.session.client().batch_execute(sql).await.map_err(broken)
    }

    fn name(&self, table: &str) -> String {
        format!("{}.{}", quoted(&self.plan.schema), quoted(table))
    }

    /// The tables that hold rows of the load; those that others refer to last.
    fn loaded(&self) -> Vec<&TablePlan> {
        let position = |table: &TablePlan| self.plan.steps.iter().position(|step| step.id == format!("copy:{}", table.source));
        let mut tables: Vec<&TablePlan> = self.plan.tables.iter().filter(|table| self.rows.contains_key(&table.source)).collect();
        tables.sort_by_key(|table| std::cmp::Reverse(position(table)));
        tables
    }

    /// Does all of it; gives the foreign keys that can't be valid any more.
    async fn all(&self) -> Result<Vec<String>> {
        let loaded = self.loaded();
        for table in &loaded {
            self.run(&format!("lock table {} in exclusive mode", self.name(&table.target))).await?;
        }
        self.nobody_else_refers(&loaded).await?;
        self.foreign_keys_aside().await?;
        let with_references = self.references_back().await?;
        for table in &loaded {
            self.empty(table).await?;
        }
        let not_valid = self.foreign_keys_back().await?;
        for (table, trigger) in &self.existing.triggers_aside {
            if let Some((_, found)) = self.trigger(table, trigger) {
                self.run(&self.trigger_as_it_was(table, found)).await?;
            }
        }
        for ledger in with_references.then_some("reference").into_iter().chain(["quarantine", "chunk", "step", "run"]) {
            let sql = format!("delete from outgrow.{ledger} where plan = $1");
            self.session.client().execute(&sql, &[&self.plan.id.as_str()]).await.map_err(broken)?;
        }
        Ok(not_valid)
    }

    fn trigger(&self, table: &str, name: &str) -> Option<(&TargetTable, &TargetTrigger)> {
        let table = self.existing.before.table(table)?;
        table.triggers.iter().find(|trigger| trigger.name == name).map(|trigger| (table, trigger))
    }

    fn trigger_as_it_was(&self, table: &str, trigger: &TargetTrigger) -> String {
        let how = match trigger.enabled {
            TriggerState::Origin => "enable",
            TriggerState::Always => "enable always",
            TriggerState::Replica => "enable replica",
            TriggerState::Disabled => "disable",
        };
        format!("alter table {} {how} trigger {}", self.name(table), quoted(&trigger.name))
    }

    /// Rows that others put into further tables, and that refer to the rows of the load, would be in the way, or go with them.
    async fn nobody_else_refers(&self, loaded: &[&TablePlan]) -> Result<()> {
        let ours: Vec<&str> = loaded.iter().map(|table| table.target.as_str()).collect();
        let sql = "select distinct n.nspname::text, c.relname::text from pg_catalog.pg_constraint k \
                   join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
                   join pg_catalog.pg_class p on p.oid = k.confrelid join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace \
                   where k.contype = 'f' and k.conparentid = 0 and pn.nspname = $1 and p.relname = any($2) \
                   and not (n.nspname = $1 and c.relname = any($2)) order by 1, 2";
        for row in self.session.client().query(sql, &[&self.plan.schema, &ours]).await.map_err(broken)? {
            let (schema, table): (String, String) = (row.try_get(0).map_err(broken)?, row.try_get(1).map_err(broken)?);
            let name = format!("{}.{}", quoted(&schema), quoted(&table));
            let question = format!("select exists(select from {name})");
            let there = self.session.client().query_one(&question, &[]).await.and_then(|row| row.try_get::<_, bool>(0)).map_err(broken)?;
            if there {
                return Err(refusal(format!("{schema}.{table} holds rows that may refer to rows of that load")));
            }
        }
        Ok(())
    }

    async fn foreign_keys_aside(&self) -> Result<()> {
        for (table, name) in &self.existing.foreign_keys_aside {
            self.run(&format!("alter table {} drop constraint if exists {}", self.name(table), quoted(name))).await?;
        }
        Ok(())
    }

    /// Removes the rows that files of reference data have added; whether the ledger can have noted any.
    async fn references_back(&self) -> Result<bool> {
        if self.plan.steps.iter().all(|step| step.reference().is_none()) {
            return Ok(false);
        }
        let sql = "select exists(select from outgrow.reference where plan = $1 and replaced)";
        let row = self.session.client().query_one(sql, &[&self.plan.id.as_str()]).await;
        if row.and_then(|row| row.try_get::<_, bool>(0)).map_err(broken)? {
            return Err(refusal("a file of reference data has replaced rows, and what they were is not kept".to_owned()));
        }
        for (table, condition) in Ledger::reference_rows(self.session, self.plan).await? {
            self.run(&format!("delete from {} as t where {condition}", self.name(&table))).await?;
        }
        Ok(true)
    }

    /// Removes the rows of a table, if all of them are of the load.
    async fn empty(&self, table: &TablePlan) -> Result<()> {
        let name = self.name(&table.target);
        let before = self.existing.before.table(&table.target);
        if let Some(rule) = before.and_then(|before| before.delete_rules.first()) {
            return Err(refusal(format!("the rule {rule} of {} does something else than a DELETE on it says", table.target)));
        }
        // A row and its line in the ledger are written by one transaction.
        let sql = format!(
            "select count(*), count(*) filter (where xmin not in (select c.xmin from outgrow.chunk c where c.plan = $1 and c.source_table = $2)) \
             from {name}"
        );
        let row = self.session.client().query_one(&sql, &[&self.plan.id.as_str(), &table.source]).await.map_err(broken)?;
        let (all, others): (i64, i64) = (row.try_get(0).map_err(broken)?, row.try_get(1).map_err(broken)?);
        if others > 0 {
            let rows = counted(u64::try_from(others).unwrap_or(0), "row");
            return Err(refusal(format!("{rows} of {} were added or changed by others since that load", table.target)));
        }
        let fires = |trigger: &&TargetTrigger| trigger.on_delete && matches!(trigger.enabled, TriggerState::Origin | TriggerState::Always);
        let firing: Vec<&TargetTrigger> = before.iter().flat_map(|before| &before.triggers).filter(fires).collect();
        for trigger in &firing {
            self.run(&format!("alter table {name} disable trigger {}", quoted(&trigger.name))).await?;
        }
        let deleted = self.session.client().execute(&format!("delete from {name}"), &[]).await.map_err(broken)?;
        if i64::try_from(deleted) != Ok(all) {
            return Err(refusal(format!("{} held {all} rows, and {deleted} could be deleted", table.target)));
        }
        for trigger in firing {
            self.run(&self.trigger_as_it_was(&table.target, trigger)).await?;
        }
        Ok(())
    }

    async fn foreign_keys_back(&self) -> Result<Vec<String>> {
        let mut not_valid = Vec::new();
        for (table, name) in &self.existing.foreign_keys_aside {
            let key = self.existing.before.table(table).and_then(|table| table.foreign_keys.iter().find(|key| key.name == *name));
            let Some(key) = key else { continue };
            let (target, quoted_name) = (self.name(table), quoted(name));
            // A partitioned table takes no foreign key that is not checked at once.
            let partitioned = self.existing.before.table(table).is_some_and(|table| table.partitioned);
            let bare = key.definition.strip_suffix(" NOT VALID").unwrap_or(&key.definition);
            let later = if partitioned { "" } else { " NOT VALID" };
            self.run(&format!("alter table {target} add constraint {quoted_name} {bare}{later}")).await?;
            if let Some(comment) = &key.comment {
                self.run(&format!("comment on constraint {quoted_name} on {target} is {}", text_sql(comment))).await?;
            }
            if !key.validated || partitioned {
                continue;
            }
            // Seeded rows that the load replaced may have been the parents of rows that stayed.
            self.run("savepoint validation").await?;
            let validated = self.session.client().batch_execute(&format!("alter table {target} validate constraint {quoted_name}")).await;
            match validated {
                Ok(()) => self.run("release savepoint validation").await?,
                Err(error) if error.as_db_error().is_some() => {
                    self.run("rollback to savepoint validation").await?;
                    not_valid.push(format!("{table}.{name}"));
                }
                Err(error) => return Err(broken(error)),
            }
        }
        Ok(not_valid)
    }
}

fn refusal(why: String) -> Error {
    Error::new(ErrorKind::TargetUnfit, DOING, format!("{why}; nothing was changed")).hint(
        "go on with that load (the same source and policy, without --fresh), or make the database anew with the application's migrations",
    )
}

fn broken(error: tokio_postgres::Error) -> Error {
    failed(DOING, error)
}
