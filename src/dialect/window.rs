//! Windows: what stands behind OVER, and the functions that need it.

use turso_parser::ast::{Expr, FrameBound, FrameClause, FrameExclude, FrameMode, Name, Over, Window};

use super::aggregate::{Call, partition_key};
use super::fault::{Translated, refuse};
use super::typed::{Class, Typed};
use super::unify::unify;
use super::walk::Walk;

/// The functions that are nothing without OVER.
const WINDOW_ONLY: &[&str] =
    &["row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead", "first_value", "last_value", "nth_value"];

/// Whether a function is nothing without OVER; the name in lower case.
pub(super) fn is_window_only(name: &str) -> bool {
    WINDOW_ONLY.contains(&name)
}

impl Walk<'_> {
    /// A call of a function that needs a window.
    pub(super) fn window_call(&mut self, name: &str, call: &Call<'_>) -> Translated<Typed> {
        let Some(over) = &call.tail.over_clause else { return refuse(format!("{name}()"), "it has no window") };
        if call.distinct || call.tail.filter_clause.is_some() || !call.order_by.is_empty() {
            return refuse(format!("{name}()"), "SQLite takes no DISTINCT, FILTER or ORDER BY there");
        }
        let args = call.args.iter().map(|arg| self.expr(arg)).collect::<Translated<Vec<_>>>()?;
        let over = format!(" OVER ({})", self.window(over)?);
        match (name, args.as_slice()) {
            ("row_number" | "rank" | "dense_rank", []) => Ok(Typed::computed(format!("{name}(){over}"), Class::Integer)),
            ("percent_rank" | "cume_dist", []) => Ok(Typed::computed(format!("{name}(){over}"), Class::Real)),
            ("ntile", [count]) => {
                let count = distance(name, count, 1)?;
                Ok(Typed::computed(format!("(ntile({count}){over})::bigint"), Class::Integer))
            }
            ("first_value" | "last_value", [value]) => {
                let (texts, kind) = unify(std::slice::from_ref(definite(name, value)?), name)?;
                Ok(kind.typed(format!("{name}({}){over}", texts.join(""))))
            }
            ("nth_value", [value, place]) => {
                let place = distance(name, place, 1)?;
                let (texts, kind) = unify(std::slice::from_ref(definite(name, value)?), name)?;
                Ok(kind.typed(format!("nth_value({}, {place}){over}", texts.join(""))))
            }
            ("lag" | "lead", [value, rest @ ..]) if rest.len() < 3 => {
                let step = rest.first().map_or(Ok(1), |step| distance(name, step, 0))?;
                definite(name, value)?;
                let values: Vec<Typed> = [value].into_iter().chain(rest.get(1)).cloned().collect();
                let (texts, kind) = unify(&values, name)?;
                let text = |at: usize| texts.get(at).cloned().unwrap_or_default();
                let otherwise = if texts.len() > 1 { format!(", {}", text(1)) } else { String::new() };
                Ok(kind.typed(format!("{name}({}, {step}{otherwise}){over}", text(0))))
            }
            _ => refuse(format!("{name}()"), "SQLite takes another number of arguments"),
        }
    }

    /// What stands in the parentheses of OVER.
    pub(super) fn window(&mut self, over: &Over) -> Translated<String> {
        let window = match over {
            Over::Name(name) => self.named_window(name, usize::MAX)?,
            Over::Window(window) => self.resolved(window, usize::MAX)?,
        };
        let mut parts = Vec::new();
        if !window.partition_by.is_empty() {
            let terms = window.partition_by.iter().map(|expr| self.expr(expr).and_then(|value| partition_key(&value)));
            parts.push(format!("PARTITION BY {}", terms.collect::<Translated<Vec<_>>>()?.join(", ")));
        }
        if !window.order_by.is_empty() {
            parts.push(format!("ORDER BY {}", self.order_terms(&window.order_by)?));
        }
        if let Some(frame) = &window.frame_clause {
            parts.push(self.frame_clause(frame, &window)?);
        }
        Ok(parts.join(" "))
    }

    /// Whether rows go out of the frame again as it moves on.
    pub(super) fn leaves_rows(&mut self, over: &Over) -> bool {
        let window = match over {
            Over::Name(name) => self.named_window(name, usize::MAX),
            Over::Window(window) => self.resolved(window, usize::MAX),
        };
        window.is_ok_and(|window| {
            window.frame_clause.is_some_and(|frame| frame.start != FrameBound::UnboundedPreceding || frame.exclude.is_some())
        })
    }

    /// The window of this name among the first `before` of the WINDOW clause.
    fn named_window(&mut self, name: &Name, before: usize) -> Translated<Window> {
        let known = self.frame().and_then(|frame| {
            let mut windows = frame.windows.iter().enumerate().take(before);
            windows.find(|(_, known)| known.name.as_str().eq_ignore_ascii_case(name.as_str())).map(|(at, known)| (at, known.window.clone()))
        });
        match known {
            Some((at, window)) => self.resolved(&window, at),
            None => refuse(format!("OVER {}", name.as_str()), "there is no such window before it"),
        }
    }

    /// The window with what it takes from the one that it is based on: all but the frame.
    fn resolved(&mut self, window: &Window, before: usize) -> Translated<Window> {
        let Some(base) = &window.base else { return Ok(window.clone()) };
        let base = self.named_window(base, before)?;
        if base.frame_clause.is_some() || !window.partition_by.is_empty() || !base.order_by.is_empty() && !window.order_by.is_empty() {
            return refuse("OVER", "it overrides what its base window says");
        }
        let order_by = if base.order_by.is_empty() { window.order_by.clone() } else { base.order_by };
        Ok(Window { base: None, partition_by: base.partition_by, order_by, frame_clause: window.frame_clause.clone() })
    }

    fn frame_clause(&mut self, frame: &FrameClause, window: &Window) -> Translated<String> {
        let mode = match frame.mode {
            FrameMode::Rows => "ROWS",
            FrameMode::Groups => "GROUPS",
            FrameMode::Range => "RANGE",
        };
        let has_distance = |bound: &FrameBound| matches!(bound, FrameBound::Following(_) | FrameBound::Preceding(_));
        let ranged = frame.mode == FrameMode::Range && (has_distance(&frame.start) || frame.end.as_ref().is_some_and(has_distance));
        if ranged {
            let [term] = window.order_by.as_slice() else { return refuse("RANGE", "it has not just one ORDER BY term") };
            if self.expr(&term.expr)?.class != Class::Integer {
                return refuse("RANGE with a distance", "the values that are sorted by are not certainly integers");
            }
        }
        if frame.mode == FrameMode::Groups && window.order_by.is_empty() {
            return refuse("GROUPS", "PostgreSQL wants an ORDER BY there");
        }
        let start = self.bound(&frame.start)?;
        let end = frame.end.as_ref().map(|bound| self.bound(bound)).transpose()?;
        let extent = end.map_or_else(|| start.clone(), |end| format!("BETWEEN {start} AND {end}"));
        let exclude = match &frame.exclude {
            None | Some(FrameExclude::NoOthers) => "",
            Some(FrameExclude::CurrentRow) => " EXCLUDE CURRENT ROW",
            Some(FrameExclude::Group) => " EXCLUDE GROUP",
            Some(FrameExclude::Ties) => " EXCLUDE TIES",
        };
        Ok(format!("{mode} {extent}{exclude}"))
    }

    fn bound(&mut self, bound: &FrameBound) -> Translated<String> {
        let mut distance = |expr: &Expr| self.expr(expr).and_then(|value| distance("window frame", &value, 0));
        Ok(match bound {
            FrameBound::CurrentRow => "CURRENT ROW".to_owned(),
            FrameBound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
            FrameBound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
            FrameBound::Preceding(expr) => format!("{} PRECEDING", distance(expr)?),
            FrameBound::Following(expr) => format!("{} FOLLOWING", distance(expr)?),
        })
    }
}

/// A literal number that both databases take for a distance.
fn distance(construct: &str, value: &Typed, least: i64) -> Translated<i64> {
    match value.constant_integer() {
        Some(number) if number >= least && number <= i64::from(i32::MAX) => Ok(number),
        Some(_) | None => refuse(construct, "a distance or a number of rows is not a literal, or not one that both sides take"),
    }
}

fn definite<'t>(construct: &str, value: &'t Typed) -> Translated<&'t Typed> {
    if value.class == Class::Null { refuse(format!("{construct}(NULL)"), "the argument has no type") } else { Ok(value) }
}
