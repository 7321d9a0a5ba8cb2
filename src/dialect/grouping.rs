//! GROUP BY, HAVING and ORDER BY, and the columns that are not grouped by.
//!
//! SQLite lets a query use such columns, and takes them from any row of the group; only beside a single min() or max()
//! it says which: the row with that value. There the column becomes the first of all in that order.

use turso_parser::ast::{Expr, FromClause, GroupBy, SortedColumn};

use crate::value::Conversion;

use super::aggregate::{direction, group_key, partition_key};
use super::compare::order_key;
use super::fault::{Translated, Untranslatable, refuse};
use super::select::Arm;
use super::typed::{Class, Typed};
use super::walk::Walk;

const BARE: &str = "column outside of GROUP BY";

/// A min() or max() of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extreme {
    /// What rows are ordered by so that the first has the value.
    order: String,
    value: String,
    filtered: bool,
}

/// The row of each group that columns outside of GROUP BY come from.
#[derive(Debug, Clone)]
pub(super) struct Pick {
    row: PickedRow,
    keys: Vec<String>,
}

#[derive(Debug, Clone)]
enum PickedRow {
    /// Any row: they are alike.
    Any,
    /// The row with the least or the greatest value.
    Extreme {
        /// The order in which that row is the first.
        order: String,
        /// The order in which it is where all values are NULL: SQLite takes the last row then.
        of_nulls: String,
        value: String,
    },
}

impl Pick {
    /// A column as that row has it.
    pub(super) fn apply(&self, column: Typed) -> Typed {
        let value = column.stored.as_ref().map_or_else(|| column.value(), |stored| stored.sql.clone());
        if self.keys.contains(&value) {
            return column;
        }
        let first = |order: &str| format!("(array_agg({value}{order}))[1]");
        let sql = match &self.row {
            PickedRow::Any => first(""),
            PickedRow::Extreme { order, of_nulls, value } => {
                format!("(CASE WHEN count({value}) > 0 THEN {} ELSE {} END)", first(order), first(of_nulls))
            }
        };
        let picked = match &column.stored {
            Some(stored) => Typed::stored(sql, stored.conversion, stored.pg_type),
            None => Typed::computed(sql, column.class),
        };
        Typed { affinity: column.affinity, collation: column.collation, derived: column.derived, ..picked }
    }
}

impl Walk<'_> {
    /// Notes a min() or max() over this value.
    pub(super) fn note_extreme(&mut self, name: &str, value: &Typed, filtered: bool) {
        let Ok(key) = order_key(value) else { return };
        let direction = if name == "min" { "" } else { " DESC" };
        let stored = value.stored.as_ref().map_or_else(|| value.value(), |stored| stored.sql.clone());
        if let Some(frame) = self.frame() {
            let extreme = Extreme { order: format!("{key}{direction} NULLS LAST"), value: stored, filtered };
            if !frame.extremes.contains(&extreme) {
                frame.extremes.push(extreme);
            }
        }
    }

    /// The row that the columns outside of GROUP BY come from, where they are all that was wrong and SQLite says which it is.
    pub(super) fn picked_row(&mut self, why: &Untranslatable) -> Option<Pick> {
        let frame = self.frame().filter(|frame| why.construct == BARE && frame.pick.is_none())?;
        if frame.determined {
            return Some(Pick { row: PickedRow::Any, keys: frame.keys.clone() });
        }
        let [extreme] = frame.extremes.as_slice() else { return None };
        if extreme.filtered || frame.relations.iter().flat_map(|relation| &relation.columns).any(|column| is_array(column.conversion)) {
            return None;
        }
        // Of several rows with the value, the first by their keys: with no index in its way, SQLite finds it first.
        let keys = frame.relations.iter().flat_map(|relation| relation.key.iter().filter_map(|position| relation.column(*position)));
        let keys: Vec<String> = keys.filter_map(|key| key.stored.map(|stored| stored.sql)).collect();
        let order = std::iter::once(extreme.order.clone()).chain(keys.iter().cloned()).collect::<Vec<_>>().join(", ");
        let backwards = keys.iter().map(|key| format!("{key} DESC")).collect::<Vec<_>>().join(", ");
        let row = PickedRow::Extreme {
            order: format!(" ORDER BY {order}"),
            of_nulls: if backwards.is_empty() { String::new() } else { format!(" ORDER BY {backwards}") },
            value: extreme.value.clone(),
        };
        Some(Pick { row, keys: frame.keys.clone() })
    }

    /// What is done with the columns outside of GROUP BY taken from the picked row, if there is one.
    pub(super) fn picking<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let depth = self.frames.len();
        if let Some(frame) = self.frame() {
            frame.picking = frame.pick.is_some();
        }
        let result = work(self);
        if let Some(frame) = depth.checked_sub(1).and_then(|at| self.frames.get_mut(at)) {
            frame.picking = false;
        }
        result
    }

    /// A result column: one that is grouped by as a whole as it is, any other of the picked row.
    pub(super) fn result_column(&mut self, expr: &Expr) -> Translated<Typed> {
        let before = self.frame().map_or(0, |frame| frame.bare.len());
        let plain = self.expr(expr)?;
        let Some(frame) = self.frame() else { return Ok(plain) };
        let Some(pick) = &frame.pick else { return Ok(plain) };
        if frame.bare.len() == before || group_key(&plain).is_ok_and(|key| pick.keys.contains(&key)) {
            return Ok(plain);
        }
        frame.bare.truncate(before);
        self.picking(|walk| walk.expr(expr))
    }

    /// GROUP BY and HAVING; gives the keys, or none where the query is not grouped.
    pub(super) fn group(&mut self, arm: &mut Arm, group_by: Option<&GroupBy>) -> Translated<Option<Vec<String>>> {
        let Some(group_by) = group_by else {
            if let Some(frame) = self.frame() {
                frame.bare.extend(arm.bare.iter().flatten());
            }
            return Ok(self.frame().is_some_and(|frame| frame.aggregates).then(Vec::new));
        };
        let bare = self.frame().map_or(0, |frame| frame.bare.len());
        let mut keys = Vec::new();
        for expr in &group_by.exprs {
            let typed = self.result_or(expr, arm, false)?;
            if typed.constant.is_some() || typed.class == Class::Null {
                return refuse("GROUP BY", "it groups by a constant");
            }
            keys.push(partition_key(&typed)?);
        }
        if let Some(frame) = self.frame() {
            frame.keys.clone_from(&keys);
            frame.bare.truncate(bare);
            // An expression that is grouped by as a whole may be made of any columns.
            let ungrouped = arm.values.iter().zip(&arm.bare).filter(|(value, _)| !group_key(value).is_ok_and(|key| keys.contains(&key)));
            frame.bare.extend(ungrouped.flat_map(|(_, columns)| columns));
        }
        if !keys.is_empty() {
            arm.rest.extend([format!(" GROUP BY {}", keys.join(", "))]);
        }
        if let Some(having) = &group_by.having {
            let having = self.picking(|walk| walk.condition(having))?;
            arm.rest.extend([format!(" HAVING {having}")]);
        }
        Ok(Some(keys))
    }

    /// The result column that a term names by its number (or, first of all, by its alias), else the term.
    fn result_or(&mut self, expr: &Expr, arm: &Arm, alias_first: bool) -> Translated<Typed> {
        if let (Expr::Id(name), true) = (expr, alias_first)
            && let Some(position) = arm.names.iter().position(|known| known.eq_ignore_ascii_case(name.as_str()))
            && let Some(typed) = arm.values.get(position)
        {
            return Ok(typed.clone());
        }
        let typed = self.expr(expr)?;
        if !matches!(expr, Expr::Literal(_)) {
            return Ok(typed);
        }
        let position = typed.constant_integer().and_then(|number| usize::try_from(number).ok()).and_then(|number| number.checked_sub(1));
        match position {
            Some(position) => arm.values.get(position).cloned().map_or_else(|| refuse("ordinal", "there is no such result column"), Ok),
            None => Ok(typed),
        }
    }

    pub(super) fn order(&mut self, arm: &Arm, terms: &[SortedColumn], grouped: Option<&[String]>) -> Translated<String> {
        let mut keys = Vec::new();
        for term in terms {
            let before = self.frame().map_or(0, |frame| frame.bare.len());
            let typed = self.picking(|walk| walk.result_or(&term.expr, arm, true))?;
            if typed.constant.is_some() || typed.class == Class::Null {
                continue;
            }
            let key = order_key(&typed)?;
            // What is grouped by as a whole may be made of any columns.
            if let (true, Some(frame)) = (grouped.is_some_and(|keys| keys.contains(&key)), self.frame()) {
                frame.bare.truncate(before);
            }
            if arm.distinct
                && !arm.values.iter().any(|value| value.stored.as_ref().map_or_else(|| value.value(), |stored| stored.sql.clone()) == key)
            {
                return refuse("SELECT DISTINCT … ORDER BY", "PostgreSQL orders distinct rows by result columns only");
            }
            keys.push(format!("{key}{}", direction(term)));
        }
        Ok(if keys.is_empty() { String::new() } else { format!(" ORDER BY {}", keys.join(", ")) })
    }

    /// Refuses columns that PostgreSQL does not find grouped; notes where they have one value in each group all the same.
    pub(super) fn only_grouped(
        &mut self,
        keys: Option<&Vec<String>>,
        from: Option<&FromClause>,
        condition: Option<&Expr>,
    ) -> Translated<()> {
        let (Some(keys), Some(frame)) = (keys, self.frames.last()) else { return Ok(()) };
        let is_key = |at: usize, position: usize| {
            let typed = frame.relations.get(at).and_then(|relation| relation.column(position));
            typed.and_then(|typed| typed.stored).is_some_and(|stored| keys.contains(&stored.sql))
        };
        let grouped = |(at, position): &(usize, usize)| {
            let dependent = frame
                .relations
                .get(*at)
                .is_some_and(|relation| !relation.key.is_empty() && relation.key.iter().all(|position| is_key(*at, *position)));
            is_key(*at, *position) || dependent
        };
        let bare: Vec<(usize, usize)> = frame.bare.iter().filter(|place| !grouped(place)).copied().collect();
        if bare.is_empty() {
            return Ok(());
        }
        let columns =
            frame.relations.iter().enumerate().flat_map(|(at, relation)| (0..relation.columns.len()).map(move |position| (at, position)));
        let given = columns.filter(|(at, position)| is_key(*at, *position)).collect();
        let known = from.map(|from| self.determined(from, condition, 0, given)).unwrap_or_default();
        let array = |(at, position): &(usize, usize)| {
            let column = frame.relations.get(*at).and_then(|relation| relation.columns.get(*position));
            column.is_none_or(|column| is_array(column.conversion))
        };
        let determined = !keys.is_empty() && bare.iter().all(|place| known.contains(place) && !array(place));
        if let Some(frame) = self.frame() {
            frame.determined = determined;
        }
        refuse(BARE, "SQLite takes its value from any row of the group: group by it, or take its min() or max()")
    }
}

/// Whether an array of such values would be another thing than a row of them.
fn is_array(conversion: Option<Conversion>) -> bool {
    matches!(conversion, None | Some(Conversion::TextToArray(_)))
}
