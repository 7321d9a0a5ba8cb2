//! Collects what the readiness gates look at.

use std::path::Path;

use jiff::Timestamp;

use super::listener::who_listens;
use super::servers::{seen_server, server_of};
use crate::budget::Budget;
use crate::catalog::JournalMode;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::{
    BackupFacts, CheckFacts, HolderFact, HolderFacts, Known, OtherDatabase, OverrideFacts, PlanFacts, Point, Readiness, RehearsalFacts,
    SignOffFacts, TargetFacts,
};
use crate::journal;
use crate::migrate::{Observer, plan_for, review, survey};
use crate::migrations;
use crate::plan::{Plan, Policy, Switch};
use crate::postgres::{self, CheckOptions, CheckState, ConnectionSettings, Session, Surroundings};
use crate::probe::{self, Sides};
use crate::rehearse::REHEARSED;
use crate::sqlite::{Holders, Holding, Unseen};
use crate::switch::{self, Pointing};

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

/// What others look for, and is only handed on to the gates.
#[derive(Debug, Clone)]
pub struct Brought {
    /// The newest backup of this source.
    pub backup: Known<Option<BackupFacts>>,
    /// The approvals that the policy asks for.
    pub sign_offs: Known<Vec<SignOffFacts>>,
}

impl Brought {
    /// Nobody has looked, so that none of these gates passes.
    pub fn nothing() -> Self {
        let unseen = |what: &str| format!("{what} were not looked for");
        Self { backup: Known::Unseen(unseen("backups")), sign_offs: Known::Unseen(unseen("approvals")) }
    }
}

/// Looks at everything. What can't be seen is unknown; only a source that can't be read is an error.
pub async fn collect<'a>(look: Look<'a>, brought: Brought, observer: &dyn Observer) -> Result<Readiness<'a>> {
    let (plan, journal_mode) = Box::pin(plan(look, observer)).await?;
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
        backup: brought.backup,
        target: target(look).await,
        holders: Known::Seen(holder_facts(&holders, journal_mode)),
        overrides: overrides_of(look),
        sign_offs: brought.sign_offs,
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
async fn plan(look: Look<'_>, observer: &dyn Observer) -> Result<(Known<PlanFacts>, JournalMode)> {
    let directory = tempfile::Builder::new()
        .prefix("outgrow-snapshot-")
        .tempdir()
        .map_err(|error| Error::new(ErrorKind::WorkDirectory, "make a directory for the snapshot", error.to_string()).because(error))?;
    let snapshot = directory.path().join("snapshot.sqlite");
    let mut found = tokio::task::block_in_place(|| survey(look.source, &snapshot, look.policy, look.budget, observer))?;
    let journal_mode = found.catalog.file.journal_mode;
    let Some(settings) = look.target else {
        return Ok((Known::Unseen("no target is named, so that there is no plan for it".to_owned()), journal_mode));
    };
    let planned = async {
        let mut session = Session::connect(settings).await?;
        let planned = plan_for(&mut session, settings, &mut found, look.policy, observer).await?;
        migrations::admit(&session, look.policy, Some(&planned.plan)).await?;
        Ok::<_, Error>(planned)
    };
    let planned = match planned.await {
        Ok(planned) => planned,
        Err(error) => return Ok((Known::Unseen(error.to_string()), journal_mode)),
    };
    let findings = review(&found, look.policy, &planned.plan, &planned.report, &planned.target, planned.state).findings;
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
    Ok((Known::Seen(facts), journal_mode))
}

/// What would still lead the application to SQLite once the policy's switches are made.
fn overrides_of(look: Look<'_>) -> Known<Vec<OverrideFacts>> {
    let switches = &look.policy.switches;
    if !switches.iter().any(|switch| matches!(switch.what, Switch::File(_)) || !switch.also.is_empty()) {
        let why = "no [[switch]] of the policy names a file, so that nobody knows where the application's settings stand";
        return Known::Unseen(why.to_owned());
    }
    match tokio::task::block_in_place(|| switch::overrides(switches, &look.sides)) {
        Err(error) => Known::Unseen(error.to_string()),
        Ok(found) => Known::Seen(
            found
                .into_iter()
                .map(|found| OverrideFacts {
                    place: format!("{}:{}", found.file.display(), found.line),
                    name: found.key,
                    what: match found.to {
                        Pointing::Sqlite => "its value names a SQLite database",
                        Pointing::Fallback => "it allows the application to go back to SQLite",
                        Pointing::Elsewhere => "it has another value than the switch gives it",
                    }
                    .to_owned(),
                })
                .collect(),
        ),
    }
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
