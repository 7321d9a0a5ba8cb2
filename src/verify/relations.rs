//! `relations`: every object that the plan makes is there.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::{Check, Running};
use super::report::{CheckResult, Verdict};
use crate::dialect::HELPER_SCHEMA;
use crate::error::Result;
use crate::plan::{Action, Plan, installed_helpers};
use crate::postgres::{Session, failed};

pub(super) const CHECK: Check = Check {
    name: "relations",
    explain: "Every table, index, sequence, view, foreign key, check, trigger and helper function that the plan makes is in the target, apart from \
              those whose step the server refused; and no index of them is invalid.",
    run,
};

const THERE: &str = "select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace \
    left join pg_index i on i.indexrelid = c.oid where n.nspname = $1 and coalesce(i.indisvalid, true)";

/// Names that are unique within their table only, so their number counts.
const BOUND: &str = "select case contype when 'f' then 'foreign key ' else 'check ' end || conname from pg_constraint c \
    join pg_namespace n on n.oid = c.connamespace where n.nspname = $1 and contype in ('f', 'c') and conrelid <> 0 \
    union all select 'trigger ' || tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid \
    join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and not tgisinternal";

const FUNCTIONS: &str = "select proname::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1";

fn run<'a>(session: &'a Session, plan: &'a Plan) -> Running<'a> {
    Box::pin(compare(session, plan))
}

async fn compare(session: &Session, plan: &Plan) -> Result<CheckResult> {
    let doing = "look for the objects of the plan";
    let rows = session.client().query(THERE, &[&plan.schema]).await.map_err(|error| failed(doing, error))?;
    let there: BTreeSet<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(|error| failed(doing, error))?;
    let refused = session
        .client()
        .query("select step from outgrow.step where plan = $1 and refused is not null", &[&plan.id.as_str()])
        .await
        .map_err(|error| failed(doing, error))?;
    let refused: BTreeSet<String> =
        refused.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(|error| failed(doing, error))?;
    let excused: Vec<&String> = plan
        .steps
        .iter()
        .filter(|step| refused.contains(&step.id))
        .flat_map(|step| match &step.action {
            Action::Run { sql, .. } => sql.iter().collect::<Vec<_>>(),
            Action::Copy { .. } | Action::Reference(_) => Vec::new(),
        })
        .collect();
    let missing = plan.relations.iter().filter(|name| !there.contains(*name));
    let mut problems: Vec<String> = missing
        .filter(|name| !excused.iter().any(|sql| sql.contains(&crate::catalog::quoted(name))))
        .map(|name| format!("{name} is not in the target"))
        .collect();
    let bound = unbound(session, plan, &refused, &mut problems).await?;
    let helpers = uninstalled(session, plan, &mut problems).await?;
    let looked_at = u64::try_from(plan.relations.len() + bound + helpers).unwrap_or(u64::MAX);
    let verdict = match (looked_at, problems.is_empty()) {
        (0, _) => Verdict::Inconclusive,
        (_, true) => Verdict::Match,
        (_, false) => Verdict::Mismatch,
    };
    Ok(CheckResult { check: CHECK.name.to_owned(), verdict, looked_at, problems })
}

/// Looks for every function that the plan installs, says which are not there, and how many were looked for.
async fn uninstalled(session: &Session, plan: &Plan, problems: &mut Vec<String>) -> Result<usize> {
    let doing = "look for the functions of the plan";
    let rows = session.client().query(FUNCTIONS, &[&HELPER_SCHEMA]).await.map_err(|error| failed(doing, error))?;
    let there: BTreeSet<String> = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(|error| failed(doing, error))?;
    let wanted = installed_helpers(&plan.steps);
    let missing = wanted.iter().filter(|name| !there.contains(**name));
    problems.extend(missing.map(|name| format!("function {HELPER_SCHEMA}.{name} is not in the target")));
    Ok(wanted.len())
}

/// Looks for every constraint and trigger, says which are not there, and how many were looked for.
async fn unbound(session: &Session, plan: &Plan, refused: &BTreeSet<String>, problems: &mut Vec<String>) -> Result<usize> {
    let doing = "look for the constraints of the plan";
    let rows = session.client().query(BOUND, &[&plan.schema]).await.map_err(|error| failed(doing, error))?;
    let mut there: BTreeMap<String, u64> = BTreeMap::new();
    for row in &rows {
        *there.entry(row.try_get(0).map_err(|error| failed(doing, error))?).or_default() += 1;
    }
    let mut looked_for = 0;
    for step in &plan.steps {
        let binds = ["foreign-key:", "check:", "trigger:"].iter().any(|kind| step.id.starts_with(kind));
        if !binds || refused.contains(&step.id) {
            continue;
        }
        looked_for += 1;
        match there.get_mut(&step.object).filter(|count| **count > 0) {
            Some(count) => *count -= 1,
            None => problems.push(format!("{} is not in the target", step.object)),
        }
    }
    Ok(looked_for)
}
