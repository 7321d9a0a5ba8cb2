//! Carries a plan out on a target.

use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::account::{Pieces, account, phase};
use super::migrations::migrations_behind;
use super::observer::{Compared, Event, Observer, OfCopy};
use super::planned::{Planned, plan_for};
use super::survey::{Survey, inspected, survey};
use super::undo::undo_unfinished;
use crate::budget::Budget;
use crate::catalog::{FrameworkState, TargetCatalog};
use crate::copy::{self, CopyReport, Ledger, PlanState};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::gate::{self, ApprovedPlan, Evidence, Finding, Review, Severity, Stage};
use crate::journal::{EventKind, Journal, WorkDirectory};
use crate::mapping::counted;
use crate::migrations;
use crate::plan::{self, Plan, PlanReport, Policy, SourceFingerprint, Step};
use crate::postgres::{ConnectionSettings, Session};
use crate::report::{MoveReport, PhaseReport};
use crate::sqlite::SourceReader;
use crate::verify::{self, Comparison, Level, Verdict, VerifyReport};

/// How many differences of a table are kept in reports.
const DIFFERENCES_KEPT: usize = 20;

/// What a migration is asked to do.
#[derive(Debug, Clone, Copy)]
pub struct MigrateOptions<'a> {
    /// The source.
    pub source: &'a Path,
    /// The target.
    pub target: &'a ConnectionSettings,
    /// What people decided.
    pub policy: &'a Policy,
    /// Where snapshot, journal and report are kept.
    pub work: &'a WorkDirectory,
    /// How much the run may take.
    pub budget: Budget,
    /// Whether to take a new snapshot even where an unfinished run left one, and to take back what that run has loaded into the
    /// application's own tables.
    pub fresh: bool,
}

/// What carrying a plan out gave.
#[derive(Debug)]
pub struct Carried {
    /// The load.
    pub copy: CopyReport,
    /// The comparison.
    pub verification: VerifyReport,
    /// Each phase with its time.
    pub phases: Vec<PhaseReport>,
}

/// Moves the source into the target: everything, or what an earlier run left to do.
pub async fn migrate(options: MigrateOptions<'_>, journal: &Journal, observer: &dyn Observer) -> Result<MoveReport> {
    let mut session = Session::connect(options.target).await?;
    Ledger::lock(&session).await?;
    let unfinished = Unfinished::of(&options, &session).await?;
    if unfinished.resumes() {
        observer.event(Event::Said(
            "an earlier run of this move was not finished: it goes on from that run's snapshot (--fresh takes a new one)",
        ));
    }
    unfinished.begin()?;
    if options.fresh {
        undo_unfinished(&session, &options.policy.target.schema, journal, observer).await?;
    }
    // Of a snapshot that an earlier run took, nobody knows what happened since.
    let stamps = (!unfinished.resumes()).then(|| Stamps::of(options.source));
    let mut found = tokio::task::block_in_place(|| survey(options.source, &unfinished.snapshot, options.policy, options.budget, observer))?;
    let planned = plan_for(&mut session, options.target, &mut found, options.policy, observer).await?;
    let Planned { plan, report, target: catalog, state } = planned;
    migrations::admit(&session, options.policy, Some(&plan)).await?;
    copy::admit_references(&session, &plan, state == PlanState::Unknown).await?;
    journal.plan(plan.id.as_str())?;
    let gone = |table: &plan::TablePlan| plan.existing.is_none() && !catalog.relations.iter().any(|there| there.name == table.target);
    if state == PlanState::Finished && plan.tables.iter().any(gone) {
        observer.event(Event::Said(
            "the ledger says that this plan is carried out, but tables of it are gone: drop the schema outgrow as well, and run again",
        ));
    }
    let mut review = review(&found, options.policy, &plan, &report, &catalog, state);
    if state == PlanState::Unknown {
        name_earlier_move(&mut review, &session, &plan).await?;
    }
    journal.note("gate", EventKind::Evidence, None, &json!({ "findings": review.findings }))?;
    let place = (session.describe().to_owned(), catalog.version);
    let pieces = Pieces {
        verb: "migrate",
        survey: &found,
        plan: &plan,
        report: &report,
        findings: &review.findings,
        target: place,
        schema: &options.policy.target.schema,
    };
    let Some(approved) = &review.approved else {
        if !unfinished.resumes() {
            unfinished.discard_snapshot()?;
        }
        return Ok(account(pieces, None, Outcome::Blocked));
    };
    if state == PlanState::Finished {
        observer.event(Event::Said("this plan is carried out already: nothing is left to do but to compare"));
    }
    unfinished.mark(&plan)?;
    let carried = carry_out(approved, &found, session, options.target, options.budget, journal, observer).await;
    let mut carried = carried.map_err(|error| if plan.existing.is_some() { told_what_stays(error) } else { error })?;
    carried.copy.waive(&options.policy.waivers);
    unfinished.end()?;
    let moved_on = tokio::task::block_in_place(|| moved_on(options.source, &plan, options.policy, stamps))?;
    let outcome = match outcome(&carried) {
        Outcome::Done | Outcome::Blocked if moved_on => Outcome::Inconclusive,
        outcome @ (Outcome::Done | Outcome::Blocked | Outcome::Mismatch | Outcome::Inconclusive) => outcome,
    };
    // What did not come out equal may have to be looked at; otherwise nobody needs a second copy of the data.
    if carried.verification.verdict == Verdict::Match {
        unfinished.discard_snapshot()?;
    }
    let mut document = MoveReport { source_moved_on: moved_on, ..account(pieces, Some(&carried), outcome) };
    migrations_behind(options.target, options.policy, &mut document, journal, observer).await?;
    if outcome == Outcome::Done && document.migrations.as_ref().is_some_and(|migrations| migrations.failed.is_some()) {
        document.outcome = Outcome::Blocked;
    }
    Ok(document)
}

/// What the server refuses of a load into the application's own tables leaves these half loaded.
fn told_what_stays(error: Error) -> Error {
    if error.kind() != ErrorKind::TargetRefused {
        return error;
    }
    error
        .hint("what was loaded until now stays, with its foreign keys and triggers aside, and the ledger in the target knows it")
        .hint("mend the row in the source, or the table by a migration; then `outgrow migrate` with --fresh takes back what was loaded and begins anew")
}

/// Whether the source holds something else now than the plan was made for. Where neither the file nor its `-wal` was
/// touched since `before`, it doesn't; otherwise every cell is looked at again.
fn moved_on(source: &Path, plan: &Plan, policy: &Policy, before: Option<Stamps>) -> Result<bool> {
    if before.is_some_and(|before| before == Stamps::of(source)) {
        return Ok(false);
    }
    let reader = SourceReader::open(source)?;
    let catalog = reader.catalog()?;
    // The application may write meanwhile, and one reader alone sees one state.
    let alone = Budget { jobs: NonZeroUsize::MIN, ..Budget::default() };
    let (catalog, profile) = match inspected(&reader, &catalog, policy, alone, &mut |_| {}) {
        // A table or column that the policy names is gone.
        Err(error) if error.kind() == ErrorKind::Policy => return Ok(true),
        inspected => inspected?,
    };
    reader.finish()?;
    Ok(SourceFingerprint::of(&catalog, &profile)? != plan.source)
}

/// Size and time of the last change of a file and its `-wal`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamps([Option<(u64, Option<SystemTime>)>; 2]);

impl Stamps {
    fn of(source: &Path) -> Self {
        let mut log = source.as_os_str().to_owned();
        log.push("-wal");
        // Looked at from outside: to open and close the file would drop SQLite's own locks on it.
        let stamp = |path: &Path| fs::metadata(path).ok().map(|data| (data.len(), data.modified().ok()));
        Self([stamp(source), stamp(Path::new(&log))])
    }
}

/// The gates that find what an earlier move may have left.
const TAKEN: [&str; 2] = ["target-not-empty", "seeded-rows"];

/// Where names are taken and an earlier move took them, says so: it was made for something else than this one.
async fn name_earlier_move(review: &mut Review, session: &Session, plan: &Plan) -> Result<()> {
    let Some(gate) = review.findings.iter().find_map(|finding| gate::find(&finding.id).filter(|gate| TAKEN.contains(&gate.id))) else {
        return Ok(());
    };
    let Some((earlier, source, files)) = Ledger::other_plan(session, plan).await? else { return Ok(()) };
    let mut now = plan.steps.iter().filter_map(Step::reference);
    let changed = now.find(|load| files.get(&load.file).is_some_and(|checksum| *checksum != load.checksum));
    let why = if let Some(load) = changed {
        &format!("the file {} has changed since then", load.file)
    } else if source == plan.source {
        "the policy or the server's version is another one than then"
    } else {
        "the source has changed since then"
    };
    let message = format!(
        "an earlier run of outgrow (plan {}) loaded this target, and {why}; nothing was changed, so that the two don't mix",
        earlier.get(..12).unwrap_or(&earlier)
    );
    let finding = Finding::new(gate, Severity::Stop, "the target", 1, message)
        .action("Load into an empty database or another schema; or drop what that run made, its ledger in the schema outgrow included.");
    review.findings.insert(0, finding);
    Ok(())
}

/// Asks the gates. What this very plan made in the target is not in its way.
pub fn review(found: &Survey, policy: &Policy, plan: &Plan, report: &PlanReport, catalog: &TargetCatalog, state: PlanState) -> Review {
    let mut target = catalog.clone();
    if state != PlanState::Unknown {
        target.relations.clear();
        target.framework = FrameworkState::default();
    }
    let evidence = Evidence { catalog: &found.catalog, profile: &found.profile, target: Some(&target), policy, plan, report };
    gate::review(&evidence, Stage::Migration)
}

/// Loads and compares. Everything that was done before is found done.
pub async fn carry_out(
    approved: &ApprovedPlan,
    found: &Survey,
    session: Session,
    target: &ConnectionSettings,
    budget: Budget,
    journal: &Journal,
    observer: &dyn Observer,
) -> Result<Carried> {
    let load = copy::Load { approved, snapshot: &found.snapshot, target, budget };
    let copy = copy::run(load, session, journal, &OfCopy(observer)).await?;
    let mut phases: Vec<PhaseReport> = copy.phases.iter().map(|time| super::account::of_copy(time, &copy)).collect();
    observer.event(Event::Begins("verify"));
    let began = Instant::now();
    let comparison =
        Comparison { plan: approved.plan(), source: &found.snapshot, target, budget, level: Level::Full, show: DIFFERENCES_KEPT };
    let advance = Compared::of(approved.plan());
    let (verification, _proof) = verify::run(comparison, &|table, _| observer.event(advance.by(table))).await?;
    let result = match verification.verdict {
        Verdict::Match => "equal under the plan's rules".to_owned(),
        Verdict::Mismatch => counted(verification.differences(), "difference"),
        Verdict::Inconclusive => "inconclusive".to_owned(),
    };
    let took = phase("verify", counted(verification.cells().total(), "cell"), result, began, true);
    observer.event(Event::Ended(&took));
    phases.push(took);
    journal.note(
        "verify",
        EventKind::Evidence,
        Some(verification.seconds),
        &json!({ "verdict": verification.verdict, "rows": verification.rows(), "cells": verification.cells() }),
    )?;
    Ok(Carried { copy, verification, phases })
}

/// A refused object leaves the move incomplete, though everything else is there.
pub(super) fn outcome(carried: &Carried) -> Outcome {
    match carried.verification.verdict {
        Verdict::Match if carried.copy.refused.iter().any(|object| object.waived.is_none()) => Outcome::Blocked,
        verdict @ (Verdict::Match | Verdict::Mismatch | Verdict::Inconclusive) => verdict.outcome(),
    }
}

/// A move that was begun in the target and not finished, as the work directory remembers it.
///
/// The mark is made once the plan is approved, and counts only where the target's ledger knows that plan too: a snapshot
/// of which nothing was loaded is old, and a new one is taken.
#[derive(Debug)]
struct Unfinished {
    mark: PathBuf,
    snapshot: PathBuf,
    source: PathBuf,
    target: String,
    resumes: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    source: PathBuf,
    target: String,
    plan: String,
}

impl Unfinished {
    async fn of(options: &MigrateOptions<'_>, session: &Session) -> Result<Self> {
        let directory = options.work.path();
        let mark = directory.join("unfinished.json");
        let snapshot = directory.join("snapshot.sqlite");
        // A path that can't be resolved is refused with a better message when it is opened.
        let source = fs::canonicalize(options.source).unwrap_or_else(|_| options.source.to_owned());
        let target = options.target.describe();
        let earlier: Option<Mark> = fs::read(&mark).ok().and_then(|text| serde_json::from_slice(&text).ok());
        let resumes = match earlier.filter(|_| !options.fresh) {
            None => false,
            Some(earlier) if earlier.source != source || earlier.target != target => {
                let detail =
                    format!("{} holds an unfinished move of {} to {}", directory.display(), earlier.source.display(), earlier.target);
                return Err(Error::new(ErrorKind::Usage, "begin this move", detail)
                    .hint("finish that one, name another directory with --work-dir, or give it up with --fresh"));
            }
            Some(earlier) => snapshot.exists() && Ledger::state(session, &earlier.plan).await? != PlanState::Unknown,
        };
        Ok(Self { mark, snapshot, source, target, resumes })
    }

    fn resumes(&self) -> bool {
        self.resumes
    }

    /// Makes room for a new snapshot, unless the earlier run's is gone on from.
    fn begin(&self) -> Result<()> {
        for file in [&self.mark, &self.snapshot] {
            if !self.resumes && file.exists() {
                fs::remove_file(file).map_err(|error| failed(file, error))?;
            }
        }
        Ok(())
    }

    /// Marks the move as begun: whole or not at all, and on disk before anything is made in the target.
    fn mark(&self, plan: &Plan) -> Result<()> {
        let mark = Mark { source: self.source.clone(), target: self.target.clone(), plan: plan.id.as_str().to_owned() };
        let text = serde_json::to_vec(&mark).map_err(|error| Error::bug("mark the move as begun", error.to_string()))?;
        let partial = self.mark.with_extension("partial");
        let write = || {
            let mut file = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&partial)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&partial, &self.mark)
        };
        write().map_err(|error| failed(&self.mark, error))
    }

    fn discard_snapshot(&self) -> Result<()> {
        fs::remove_file(&self.snapshot).map_err(|error| failed(&self.snapshot, error))
    }

    fn end(&self) -> Result<()> {
        fs::remove_file(&self.mark).map_err(|error| failed(&self.mark, error))
    }
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::new(ErrorKind::WorkDirectory, format!("keep {}", path.display()), error.to_string()).because(error)
}
