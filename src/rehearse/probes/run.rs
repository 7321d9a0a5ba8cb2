//! Walks all tables and views.

use super::sides::Sides;
use super::{check, defaults, firing, first_insert, foreign_key, not_null, present::Present, reference, row, unique, views};
use crate::copy::row_fates;
use crate::error::{Error, ErrorKind, Result};
use crate::migrate::Survey;
use crate::plan::{Plan, PlanReport, Untranslated};
use crate::postgres::{ConnectionSettings, Session};
use crate::report::ProbeReport;
use crate::sqlite::SourceReader;

/// Probes the rehearsed database beside the snapshot that it was made of.
pub async fn run(plan: &Plan, report: &PlanReport, found: &Survey, target: &ConnectionSettings) -> Result<ProbeReport> {
    let directory = scratch_directory(found)?;
    let reader = SourceReader::open(&found.snapshot)?;
    let mut scratch = tokio::task::block_in_place(|| reader.scratch(&directory.path().join("scratch.sqlite")))?;
    for table in &plan.tables {
        // Both sides are to hold the same rows.
        if let Some(condition) = &table.rows_where {
            tokio::task::block_in_place(|| scratch.keep(&table.source, condition))?;
        }
    }
    let fates = tokio::task::block_in_place(|| row_fates(plan, &found.snapshot))?;
    for table in plan.linked_tables() {
        tokio::task::block_in_place(|| scratch.follow(&table, fates.of(&table.name)?))?;
    }
    reader.finish()?;
    let session = Session::connect(target).await?;
    let present = Present::read(&session, plan).await?;
    let mut sides = Sides { plan, why: report, found, scratch, session, present, report: ProbeReport::default() };
    // An application finds its tables by the search path; so do triggers and defaults that name some.
    sides.session.set_search_path(&[&plan.schema]).await?;
    sides.run("set statement_timeout = '60s'").await?;
    reference::add(&mut sides).await?;
    for table in &plan.tables {
        probe_table(&mut sides, &table.source).await?;
    }
    views::probe(&mut sides).await?;
    firing::probe(&mut sides).await?;
    Ok(sides.report)
}

async fn probe_table(sides: &mut Sides<'_>, table: &str) -> Result<()> {
    let Some(subject) = sides.subject(table) else { return Ok(()) };
    let computed =
        |untranslated: &Untranslated| untranslated.kind == "generated column" && untranslated.name.starts_with(&format!("{table}."));
    if sides.why.untranslated.iter().any(computed) {
        sides.not_probed(&format!("table {table}"), "a column that SQLite computes could not be translated, and rows need it");
        return defaults::evaluate(sides, subject, None).await;
    }
    let mut legal = match row::legal(sides, subject)? {
        Ok(legal) => legal,
        Err(last) => {
            let nothing = || "no value could be made up for a column".to_owned();
            let why = last.map_or_else(nothing, |last| format!("SQLite takes no row made up for it ({last})"));
            sides.not_probed(&format!("table {table}"), &why);
            return defaults::evaluate(sides, subject, None).await;
        }
    };
    let taken = first_insert::probe(sides, subject, &legal).await?;
    defaults::evaluate(sides, subject, Some(&legal)).await?;
    if !taken {
        // Every further row would be refused for the same reason.
        sides.not_probed(&format!("constraints of {table}"), "PostgreSQL refuses the first insert");
        return Ok(());
    }
    row::number(sides, &mut legal)?;
    let samples = row::samples(sides, subject)?;
    not_null::probe(sides, &legal).await?;
    unique::probe(sides, &legal, &samples).await?;
    check::probe(sides, &legal).await?;
    foreign_key::probe(sides, &legal).await
}

fn scratch_directory(found: &Survey) -> Result<tempfile::TempDir> {
    let beside = found.snapshot.parent().unwrap_or_else(|| std::path::Path::new("."));
    tempfile::Builder::new()
        .prefix("probes-")
        .tempdir_in(beside)
        .map_err(|error| Error::new(ErrorKind::WorkDirectory, "make a directory for the scratch copy", error.to_string()).because(error))
}
