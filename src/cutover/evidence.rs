//! Collects what the readiness gates look at.

use std::path::Path;

use jiff::Timestamp;

use super::brought;
use super::listener::who_listens;
use super::servers::{seen_server, server_of};
use crate::budget::Budget;
use crate::catalog::JournalMode;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{
    self, CheckFacts, HolderFact, HolderFacts, Known, OtherDatabase, PlanFacts, Point, Readiness, RehearsalFacts, TargetFacts,
};
use crate::journal;
use crate::migrate::{Observer, plan_for, review, survey};
use crate::migrations;
use crate::plan::{Decisions, Plan, Policy};
use crate::postgres::{self, CheckOptions, CheckState, ConnectionSettings, Session, Surroundings};
use crate::probe::{self, Sides};
use crate::rehearse::REHEARSED;
use crate::sqlite::{Holders, Holding, Unseen};

/// Where to look.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The source.
    pub source: &'a Path,
    /// The target; none where nobody has named one.
    pub target: Option<&'a ConnectionSettings>,
    /// What people decided.
    pub policy: &'a Policy,
    /// The work directory. It is only read.
    pub work: &'a Path,
    /// How far the cutover is.
    pub point: Point,
    /// Whom the policy's own checks ask.
    pub sides: Sides<'a>,
    /// How much the inspection may take.
    pub budget: Budget,
}

/// Looks at everything. What can't be seen is unknown; only a source that can't be read is an error.
pub async fn collect<'a>(look: Look<'a>, observer: &dyn Observer) -> Result<Readiness<'a>> {
    let (plan, decisions, journal_mode) = Box::pin(plan(look, observer)).await?;
    let holders = tokio::task::block_in_place(|| Holders::of(look.source))?;
    let mut checks = Vec::new();
    for check in &look.policy.checks {
        let probe::Answer { name, passed, what, .. } = probe::ask(check, &look.sides).await;
        checks.push(CheckFacts { name, passed, what });
    }
    Ok(Readiness {
        policy: look.policy,
        now: Timestamp::now(),
        point: look.point,
        plan,
        rehearsal: match tokio::task::block_in_place(|| last_rehearsal(look.work, look.source)) {
            Ok(found) => Known::Seen(found),
            Err(error) => Known::Unseen(error.to_string()),
        },
        backup: tokio::task::block_in_place(|| brought::backup(look)),
        target: target(look).await,
        holders: Known::Seen(holder_facts(&holders, journal_mode)),
        overrides: brought::overrides(look),
        sign_offs: brought::sign_offs(look, decisions.as_ref()),
        checks: Known::Seen(checks),
    })
}

/// The newest rehearsal of a source that the journal of a work directory tells of.
pub fn last_rehearsal(work: &Path, source: &Path) -> Result<Option<RehearsalFacts>> {
    let real = std::fs::canonicalize(source).unwrap_or_else(|_| source.to_owned()).display().to_string();
    let runs = journal::runs(work)?;
    let noted = runs.iter().rev().filter(|run| run.verb == "rehearse").flat_map(|run| &run.events).filter(|event| event.step == REHEARSED);
    // What another version has written otherwise is no rehearsal that counts.
    let mut facts = noted.filter_map(|event| serde_json::from_value::<RehearsalFacts>(event.detail.clone()).ok());
    Ok(facts.find(|facts| facts.source == real))
}

/// The plan for this source and target, and what its gates find, made from a snapshot that is thrown away.
async fn plan(look: Look<'_>, observer: &dyn Observer) -> Result<(Known<PlanFacts>, Option<Decisions>, JournalMode)> {
    let directory = tempfile::Builder::new()
        .prefix("outgrow-snapshot-")
        .tempdir()
        .map_err(|error| Error::new(ErrorKind::WorkDirectory, "make a directory for the snapshot", error.to_string()).because(error))?;
    let snapshot = directory.path().join("snapshot.sqlite");
    let mut found = tokio::task::block_in_place(|| survey(look.source, &snapshot, look.policy, look.budget, observer))?;
    let journal_mode = found.catalog.file.journal_mode;
    let Some(settings) = look.target else {
        return Ok((Known::Unseen("no target is named, so that there is no plan for it".to_owned()), None, journal_mode));
    };
    let planned = async {
        let mut session = Session::connect(settings).await?;
        let planned = plan_for(&mut session, settings, &mut found, look.policy, observer).await?;
        migrations::admit(&session, look.policy, Some(&planned.plan)).await?;
        Ok::<_, Error>(planned)
    };
    let planned = match planned.await {
        Ok(planned) => planned,
        Err(error) => return Ok((Known::Unseen(error.to_string()), None, journal_mode)),
    };
    let findings = review(&found, look.policy, &planned.plan, &planned.report, &planned.target, planned.state).findings;
    let decisions = gate::decisions(&planned.plan, look.policy, &findings)?;
    let preset = look.policy.framework(&found.catalog).filter(|preset| preset.ledger.is_some());
    let compared = |id: &str| found.catalog.framework.applied.contains_key(id) && planned.target.framework.applied.contains_key(id);
    let Plan { id, source, tables, existing, .. } = &planned.plan;
    let facts = PlanFacts {
        id: id.as_str().to_owned(),
        schema: source.schema.clone(),
        existing: existing.is_some(),
        findings,
        framework: preset.map(|preset| preset.name.to_owned()),
        ledgers_compared: preset.is_some_and(|preset| compared(preset.id)),
        source_bytes: found.catalog.file.bytes,
        tables: tables.iter().map(|table| table.target.clone()).collect(),
    };
    Ok((Known::Seen(facts), Some(decisions), journal_mode))
}

/// What the target is, as far as it lets itself be seen.
async fn target(look: Look<'_>) -> Known<TargetFacts> {
    let Some(settings) = look.target else { return Known::Unseen("no target is named".to_owned()) };
    let schema = &look.policy.target.schema;
    let seen = async {
        let session = Session::connect(settings).await?;
        let around = Surroundings::of(&session, settings, schema).await?;
        let report = postgres::check(settings, &CheckOptions { schema: schema.clone(), wait: None }).await?;
        Ok::<_, Error>((around, report))
    };
    let (around, report) = match seen.await {
        Ok(seen) => seen,
        Err(error) => {
            let listens = who_listens(settings).map(|who| format!("; {who}")).unwrap_or_default();
            return Known::Unseen(format!("{error}{listens}"));
        }
    };
    let failed = report.items.iter().filter(|item| item.state == CheckState::Failed);
    let place = settings.describe();
    Known::Seen(TargetFacts {
        seen_before: seen_server(look.work, &place),
        place,
        database: settings.database().to_owned(),
        owner: around.owner.clone(),
        identity: server_of(&around),
        failures: failed.map(|item| (item.id.to_owned(), item.meaning.clone())).collect(),
        free_connections: around.free_connections,
        free_bytes: around.free_bytes,
        others: around.databases.into_iter().map(|(name, owner)| OtherDatabase { name, owner }).collect(),
        elsewhere: around.tables,
    })
}

fn holder_facts(holders: &Holders, journal_mode: JournalMode) -> HolderFacts {
    let others = holders
        .others()
        .map(|holder| HolderFact { pid: holder.pid, command: holder.command.clone(), writes: holder.what == Holding::Writing })
        .collect();
    let mut facts = HolderFacts { others, ..HolderFacts::default() };
    for unseen in &holders.unseen {
        match unseen {
            Unseen::Elsewhere(Holding::Idle) => facts.elsewhere = Some("has the source open".to_owned()),
            Unseen::Elsewhere(Holding::Reading) => facts.elsewhere = Some("reads the source".to_owned()),
            Unseen::Elsewhere(Holding::Writing) => facts.elsewhere = Some("is in the middle of a write".to_owned()),
            // Whoever has a database in WAL mode open holds a lock, and all processes' locks are seen.
            Unseen::Processes(_) if journal_mode == JournalMode::Wal => {}
            Unseen::Processes(count) => facts.unseen.push(format!("{count} processes of other users could not be looked into")),
            Unseen::OtherMachines => facts.unseen.push("other machines may have the file open over the network".to_owned()),
            Unseen::NoTable => facts.unseen.push("this system has no table of processes and locks".to_owned()),
            Unseen::Locks => facts.unseen.push("locks of other containers could not be asked for".to_owned()),
        }
    }
    facts
}
