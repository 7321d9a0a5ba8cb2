//! What the runs gave, and their medians.

use std::fmt;

use serde_json::{Value, json};

use super::check::Judgement;
use super::contender::Contender;
use super::machine::Machine;
use super::measure::Measured;

/// What stands between an empty target and the application's database; what comes before and behind is not counted as a move by others.
const WHOLE: [&str; 5] = ["tables", "load", "keys", "foreign keys", "sequences"];
const SAID_BYTES_MAX: usize = 300;

/// One run of a contender.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) contender: Contender,
    pub(super) round: usize,
    pub(super) wall: f64,
    pub(super) client_seconds: Option<f64>,
    pub(super) server_seconds: Option<f64>,
    pub(super) peak_kib: Option<u64>,
    pub(super) wal_bytes: u64,
    /// As outgrow's own report tells them; empty for others.
    pub(super) phases: Vec<(String, f64)>,
    pub(super) judgement: Judgement,
    /// Why it did not end well.
    pub(super) failed: Option<String>,
}

#[derive(Debug)]
pub(super) struct SetResult {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) tables: usize,
    pub(super) rows: u64,
    pub(super) runs: Vec<Run>,
}

impl Run {
    pub(super) fn of(contender: Contender, round: usize, measured: Measured, judgement: Judgement) -> Result<Self, String> {
        let Measured { seconds, client_seconds, server_seconds, peak_kib, wal_bytes, output } = measured;
        let phases = if contender == Contender::Outgrow { phases(&output.stdout).unwrap_or_default() } else { Vec::new() };
        let failed = (!output.status.success()).then(|| {
            let said = String::from_utf8_lossy(&output.stderr);
            let end = said.char_indices().rev().map(|(at, _)| at).take(SAID_BYTES_MAX).last().unwrap_or(0);
            format!("{}: {}", output.status, said.get(end..).unwrap_or_default().trim())
        });
        if contender == Contender::Outgrow && phases.is_empty() {
            return Err(format!("outgrow's report names no phases; {}", failed.unwrap_or_default()));
        }
        Ok(Self { contender, round, wall: seconds, client_seconds, server_seconds, peak_kib, wal_bytes, phases, judgement, failed })
    }

    /// The time from an empty target to one with all its keys.
    pub(super) fn whole(&self) -> f64 {
        if self.phases.is_empty() {
            return self.wall;
        }
        self.phases.iter().filter(|(name, _)| WHOLE.contains(&name.as_str())).map(|(_, seconds)| seconds).sum()
    }

    /// The time of the rows alone, where it is known.
    pub(super) fn load(&self) -> Option<f64> {
        if self.contender == Contender::Limit { Some(self.wall) } else { self.phase("load") }
    }

    pub(super) fn phase(&self, wanted: &str) -> Option<f64> {
        self.phases.iter().find(|(name, _)| name == wanted).map(|(_, seconds)| *seconds)
    }

    /// In a cell of a table: a wrong result is shown as wrong.
    pub(super) fn outcome(&self) -> String {
        match &self.failed {
            Some(why) => format!("FAILED: {}; {}", why.lines().next().unwrap_or_default(), self.judgement),
            None => self.judgement.to_string(),
        }
    }
}

fn phases(report: &[u8]) -> Option<Vec<(String, f64)>> {
    let report: Value = serde_json::from_slice(report).ok()?;
    let phases = report.get("phases")?.as_array()?;
    phases.iter().map(|phase| Some((phase.get("name")?.as_str()?.to_owned(), phase.get("seconds")?.as_f64()?))).collect()
}

/// A line while it runs.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<9} {:>8.2} s", self.contender.name(), self.wall)?;
        if !self.phases.is_empty() {
            write!(f, " ({:.2} s whole, {:.2} s load)", self.whole(), self.load().unwrap_or_default())?;
        }
        write!(f, "  {}", self.outcome())
    }
}

impl SetResult {
    pub(super) fn of(&self, contender: Contender) -> Vec<&Run> {
        self.runs.iter().filter(|run| run.contender == contender).collect()
    }

    /// The median of something over a contender's runs; none where nothing is known.
    pub(super) fn median(&self, contender: Contender, what: impl Fn(&Run) -> Option<f64>) -> Option<f64> {
        let mut numbers: Vec<f64> = self.of(contender).into_iter().filter_map(what).collect();
        numbers.sort_by(f64::total_cmp);
        let middle = numbers.len() / 2;
        let upper = *numbers.get(middle)?;
        Some(if numbers.len().is_multiple_of(2) { f64::midpoint(*numbers.get(middle - 1)?, upper) } else { upper })
    }
}

/// Everything, for programs.
pub(super) fn document(machine: &Machine, scale: &str, sets: &[SetResult]) -> Value {
    let run = |run: &Run| {
        json!({
            "contender": run.contender.name(), "round": run.round, "wall_seconds": run.wall, "whole_seconds": run.whole(),
            "load_seconds": run.load(), "client_cpu_seconds": run.client_seconds, "server_cpu_seconds": run.server_seconds,
            "client_peak_kib": run.peak_kib, "wal_bytes": run.wal_bytes,
            "phases": run.phases.iter().map(|(name, seconds)| json!({ "name": name, "seconds": seconds })).collect::<Vec<_>>(),
            "outcome": run.outcome(), "wrong": run.judgement.wrong, "all_objects": run.judgement.all_objects,
        })
    };
    let set = |set: &SetResult| {
        json!({
            "name": set.name, "bytes": set.bytes, "tables": set.tables, "rows": set.rows,
            "runs": set.runs.iter().map(run).collect::<Vec<_>>(),
        })
    };
    json!({
        "date": machine.date, "system": machine.system, "processors": machine.processors, "memory_mib": machine.memory_mib,
        "postgresql": machine.postgresql, "settings": machine.settings, "versions": machine.versions, "scale": scale,
        "sets": sets.iter().map(set).collect::<Vec<_>>(),
    })
}
