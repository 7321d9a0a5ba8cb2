//! Walks the steps of a plan.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use super::fates::row_fates;
use super::ledger::Ledger;
use super::report::{CopyReport, PhaseTime, RefusedObject};
use super::table::load;
use crate::error::{Error, ErrorKind, Result, failpoint};
use crate::gate::ApprovedPlan;
use crate::journal::{EventKind, Journal};
use crate::plan::{Action, Phase, Plan, Step};
use crate::postgres::{Session, failed};
use crate::sqlite::RowFates;

/// What a run tells while it works.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// A phase begins, with this many steps.
    Phase {
        /// The phase.
        phase: Phase,
        /// Its steps.
        steps: usize,
    },
    /// A step begins.
    Step {
        /// The step.
        step: &'a Step,
    },
    /// Rows of a table are committed.
    Rows {
        /// The table's name in the source.
        table: &'a str,
        /// Rows so far.
        rows: u64,
        /// Rows in all.
        of: u64,
        /// Bytes so far.
        bytes: u64,
    },
    /// A phase has ended.
    PhaseDone {
        /// The phase.
        phase: Phase,
        /// How long it took, in seconds.
        seconds: f64,
    },
}

/// Who is told.
pub trait Observer {
    /// Is told; must return at once.
    fn progress(&self, progress: &Progress<'_>);
}

/// Carries out an approved plan from a snapshot of its source; what is done already is not done again.
pub async fn run(
    approved: &ApprovedPlan,
    snapshot: &Path,
    session: &Session,
    journal: &Journal,
    observer: &dyn Observer,
) -> Result<CopyReport> {
    let plan = approved.plan();
    let ledger = Ledger::open(session, plan).await?;
    let fates = Arc::new(tokio::task::block_in_place(|| row_fates(plan, snapshot))?);
    let walk = Walk { plan, snapshot, fates, session, ledger: &ledger, journal, observer, done: ledger.done().await? };
    let mut report = CopyReport::default();
    for (table, (copied, _)) in ledger.loaded().await? {
        report.tables.insert(table, copied);
    }
    for phase in Phase::ALL {
        let steps: Vec<&Step> = plan.steps.iter().filter(|step| step.phase == phase).collect();
        if steps.is_empty() {
            continue;
        }
        observer.progress(&Progress::Phase { phase, steps: steps.len() });
        let began = Instant::now();
        for step in &steps {
            walk.step(step, &mut report).await?;
        }
        let seconds = began.elapsed().as_secs_f64();
        observer.progress(&Progress::PhaseDone { phase, seconds });
        report.phases.push(PhaseTime { phase, steps: u64::try_from(steps.len()).unwrap_or(u64::MAX), seconds });
    }
    ledger.finish().await?;
    Ok(report)
}

struct Walk<'a> {
    plan: &'a Plan,
    snapshot: &'a Path,
    /// What becomes of rows without a parent.
    fates: Arc<RowFates>,
    session: &'a Session,
    ledger: &'a Ledger<'a>,
    journal: &'a Journal,
    observer: &'a dyn Observer,
    done: BTreeMap<String, Option<String>>,
}

impl Walk<'_> {
    async fn step(&self, step: &Step, report: &mut CopyReport) -> Result<()> {
        if let Some(refused) = self.done.get(&step.id) {
            report.steps_already_done += 1;
            if let Some(message) = refused {
                report.refused.push(refusal(step, message));
            }
            if let Action::Copy { table } = &step.action {
                report.tables.entry(table.clone()).or_default();
            }
            return self.journal.note(&step.id, EventKind::AlreadyDone, None, &json!({}));
        }
        self.observer.progress(&Progress::Step { step });
        self.journal.note(&step.id, EventKind::Intent, None, &json!({ "object": step.object }))?;
        failpoint::pass("step.intended")?;
        let began = Instant::now();
        let result = match &step.action {
            Action::Run { sql, optional } => self.run_statements(step, sql, *optional, report).await,
            Action::Copy { table } => self.copy(step, table, report).await,
        };
        let seconds = Some(began.elapsed().as_secs_f64());
        match &result {
            Ok(Noted::Done(detail)) => self.journal.note(&step.id, EventKind::Done, seconds, detail)?,
            Ok(Noted::Refused(message)) => self.journal.note(&step.id, EventKind::Refused, seconds, &json!({ "message": message }))?,
            Err(error) => self.journal.note(&step.id, EventKind::Failed, seconds, &json!({ "message": error.to_string() }))?,
        }
        report.steps_done += 1;
        failpoint::pass("step.journaled")?;
        result.map(drop)
    }

    async fn copy(&self, step: &Step, table: &str, report: &mut CopyReport) -> Result<Noted> {
        let plan = self.plan.table(table).ok_or_else(|| Error::bug("load a table", format!("{table} is not in the plan")))?;
        let so_far = self.ledger.loaded().await?.remove(table).unwrap_or_default();
        let copied = load(self.session, self.ledger, self.plan, plan, (self.snapshot, &self.fates), so_far, self.observer).await?;
        self.ledger.note_step(&step.id, None).await?;
        failpoint::pass("step.committed")?;
        let detail = json!({ "rows": copied.rows, "bytes": copied.bytes, "cells": copied.cells });
        report.tables.insert(table.to_owned(), copied);
        Ok(Noted::Done(detail))
    }

    async fn run_statements(&self, step: &Step, sql: &[String], optional: bool, report: &mut CopyReport) -> Result<Noted> {
        let doing = format!("make {}", step.object);
        let client = self.session.client();
        let begin = || async { client.batch_execute("begin").await.map_err(|error| failed(&doing, error)) };
        begin().await?;
        let mut refused = None;
        for statement in sql {
            match client.batch_execute(statement).await.map_err(|error| failed(&doing, error)) {
                Ok(()) => {}
                Err(error) if optional && error.kind() == ErrorKind::TargetRefused => {
                    refused = Some(error.detail().to_owned());
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if refused.is_some() {
            client.batch_execute("rollback").await.map_err(|error| failed(&doing, error))?;
            begin().await?;
        }
        failpoint::pass("step.done")?;
        self.ledger.note_step(&step.id, refused.as_deref()).await?;
        client.batch_execute("commit").await.map_err(|error| failed(&doing, error))?;
        failpoint::pass("step.committed")?;
        Ok(match refused {
            None => Noted::Done(json!({})),
            Some(message) => {
                report.refused.push(refusal(step, &message));
                Noted::Refused(message)
            }
        })
    }
}

enum Noted {
    Done(serde_json::Value),
    Refused(String),
}

fn refusal(step: &Step, message: &str) -> RefusedObject {
    let sql = match &step.action {
        Action::Run { sql, .. } => sql.clone(),
        Action::Copy { .. } => Vec::new(),
    };
    RefusedObject { step: step.id.clone(), object: step.object.clone(), message: message.to_owned(), sql }
}
