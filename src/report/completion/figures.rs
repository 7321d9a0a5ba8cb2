//! The geometry of the drawings, in percent, so that they fit a phone and a wall.

use minijinja::context;
use minijinja::value::Value;

use super::facts::{CompletionReport, LatencyLine, StepLine};
use crate::report::page::drawing::{sound, ticks};
use crate::report::page::harmless;
use crate::verify::Verdict;

/// How many tables the drawing shows; the table beside it has them all.
const LARGEST: usize = 20;

fn percent(of: f64, all: f64) -> String {
    let percent = if all > 0.0 { sound(of) / all * 100.0 } else { 0.0 };
    format!("{:.3}", percent.min(100.0))
}

/// Places on an axis with their labels.
fn axis(all: f64, unit: &str) -> Vec<Value> {
    let label = |at: f64| {
        let digits = format!("{at:.3}");
        format!("{} {unit}", digits.trim_end_matches('0').trim_end_matches('.'))
    };
    // A label at the end of the axis would stand beyond the drawing.
    let anchor = |at: f64| if at > all * 0.9 { "end" } else { "start" };
    ticks(all).into_iter().map(|at| context! { at => label(at), x => percent(at, all), anchor => anchor(at) }).collect()
}

/// The steps of a course, one after the other.
pub(super) fn steps(steps: &[StepLine]) -> Value {
    let total: f64 = steps.iter().map(|step| sound(step.seconds)).sum();
    let mut began = 0.0;
    let bars: Vec<Value> = steps
        .iter()
        .map(|step| {
            let (x, seconds) = (percent(began, total), sound(step.seconds));
            began += seconds;
            context! { name => harmless::line(&step.title), seconds, frozen => step.frozen, x, width => percent(seconds, total) }
        })
        .collect();
    context! { bars, ticks => axis(total, "s"), total }
}

/// How long the application took no writes, against what it was allowed to.
pub(super) fn downtime(report: &CompletionReport) -> Value {
    let (Some(down), Some(budget)) = (report.downtime_seconds, report.budget_seconds) else { return Value::from(()) };
    let budget = sound(budget);
    let all = budget.max(sound(down));
    context! {
        seconds => sound(down), budget, over => sound(down) > budget,
        width => percent(down, all), limit => percent(budget, all), ticks => axis(all, "s"),
        share => if budget > 0.0 { format!("{:.1} %", sound(down) / budget * 100.0) } else { "–".to_owned() },
    }
}

/// The tables with the rows of both sides, and the largest of them as bars.
pub(super) fn tables(report: &CompletionReport) -> Value {
    let Some(moved) = report.moved.as_ref().map(|moved| &moved.report) else { return Value::from(()) };
    let most = moved.tables.iter().map(|table| table.rows).max().unwrap_or_default();
    let permille = |rows: u64| u128::from(rows) * 1000 / u128::from(most.max(1));
    let line = |table: &crate::report::TableLine| {
        let compared = moved.verification.as_ref().and_then(|verification| verification.tables.get(&table.source));
        let equal = compared.filter(|compared| compared.verdict == Verdict::Match);
        let width = permille(table.rows);
        context! {
            source => harmless::line(&table.source), target => harmless::line(&table.target), rows => table.rows, bytes => table.bytes,
            equal => equal.map(|compared| compared.rows), reference => compared.map_or(0, |compared| compared.reference),
            verdict => harmless::line(&table.verdict), width => format!("{}.{}", width / 10, width % 10),
        }
    };
    let mut order: Vec<&crate::report::TableLine> = moved.tables.iter().filter(|table| table.rows > 0).collect();
    order.sort_by_key(|table| (std::cmp::Reverse(table.rows), &table.source));
    order.truncate(LARGEST);
    let all: Vec<Value> = moved.tables.iter().map(line).collect();
    let largest: Vec<Value> = order.into_iter().map(line).collect();
    let ticks = [(0, "0", "start"), (most / 2, "50", "middle"), (most, "100", "end")].map(|(at, x, anchor)| context! { at, x, anchor });
    context! { all, largest, ticks => ticks.to_vec(), bytes => moved.tables.iter().map(|table| table.bytes).sum::<u64>() }
}

/// The medians of both sides on one axis.
pub(super) fn latency(lines: &[LatencyLine]) -> Value {
    let median = |timing: Option<&super::facts::Timing>| timing.and_then(|timing| timing.median_ms).map(sound);
    let both = |line: &LatencyLine| [median(line.before.as_ref()), median(line.after.as_ref())];
    let most = lines.iter().flat_map(both).flatten().fold(0.0, f64::max);
    let bar = |line: &LatencyLine| {
        let [before, after] = both(line).map(|at| at.map(|at| context! { ms => format!("{at:.1}"), width => percent(at, most) }));
        context! { name => harmless::line(&line.name), before, after }
    };
    context! { bars => lines.iter().map(bar).collect::<Vec<_>>(), ticks => axis(most, "ms"), drawn => most > 0.0 }
}
