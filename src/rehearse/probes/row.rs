//! Rows for a table: what is left out, what is given, and a legal row made up of what is known.

use std::collections::BTreeSet;

use super::behaviour::{Behaviour, Class};
use super::invent::{FAR, invent, invent_first, is_checked};
use super::sides::{Sides, is_exact};
use super::subject::Subject;
use crate::catalog::{ForeignKey, quoted};
use crate::error::Result;
use crate::plan::ColumnPlan;
use crate::value::{PgType, Value};

/// How far a missing parent's missing parents are made up.
const ANCESTORS: u8 = 4;

/// A row of a table: a cell for each column, none for one that is left out.
#[derive(Debug, Clone)]
pub(super) struct Row<'a> {
    pub(super) subject: Subject<'a>,
    pub(super) cells: Vec<Option<Value>>,
}

impl<'a> Row<'a> {
    /// The columns that are given a value.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'a ColumnPlan, &Value)> {
        self.subject.plan.columns.iter().zip(&self.cells).filter_map(|(column, cell)| cell.as_ref().map(|value| (column, value)))
    }

    /// The cell at this position, where it is given and not NULL.
    pub(super) fn cell(&self, position: usize) -> Option<&Value> {
        self.cells.get(position).and_then(Option::as_ref).filter(|value| !matches!(value, Value::Null))
    }

    /// Gives a column a value.
    pub(super) fn set(&mut self, position: usize, value: Value) {
        if let Some(cell) = self.cells.get_mut(position) {
            *cell = Some(value);
        }
    }
}

/// A row that SQLite takes, behind the parents that it needs and that are not there yet.
#[derive(Debug, Clone)]
pub(super) struct Legal<'a> {
    pub(super) before: Vec<Row<'a>>,
    pub(super) row: Row<'a>,
}

impl<'a> Legal<'a> {
    /// All rows, in the order in which they are inserted.
    pub(super) fn series(&self) -> Vec<Row<'a>> {
        self.with(self.row.clone())
    }

    /// The same parents, and another row.
    pub(super) fn with(&self, row: Row<'a>) -> Vec<Row<'a>> {
        self.before.iter().cloned().chain([row]).collect()
    }
}

/// How much of a row is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// Only what has to be.
    Least,
    /// All that an existing row has.
    Whole,
}

/// How a row is to be made up.
#[derive(Debug, Clone, Copy)]
struct Recipe<'s> {
    fill: Fill,
    sample: Option<&'s [Value]>,
    salt: i64,
    /// Whether every given column is altered, for unique indexes over expressions.
    alter_all: bool,
    /// Whether parents are looked up even where the sample names some: they may be missing.
    adopt_all: bool,
    ancestors: u8,
}

/// Makes up a row that SQLite takes; where it takes none, says why the last one was refused.
pub(super) fn legal<'a>(sides: &mut Sides<'a>, subject: Subject<'a>) -> Result<std::result::Result<Legal<'a>, Option<Behaviour>>> {
    let samples = samples(sides, subject)?;
    let newest: Vec<Option<&[Value]>> =
        if samples.is_empty() { vec![None] } else { samples.iter().take(2).map(|row| Some(row.as_slice())).collect() };
    let mut last = None;
    for fill in [Fill::Least, Fill::Whole] {
        for sample in &newest {
            for salt in 0..6 {
                let recipe = Recipe { fill, sample: *sample, salt, alter_all: salt >= 3, adopt_all: salt % 3 == 2, ancestors: 0 };
                let mut before = Vec::new();
                let Some(row) = compose(sides, subject, recipe, &mut before)? else { continue };
                let legal = Legal { before, row };
                let tried = sides.on_source(&legal.series())?;
                if tried.behaviour.is_accepted() {
                    return Ok(Ok(legal));
                }
                last = Some(tried.behaviour);
            }
        }
    }
    Ok(Err(last))
}

/// Copies of existing rows under keys of their own, as whole as SQLite takes them; or rows that a trigger refuses.
pub(super) fn copies<'a>(sides: &mut Sides<'a>, subject: Subject<'a>) -> Result<Vec<Legal<'a>>> {
    let samples = samples(sides, subject)?;
    let apart = samples.len().div_ceil(3).max(1);
    let bases: Vec<Option<&[Value]>> =
        if samples.is_empty() { vec![None] } else { samples.iter().step_by(apart).map(|row| Some(row.as_slice())).collect() };
    let mut found = Vec::new();
    for (sample, first) in bases.into_iter().zip((0..).step_by(6)) {
        for (fill, salt) in [Fill::Whole, Fill::Least].into_iter().flat_map(|fill| (0..6).map(move |salt| (fill, salt))) {
            let (alter_all, adopt_all) = (salt >= 3, salt % 3 == 2);
            let salt = first + salt;
            let mut before = Vec::new();
            let Some(mut row) = compose(sides, subject, Recipe { fill, sample, salt, alter_all, adopt_all, ancestors: 0 }, &mut before)?
            else {
                continue;
            };
            // A number of its own needs no sequence, and is the same on both sides.
            if subject.identity().is_some_and(|identity| subject.is_numbered(identity)) {
                renumber(&mut row, FAR / 3 + salt);
            }
            let legal = Legal { before, row };
            let tried = sides.on_source(&legal.series())?.behaviour;
            if tried.is_accepted() || tried.is_refused(&Class::Trigger) || tried.is_refused(&Class::LeftOut) {
                found.push(legal);
                break;
            }
        }
    }
    Ok(found)
}

/// Gives the row a key of its own, so that the probes after the first insert need no sequence.
pub(super) fn number<'a>(sides: &mut Sides<'a>, legal: &mut Legal<'a>) -> Result<()> {
    let subject = legal.row.subject;
    if subject.identity().is_none_or(|position| legal.row.cell(position).is_some()) {
        return Ok(());
    }
    let mut numbered = legal.row.clone();
    if renumber(&mut numbered, FAR / 3) && sides.on_source(&legal.with(numbered.clone()))?.behaviour.is_accepted() {
        legal.row.cells.clone_from(&numbered.cells);
    }
    Ok(())
}

/// Gives the row another number. False where there is none.
pub(super) fn renumber(row: &mut Row<'_>, salt: i64) -> bool {
    let Some(identity) = row.subject.identity() else { return false };
    let number = invent(row.subject, identity, None, salt);
    number.is_some_and(|number| {
        row.set(identity, number);
        true
    })
}

/// Bytes of a cell that a probe works with; a larger one is taken for NULL, so that sixteen of them don't fill the memory.
const CELL_BYTES: u32 = 65_536;

/// A few existing rows, the newest first; cells of generated columns are NULL.
pub(super) fn samples(sides: &mut Sides<'_>, subject: Subject<'_>) -> Result<Vec<Vec<Value>>> {
    let column = |(position, column): (usize, &ColumnPlan)| {
        let name = format!("s.{}", quoted(&column.source));
        if subject.is_generated(position) {
            "null".to_owned()
        } else {
            format!("case when octet_length({name}) <= {CELL_BYTES} then {name} end")
        }
    };
    let columns: Vec<String> = subject.columns().map(column).collect();
    let sql = format!("select {} from main.{} as s{} limit 16", columns.join(", "), quoted(&subject.plan.source), subject.newest_first());
    sides.ask_source(sql, Vec::new())
}

fn compose<'a>(sides: &mut Sides<'a>, subject: Subject<'a>, recipe: Recipe<'_>, before: &mut Vec<Row<'a>>) -> Result<Option<Row<'a>>> {
    let mut row = Row { subject, cells: Vec::with_capacity(subject.plan.columns.len()) };
    let mut made_up = BTreeSet::new();
    for (position, column) in subject.columns() {
        let sampled = recipe.sample.and_then(|sample| sample.get(position)).filter(|value| !matches!(value, Value::Null));
        let sampled = sampled.filter(|value| is_exact(column, value));
        let needed = is_needed(sides, subject, position);
        let cell = match (recipe.fill, sampled) {
            _ if subject.is_generated(position) || subject.is_numbered(position) => None,
            (Fill::Whole, Some(value)) => Some(value.clone()),
            (Fill::Whole | Fill::Least, _) if !needed => None,
            (Fill::Least, Some(value)) => Some(value.clone()),
            (Fill::Least | Fill::Whole, _) => {
                made_up.insert(position);
                match invent_first(subject, position, recipe.salt) {
                    Some(value) => Some(value),
                    None => return Ok(None),
                }
            }
        };
        row.cells.push(cell);
    }
    for key in &subject.table.foreign_keys {
        let Some(children) = subject.children(key) else { continue };
        let wanted = recipe.adopt_all && children.iter().all(|child| row.cell(*child).is_some());
        if (wanted || children.iter().any(|child| made_up.contains(child))) && !adopt(sides, &mut row, key, recipe, before)? {
            return Ok(None);
        }
    }
    Ok(if make_unique(sides, &mut row, recipe, before)? { Some(row) } else { None })
}

/// Whether a row can't do without a value here on either side.
fn is_needed(sides: &Sides<'_>, subject: Subject<'_>, position: usize) -> bool {
    let (Some(plan), Some(source)) = (subject.plan.columns.get(position), subject.table.columns.get(position)) else { return false };
    let mandatory = plan.not_null || source.not_null || subject.in_primary_key(position);
    mandatory && !(source.default.is_some() && has_default(sides, subject, plan))
}

/// Whether the target has the column's default.
pub(super) fn has_default(sides: &Sides<'_>, subject: Subject<'_>, column: &ColumnPlan) -> bool {
    let step = format!("default:{}:{}", subject.plan.source, column.source);
    // A literal stands in CREATE TABLE and has no step of its own.
    let refused = sides.plan.steps.iter().any(|planned| planned.id == step) && !sides.present.has(&step);
    column.default.is_some() && !refused
}

/// Gives the row a parent: one that is there, or a new one. False where there can't be one.
fn adopt<'a>(sides: &mut Sides<'a>, row: &mut Row<'a>, key: &ForeignKey, recipe: Recipe<'_>, before: &mut Vec<Row<'a>>) -> Result<bool> {
    let Some(parent) = sides.subject(&key.parent) else { return Ok(true) };
    let Some(columns) = parent_columns(parent, key) else { return Ok(true) };
    let names: Vec<String> = columns.iter().map(|position| source_name(parent, *position)).collect();
    let present: Vec<String> = names.iter().map(|name| format!("{name} is not null")).collect();
    let sql = format!(
        "select {} from main.{} as s where {}{} limit 1",
        names.join(", "),
        quoted(&parent.plan.source),
        present.join(" and "),
        parent.newest_first()
    );
    match sides.ask_source(sql, Vec::new())?.pop() {
        Some(values) => {
            set_children(row, key, values);
            Ok(true)
        }
        None => new_parent(sides, row, key, recipe, before),
    }
}

/// Makes up a new parent and gives it to the row.
fn new_parent<'a>(
    sides: &mut Sides<'a>,
    row: &mut Row<'a>,
    key: &ForeignKey,
    recipe: Recipe<'_>,
    before: &mut Vec<Row<'a>>,
) -> Result<bool> {
    let Some(parent) = sides.subject(&key.parent) else { return Ok(false) };
    let Some(columns) = parent_columns(parent, key) else { return Ok(false) };
    if recipe.ancestors >= ANCESTORS || parent.plan.source == row.subject.plan.source {
        return Ok(false);
    }
    let samples = samples(sides, parent)?;
    let sample = samples.first().map(Vec::as_slice);
    let recipe =
        Recipe { fill: Fill::Least, sample, salt: recipe.salt, alter_all: false, adopt_all: true, ancestors: recipe.ancestors + 1 };
    // Two keys of one row may both need a new parent of the same table.
    let turn = recipe.salt + FAR / 2 + i64::try_from(before.len()).unwrap_or(0);
    let Some(mut made) = compose(sides, parent, recipe, before)? else { return Ok(false) };
    for position in &columns {
        if made.cell(*position).is_none() || parent.identity() == Some(*position) {
            let Some(value) = invent(parent, *position, None, turn) else { return Ok(false) };
            made.set(*position, value);
        }
    }
    let values: Option<Vec<Value>> = columns.iter().map(|position| made.cell(*position).cloned()).collect();
    before.push(made);
    Ok(values.is_some_and(|values| {
        set_children(row, key, values);
        true
    }))
}

/// The positions of the parent's columns of a foreign key.
pub(super) fn parent_columns(parent: Subject<'_>, key: &ForeignKey) -> Option<Vec<usize>> {
    key.columns.iter().map(|pair| parent.position(pair.parent.as_deref()?)).collect()
}

fn source_name(subject: Subject<'_>, position: usize) -> String {
    let column = subject.plan.columns.get(position);
    column.map(|column| format!("s.{}", quoted(&column.source))).unwrap_or_default()
}

fn set_children(row: &mut Row<'_>, key: &ForeignKey, values: Vec<Value>) {
    let Some(children) = row.subject.children(key) else { return };
    for (child, value) in children.into_iter().zip(values) {
        row.set(child, value);
    }
}

/// Alters the row until it has no unique key in common with the row that it was made after.
fn make_unique<'a>(sides: &mut Sides<'a>, row: &mut Row<'a>, recipe: Recipe<'_>, before: &mut Vec<Row<'a>>) -> Result<bool> {
    let subject = row.subject;
    let mut altered = BTreeSet::new();
    if recipe.alter_all {
        for (position, _) in subject.columns().filter(|(position, _)| !subject.is_child(*position)) {
            alter(row, position, recipe.salt, &mut altered);
        }
    }
    // There is nothing to be another than.
    if recipe.sample.is_none() && !recipe.alter_all {
        return Ok(true);
    }
    for columns in subject.unique_keys().into_iter().filter_map(|key| key.columns) {
        let held = columns.iter().all(|position| row.cell(*position).is_some());
        if !held || columns.iter().any(|position| altered.contains(position)) {
            continue;
        }
        let own = |checked: bool| {
            let free = |position: &&usize| is_free(subject, **position) && is_checked(subject, **position) == checked;
            columns.iter().find(free).copied()
        };
        // A column that a check bounds may have no other value left.
        if let Some(position) = own(false) {
            alter(row, position, recipe.salt, &mut altered);
        } else if !other_parent(sides, row, &columns, recipe, before, &mut altered)? {
            let Some(position) = own(true) else { return Ok(false) };
            if let Some(value) = invent_first(subject, position, recipe.salt) {
                row.set(position, value);
                altered.insert(position);
            }
        }
    }
    Ok(true)
}

/// Whether the column can get any value of its type.
fn is_free(subject: Subject<'_>, position: usize) -> bool {
    let boolean = subject.plan.columns.get(position).is_some_and(|column| column.pg_type() == PgType::Boolean);
    !boolean && !subject.is_child(position)
}

fn alter(row: &mut Row<'_>, position: usize, salt: i64, altered: &mut BTreeSet<usize>) {
    if let Some(value) = row.cell(position).and_then(|base| invent(row.subject, position, Some(base), salt)) {
        row.set(position, value);
        altered.insert(position);
    }
}

/// Gives the row a parent with which no row has this unique key yet: one that is there, or a new one.
fn other_parent<'a>(
    sides: &mut Sides<'a>,
    row: &mut Row<'a>,
    columns: &[usize],
    recipe: Recipe<'_>,
    before: &mut Vec<Row<'a>>,
    altered: &mut BTreeSet<usize>,
) -> Result<bool> {
    let subject = row.subject;
    for key in &subject.table.foreign_keys {
        let Some(children) = subject.children(key) else { continue };
        if !children.iter().any(|child| columns.contains(child)) || children.iter().any(|child| altered.contains(child)) {
            continue;
        }
        let found = free_parent(sides, row, key, &children, columns)?;
        let taken = match found {
            Some(values) => {
                set_children(row, key, values);
                true
            }
            None => new_parent(sides, row, key, recipe, before)?,
        };
        if taken {
            altered.extend(children);
            return Ok(true);
        }
    }
    Ok(false)
}

/// A parent that, with the row's other values of the unique key, no row has yet.
fn free_parent(
    sides: &mut Sides<'_>,
    row: &Row<'_>,
    key: &ForeignKey,
    children: &[usize],
    columns: &[usize],
) -> Result<Option<Vec<Value>>> {
    let Some(parent) = sides.subject(&key.parent) else { return Ok(None) };
    let Some(parents) = parent_columns(parent, key) else { return Ok(None) };
    let mut params = Vec::new();
    let mut taken = Vec::new();
    for position in columns {
        let name = row.subject.plan.columns.get(*position).map(|column| quoted(&column.source)).unwrap_or_default();
        let other = children.iter().position(|child| child == position).and_then(|pair| parents.get(pair));
        match (other, row.cell(*position)) {
            (Some(other), _) => taken.push(format!("c.{name} = {}", source_name(parent, *other))),
            (None, Some(value)) => {
                params.push(value.clone());
                taken.push(format!("c.{name} = ?{}", params.len()));
            }
            (None, None) => return Ok(None),
        }
    }
    let names: Vec<String> = parents.iter().map(|position| source_name(parent, *position)).collect();
    let present: Vec<String> = names.iter().map(|name| format!("{name} is not null")).collect();
    // Some of the newest are enough: where all of them are taken, a new one is made.
    let sql = format!(
        "select {} from (select * from main.{} as s where {}{} limit 200) as s where not exists (select 1 from main.{} as c where {}) limit 1",
        names.join(", "),
        quoted(&parent.plan.source),
        present.join(" and "),
        parent.newest_first(),
        quoted(&row.subject.plan.source),
        taken.join(" and ")
    );
    Ok(sides.ask_source(sql, params)?.pop())
}
