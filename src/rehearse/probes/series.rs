//! Statements that fire the triggers of a table or a view, chosen from its rows, the same ones in every run.

use super::deeds::{Deed, Series, found_by};
use super::invent::{literals_of, mentions};
use super::row::{Legal, Row, copies, samples};
use super::sides::{Sides, is_exact};
use super::subject::Subject;
use crate::catalog::quoted;
use crate::dialect::FiredBy;
use crate::error::Result;
use crate::plan::ColumnPlan;
use crate::value::Value;

/// How many existing rows are changed.
const ROWS: usize = 3;

/// How many statements with the literals of a trigger's text are tried.
const EXTRA: usize = 24;

/// Up to how many rows a view may show to be written as a whole.
const VIEW_ROWS: i64 = 500;

/// Statements, and whether they are only for triggers that the others don't fire; or why there are none.
pub(super) type Made<'a> = std::result::Result<Vec<(Series<'a>, bool)>, String>;

/// Makes the statements for an event of a table or view. `texts` are those of its triggers.
pub(super) fn made<'a>(sides: &mut Sides<'a>, table: &str, event: FiredBy, texts: &[&str], single_row: bool) -> Result<Made<'a>> {
    let Some(subject) = sides.subject(table) else { return of_view(sides, table, event, single_row) };
    let copies = copies(sides, subject)?;
    let existing = existing(sides, subject)?;
    let mut all = match event {
        FiredBy::Insert => inserts(&copies, single_row),
        FiredBy::Update => updates(subject, &copies, &existing, single_row),
        FiredBy::Delete => deletes(&copies, &existing, single_row),
    };
    if event != FiredBy::Delete {
        all.extend(with_literals(subject, event, &copies, &existing, texts));
    }
    if all.is_empty() {
        return Ok(Err("the table has no row, and SQLite takes none that is made up".to_owned()));
    }
    Ok(Ok(all))
}

/// Existing rows that can be found again on both sides.
fn existing<'a>(sides: &mut Sides<'a>, subject: Subject<'a>) -> Result<Vec<Row<'a>>> {
    let rows = samples(sides, subject)?.into_iter();
    let rows = rows.map(|cells| Row { subject, cells: cells.into_iter().map(Some).collect() });
    Ok(rows.filter(|row| is_findable(row)).take(ROWS).collect())
}

fn is_findable(row: &Row<'_>) -> bool {
    let exact = |position: &usize| {
        let cell = row.cells.get(*position).and_then(Option::as_ref);
        row.subject.plan.columns.get(*position).zip(cell).is_some_and(|(column, value)| is_exact(column, value))
    };
    found_by(row).is_some_and(|key| key.iter().all(exact))
}

fn inserts<'a>(copies: &[Legal<'a>], single_row: bool) -> Vec<(Series<'a>, bool)> {
    let series = |before: &[Row<'a>], rows: Vec<Row<'a>>| (Series { before: before.to_vec(), deed: Deed::Insert(rows) }, false);
    let mut all: Vec<(Series<'a>, bool)> = copies.iter().map(|copy| series(&copy.before, vec![copy.row.clone()])).collect();
    if let (Some(first), false) = (copies.first(), single_row) {
        let given = |row: &Row<'_>| row.cells.iter().map(Option::is_some).collect::<Vec<_>>();
        let alike = copies.iter().filter(|copy| given(&copy.row) == given(&first.row));
        let (mut before, mut rows) = (Vec::new(), Vec::new());
        for copy in alike {
            before.extend(copy.before.iter().cloned());
            rows.push(copy.row.clone());
        }
        if rows.len() > 1 {
            all.push(series(&before, rows));
        }
    }
    all
}

fn updates<'a>(subject: Subject<'a>, copies: &[Legal<'a>], existing: &[Row<'a>], single_row: bool) -> Vec<(Series<'a>, bool)> {
    let series = |before: Vec<Row<'a>>, rows: Vec<Row<'a>>, values| (Series { before, deed: Deed::Update(rows, values) }, false);
    let mut all = Vec::new();
    for copy in copies.iter().filter(|copy| is_findable(&copy.row)) {
        all.push(series(copy.series(), vec![copy.row.clone()], Vec::new()));
    }
    for (position, row) in existing.iter().enumerate() {
        all.push(series(Vec::new(), vec![row.clone()], Vec::new()));
        let other = existing.iter().cycle().nth(position + 1);
        let values = other.map(|other| values_of(subject, row, other)).unwrap_or_default();
        if !values.is_empty() {
            all.push(series(Vec::new(), vec![row.clone()], values));
        }
    }
    if let ([first, rest @ ..], false) = (existing, single_row)
        && !rest.is_empty()
    {
        all.push(series(Vec::new(), existing.to_vec(), Vec::new()));
        for other in rest {
            let values = values_of(subject, first, other);
            if !values.is_empty() {
                all.push(series(Vec::new(), existing.to_vec(), values));
                break;
            }
        }
    }
    all
}

fn deletes<'a>(copies: &[Legal<'a>], existing: &[Row<'a>], single_row: bool) -> Vec<(Series<'a>, bool)> {
    let mut all = Vec::new();
    for copy in copies.iter().filter(|copy| is_findable(&copy.row)) {
        all.push((Series { before: copy.series(), deed: Deed::Delete(vec![copy.row.clone()]) }, false));
    }
    for row in existing {
        all.push((Series { before: Vec::new(), deed: Deed::Delete(vec![row.clone()]) }, false));
    }
    if existing.len() > 1 && !single_row {
        all.push((Series { before: Vec::new(), deed: Deed::Delete(existing.to_vec()) }, false));
    }
    all
}

/// The columns that may be set to anything: neither keys, nor computed.
fn free(subject: Subject<'_>) -> impl Iterator<Item = (usize, &ColumnPlan)> {
    let keys: Vec<usize> = subject.unique_keys().into_iter().filter_map(|key| key.columns).flatten().collect();
    subject
        .columns()
        .filter(move |(position, _)| !subject.is_generated(*position) && !keys.contains(position) && subject.identity() != Some(*position))
}

/// The values of another row, where they are others.
fn values_of(subject: Subject<'_>, row: &Row<'_>, other: &Row<'_>) -> Vec<(usize, Value)> {
    let value = |(position, column): (usize, &ColumnPlan)| {
        let (own, value) = (row.cells.get(position)?.as_ref(), other.cells.get(position)?.as_ref()?);
        (own != Some(value) && is_exact(column, value)).then(|| (position, value.clone()))
    };
    free(subject).filter_map(value).collect()
}

/// The literals of the triggers' texts in the columns that these name.
fn with_literals<'a>(
    subject: Subject<'a>,
    event: FiredBy,
    copies: &[Legal<'a>],
    existing: &[Row<'a>],
    texts: &[&str],
) -> Vec<(Series<'a>, bool)> {
    let mut all = Vec::new();
    for text in texts {
        let literals = literals_of(text);
        for (position, column) in free(subject).filter(|(_, column)| mentions(text, &column.source)) {
            for value in literals.iter().chain([&Value::Null]).filter(|value| is_exact(column, value)) {
                let set = vec![(position, value.clone())];
                match event {
                    FiredBy::Update => {
                        let updated = |row: &Row<'a>| Series { before: Vec::new(), deed: Deed::Update(vec![row.clone()], set.clone()) };
                        all.extend(existing.iter().take(2).map(updated));
                        let fresh = copies.iter().find(|copy| existing.is_empty() && is_findable(&copy.row));
                        all.extend(
                            fresh.map(|copy| Series { before: copy.series(), deed: Deed::Update(vec![copy.row.clone()], set.clone()) }),
                        );
                    }
                    FiredBy::Insert | FiredBy::Delete => {
                        if let Some(copy) = copies.first() {
                            let mut row = copy.row.clone();
                            row.set(position, value.clone());
                            all.push(Series { before: copy.before.clone(), deed: Deed::Insert(vec![row]) });
                        }
                    }
                }
            }
        }
    }
    // From all over the text, where there are too many.
    let step = all.len().div_ceil(EXTRA).max(1);
    all.into_iter().step_by(step).map(|series| (series, true)).collect()
}

/// A view takes its own rows: all of them, each column by itself where it is inserted.
fn of_view<'a>(sides: &mut Sides<'a>, name: &str, event: FiredBy, single_row: bool) -> Result<Made<'a>> {
    let Some(view) = sides.found.catalog.views.iter().find(|view| view.name.eq_ignore_ascii_case(name)) else {
        return Ok(Err("its table does not come across".to_owned()));
    };
    if view.columns.is_empty() {
        return Ok(Err("SQLite can't run the view".to_owned()));
    }
    let table = quoted(&view.name);
    let renamed = sides.why.renames.iter().any(|rename| rename.what == "view" && rename.source == view.name);
    if renamed {
        return Ok(Err("the view has another name in the target, and its statements are not the same".to_owned()));
    }
    let counted = sides.ask_source(format!("select count(*) from main.{table}"), Vec::new())?;
    match counted.first().map(Vec::as_slice) {
        Some([Value::Integer(0)]) => return Ok(Err("the view shows no row".to_owned())),
        Some([Value::Integer(count)]) if *count > VIEW_ROWS || single_row && *count > 1 => {
            return Ok(Err("the view shows too many rows to write them all".to_owned()));
        }
        Some([Value::Integer(_)]) => {}
        Some(_) | None => return Ok(Err("SQLite can't run the view".to_owned())),
    }
    let columns: Vec<String> = view.columns.iter().map(|column| quoted(column)).collect();
    let texts: Vec<String> = match event {
        FiredBy::Insert => {
            let without = |left_out: Option<usize>| {
                let kept = columns.iter().enumerate().filter(|(position, _)| Some(*position) != left_out);
                let kept = kept.map(|(_, column)| column.as_str()).collect::<Vec<_>>().join(", ");
                format!("insert into {table} ({kept}) select {kept} from {table}")
            };
            let fewer = (0..columns.len().min(4)).filter(|_| columns.len() > 1).map(|position| without(Some(position)));
            std::iter::once(without(None)).chain(fewer).collect()
        }
        FiredBy::Update => {
            let itself: Vec<String> = columns.iter().map(|column| format!("{column} = {column}")).collect();
            vec![format!("update {table} set {}", itself.join(", "))]
        }
        FiredBy::Delete => vec![format!("delete from {table}")],
    };
    Ok(Ok(texts.into_iter().map(|text| (Series { before: Vec::new(), deed: Deed::Text(text) }, false)).collect()))
}
