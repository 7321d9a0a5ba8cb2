//! Statements that fire triggers, and the same on both sides: what each side does, and what rows it leaves.

use std::pin::pin;

use futures_util::TryStreamExt;
use tokio_postgres::types::{ToSql, Type};

use super::behaviour::{Behaviour, Class};
use super::left_rows::{LeftRows, Mask};
use super::row::Row;
use super::sides::{Field, Sides, field_of, source_statement, type_of};
use super::subject::Subject;
use crate::catalog::quoted;
use crate::error::Result;
use crate::plan::{ColumnPlan, TablePlan};
use crate::postgres::failed;
use crate::sqlite::{Attempt, Trial};
use crate::value::{PgType, Value};

const FIRING: &str = "fire a trigger on the rehearsed database";

/// A statement that fires triggers.
#[derive(Debug, Clone)]
pub(super) enum Deed<'a> {
    /// Inserts rows of a table, behind those that must be there.
    Insert(Vec<Row<'a>>),
    /// Sets columns of these rows: to what they are, or to these values.
    Update(Vec<Row<'a>>, Vec<(usize, Value)>),
    /// Deletes these rows.
    Delete(Vec<Row<'a>>),
    /// The same text on both sides, for views.
    Text(String),
}

/// A series of statements of which the last one is the one that matters.
#[derive(Debug, Clone)]
pub(super) struct Series<'a> {
    pub(super) before: Vec<Row<'a>>,
    pub(super) deed: Deed<'a>,
}

/// A table whose rows are compared, and how.
#[derive(Debug)]
pub(super) struct Watched<'a> {
    pub(super) plan: &'a TablePlan,
    pub(super) masks: Vec<Mask>,
}

/// What a side did with a series, and what it left in each table.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) behaviour: Behaviour,
    pub(super) left: Vec<LeftRows>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Source,
    Target,
}

impl Side {
    fn name(self, column: &ColumnPlan) -> String {
        match self {
            Self::Source => quoted(&column.source),
            Self::Target => quoted(&column.target),
        }
    }

    fn place(self, number: usize) -> String {
        match self {
            Self::Source => format!("?{number}"),
            Self::Target => format!("${number}"),
        }
    }
}

/// A statement for one side, with the column of each parameter.
struct Written<'r> {
    sql: String,
    params: Vec<(&'r ColumnPlan, &'r Value)>,
}

/// The columns by which a row is found: its key, else all that can be compared. None where a part of the key is NULL.
pub(super) fn found_by(row: &Row<'_>) -> Option<Vec<usize>> {
    let subject = row.subject;
    let key: Vec<usize> = match subject.identity() {
        Some(identity) => vec![identity],
        None => subject.columns().map(|(position, _)| position).filter(|position| subject.in_primary_key(*position)).collect(),
    };
    if !key.is_empty() {
        return key.iter().all(|position| row.cell(*position).is_some()).then_some(key);
    }
    let comparable = |position: &usize| {
        let pg_type = subject.plan.columns.get(*position).map(ColumnPlan::pg_type);
        !subject.is_generated(*position) && pg_type != Some(PgType::Json) && row.cells.get(*position).is_some_and(Option::is_some)
    };
    let all: Vec<usize> = subject.columns().map(|(position, _)| position).filter(comparable).collect();
    (!all.is_empty()).then_some(all)
}

fn table_name(sides: &Sides<'_>, side: Side, subject: Subject<'_>) -> String {
    match side {
        Side::Source => format!("main.{}", quoted(&subject.plan.source)),
        Side::Target => format!("{}.{}", quoted(&sides.plan.schema), quoted(&subject.plan.target)),
    }
}

/// `key is value`, for one of the rows.
fn condition<'r>(side: Side, rows: &'r [Row<'_>], params: &mut Vec<(&'r ColumnPlan, &'r Value)>) -> String {
    let mut alternatives = Vec::new();
    for row in rows {
        let mut parts = Vec::new();
        for position in found_by(row).unwrap_or_default() {
            let (Some(column), Some(Some(value))) = (row.subject.plan.columns.get(position), row.cells.get(position)) else { continue };
            params.push((column, value));
            let (name, place) = (side.name(column), side.place(params.len()));
            parts.push(match side {
                Side::Source => format!("{name} is {place} collate binary"),
                Side::Target => format!("{name} is not distinct from {place}"),
            });
        }
        alternatives.push(format!("({})", parts.join(" and ")));
    }
    alternatives.join(" or ")
}

fn written<'r>(sides: &Sides<'_>, side: Side, deed: &'r Deed<'_>) -> Written<'r> {
    let mut params = Vec::new();
    let sql = match deed {
        Deed::Text(text) => text.clone(),
        Deed::Insert(rows) => insert(sides, side, rows, &mut params),
        Deed::Delete(rows) => {
            let Some(row) = rows.first() else { return Written { sql: String::new(), params } };
            format!("delete from {} where {} returning 1", table_name(sides, side, row.subject), condition(side, rows, &mut params))
        }
        Deed::Update(rows, values) => {
            let Some(row) = rows.first() else { return Written { sql: String::new(), params } };
            let mut sets = Vec::new();
            for (position, column) in row.subject.columns().filter(|(position, _)| !row.subject.is_generated(*position)) {
                let name = side.name(column);
                match values.iter().find(|(set, _)| *set == position) {
                    Some((_, value)) => {
                        params.push((column, value));
                        sets.push(format!("{name} = {}", side.place(params.len())));
                    }
                    None if values.is_empty() => sets.push(format!("{name} = {name}")),
                    None => {}
                }
            }
            let table = table_name(sides, side, row.subject);
            format!("update {table} set {} where {} returning 1", sets.join(", "), condition(side, rows, &mut params))
        }
    };
    Written { sql, params }
}

/// One statement for all rows, which give the same columns.
fn insert<'r>(sides: &Sides<'_>, side: Side, rows: &'r [Row<'_>], params: &mut Vec<(&'r ColumnPlan, &'r Value)>) -> String {
    let Some(row) = rows.first() else { return String::new() };
    let names: Vec<String> = row.given().map(|(column, _)| side.name(column)).collect();
    let table = table_name(sides, side, row.subject);
    if names.is_empty() {
        return format!("insert into {table} default values returning 1");
    }
    let mut values = Vec::new();
    for row in rows {
        let mut places = Vec::new();
        for (column, value) in row.given() {
            params.push((column, value));
            places.push(side.place(params.len()));
        }
        values.push(format!("({})", places.join(", ")));
    }
    format!("insert into {table} ({}) values {} returning 1", names.join(", "), values.join(", "))
}

impl<'a> Sides<'a> {
    /// What SQLite does with the series, and the rows that it leaves.
    pub(super) fn fire_on_source(&mut self, series: &Series<'a>, watched: &[Watched<'a>]) -> Result<Done> {
        let mut trials: Vec<Trial> = series.before.iter().map(source_statement).collect();
        let written = written(self, Side::Source, &series.deed);
        trials.push(Trial { sql: written.sql, params: written.params.into_iter().map(|(_, value)| value.clone()).collect() });
        let queries: Vec<String> = watched.iter().map(|watched| source_query(watched.plan)).collect();
        let mut left: Vec<LeftRows> = watched.iter().map(|_| LeftRows::default()).collect();
        let (attempt, returned) = self.scratch.fire(&trials, &queries, &mut |position, row| {
            if let (Some(left), Some(watched)) = (left.get_mut(position), watched.get(position)) {
                left.add_source(watched.plan, &watched.masks, |column| row.value(column));
            }
            Ok(())
        })?;
        let behaviour = match attempt {
            Attempt::Accepted { .. } if returned.is_empty() && !matches!(series.deed, Deed::Text(_)) => Behaviour::Refused(Class::LeftOut),
            Attempt::Accepted { .. } | Attempt::Refused(_) => attempt.into(),
        };
        Ok(Done { behaviour, left })
    }

    /// The same on PostgreSQL.
    pub(super) async fn fire_on_target(&self, series: &Series<'a>, watched: &[Watched<'a>]) -> Result<Done> {
        self.run("begin").await?;
        let done = self.fire(series, watched).await;
        self.run("rollback").await?;
        done
    }

    async fn fire(&self, series: &Series<'a>, watched: &[Watched<'a>]) -> Result<Done> {
        let mut rows = series.before.clone();
        if let Deed::Insert(inserted) = &series.deed {
            rows.extend(inserted.iter().cloned());
        }
        if let Err(error) = self.lend_sequences(&rows).await {
            return refused(error);
        }
        for row in &series.before {
            let deed = Deed::Insert(vec![row.clone()]);
            if let Err(error) = self.carry_out(&deed).await? {
                return refused(error);
            }
        }
        let behaviour = match self.carry_out(&series.deed).await? {
            Ok(0) if !matches!(series.deed, Deed::Text(_)) => Behaviour::Refused(Class::LeftOut),
            Ok(_) => Behaviour::Accepted { key: None },
            Err(error) => return refused(error),
        };
        let mut left = Vec::new();
        for watched in watched {
            left.push(self.read_left(watched).await?);
        }
        Ok(Done { behaviour, left })
    }

    /// How many rows the statement returns, or why the server refuses it.
    async fn carry_out(&self, deed: &Deed<'_>) -> Result<std::result::Result<usize, tokio_postgres::Error>> {
        let written = written(self, Side::Target, deed);
        let mut fields: Vec<(Field, Type)> = Vec::new();
        for (column, value) in &written.params {
            fields.push((field_of(column, value)?, type_of(column.pg_type())));
        }
        let mut params: Vec<(&(dyn ToSql + Sync), Type)> = Vec::with_capacity(fields.len());
        for (field, kind) in &fields {
            params.push((field, kind.clone()));
        }
        Ok(self.session.client().query_typed(&written.sql, &params).await.map(|rows| rows.len()))
    }

    async fn read_left(&self, watched: &Watched<'_>) -> Result<LeftRows> {
        let columns: Vec<String> = watched.plan.columns.iter().map(|column| quoted(&column.target)).collect();
        let sql = format!("select {} from {}.{}", columns.join(", "), quoted(&self.plan.schema), quoted(&watched.plan.target));
        let none: [&(dyn ToSql + Sync); 0] = [];
        let failing = |error| failed(FIRING, error);
        let mut stream = pin!(self.session.client().query_raw(&sql, none).await.map_err(failing)?);
        let mut left = LeftRows::default();
        while let Some(row) = stream.try_next().await.map_err(failing)? {
            left.add_target(watched.plan, &watched.masks, |at| row.try_get::<_, Field>(at).map(|field| field.0).map_err(failing))?;
        }
        Ok(left)
    }
}

/// All rows of a table, the columns in the plan's order.
fn source_query(plan: &TablePlan) -> String {
    let columns: Vec<String> = plan.columns.iter().map(|column| format!("s.{}", quoted(&column.source))).collect();
    format!("select {} from main.{} as s", columns.join(", "), quoted(&plan.source))
}

fn refused(error: tokio_postgres::Error) -> Result<Done> {
    match error.as_db_error() {
        Some(refusal) => Ok(Done { behaviour: Behaviour::Refused(Class::from(refusal)), left: Vec::new() }),
        None => Err(failed(FIRING, error)),
    }
}
