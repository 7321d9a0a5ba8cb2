//! The tables, for the terminal and for docs/performance.md.

use std::fmt::Write as _;

use super::contender::Contender;
use super::machine::Machine;
use super::result::{Run, SetResult};

const HEAD: [&str; 10] = ["", "wall s", "whole s", "× FULL", "load s", "× L", "client CPU s", "server CPU s", "peak MB", "WAL MB"];

/// A data set: a line for each contender, and outgrow's phases.
pub(super) fn of_set(set: &SetResult) -> String {
    let megabytes = set.bytes / 1_000_000;
    let mut text = format!("### {}: {megabytes} MB, {} tables, {} rows\n\n", set.name, set.tables, grouped(set.rows));
    let mut rows = vec![HEAD.map(str::to_owned).into_iter().chain(["result".to_owned()]).collect::<Vec<_>>()];
    let limit = set.median(Contender::Limit, |run| Some(run.wall));
    let full = set.median(Contender::Full, |run| Some(run.wall));
    for contender in Contender::ALL {
        let runs = set.of(contender);
        let Some(first) = runs.first() else { continue };
        let median = |what: &dyn Fn(&Run) -> Option<f64>| set.median(contender, what);
        let shown = |number: Option<f64>| number.map_or_else(|| "–".to_owned(), |number| format!("{number:.2}"));
        let ratio = |number: Option<f64>, of: Option<f64>| shown(number.zip(of).map(|(number, of)| number / of));
        let whole = if contender == Contender::Limit { None } else { median(&|run| Some(run.whole())) };
        let load = median(&Run::load);
        // Of several runs, the one that went wrong.
        let outcome = runs.iter().find(|run| run.failed.is_some() || !run.judgement.wrong.is_empty()).unwrap_or(first).outcome();
        rows.push(vec![
            contender.name().to_owned(),
            shown(median(&|run| Some(run.wall))),
            shown(whole),
            ratio(whole, full),
            shown(load),
            ratio(load, limit),
            shown(median(&|run| run.client_seconds)),
            shown(median(&|run| run.server_seconds)),
            median(&|run| number(run.peak_kib?)).map_or_else(|| "–".to_owned(), |kib| format!("{:.0}", kib / 1000.0 * 1.024)),
            median(&|run| number(run.wal_bytes)).map_or_else(|| "–".to_owned(), |bytes| format!("{:.0}", bytes / 1e6)),
            outcome.replace('|', "/"),
        ]);
    }
    text.push_str(&laid_out(&rows));
    if let Some(first) = set.of(Contender::Outgrow).first() {
        let median = |name: &str| set.median(Contender::Outgrow, |run| run.phase(name)).unwrap_or_default();
        let phases: Vec<String> = first.phases.iter().map(|(name, _)| format!("{name} {:.2} s", median(name))).collect();
        write!(text, "\noutgrow's phases: {}.\n", phases.join(", ")).ok();
    }
    text
}

fn number(whole: u64) -> Option<f64> {
    whole.to_string().parse().ok()
}

/// `6,200,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|part| std::str::from_utf8(part).ok()).collect();
    parts.join(",")
}

/// A table of Markdown that can be read as it stands.
fn laid_out(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let wide = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(wide).collect();
    let left = |at: usize| at == 0 || at + 1 == columns;
    let mut text = String::new();
    for (line, row) in rows.iter().enumerate() {
        let cells = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(at, (cell, width))| if left(at) { format!(" {cell:<width$} ") } else { format!(" {cell:>width$} ") });
        writeln!(text, "|{}|", cells.collect::<Vec<_>>().join("|")).ok();
        if line == 0 {
            let rule = widths
                .iter()
                .enumerate()
                .map(|(at, width)| if left(at) { "-".repeat(width + 2) } else { format!("{}:", "-".repeat(width + 1)) });
            writeln!(text, "|{}|", rule.collect::<Vec<_>>().join("|")).ok();
        }
    }
    text
}

/// The whole page.
pub(super) fn page(machine: &Machine, scale: &str, sets: &[SetResult]) -> String {
    let mut text = format!(
        "# Performance\n\nWritten by `cargo x bench --write`; not by hand.\n\n\
         Measured on {}: {}, {} processors, {} MiB of memory; {}, with a warm page cache.\n\
         PostgreSQL {}: {}.\nScale {scale}. Medians of {} rounds, in which the contenders took turns. Ratios count, not seconds.\n\n",
        machine.date,
        machine.system,
        machine.processors,
        machine.memory_mib,
        machine.server,
        machine.postgresql,
        machine.settings,
        sets.iter().flat_map(|set| &set.runs).map(|run| run.round).max().unwrap_or(0),
    );
    text.push_str("## Who takes part\n\n");
    for contender in Contender::ALL.into_iter().filter(|contender| sets.iter().any(|set| !set.of(*contender).is_empty())) {
        writeln!(text, "- **{}**: {}", contender.name(), contender.what()).ok();
    }
    write!(text, "\nVersions: {}.\n\n", machine.versions.join("; ")).ok();
    text.push_str(
        "## How to read it\n\n\
         - **wall**: from the start of the program to its end. **whole**: from an empty target to one with rows, primary keys, indexes, foreign keys and\n  \
           sequences; for outgrow these phases of its own report, for others the wall time. **load**: the rows alone; for\n\
           \x20 outgrow until the last row is in, with the keys of other tables that it makes meanwhile.\n\
         - **CPU**: processor time of the client's process, and of all processes of the server. **peak**: the client's memory. **WAL**: what the server wrote to its log.\n  \
           For outgrow these four cover all that it does, snapshot, inspection and verification included.\n\
         - **result**: `equal` means the same rows, the same checksum in every column, and every primary key, index and foreign key. What differs from the\n  \
           source is named.\n\n## Results\n\n",
    );
    text.push_str(&sets.iter().map(of_set).collect::<Vec<_>>().join("\n"));
    write!(
        text,
        "\n## Again\n\n```\ncargo x bench --sets {} --scale {scale}\n```\n\n\
         makes the same SQLite files (kept in target/bench) and measures anew, on a PostgreSQL of its own that is gone afterwards, or on the one that `--target URL` names. `cargo x bench --help` lists the flags.\n",
        sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>().join(",")
    )
    .ok();
    text
}
