//! What the plan makes, as the server itself writes it.
//!
//! The plan's statements run once more, without rows, in an empty schema of a transaction that is rolled back. So what is
//! there and what should be there are written by the same hand, and are compared text by text. Nothing is left behind.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Transaction;

use super::objects::{Objects, read};
use super::report::{AuditBooks, AuditKind, Standing};
use crate::catalog::quoted;
use crate::dialect::HELPER_SCHEMA;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Action, Phase, Plan, Step, installed_helpers};
use crate::postgres::{Session, failed};

const DOING: &str = "make the plan's schema once more, to compare with it";

/// Each step that the server refused, and what it said.
pub(super) type Refused = BTreeMap<String, String>;

/// Compares every object of the plan with what is there.
pub(super) async fn compare(session: &mut Session, plan: &Plan, refused: &Refused, books: &mut AuditBooks) -> Result<()> {
    let transaction = session.client_mut().transaction().await.map_err(|error| failed(DOING, error))?;
    let (expected, unmade) = expected(&transaction, plan, refused).await?;
    let found = read(&transaction, &plan.schema).await?;
    let helpers = read(&transaction, HELPER_SCHEMA).await?;
    transaction.rollback().await.map_err(|error| failed(DOING, error))?;
    for ((kind, name), text) in &expected {
        books.compare(*kind, name, text, found.get(&(*kind, name.clone())).map(String::as_str));
    }
    for (step, why) in &unmade {
        books.differs(AuditKind::Step, &step.object, Standing::NotCompared, None, Some(why));
    }
    for step in plan.steps.iter().filter(|step| refused.contains_key(&step.id)) {
        let why = refused.get(&step.id).map(String::as_str);
        books.say(AuditKind::Step, &step.object, Standing::Refused, None, why);
    }
    let there: BTreeSet<&str> = helpers.keys().filter_map(|(_, name)| name.split_once('(')).map(|(name, _)| name).collect();
    for helper in installed_helpers(&plan.steps) {
        let name = format!("{HELPER_SCHEMA}.{helper}");
        books.compare(AuditKind::Function, &name, "a function of outgrow's", there.contains(helper).then_some("a function of outgrow's"));
    }
    // The columns and keys of a table that nobody planned are told with it.
    let is_of_surplus = |name: &str| {
        name.split_once('.')
            .is_some_and(|(table, _)| !expected.contains_key(&(AuditKind::Table, table.to_owned())) && !is_view(&expected, table))
    };
    for ((kind, name), text) in found.iter().filter(|(key, _)| !expected.contains_key(*key)) {
        let is_part = !matches!(kind, AuditKind::Table | AuditKind::View | AuditKind::Index | AuditKind::Function | AuditKind::Sequence);
        if !(is_part && is_of_surplus(name)) {
            books.say(*kind, name, Standing::Note, None, Some(text));
        }
    }
    Ok(())
}

fn is_view(objects: &Objects, name: &str) -> bool {
    objects.contains_key(&(AuditKind::View, name.to_owned()))
}

/// What the plan makes, in the words that the target's schema has, and the steps that can't be repeated, with the reason.
async fn expected<'a>(transaction: &Transaction<'_>, plan: &'a Plan, refused: &Refused) -> Result<(Objects, Vec<(&'a Step, String)>)> {
    let facts = "select pg_backend_pid()::text, quote_ident($1), current_setting('max_locks_per_transaction')::bigint \
                 * current_setting('max_connections')::bigint";
    let row = transaction.query_one(facts, &[&plan.schema]).await.map_err(|error| failed(DOING, error))?;
    let fields = || -> Result<(String, String, i64), tokio_postgres::Error> { Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)) };
    let (process, bare, locks) = fields().map_err(|error| failed(DOING, error))?;
    // Each relation of the transaction takes a lock, and what keeps a table's large values two more; other sessions need some too.
    let needed = plan.relations.len().saturating_add(plan.tables.len().saturating_mul(2));
    if i64::try_from(needed).unwrap_or(i64::MAX) > locks / 4 * 3 {
        let detail =
            format!("the plan makes {} relations, and the server has too few locks for so many in one transaction", plan.relations.len());
        return Err(Error::new(ErrorKind::TargetUnfit, DOING, detail).hint("raise max_locks_per_transaction; nothing was changed"));
    }
    let aside = format!("outgrow_audit_{process}");
    transaction.batch_execute(&format!("create schema {aside}")).await.map_err(|error| {
        let error = failed(DOING, error);
        if error.kind() != ErrorKind::TargetRights {
            return error;
        }
        error.hint("the role needs CREATE on the database: what it makes there is rolled back, and nothing is left behind")
    })?;
    let (theirs, ours) = (format!("{}.", quoted(&plan.schema)), format!("\"{aside}\"."));
    let mut unmade = Vec::new();
    for step in plan.steps.iter().filter(|step| is_made(step) && !refused.contains_key(&step.id)) {
        let Action::Run { sql, .. } = &step.action else { continue };
        transaction.batch_execute("savepoint step").await.map_err(|error| failed(DOING, error))?;
        let mut why = None;
        for statement in sql.iter().filter(|statement| !statement.starts_with("CREATE SCHEMA ")) {
            if let Err(error) = transaction.batch_execute(&statement.replace(&theirs, &ours)).await {
                let error = failed(DOING, error);
                if error.kind() != ErrorKind::TargetRefused {
                    return Err(error);
                }
                why = Some(format!("it can't be made once more to compare with: {}", error.detail()));
                break;
            }
        }
        let end = if why.is_some() { "rollback to savepoint step" } else { "release savepoint step" };
        transaction.batch_execute(end).await.map_err(|error| failed(DOING, error))?;
        unmade.extend(why.map(|why| (step, why)));
    }
    let made = read(transaction, &aside).await?;
    let as_there = |text: String| text.replace(&ours, &theirs).replace(&format!("{aside}."), &format!("{bare}."));
    Ok((made.into_iter().map(|((kind, name), text)| ((kind, as_there(name)), as_there(text))).collect(), unmade))
}

/// Whether a step makes an object. The functions of outgrow's are there for all; SQL of the user's own is not repeated, because
/// nobody knows what else it does; next values and statistics are looked at by themselves, and a visibility map is no object.
fn is_made(step: &Step) -> bool {
    let is_other = step.id == "helpers" || ["sql:", "map:", "reference:"].iter().any(|kind| step.id.starts_with(kind));
    !matches!(step.phase, Phase::Data | Phase::Sequences | Phase::Statistics) && !is_other
}
