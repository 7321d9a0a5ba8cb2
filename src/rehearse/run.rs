//! Walks the road on a disposable server.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::json;

use super::probed::{not_numbered, probed};
use super::structure::{self, Likeness, Structure};
use super::{probes, tests};
use crate::budget::Budget;
use crate::copy;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::gate::{self, Evidence, RehearsalFacts, Review, Stage};
use crate::journal::{EventKind, Journal, WorkDirectory};
use crate::mapping::counted;
use crate::migrate::{Event, Observer, Pieces, Survey, account, carry_out, migrations_behind, phase, plan_for, survey};
use crate::migrations;
use crate::plan::{self, Mode, Plan, PlanReport, Policy};
use crate::postgres::{self, ConnectionSettings, Disposable, DisposableOptions, Kept, Notice, Session, failed};
use crate::report::MoveReport;

/// The event of the journal that holds what the gates before a cutover ask of a rehearsal ([`RehearsalFacts`]).
pub const REHEARSED: &str = "rehearsed";

/// What a rehearsal is asked to do.
#[derive(Debug)]
pub struct RehearseOptions<'a> {
    /// The source.
    pub source: &'a Path,
    /// Which server to take, and how.
    pub server: DisposableOptions,
    /// Where the application's own tables are described; none where outgrow makes its own.
    pub structure: Option<Structure>,
    /// What people decided.
    pub policy: &'a Policy,
    /// Where journal and report are kept.
    pub work: &'a WorkDirectory,
    /// The application's own tests, and how long they may take.
    pub tests: Option<(String, Duration)>,
    /// How much the run may take.
    pub budget: Budget,
    /// Whether to leave the database up.
    pub keep: bool,
}

/// What a rehearsal leaves.
#[derive(Debug)]
pub struct Rehearsed {
    /// What it found and did.
    pub report: MoveReport,
    /// The database, where it was to be kept.
    pub kept: Option<Kept>,
}

/// Rehearses the move.
pub async fn rehearse(options: RehearseOptions<'_>, journal: &Journal, observer: &dyn Observer) -> Result<Rehearsed> {
    sweep(options.work.path());
    let directory = tempfile::Builder::new().prefix("rehearsal-").tempdir_in(options.work.path()).map_err(|error| {
        crate::error::Error::new(crate::error::ErrorKind::WorkDirectory, "make a directory for the snapshot", error.to_string())
            .because(error)
    })?;
    if options.policy.target.mode == Mode::Existing && options.structure.is_none() {
        let detail = "the policy says that the application's own tables are loaded, and nothing says what those are";
        return Err(Error::new(ErrorKind::Usage, "rehearse the load into existing tables", detail)
            .hint("--like postgres://user@host/database takes their structure from a database that has them, and only reads it")
            .hint("--schema-file structure.sql takes it from a file, such as pg_dump --schema-only or a framework writes"));
    }
    let likeness = match &options.structure {
        Some(Structure::Database(settings)) => Some(Box::pin(Likeness::of(settings, options.policy)).await?),
        Some(Structure::File { .. }) | None => None,
    };
    let snapshot = directory.path().join("snapshot.sqlite");
    let mut found = tokio::task::block_in_place(|| survey(options.source, &snapshot, options.policy, options.budget, observer))?;
    tell_of_existing_tables(&options, &found, observer).await?;
    let server = Disposable::start(&options.server, &mut |notice| say(observer, &notice)).await?;
    let result = Box::pin(on_server(&options, &mut found, likeness.as_ref(), &server, journal, observer)).await;
    let report = match result {
        Ok(report) => report,
        Err(error) => {
            // The first error is the one to report; a private server ends by itself.
            drop(server.stop().await);
            return Err(error);
        }
    };
    let kept = if options.keep {
        Some(server.keep().await?)
    } else {
        server.stop().await?;
        None
    };
    Ok(Rehearsed { report, kept })
}

/// Where the server that is named has the application's own tables: what is rehearsed is not what will be loaded.
async fn tell_of_existing_tables(options: &RehearseOptions<'_>, found: &Survey, observer: &dyn Observer) -> Result<()> {
    let (Some(named), None) = (&options.server.target, &options.structure) else { return Ok(()) };
    let mut session = Session::connect(named).await?;
    let there = postgres::catalog(&mut session, &options.policy.target.schema).await?;
    if plan::is_existing(options.policy, &found.catalog, &there) {
        observer.event(Event::Said(
            "the application's own tables are there already; the rehearsal does not touch them and makes tables of its own: \
             --like with the same URL rehearses the load into tables like them",
        ));
    }
    Ok(())
}

/// Removes what rehearsals that were killed left in the work directory; nobody else uses it while it is held.
fn sweep(work: &Path) {
    let entries = std::fs::read_dir(work).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("rehearsal-")) {
        // What can't be removed now is tried again by the next rehearsal.
        drop(std::fs::remove_dir_all(entry.path()));
    }
}

fn say(observer: &dyn Observer, notice: &Notice) {
    match notice {
        Notice::PassedOver { reason } => observer.event(Event::Said(reason)),
        Notice::Fetching { what } => observer.event(Event::Said(what)),
        Notice::Taken { server } => observer.event(Event::Said(server)),
    }
}

async fn on_server(
    options: &RehearseOptions<'_>,
    found: &mut Survey,
    likeness: Option<&Likeness>,
    server: &Disposable,
    journal: &Journal,
    observer: &dyn Observer,
) -> Result<MoveReport> {
    let target = server.settings();
    if let Some(structure) = &options.structure {
        Box::pin(structure::make(structure, likeness, found, options.policy, (&options.server, target), observer)).await?;
    }
    let mut session = Session::connect(target).await?;
    let planned = Box::pin(plan_for(&mut session, target, found, options.policy, observer)).await?;
    let (plan, report, catalog) = (planned.plan, planned.report, planned.target);
    migrations::admit(&session, options.policy, Some(&plan)).await?;
    copy::admit_references(&session, &plan, true).await?;
    journal.plan(plan.id.as_str())?;
    let evidence = Evidence {
        catalog: &found.catalog,
        profile: &found.profile,
        target: Some(&catalog),
        policy: options.policy,
        plan: &plan,
        report: &report,
    };
    let review = gate::review(&evidence, Stage::Rehearsal);
    journal.note("gate", EventKind::Evidence, None, &json!({ "findings": review.findings }))?;
    let place = (server.describe(), catalog.version);
    let pieces = Pieces {
        verb: "rehearse",
        survey: found,
        plan: &plan,
        report: &report,
        findings: &review.findings,
        target: place,
        schema: &options.policy.target.schema,
    };
    let Some(approved) = &review.approved else {
        let document = account(pieces, None, Outcome::Blocked);
        remember(&document, &plan, options, journal)?;
        return Ok(document);
    };
    let mut carried = carry_out(approved, found, session, target, options.budget, journal, observer).await?;
    carried.copy.waive(&options.policy.waivers);
    let verdict = carried.verification.verdict.outcome();
    let mut document = account(pieces, Some(&carried), verdict);
    document.target.bytes = Some(size_of(target).await?);
    let as_probed = plan.existing.is_some().then(|| probed(&plan, &found.catalog, &catalog));
    probe(as_probed.as_ref().unwrap_or(&plan), &report, found, target, &mut document, observer).await?;
    if let (Some(plan), Some(probes)) = (&as_probed, &mut document.probes) {
        probes.not_probed.extend(not_numbered(plan, &found.catalog, &catalog));
    }
    migrations_behind(target, options.policy, &mut document, journal, observer).await?;
    run_tests(options, target, &mut document, observer).await?;
    document.outcome = outcome(&document, &review);
    remember(&document, &plan, options, journal)?;
    Ok(document)
}

/// Notes what the gates before a cutover ask of a rehearsal.
fn remember(document: &MoveReport, plan: &Plan, options: &RehearseOptions<'_>, journal: &Journal) -> Result<()> {
    let facts = RehearsalFacts {
        source: std::fs::canonicalize(options.source).unwrap_or_else(|_| options.source.to_owned()).display().to_string(),
        at: Timestamp::now(),
        outcome: document.outcome,
        schema: plan.source.schema.clone(),
        decisions: options.policy.decisions(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        server_major: plan.server_major,
        existing: plan.existing.is_some(),
        target_bytes: document.target.bytes,
    };
    journal.note(REHEARSED, EventKind::Evidence, None, &json!(facts))
}

/// A mismatch outweighs everything; then what stands in the way of the real move.
fn outcome(document: &MoveReport, review: &Review) -> Outcome {
    let migration_failed = document.migrations.as_ref().is_some_and(|migrations| migrations.failed.is_some());
    let undecided = review.findings.iter().any(gate::Finding::blocks)
        || document.refused.iter().any(|object| object.waived.is_none())
        || migration_failed;
    let surprised = document.probes.as_ref().is_some_and(|probes| !probes.surprises.is_empty());
    let failed = document.tests.as_ref().is_some_and(|tests| tests.exit_code != Some(0));
    match document.outcome {
        Outcome::Done if surprised || failed => Outcome::Mismatch,
        Outcome::Done if undecided => Outcome::Blocked,
        outcome @ (Outcome::Done | Outcome::Blocked | Outcome::Mismatch | Outcome::Inconclusive) => outcome,
    }
}

async fn size_of(target: &ConnectionSettings) -> Result<u64> {
    let session = Session::connect(target).await?;
    let row = session.client().query_one("select pg_database_size(current_database())", &[]).await;
    let bytes: i64 = row.and_then(|row| row.try_get(0)).map_err(|error| failed("ask for the size of the database", error))?;
    Ok(u64::try_from(bytes).unwrap_or(0))
}

async fn probe(
    plan: &Plan,
    report: &PlanReport,
    found: &Survey,
    target: &ConnectionSettings,
    document: &mut MoveReport,
    observer: &dyn Observer,
) -> Result<()> {
    observer.event(Event::Begins("probes"));
    let began = Instant::now();
    let probes = probes::run(plan, report, found, target).await?;
    let what = counted(probes.first_inserts, "first insert");
    let result = format!(
        "{} · {} · {} · {} · {}",
        counted(probes.constraints, "constraint"),
        counted(probes.defaults, "default"),
        counted(probes.views, "view"),
        counted(probes.triggers, "trigger"),
        counted(u64::try_from(probes.surprises.len()).unwrap_or(u64::MAX), "surprise"),
    );
    let took = phase("probes", what, result, began, false);
    observer.event(Event::Ended(&took));
    document.phases.push(took);
    document.probes = Some(probes);
    Ok(())
}

async fn run_tests(
    options: &RehearseOptions<'_>,
    target: &ConnectionSettings,
    document: &mut MoveReport,
    observer: &dyn Observer,
) -> Result<()> {
    let Some((command, timeout)) = &options.tests else { return Ok(()) };
    observer.event(Event::Begins("tests"));
    let began = Instant::now();
    let result = tests::run(command, *timeout, target).await?;
    let ended = result.exit_code.map_or_else(|| "ended by the timeout or a signal".to_owned(), |code| format!("exit code {code}"));
    let took = phase("tests", command, ended, began, false);
    observer.event(Event::Ended(&took));
    document.phases.push(took);
    document.tests = Some(result);
    Ok(())
}
