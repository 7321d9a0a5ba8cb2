//! Compares everything.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tokio::runtime::Handle;
use tokio::sync::mpsc::{channel, unbounded_channel};

use super::cells::Books;
use super::checks::CHECKS;
use super::facts::{self, ReferenceRows};
use super::level::Level;
use super::quarantine::{LookedUp, look_up};
use super::report::{CheckResult, TableVerdict, Verdict, VerifyReport};
use super::split;
use super::target::{self, Target};
use super::target_rows::given_up;
use super::work::{EndsWork, Gathered, Work};
use super::worker::{Shared, Worker};
use crate::budget::Budget;
use crate::catalog::SourceCatalog;
use crate::copy::row_fates;
use crate::error::{Error, Result};
use crate::plan::{Compare, Plan, PlanId, TablePlan};
use crate::postgres::{ConnectionSettings, Session, failed};
use crate::sqlite::SourceReader;
use crate::value::CellCounts;

/// Quarantined cells between comparing threads and connection.
const CELLS_AHEAD: usize = 256;

/// The proof that a target holds everything that its source does, under the plan's rules. Made by [`run`] only, and
/// does not outlive the process.
///
/// ```compile_fail
/// let forged = outgrow::verify::VerifiedCopy { plan: todo!() };
/// ```
#[derive(Debug)]
pub struct VerifiedCopy {
    plan: PlanId,
}

impl VerifiedCopy {
    /// The plan whose copy was verified.
    pub fn plan(&self) -> &PlanId {
        &self.plan
    }
}

/// What is to be compared.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a> {
    /// The plan whose rules hold.
    pub plan: &'a Plan,
    /// The source: a snapshot or the live file.
    pub source: &'a Path,
    /// The target.
    pub target: &'a ConnectionSettings,
    /// How much the run may take.
    pub budget: Budget,
    /// How much is compared.
    pub level: Level,
    /// How many differences of a table are kept.
    pub show: usize,
}

/// Compares both sides, and all that the checks look at. `observe` hears of each table that is done, as far as its cells go:
/// the quarantine is asked meanwhile.
///
/// The proof is there where everything was compared and is equal.
pub async fn run(
    comparison: Comparison<'_>,
    observe: &(dyn Fn(&str, &TableVerdict) + Send + Sync),
) -> Result<(VerifyReport, Option<VerifiedCopy>)> {
    let began = Instant::now();
    let plan = comparison.plan;
    let source = tokio::task::block_in_place(|| read_catalog(comparison.source))?;
    let mut tables = unplanned(plan, &source);
    let mut compared = Vec::with_capacity(plan.tables.len());
    for table in &plan.tables {
        match drifted(plan, table, &source) {
            Some(reason) => drop(tables.insert(table.source.clone(), mismatch(table.rows, &reason))),
            None => compared.push(table.clone()),
        }
    }
    drop(source);
    let (verdicts, session) = compare_tables(&comparison, compared, observe).await?;
    tables.extend(verdicts);
    let mut checks = Vec::new();
    for check in CHECKS {
        checks.push((check.run)(&session, plan).await?);
    }
    let verdict = overall(comparison.level, &tables, &checks);
    let report = VerifyReport {
        verdict,
        level: comparison.level,
        plan: plan.id.as_str().to_owned(),
        tables,
        checks,
        seconds: began.elapsed().as_secs_f64(),
    };
    let proof = (verdict == Verdict::Match && comparison.level == Level::Full).then(|| VerifiedCopy { plan: plan.id.clone() });
    Ok((report, proof))
}

/// Whether a table of the target holds the very rows of the source already, under the plan's conversions.
pub async fn holds_the_same(plan: &Plan, source: &Path, target: &ConnectionSettings, table: &TablePlan) -> Result<bool> {
    let comparison = Comparison { plan, source, target, budget: Budget::default(), level: Level::Full, show: 0 };
    let (verdicts, _) = compare_tables(&comparison, vec![table.clone()], &|_, _| {}).await?;
    Ok(verdicts.get(&table.source).is_some_and(|verdict| verdict.verdict == Verdict::Match))
}

/// Compares these tables. Gives a session outside of any transaction back.
async fn compare_tables(
    comparison: &Comparison<'_>,
    tables: Vec<TablePlan>,
    observe: &(dyn Fn(&str, &TableVerdict) + Send + Sync),
) -> Result<(BTreeMap<String, TableVerdict>, Session)> {
    let (plan, level, show) = (comparison.plan, comparison.level, comparison.show);
    let session = Session::connect(comparison.target).await?;
    let snapshot = target::export(&session).await?;
    let facts = facts::facts(&session, plan).await?;
    let held = facts::held(&session, plan).await?;
    let units = tokio::task::block_in_place(|| -> Result<_> {
        let reader = SourceReader::open(comparison.source)?;
        let units = split::units(&reader, &tables, &facts, level)?;
        reader.finish()?;
        Ok(units)
    })?;
    let jobs = comparison.budget.jobs.get().min(units.len());
    let targets = if jobs == 0 { Vec::new() } else { Target::several(comparison.target, &snapshot, jobs).await? };
    let work = Arc::new(Work::new(units, split::memory(comparison.budget)));
    let _ends = EndsWork(Arc::clone(&work));
    let (schema, source) = (plan.schema.clone(), comparison.source.to_owned());
    let fates = tokio::task::block_in_place(|| row_fates(plan, comparison.source))?;
    let shared = Arc::new(Shared { source, schema, tables, facts, fates, show, work: Arc::clone(&work) });
    let (expected, asked) = channel(CELLS_AHEAD);
    let (finished, mut done) = unbounded_channel();
    let threads: Vec<_> = targets
        .into_iter()
        .map(|target| {
            let (shared, handle) = (Arc::clone(&shared), Handle::current());
            let worker = Worker { shared, target, handle, expected: expected.clone(), tables: finished.clone() };
            tokio::task::spawn_blocking(move || worker.run())
        })
        .collect();
    drop((expected, finished));
    let gathering = async {
        let mut verdicts = BTreeMap::new();
        while let Some((index, gathered)) = done.recv().await {
            let Some(table) = shared.tables.get(index) else { continue };
            let reference = shared.facts.get(&table.target).and_then(|facts| facts.reference.as_ref());
            let also_in_source = gathered.books.values().map(|books| books.reference_in_source).sum();
            let whole = !gathered.is_partial();
            let verdict = with_reference(verdict(table, gathered, show), reference, also_in_source);
            let verdict = OfCells { verdict, whole };
            observe(&table.source, &verdict.verdict);
            verdicts.insert(index, verdict);
        }
        verdicts
    };
    let looking = look_up(&session, plan.id.as_str(), held.is_some(), asked, show);
    let (looked_up, mut verdicts) = tokio::join!(looking, gathering);
    for thread in threads {
        thread.await.map_err(|error| Error::bug("compare a table", error.to_string()))?;
    }
    // A failed look-up makes the threads fail too: the connection's error comes first.
    let mut looked_up = looked_up?;
    if let Some(error) = work.failure() {
        return Err(error);
    }
    session.client().batch_execute("rollback").await.map_err(|error| failed("end the comparison", error))?;
    let mut named = BTreeMap::new();
    for (index, table) in shared.tables.iter().enumerate() {
        let held = held.as_ref().and_then(|held| held.get(&table.source)).copied().unwrap_or(0);
        let verdict = match verdicts.remove(&index) {
            Some(verdict) => verdict.with_quarantine(looked_up.remove(&index).unwrap_or_default(), held, show),
            None if shared.facts.contains_key(&table.target) => return Err(given_up()),
            None => mismatch(table.rows, "the table is not in the target"),
        };
        named.insert(table.source.clone(), verdict);
    }
    Ok((named, session))
}

fn read_catalog(source: &Path) -> Result<SourceCatalog> {
    let reader = SourceReader::open(source)?;
    let catalog = reader.catalog()?;
    reader.finish()?;
    Ok(catalog)
}

/// Tables that the source has and the plan doesn't: they came after the load.
fn unplanned(plan: &Plan, source: &SourceCatalog) -> BTreeMap<String, TableVerdict> {
    let without_place = |name: &String| {
        plan.existing.as_ref().is_some_and(|existing| existing.without_place.contains(name) || existing.left_alone.contains(name))
    };
    let new = source
        .tables
        .iter()
        .filter(|table| plan.table(&table.name).is_none() && !plan.left_out.contains(&table.name) && !without_place(&table.name));
    new.map(|table| (table.name.clone(), mismatch(1, "the table came to the source after the load"))).collect()
}

/// What the source has otherwise than the plan, where a table changed its shape after the load.
fn drifted(plan: &Plan, table: &TablePlan, source: &SourceCatalog) -> Option<String> {
    let Some(now) = source.table(&table.source) else { return Some("the table is not in the source any more".to_owned()) };
    let is_known = |name: &String| {
        let place = format!("{}.{name}", table.source);
        let without_place = plan.existing.as_ref().is_some_and(|existing| existing.columns_without_place.contains(&place));
        without_place || table.left_out.contains(name) || table.columns.iter().any(|planned| planned.source == *name)
    };
    let came = now.columns.iter().find(|column| !is_known(&column.name));
    let went = table.columns.iter().find(|planned| !now.columns.iter().any(|column| planned.source == column.name));
    came.map(|column| format!("the column {} came to the source after the load", column.name))
        .or_else(|| went.map(|planned| format!("the column {} is not in the source any more", planned.source)))
}

/// The worst verdict; where no table was compared, or not everything of one, nothing was proven.
fn overall(level: Level, tables: &BTreeMap<String, TableVerdict>, checks: &[CheckResult]) -> Verdict {
    let best = if tables.is_empty() || level != Level::Full { Verdict::Inconclusive } else { Verdict::Match };
    // A check that had nothing to look at (no identity column, say) says nothing about the whole.
    let of_checks = checks.iter().filter(|check| check.looked_at > 0).map(|check| check.verdict);
    tables.values().map(|table| table.verdict).chain(of_checks).chain([best]).max().unwrap_or(Verdict::Inconclusive)
}

/// A table that can't be compared row by row, because one side does not have it as the plan does.
fn mismatch(rows: u64, reason: &str) -> TableVerdict {
    TableVerdict { verdict: Verdict::Mismatch, differences: rows.max(1), ..inconclusive(reason) }
}

fn inconclusive(reason: &str) -> TableVerdict {
    TableVerdict {
        verdict: Verdict::Inconclusive,
        reason: Some(reason.to_owned()),
        rows: 0,
        cells: CellCounts::default(),
        differences: 0,
        shown: Vec::new(),
        reference: 0,
    }
}

/// What the parts of a table say together.
fn verdict(table: &TablePlan, gathered: Gathered, show: usize) -> TableVerdict {
    if let Some(reason) = gathered.unreadable {
        return inconclusive(&reason);
    }
    if let Some((source, target)) = gathered.counted {
        return counted(source, target);
    }
    let mut books = Books::new(show, None);
    gathered.books.into_values().for_each(|part| books.merge(part));
    let (verdict, reason) = if books.differences > 0 {
        (Verdict::Mismatch, None)
    } else if gathered.sampled {
        (Verdict::Inconclusive, Some(format!("a sample of {} of {} rows was compared", books.rows, table.rows)))
    } else if gathered.again && table.compare == Compare::Multiset && books.reference_in_source == 0 {
        (Verdict::Inconclusive, Some("the digests of the two sides differ, and no row of theirs does".to_owned()))
    } else {
        (Verdict::Match, None)
    };
    TableVerdict { verdict, reason, rows: books.rows, cells: books.cells, differences: books.differences, shown: books.shown, reference: 0 }
}

/// Counts rows of reference data apart, but for those that the source holds too. More of them than were added are surplus.
fn with_reference(verdict: TableVerdict, reference: Option<&ReferenceRows>, also_in_source: u64) -> TableVerdict {
    let Some(ReferenceRows { present, added, .. }) = reference else { return verdict };
    let verdict = TableVerdict { reference: present.min(added).saturating_sub(also_in_source), ..verdict };
    if present <= added {
        return verdict;
    }
    let reason = format!("{present} rows have keys of reference data, and only {added} of them were added with it");
    TableVerdict { verdict: Verdict::Mismatch, reason: Some(reason), differences: verdict.differences + (present - added), ..verdict }
}

fn counted(source: u64, target: u64) -> TableVerdict {
    // Where there are no rows, there is nothing more to compare.
    let verdict = if source == target && source == 0 {
        TableVerdict { verdict: Verdict::Match, reason: None, ..inconclusive("") }
    } else if source == target {
        inconclusive("only the rows were counted")
    } else {
        mismatch(source.abs_diff(target), &format!("the source has {source} rows, and the target {target}"))
    };
    TableVerdict { rows: source, ..verdict }
}

/// What the cells of a table say.
struct OfCells {
    verdict: TableVerdict,
    /// Whether all of them were looked at.
    whole: bool,
}

impl OfCells {
    /// Adds what the quarantine says of the table's cells, of which it holds so many.
    fn with_quarantine(self, looked_up: LookedUp, held: u64, show: usize) -> TableVerdict {
        let Self { verdict, whole } = self;
        // What it holds too much can be told only where all cells were looked at.
        let surplus = if whole { held.saturating_sub(looked_up.found) } else { 0 };
        let more = looked_up.missing + surplus;
        if more == 0 {
            return verdict;
        }
        let mut shown = verdict.shown;
        shown.extend(looked_up.shown);
        shown.truncate(show);
        let reason = (surplus > 0).then(|| format!("the quarantine holds {surplus} cells that the source does not call for"));
        let differences = verdict.differences + more;
        TableVerdict { verdict: Verdict::Mismatch, reason: reason.or(verdict.reason), differences, shown, ..verdict }
    }
}
