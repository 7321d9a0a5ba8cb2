//! What the ledger knows of the loads into a schema, and how it forgets them.

use std::collections::{BTreeMap, BTreeSet};

use super::{broken, run, tried};
use crate::copy::Ledger;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::Plan;
use crate::postgres::Session;

/// The loads into one schema, in their order.
#[derive(Debug)]
pub(super) struct Loads {
    earlier: Vec<Plan>,
    last: Plan,
    /// By the plan's id: the steps that are done, without those that the server refused.
    done: BTreeMap<String, BTreeSet<String>>,
    /// Whether the last of them is finished.
    pub(super) finished: bool,
    /// Other schemas that the same ledger knows of.
    pub(super) others: Vec<String>,
}

impl Loads {
    /// Asks the ledger; none where it knows of no load into this schema.
    pub(super) async fn of(session: &Session, schema: &str) -> Result<Option<Self>> {
        if !Ledger::is_there(session).await? {
            return Ok(None);
        }
        let client = session.client();
        let sql =
            "select document, finished_at is not null from outgrow.run where document::json ->> 'schema' = $1 order by started_at, plan";
        let (mut plans, mut finished) = (Vec::new(), false);
        for row in client.query(sql, &[&schema]).await.map_err(broken)? {
            plans.push(Plan::read(&row.try_get::<_, String>(0).map_err(broken)?)?);
            finished = row.try_get(1).map_err(broken)?;
        }
        let Some(last) = plans.pop() else { return Ok(None) };
        let mut done: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in client.query("select plan, step from outgrow.step where refused is null", &[]).await.map_err(broken)? {
            done.entry(row.try_get(0).map_err(broken)?).or_default().insert(row.try_get(1).map_err(broken)?);
        }
        let sql = "select distinct document::json ->> 'schema' from outgrow.run where document::json ->> 'schema' <> $1 order by 1";
        let others = client.query(sql, &[&schema]).await.map_err(broken)?;
        let others = others.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(broken)?;
        Ok(Some(Self { earlier: plans, last, done, finished, others }))
    }

    /// The plan of the last one.
    pub(super) fn last(&self) -> &Plan {
        &self.last
    }

    /// Every plan.
    pub(super) fn plans(&self) -> impl Iterator<Item = &Plan> {
        self.earlier.iter().chain([&self.last])
    }

    /// Whether a step of a plan is done.
    pub(super) fn is_done(&self, plan: &Plan, step: &str) -> bool {
        self.done.get(plan.id.as_str()).is_some_and(|steps| steps.contains(step))
    }

    /// The policy's own SQL that was run with them: nobody can tell what it made.
    pub(super) fn scripts(&self) -> Vec<String> {
        let scripts = self.done.values().flatten().filter(|step| step.starts_with("sql:"));
        scripts.map(|step| format!("what the policy's own SQL did stays ({step})")).collect()
    }

    /// Fails where the ledger is that of another load too, and can't go with this one.
    pub(super) fn are_alone(&self) -> Result<()> {
        if self.others.is_empty() {
            return Ok(());
        }
        let detail = format!(
            "the ledger in the schema outgrow also holds the load into {}, and can't get another name with this one; nothing was changed",
            self.others.join(", ")
        );
        Err(Error::new(ErrorKind::TargetUnfit, super::DOING, detail).hint("choose `target = \"drop\"` or `keep`"))
    }

    /// Makes the ledger forget them; where it knows nothing else, it goes too.
    pub(super) async fn forget(&self, session: &Session) -> Result<()> {
        let ids: Vec<&str> = self.plans().map(|plan| plan.id.as_str()).collect();
        for table in ["quarantine", "reference", "chunk", "step", "run"] {
            let sql = format!("delete from outgrow.{table} where plan = any($1)");
            session.client().execute(&sql, &[&ids]).await.map_err(broken)?;
        }
        if !self.others.is_empty() {
            return Ok(());
        }
        run(session, "drop table outgrow.quarantine, outgrow.reference, outgrow.chunk, outgrow.step, outgrow.run restrict").await?;
        // Somebody else may have made the schema for a role that can't, and it would be missed.
        let sql = "select has_database_privilege(current_database(), 'CREATE')";
        let row = session.client().query_one(sql, &[]).await.map_err(broken)?;
        if row.try_get(0).map_err(broken)? {
            tried(session, "drop schema outgrow restrict").await?;
        }
        Ok(())
    }
}
