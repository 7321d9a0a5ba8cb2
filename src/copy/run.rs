//! Walks the steps of a plan.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio::time::sleep;

use super::blocks::{Blocks, Span};
use super::board::{Board, Lane, Stage, by_table, stages};
use super::desk::Desk;
use super::fates::row_fates;
use super::ledger::{Ledger, Loaded};
use super::reference::added;
use super::report::CopyReport;
use super::tuned::durable;
use super::worker::Worker;
use crate::budget::Budget;
use crate::error::{Error, ErrorKind, Result};
use crate::gate::ApprovedPlan;
use crate::journal::Journal;
use crate::plan::{Action, Phase, Step};
use crate::postgres::{ConnectionSettings, Session};
use crate::sqlite::SourceReader;

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
        /// Rows of all tables so far.
        rows_so_far: u64,
        /// Rows of all tables.
        rows_in_all: u64,
        /// The work that this run has done, and all that it has to do, in a unit that takes about the same time whatever the table.
        work: (u64, u64),
    },
    /// Something that the operator should know.
    Said(&'a str),
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

/// What is to be loaded, from where, and into what.
#[derive(Debug, Clone, Copy)]
pub struct Load<'a> {
    /// The plan.
    pub approved: &'a ApprovedPlan,
    /// The snapshot of the source.
    pub snapshot: &'a Path,
    /// The target.
    pub target: &'a ConnectionSettings,
    /// How much the run may take.
    pub budget: Budget,
}

/// How long is waited between two attempts to reach a server that went away, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(10));

/// Carries out an approved plan from a snapshot of its source; what is done already is not done again. `session` is one of
/// the target, and has its lock.
///
/// A server that goes away is waited for as long as the budget says, and what it has kept is asked anew: one that crashed may
/// have lost what it committed last, because chunks don't wait for its disk.
pub async fn run(load: Load<'_>, session: Session, journal: &Journal, observer: &dyn Observer) -> Result<CopyReport> {
    let mut session = session;
    let mut earlier: Option<CopyReport> = None;
    loop {
        let mut report = CopyReport::default();
        let ended = attempt(&load, session, journal, observer, &mut report).await;
        let all = match earlier.take() {
            Some(earlier) => report.behind(earlier),
            None => report,
        };
        match ended {
            Err(error) if error.kind() == ErrorKind::TargetLost => session = found_again(&load, error, observer).await?,
            ended => return ended.map(|()| all),
        }
        earlier = Some(all);
    }
}

/// A session of a server that is there again, with its lock; the error that it was lost by where that takes too long.
async fn found_again(load: &Load<'_>, lost: Error, observer: &dyn Observer) -> Result<Session> {
    let began = Instant::now();
    let mut pause = PAUSES.0;
    while began.elapsed() < load.budget.patience {
        if pause == PAUSES.0 {
            observer.progress(&Progress::Said("the connection to the server was lost; trying again, and nothing is loaded twice"));
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
        let found = match Session::connect(load.target).await {
            Ok(session) => Ledger::lock(&session).await.map(|()| session),
            Err(error) => Err(error),
        };
        match found {
            Ok(session) => {
                observer.progress(&Progress::Said("the server is there again; the load goes on"));
                return Ok(session);
            }
            Err(error) if matches!(error.kind(), ErrorKind::TargetUnreachable | ErrorKind::TargetLost) => {}
            Err(error) => return Err(error),
        }
    }
    Err(lost)
}

/// Does what is not done, as long as the server is there.
async fn attempt(load: &Load<'_>, session: Session, journal: &Journal, observer: &dyn Observer, report: &mut CopyReport) -> Result<()> {
    let plan = load.approved.plan();
    let ledger = Ledger::open(&session, plan).await?;
    let done = ledger.done(&session).await?;
    let loaded = ledger.loaded(&session).await?;
    let fates = tokio::task::block_in_place(|| row_fates(plan, load.snapshot))?;
    let desk = Desk::new(plan, ledger, (load.target, load.snapshot, load.budget), fates, journal, observer);
    let copied = loaded.iter().map(|(table, loaded)| (table.clone(), loaded.copy.clone())).collect();
    desk.found_done(&done, &copied)?;
    let mut workers = vec![Worker::with(session).await?];
    let left = plan.steps.iter().filter(|step| !done.contains_key(&step.id));
    let mut ended = Ok(());
    for stage in stages(left) {
        ended = do_stage(load, &desk, &mut workers, stage, &loaded).await;
        if ended.is_err() {
            break;
        }
    }
    let mut references = Vec::new();
    let connections = u64::try_from(workers.len()).unwrap_or(u64::MAX);
    if ended.is_ok() {
        for worker in &mut workers {
            worker.rest().await?;
        }
        if let Some(worker) = workers.first() {
            durable(worker.session()).await?;
            desk.ledger.finish(worker.session()).await?;
            references = added(worker.session(), plan).await?;
        }
    }
    *report = CopyReport { references, connections, ..desk.report() };
    ended
}

async fn do_stage<'p>(
    load: &Load<'p>,
    desk: &Desk<'p>,
    workers: &mut Vec<Worker>,
    stage: Stage<'p>,
    loaded: &BTreeMap<String, Loaded>,
) -> Result<()> {
    match stage {
        Stage::Alone(steps) => match workers.first_mut() {
            Some(worker) => worker.alone(desk, &steps).await,
            None => Ok(()),
        },
        Stage::BySide(steps) => {
            let lanes = tokio::task::block_in_place(|| lanes(load, &steps, loaded))?;
            side_by_side(desk, workers, lanes).await
        }
        Stage::Rows(step) => {
            let mut lanes = tokio::task::block_in_place(|| lanes(load, &[step], loaded))?;
            for blocks in lanes.iter_mut().filter_map(|lane| lane.blocks.as_mut()) {
                blocks.in_one_go();
            }
            side_by_side(desk, workers, lanes).await
        }
    }
}

/// Lets as many workers as are of use do what is on the board.
async fn side_by_side<'p>(desk: &Desk<'p>, workers: &mut Vec<Worker>, lanes: Vec<Lane<'p>>) -> Result<()> {
    let jobs = desk.budget.jobs.get();
    let useful = Board::new(lanes, jobs, desk.budget.memory);
    let wanted = useful.useful_workers().clamp(1, jobs);
    desk.board.replace(useful);
    while workers.len() < wanted {
        let another = match Session::connect(desk.target).await {
            Ok(session) => Worker::with(session).await,
            Err(error) => Err(error),
        };
        match another {
            Ok(worker) => workers.push(worker),
            // The server takes no more connections: those that there are do it.
            Err(error) if error.kind() == ErrorKind::TargetUnreachable => {
                desk.say(&format!("the server takes only {} of {wanted} connections; the load goes on with these", workers.len()));
                break;
            }
            Err(error) => return Err(error),
        }
    }
    let say = |text: &str| desk.say(text);
    let watcher = match desk.budget.max_lag {
        Some(most) => Some(desk.pace.watcher(desk.target, most, &say).await?),
        None => None,
    };
    let work = try_join_all(workers.iter_mut().take(wanted).map(|worker| worker.work(desk)));
    let Some(watcher) = watcher else { return work.await.map(drop) };
    tokio::select! {
        worked = work => worked.map(drop),
        watched = desk.pace.watch(watcher, &say) => watched,
    }
}

/// The lanes of a stage, with the rows that are not loaded yet.
fn lanes<'p>(load: &Load<'p>, steps: &[&'p Step], loaded: &BTreeMap<String, Loaded>) -> Result<Vec<Lane<'p>>> {
    let plan = load.approved.plan();
    let nothing = Loaded::default();
    let mut reader = None;
    let mut lanes = Vec::new();
    for (name, steps) in by_table(steps.iter().copied()) {
        let table = plan.table(name).ok_or_else(|| Error::bug("load a table", format!("{name} is not in the plan")))?;
        let copies = steps.front().is_some_and(|step| matches!(step.action, Action::Copy { .. }));
        let before = loaded.get(name).filter(|_| copies).unwrap_or(&nothing);
        let blocks = match (&table.rowid, copies) {
            (_, false) => None,
            (Some(rowid), true) => {
                let reader = match &mut reader {
                    Some(reader) => reader,
                    None => reader.insert(SourceReader::open(load.snapshot)?),
                };
                let bounds = reader.rowid_bounds(&table.source, rowid)?.map(|(first, last)| Span { first, last });
                let done: Vec<Span> = before.parts.iter().map(|(span, _)| *span).collect();
                Some(Blocks::by_rowid(bounds, &done, table.rows))
            }
            (None, true) => Some(Blocks::by_place(before.copy.rows, table.rows)),
        };
        lanes.push(Lane::of(plan, table, steps, blocks, before.copy.clone()));
    }
    reader.map_or(Ok(()), SourceReader::finish)?;
    Ok(lanes)
}
