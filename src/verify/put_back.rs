//! `put-back`: what the load took out of its way is as it was.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::{Check, Running};
use super::report::{CheckResult, Verdict};
use crate::catalog::TriggerState;
use crate::error::Result;
use crate::plan::Plan;
use crate::postgres::{Session, failed};

pub(super) const CHECK: Check = Check {
    name: "put-back",
    explain: "Where tables were loaded that the application's own migrations made: every foreign key of theirs has the definition that it \
              had before the load, its comment included, and every trigger fires when it did. A foreign key that the server would not \
              validate again is told with the objects that it refused.",
    run,
};

const FOREIGN_KEYS: &str = "select c.relname || '.' || k.conname, pg_get_constraintdef(k.oid), obj_description(k.oid, 'pg_constraint') \
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = $1 and k.contype = 'f' and k.conparentid = 0";

const TRIGGERS: &str = "select c.relname || '.' || t.tgname, t.tgenabled::text from pg_trigger t join pg_class c on c.oid = t.tgrelid \
    join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and not t.tgisinternal";

const DOING: &str = "look whether everything is put back";

fn run<'a>(session: &'a Session, plan: &'a Plan) -> Running<'a> {
    Box::pin(compare(session, plan))
}

async fn compare(session: &Session, plan: &Plan) -> Result<CheckResult> {
    let mut problems = Vec::new();
    let mut looked_at = 0;
    if let Some(existing) = &plan.existing {
        let keys = foreign_keys(session, &plan.schema).await?;
        let triggers = triggers(session, &plan.schema).await?;
        let left = left_unvalidated(session, plan).await?;
        for table in &existing.before.tables {
            for key in &table.foreign_keys {
                looked_at += 1;
                let place = format!("{}.{}", table.name, key.name);
                let unvalidated = format!("{} NOT VALID", key.definition);
                match keys.get(&place) {
                    None => problems.push(format!("the foreign key {place} is gone")),
                    Some((definition, _)) if left.contains(&place) && *definition == unvalidated => {}
                    Some((definition, _)) if *definition != key.definition => {
                        problems.push(format!("the foreign key {place} is not as it was: {definition}"));
                    }
                    Some((_, comment)) if *comment != key.comment => {
                        problems.push(format!("the comment of the foreign key {place} is not as it was"));
                    }
                    Some(_) => {}
                }
            }
            for trigger in &table.triggers {
                looked_at += 1;
                let place = format!("{}.{}", table.name, trigger.name);
                match triggers.get(&place) {
                    None => problems.push(format!("the trigger {place} is gone")),
                    Some(letter) if letter != letter_of(trigger.enabled) => {
                        problems.push(format!("the trigger {place} does not fire when it did"));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    let verdict = match (looked_at, problems.is_empty()) {
        (0, _) => Verdict::Inconclusive,
        (_, true) => Verdict::Match,
        (_, false) => Verdict::Mismatch,
    };
    Ok(CheckResult { check: CHECK.name.to_owned(), verdict, looked_at, problems })
}

fn letter_of(state: TriggerState) -> &'static str {
    match state {
        TriggerState::Origin => "O",
        TriggerState::Always => "A",
        TriggerState::Replica => "R",
        TriggerState::Disabled => "D",
    }
}

type ForeignKeys = BTreeMap<String, (String, Option<String>)>;

/// With every name qualified, as the plan has them.
async fn foreign_keys(session: &Session, schema: &str) -> Result<ForeignKeys> {
    let client = session.client();
    client.batch_execute("begin; set local search_path = pg_catalog").await.map_err(|error| failed(DOING, error))?;
    let rows = client.query(FOREIGN_KEYS, &[&schema]).await.map_err(|error| failed(DOING, error))?;
    client.batch_execute("commit").await.map_err(|error| failed(DOING, error))?;
    let fields = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?)));
    rows.iter().map(fields).collect::<Result<_, tokio_postgres::Error>>().map_err(|error| failed(DOING, error))
}

async fn triggers(session: &Session, schema: &str) -> Result<BTreeMap<String, String>> {
    let rows = session.client().query(TRIGGERS, &[&schema]).await.map_err(|error| failed(DOING, error))?;
    let fields = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.iter().map(fields).collect::<Result<_, tokio_postgres::Error>>().map_err(|error| failed(DOING, error))
}

/// The foreign keys that may be `NOT VALID` now, though they were not: the server refused, or the plan did not ask.
async fn left_unvalidated(session: &Session, plan: &Plan) -> Result<BTreeSet<String>> {
    let sql = "select step from outgrow.step where plan = $1 and refused is not null";
    let rows = session.client().query(sql, &[&plan.id.as_str()]).await.map_err(|error| failed(DOING, error))?;
    let refused: BTreeSet<String> =
        rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(|error| failed(DOING, error))?;
    let aside = plan.existing.iter().flat_map(|existing| &existing.foreign_keys_aside);
    let left = aside.filter(|(table, name)| {
        let step = format!("foreign-key-valid:{table}:{name}");
        refused.contains(&step) || !plan.steps.iter().any(|planned| planned.id == step)
    });
    Ok(left.map(|(table, name)| format!("{table}.{name}")).collect())
}
