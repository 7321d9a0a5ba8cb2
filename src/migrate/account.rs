//! Makes the document of a move from its pieces.

use std::time::Instant;

use jiff::Timestamp;

use super::run::Carried;
use super::survey::{Survey, size};
use crate::budget::peak_memory;
use crate::catalog::JournalMode;
use crate::copy::{CopyReport, PhaseTime, SESSION_SETTINGS};
use crate::error::Outcome;
use crate::gate::Finding;
use crate::mapping::counted;
use crate::plan::{Phase, Plan, PlanReport};
use crate::report::{LoadFacts, MoveReport, PhaseReport, PlanFacts, SessionSetting, SourceFacts, TableLine, TargetFacts};
use crate::value::{CellCounts, Fate};
use crate::verify::Verdict;

/// What a document is made of.
#[derive(Debug)]
pub struct Pieces<'a> {
    /// `migrate` or `rehearse`.
    pub verb: &'a str,
    /// What was found in the source.
    pub survey: &'a Survey,
    /// The plan.
    pub plan: &'a Plan,
    /// Why.
    pub report: &'a PlanReport,
    /// What the gates found.
    pub findings: &'a [Finding],
    /// Where the target is, and `server_version_num`.
    pub target: (String, u32),
    /// The target's schema.
    pub schema: &'a str,
}

/// A phase that began at `began` and ends now.
pub fn phase(name: &str, what: impl Into<String>, result: impl Into<String>, began: Instant, frozen: bool) -> PhaseReport {
    PhaseReport { name: name.to_owned(), what: what.into(), result: result.into(), seconds: began.elapsed().as_secs_f64(), frozen }
}

/// A phase of the load.
pub(super) fn of_copy(time: &PhaseTime, copy: &CopyReport) -> PhaseReport {
    let (what, result) = match time.phase {
        Phase::Data => {
            let bytes = copy.tables.values().map(|table| table.bytes).sum();
            (counted(copy.rows(), "row"), size(bytes))
        }
        Phase::Tables | Phase::Keys | Phase::ForeignKeys | Phase::Sequences | Phase::Programs | Phase::Statistics => {
            (counted(time.steps, "step"), String::new())
        }
    };
    PhaseReport { name: time.phase.to_string(), what, result, seconds: time.seconds, frozen: true }
}

/// The document.
pub fn account(pieces: Pieces<'_>, carried: Option<&Carried>, outcome: Outcome) -> MoveReport {
    let mut phases = pieces.survey.phases.clone();
    phases.extend(carried.iter().flat_map(|carried| carried.phases.iter().cloned()));
    let freeze_seconds = phases.iter().filter(|phase| phase.frozen).map(|phase| phase.seconds).sum();
    let version = pieces.target.1;
    MoveReport {
        verb: pieces.verb.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: Timestamp::now().to_string(),
        outcome,
        source: source_facts(&pieces),
        target: TargetFacts {
            place: pieces.target.0.clone(),
            version: format!("{}.{}", version / 10_000, version % 10_000),
            schema: pieces.schema.to_owned(),
            bytes: None,
        },
        plan: plan_facts(&pieces),
        findings: pieces.findings.to_vec(),
        phases,
        cells: cells(&pieces, carried),
        load: carried.map(|carried| load_facts(&carried.copy)),
        tables: tables(&pieces, carried),
        references: carried.map(|carried| carried.copy.references.clone()).unwrap_or_default(),
        refused: carried.map(|carried| carried.copy.refused.clone()).unwrap_or_default(),
        verification: carried.map(|carried| carried.verification.clone()),
        probes: None,
        migrations: None,
        tests: None,
        source_moved_on: false,
        freeze_seconds,
    }
}

/// What the load used.
fn load_facts(copy: &CopyReport) -> LoadFacts {
    let setting = |(name, value, why): &(&str, &str, &str)| SessionSetting {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
        why: (*why).to_owned(),
    };
    let settings = SESSION_SETTINGS.iter().map(setting).collect();
    LoadFacts { connections: copy.connections, peak_memory: peak_memory(), settings }
}

/// All cells by class: those that were loaded, and those that stood in the target already and were compared.
fn cells(pieces: &Pieces<'_>, carried: Option<&Carried>) -> CellCounts {
    let Some(carried) = carried else { return CellCounts::default() };
    let mut cells = carried.copy.cells();
    for table in pieces.plan.existing.iter().flat_map(|existing| &existing.identical) {
        if let Some(verdict) = carried.verification.tables.get(table) {
            cells.merge(&verdict.cells);
        }
    }
    cells
}

fn source_facts(pieces: &Pieces<'_>) -> SourceFacts {
    let (catalog, profile) = (&pieces.survey.catalog, &pieces.survey.profile);
    // What the framework keeps for itself on each side is no part of the move.
    let is_moved = |name: &String| pieces.plan.existing.as_ref().is_none_or(|existing| !existing.left_alone.contains(name));
    let profiles = || profile.tables.iter().filter(|(name, _)| is_moved(name)).map(|(_, table)| table);
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    SourceFacts {
        path: pieces.survey.source.display().to_string(),
        bytes: catalog.file.bytes,
        tables: number(catalog.tables.len()),
        rows: profiles().map(|table| table.rows).sum(),
        cells: profiles().map(|table| table.cells).sum(),
        views: number(catalog.views.len()),
        triggers: number(catalog.triggers.len()),
        journal_mode: match catalog.file.journal_mode {
            JournalMode::Rollback => "rollback".to_owned(),
            JournalMode::Wal => "wal".to_owned(),
        },
        access: pieces.survey.access.clone(),
        framework: pieces.report.framework.as_ref().map(|framework| framework.name.clone()),
        schema_fingerprint: pieces.plan.source.schema.clone(),
        content_fingerprint: pieces.plan.source.content.clone(),
    }
}

fn plan_facts(pieces: &Pieces<'_>) -> PlanFacts {
    let mut facts = PlanFacts {
        id: pieces.plan.id.as_str().to_owned(),
        mode: if pieces.plan.existing.is_some() { "existing" } else { "own" }.to_owned(),
        columns_exact: 0,
        columns_normalised: 0,
        columns_to_decide: 0,
        steps: u64::try_from(pieces.plan.steps.len()).unwrap_or(u64::MAX),
        renames: pieces.report.renames.clone(),
    };
    for decision in &pieces.report.columns {
        let quarantines = decision.inexact.iter().any(|inexact| matches!(inexact.fate, Fate::Quarantined(_)));
        let normalises = decision.inexact.iter().any(|inexact| matches!(inexact.fate, Fate::Normalised(_)));
        if quarantines || !decision.counter_examples.is_empty() {
            facts.columns_to_decide += 1;
        } else if normalises {
            facts.columns_normalised += 1;
        } else {
            facts.columns_exact += 1;
        }
    }
    facts
}

fn tables(pieces: &Pieces<'_>, carried: Option<&Carried>) -> Vec<TableLine> {
    let line = |table: &crate::plan::TablePlan| {
        let copied = carried.and_then(|carried| carried.copy.tables.get(&table.source));
        let verdict = carried.and_then(|carried| carried.verification.tables.get(&table.source));
        TableLine {
            source: table.source.clone(),
            target: table.target.clone(),
            rows: table.rows,
            bytes: copied.map_or(0, |copied| copied.bytes),
            cells: copied.map(|copied| copied.cells.clone()).unwrap_or_default(),
            verdict: match verdict.map(|verdict| verdict.verdict) {
                Some(Verdict::Match) => "match",
                Some(Verdict::Mismatch) => "mismatch",
                Some(Verdict::Inconclusive) => "inconclusive",
                None => "not compared",
            }
            .to_owned(),
        }
    };
    pieces.plan.tables.iter().map(line).collect()
}
