//! Compares everything.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use super::cells::Books;
use super::checks::CHECKS;
use super::quarantine::{LookedUp, held, look_up};
use super::report::{CheckResult, TableVerdict, Verdict, VerifyReport};
use super::target_rows::{TargetRows, feed, rows_of};
use super::{merge, multiset};
use crate::budget::Budget;
use crate::catalog::SourceCatalog;
use crate::copy::row_fates;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Compare, Plan, PlanId, TablePlan};
use crate::postgres::{ConnectionSettings, Session};
use crate::sqlite::{RowFates, SourceReader, TableFates};

/// Quarantined cells between comparing thread and connection.
const CELLS_AHEAD: usize = 32;

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
    /// How many differences of a table are kept.
    pub show: usize,
}

/// Compares every cell of both sides, and all that the checks look at. `observe` hears of each table that is done.
pub async fn run(
    comparison: Comparison<'_>,
    observe: &(dyn Fn(&str, &TableVerdict) + Send + Sync),
) -> Result<(VerifyReport, Option<VerifiedCopy>)> {
    let began = Instant::now();
    let plan = comparison.plan;
    let rows = Session::connect(comparison.target).await?;
    let lookups = Session::connect(comparison.target).await?;
    let source = tokio::task::block_in_place(|| read_catalog(comparison.source))?;
    let fates = Arc::new(tokio::task::block_in_place(|| row_fates(plan, comparison.source))?);
    let mut tables = unplanned(plan, &source);
    for table in &plan.tables {
        let verdict = match drifted(plan, table, &source) {
            Some(reason) => mismatch(table.rows, &reason),
            None => compare_table(&comparison, &fates, &rows, &lookups, table).await?,
        };
        observe(&table.source, &verdict);
        tables.insert(table.source.clone(), verdict);
    }
    let mut checks = Vec::new();
    for check in CHECKS {
        checks.push((check.run)(&lookups, plan).await?);
    }
    let verdict = overall(&tables, &checks);
    let report = VerifyReport { verdict, plan: plan.id.as_str().to_owned(), tables, checks, seconds: began.elapsed().as_secs_f64() };
    let proof = (verdict == Verdict::Match).then(|| VerifiedCopy { plan: plan.id.clone() });
    Ok((report, proof))
}

/// Whether a table of the target holds the very rows of the source already, under the plan's conversions.
pub async fn holds_the_same(plan: &Plan, source: &Path, target: &ConnectionSettings, table: &TablePlan) -> Result<bool> {
    let (rows, lookups) = (Session::connect(target).await?, Session::connect(target).await?);
    let comparison = Comparison { plan, source, target, budget: Budget::default(), show: 0 };
    let fates = Arc::new(tokio::task::block_in_place(|| row_fates(plan, source))?);
    let verdict = compare_table(&comparison, &fates, &rows, &lookups, table).await?;
    Ok(verdict.verdict == Verdict::Match)
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

/// The worst verdict; where no table was compared, nothing was proven.
fn overall(tables: &BTreeMap<String, TableVerdict>, checks: &[CheckResult]) -> Verdict {
    let none = if tables.is_empty() { Verdict::Inconclusive } else { Verdict::Match };
    // A check that had nothing to look at (no identity column, say) says nothing about the whole.
    let of_checks = checks.iter().filter(|check| check.looked_at > 0).map(|check| check.verdict);
    tables.values().map(|table| table.verdict).chain(of_checks).chain([none]).max().unwrap_or(Verdict::Inconclusive)
}

async fn compare_table(
    comparison: &Comparison<'_>,
    fates: &Arc<RowFates>,
    rows: &Session,
    lookups: &Session,
    table: &TablePlan,
) -> Result<TableVerdict> {
    let plan = comparison.plan;
    if !is_there(lookups, plan, table).await? {
        return Ok(mismatch(table.rows, "the table is not in the target"));
    }
    let (batches, target) = rows_of(table);
    let (expect, expected) = tokio::sync::mpsc::channel(CELLS_AHEAD);
    let thread = {
        let (source, fates, table, show) = (comparison.source.to_owned(), Arc::clone(fates), table.clone(), comparison.show);
        tokio::task::spawn_blocking(move || compare_rows(&source, &table, &fates.of(&table.source)?, target, Books::new(show, expect)))
    };
    let (looked_up, ()) = tokio::join!(look_up(lookups, plan, expected, comparison.show), feed(rows, plan, table, batches));
    let compared = thread.await.map_err(|error| Error::bug("compare a table", error.to_string()))?;
    // A failed look-up makes the thread fail too: the connection's error comes first.
    let looked_up = looked_up?;
    let books = match compared {
        Ok(books) => books,
        // What could not be read says nothing about what it holds; a lost connection ends the run.
        Err(error) if error.kind() == ErrorKind::TargetRefused => return Ok(inconclusive(error.detail())),
        Err(error) => return Err(error),
    };
    let surplus = held(lookups, plan, &table.source).await?.saturating_sub(looked_up.found);
    Ok(verdict(books, looked_up, surplus, comparison.show))
}

fn compare_rows(source: &Path, table: &TablePlan, fates: &TableFates, target: TargetRows, mut books: Books) -> Result<Books> {
    let reader = SourceReader::open(source)?;
    match &table.compare {
        Compare::Ordered(key) => merge::compare(&reader, (table, fates), key, target, &mut books)?,
        Compare::Multiset => multiset::compare(&reader, (table, fates), target, &mut books)?,
    }
    reader.finish()?;
    books.close();
    Ok(books)
}

async fn is_there(session: &Session, plan: &Plan, table: &TablePlan) -> Result<bool> {
    let doing = format!("look for {}", table.target);
    let sql = "select exists(select from pg_class c join pg_namespace n on n.oid = c.relnamespace \
               where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'f'))";
    let row = session.client().query_one(sql, &[&plan.schema, &table.target]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| crate::postgres::failed(doing, error))
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
        cells: crate::value::CellCounts::default(),
        differences: 0,
        shown: Vec::new(),
    }
}

fn verdict(books: Books, looked_up: LookedUp, surplus: u64, show: usize) -> TableVerdict {
    let differences = books.differences + looked_up.missing + surplus;
    let mut shown = books.shown;
    shown.extend(looked_up.shown);
    shown.truncate(show);
    TableVerdict {
        verdict: if differences == 0 { Verdict::Match } else { Verdict::Mismatch },
        reason: (surplus > 0).then(|| format!("the quarantine holds {surplus} cells that the source does not call for")),
        rows: books.rows,
        cells: books.cells,
        differences,
        shown,
    }
}
