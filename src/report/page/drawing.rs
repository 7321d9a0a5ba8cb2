//! The geometry of the page's two drawings. All widths are in percent, so that they fit a phone and a wall.

use minijinja::context;
use minijinja::value::Value;

use super::harmless;
use crate::report::{PhaseReport, TableLine};

/// How many tables the drawing shows; the table beside it has them all.
const LARGEST: usize = 20;

/// The phases on one axis of seconds, one after the other.
pub(in crate::report) fn timeline(phases: &[PhaseReport]) -> Value {
    let total: f64 = phases.iter().map(|phase| sound(phase.seconds)).sum();
    let percent = |seconds: f64| if total > 0.0 { seconds / total * 100.0 } else { 0.0 };
    let mut began = 0.0;
    let bars: Vec<Value> = phases
        .iter()
        .map(|phase| {
            let seconds = sound(phase.seconds);
            let bar = context! {
                name => harmless::line(&phase.name),
                seconds,
                frozen => phase.frozen,
                x => format!("{:.3}", percent(began)),
                width => format!("{:.3}", percent(seconds)),
            };
            began += seconds;
            bar
        })
        .collect();
    let ticks: Vec<Value> =
        ticks(total).into_iter().map(|at| context! { at => tick_label(at), x => format!("{:.3}", percent(at)) }).collect();
    context! { bars, ticks, total }
}

/// A time that can be drawn: a clock may go wrong, a drawing may not.
pub(in crate::report) fn sound(seconds: f64) -> f64 {
    if seconds.is_finite() && seconds > 0.0 { seconds } else { 0.0 }
}

/// Three to six places on an axis from zero, at steps of 1, 2 or 5 times a power of ten; the last one not too near the end.
pub(in crate::report) fn ticks(total: f64) -> Vec<f64> {
    if total <= 0.0 {
        return vec![0.0];
    }
    let power = 10_f64.powf((total / 5.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| total / step <= 5.0).unwrap_or(total);
    (0..6_u8).map(|position| f64::from(position) * step).take_while(|at| *at <= total).collect()
}

fn tick_label(at: f64) -> String {
    let digits = format!("{at:.3}");
    let short = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{short} s")
}

/// The largest tables by bytes sent, or by rows where nothing was sent.
pub(in crate::report) fn largest(tables: &[TableLine]) -> Value {
    let by_bytes = tables.iter().any(|table| table.bytes > 0);
    let size = |table: &TableLine| if by_bytes { table.bytes } else { table.rows };
    let mut order: Vec<&TableLine> = tables.iter().filter(|table| size(table) > 0).collect();
    order.sort_by_key(|table| (std::cmp::Reverse(size(table)), &table.source));
    order.truncate(LARGEST);
    let most = order.first().map_or(1, |table| u128::from(size(table)));
    let bars: Vec<Value> = order
        .into_iter()
        .map(|table| {
            let permille = u128::from(size(table)) * 1000 / most;
            context! {
                name => harmless::line(&table.source),
                rows => table.rows,
                bytes => table.bytes,
                width => format!("{}.{}", permille / 10, permille % 10),
                verdict => table.verdict.clone(),
            }
        })
        .collect();
    context! { bars, by_bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_has_round_steps() {
        for (total, labels) in [
            (24.0, &["0 s", "5 s", "10 s", "15 s", "20 s"][..]),
            (10.0, &["0 s", "2 s", "4 s", "6 s", "8 s", "10 s"]),
            (0.03, &["0 s", "0.01 s", "0.02 s", "0.03 s"]),
            (7200.0, &["0 s", "2000 s", "4000 s", "6000 s"]),
            (0.0, &["0 s"]),
        ] {
            assert_eq!(ticks(total).into_iter().map(tick_label).collect::<Vec<_>>(), labels, "{total}");
        }
    }

    #[test]
    fn a_broken_clock_draws_nothing() {
        let phase = |seconds| PhaseReport { name: "x".to_owned(), what: String::new(), result: String::new(), seconds, frozen: false };
        let drawn = timeline(&[phase(f64::NAN), phase(-1.0), phase(f64::INFINITY)]).to_string();
        assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
    }
}
