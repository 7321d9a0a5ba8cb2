//! The two databases, asked the same thing: both take a row, or both refuse it.
//!
//! What is tried is rolled back on both, and so is what the sequences of the tried tables gave out.

use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use super::behaviour::{Behaviour, Class};
use super::present::Present;
use super::row::Row;
use super::subject::Subject;
use crate::catalog::{TargetSequence, TargetType, quoted};
use crate::error::{Error, Result};
use crate::migrate::Survey;
use crate::plan::{Action, ColumnPlan, Plan, PlanReport};
use crate::postgres::{Session, failed};
use crate::report::{ProbeReport, ProbeSurprise};
use crate::sqlite::{Attempt, ScratchCopy, Trial};
use crate::value::{ElementType, Fate, PgType, Value, ValueRef};

const TRYING: &str = "try a row on the rehearsed database";

/// Both databases, and what was found so far.
#[derive(Debug)]
pub(super) struct Sides<'a> {
    pub(super) plan: &'a Plan,
    pub(super) why: &'a PlanReport,
    pub(super) found: &'a Survey,
    pub(super) scratch: ScratchCopy,
    pub(super) session: Session,
    pub(super) present: Present,
    pub(super) report: ProbeReport,
}

/// What one side did with a series of rows, and the last row as it was stored (each cell in the side's own form).
#[derive(Debug)]
pub(super) struct Tried<T> {
    pub(super) behaviour: Behaviour,
    pub(super) stored: Vec<T>,
}

impl<'a> Sides<'a> {
    /// The table of this name in the source.
    pub(super) fn subject(&self, source: &str) -> Option<Subject<'a>> {
        Subject::of(self.plan, self.found, source)
    }

    /// Notes a difference.
    pub(super) fn surprise(&mut self, probe: String, source: impl Into<String>, target: impl Into<String>) {
        self.report.surprises.push(ProbeSurprise { probe, source: source.into(), target: target.into() });
    }

    /// Notes what could not be probed, and why.
    pub(super) fn not_probed(&mut self, what: &str, why: &str) {
        self.report.not_probed.push(format!("{what}: {why}"));
    }

    /// The first rows that a query gives on the source; none where SQLite refuses it.
    pub(super) fn ask_source(&mut self, sql: String, params: Vec<Value>) -> Result<Vec<Vec<Value>>> {
        self.scratch.attempt_all(&[Trial { sql, params }]).map(|(_, rows)| rows)
    }

    /// Inserts the rows one after the other into the source; the last one is the one that matters.
    pub(super) fn on_source(&mut self, rows: &[Row<'a>]) -> Result<Tried<Value>> {
        let trials: Vec<Trial> = rows.iter().map(source_statement).collect();
        let (attempt, mut returned) = self.scratch.attempt_all(&trials)?;
        let numbered = rows.last().is_some_and(|row| row.subject.identity().is_some());
        let behaviour = match attempt {
            Attempt::Accepted { .. } if returned.is_empty() => Behaviour::Refused(Class::LeftOut),
            Attempt::Accepted { last_insert_rowid, .. } if numbered => Behaviour::Accepted { key: Some(last_insert_rowid) },
            Attempt::Accepted { .. } | Attempt::Refused(_) => attempt.into(),
        };
        Ok(Tried { behaviour, stored: returned.pop().unwrap_or_default() })
    }

    /// Inserts the same rows into the target.
    pub(super) async fn on_target(&self, rows: &[Row<'a>]) -> Result<Tried<Option<Vec<u8>>>> {
        let statements = rows.iter().map(|row| self.target_statement(row)).collect::<Result<Vec<_>>>()?;
        self.run("begin").await?;
        let tried = match self.lend_sequences(rows).await {
            Ok(()) => self.insert_all(rows, &statements).await,
            Err(error) => refused(error),
        };
        self.run("rollback").await?;
        tried
    }

    /// Gives the transaction its own copy of each sequence that it will draw from.
    ///
    /// `nextval` is not rolled back, but ALTER SEQUENCE is: it writes the sequence anew, even where it changes nothing.
    pub(super) async fn lend_sequences(&self, rows: &[Row<'a>]) -> Result<(), tokio_postgres::Error> {
        let programs = self.plan.steps.iter().filter(|step| step.id.starts_with("trigger:"));
        let programs: Vec<&String> = programs
            .flat_map(|step| match &step.action {
                Action::Run { sql, .. } => sql.iter().collect(),
                Action::Copy { .. } | Action::Reference(_) => Vec::new(),
            })
            .collect();
        for sql in self.lent_by_name(rows) {
            self.session.client().batch_execute(&sql).await?;
        }
        for plan in self.plan.tables.iter().filter(|_| self.plan.existing.is_none()) {
            let Some(column) = plan.columns.iter().find(|column| column.identity.is_some()) else { continue };
            let name = quoted(&plan.target);
            let drawn = rows.iter().any(|row| row.subject.plan.target == plan.target);
            // A trigger draws from the sequences of the tables that it writes to.
            if drawn || programs.iter().any(|sql| sql.contains(&name)) {
                let sql =
                    format!("alter table {}.{name} alter column {} set increment by 1", quoted(&self.plan.schema), quoted(&column.target));
                self.session.client().batch_execute(&sql).await?;
            }
        }
        Ok(())
    }

    /// The same for sequences of the application's own tables, which have names and steps of their own.
    fn lent_by_name(&self, rows: &[Row<'a>]) -> Vec<String> {
        let tables = self.plan.existing.iter().flat_map(|existing| &existing.before.tables);
        let drawn = tables.filter(|table| rows.iter().any(|row| row.subject.plan.target == table.name));
        let lend = |sequence: &TargetSequence| {
            let name = format!("{}.{}", quoted(&sequence.schema), quoted(&sequence.name));
            format!("alter sequence {name} increment by {}", sequence.increment)
        };
        drawn.flat_map(|table| &table.sequences).map(lend).collect()
    }

    /// The place of a parameter; an enumeration takes a text only where it is told to.
    fn place(&self, row: &Row<'_>, column: &ColumnPlan, number: usize) -> String {
        let target = self.plan.existing.as_ref().and_then(|existing| existing.before.table(&row.subject.plan.target));
        let cast = target.and_then(|table| table.column(&column.target)).filter(|column| matches!(column.pg_type, TargetType::Enum { .. }));
        cast.map_or_else(|| format!("${number}"), |column| format!("${number}::{}", column.written))
    }

    async fn insert_all(&self, rows: &[Row<'a>], statements: &[Statement]) -> Result<Tried<Option<Vec<u8>>>> {
        let mut stored = Vec::new();
        for statement in statements {
            let mut params: Vec<(&(dyn ToSql + Sync), Type)> = Vec::with_capacity(statement.params.len());
            for (field, kind) in &statement.params {
                params.push((field, kind.clone()));
            }
            match self.session.client().query_typed(&statement.sql, &params).await {
                Ok(returned) => match returned.first() {
                    Some(row) => stored = fields(row)?,
                    None => return Ok(Tried { behaviour: Behaviour::Refused(Class::LeftOut), stored: Vec::new() }),
                },
                Err(error) => return refused(error),
            }
        }
        // Of the application's own foreign keys, those may be checked late that SQLite checks at once.
        if (self.plan.existing.is_some() || rows.iter().any(|row| row.subject.defers()))
            && let Err(error) = self.session.client().batch_execute("set constraints all immediate").await
        {
            return refused(error);
        }
        let identity = rows.last().and_then(|row| row.subject.identity());
        let key = identity.and_then(|position| stored.get(position)).and_then(Option::as_deref);
        let key = key.and_then(integer);
        Ok(Tried { behaviour: Behaviour::Accepted { key }, stored })
    }

    /// Runs a statement of our own that has no result.
    pub(super) async fn run(&self, sql: &str) -> Result<()> {
        self.session.client().batch_execute(sql).await.map_err(|error| failed(TRYING, error))
    }

    fn target_statement(&self, row: &Row<'_>) -> Result<Statement> {
        let plan = row.subject.plan;
        let returning: Vec<String> = plan.columns.iter().map(|column| quoted(&column.target)).collect();
        let target = format!("{}.{}", quoted(&self.plan.schema), quoted(&plan.target));
        let mut names = Vec::new();
        let mut places = Vec::new();
        let mut params = Vec::new();
        for (column, value) in row.given() {
            names.push(quoted(&column.target));
            params.push((field_of(column, value)?, type_of(column.pg_type())));
            places.push(self.place(row, column, params.len()));
        }
        // A probe gives numbers of its own to rows that an application would leave to the sequence.
        let given = if self.plan.existing.is_some() { "overriding system value " } else { "" };
        let what = if names.is_empty() {
            "default values".to_owned()
        } else {
            format!("({}) {given}values ({})", names.join(", "), places.join(", "))
        };
        Ok(Statement { sql: format!("insert into {target} {what} returning {}", returning.join(", ")), params })
    }
}

/// What the server did instead of taking a row; a connection that is gone is an error.
fn refused<T>(error: tokio_postgres::Error) -> Result<Tried<T>> {
    match error.as_db_error() {
        Some(refusal) => Ok(Tried { behaviour: Behaviour::Refused(Class::from(refusal)), stored: Vec::new() }),
        None => Err(failed(TRYING, error)),
    }
}

struct Statement {
    sql: String,
    params: Vec<(Field, Type)>,
}

pub(super) fn source_statement(row: &Row<'_>) -> Trial {
    let plan = row.subject.plan;
    let (names, params): (Vec<String>, Vec<Value>) = row.given().map(|(column, value)| (quoted(&column.source), value.clone())).unzip();
    let returning: Vec<String> = plan.columns.iter().map(|column| quoted(&column.source)).collect();
    let what = if names.is_empty() {
        "default values".to_owned()
    } else {
        let places: Vec<String> = (1..=names.len()).map(|number| format!("?{number}")).collect();
        format!("({}) values ({})", names.join(", "), places.join(", "))
    };
    Trial { sql: format!("insert into main.{} {what} returning {}", quoted(&plan.source), returning.join(", ")), params }
}

/// An integer of any of the three widths that an identity column may have.
fn integer(bytes: &[u8]) -> Option<i64> {
    let short = || Some(i16::from_be_bytes(bytes.try_into().ok()?).into());
    let medium = || Some(i32::from_be_bytes(bytes.try_into().ok()?).into());
    let long = || Some(i64::from_be_bytes(bytes.try_into().ok()?));
    short().or_else(medium).or_else(long)
}

/// A value as PostgreSQL gets it. Probes only use values that come across exactly.
pub(super) fn field_of(column: &ColumnPlan, value: &Value) -> Result<Field> {
    let mut scratch = Vec::new();
    let settled = column.settle(value.as_ref(), &mut scratch);
    let mut bytes = Vec::new();
    column.encode(settled.value, &mut bytes).map_err(|fault| Error::bug("encode a cell of a probe", fault.to_string()))?;
    // The length, then the value; a negative length is NULL.
    let is_null = matches!(settled.value, ValueRef::Null);
    Ok(Field(if is_null { None } else { bytes.get(4..).map(<[u8]>::to_vec) }))
}

/// Whether a value comes across exactly, so that both sides can be given the same.
pub(super) fn is_exact(column: &ColumnPlan, value: &Value) -> bool {
    let mut scratch = Vec::new();
    column.settle(value.as_ref(), &mut scratch).fate == Fate::Exact
}

pub(super) fn type_of(pg_type: PgType) -> Type {
    match pg_type {
        PgType::Bigint => Type::INT8,
        PgType::Boolean => Type::BOOL,
        PgType::DoublePrecision => Type::FLOAT8,
        PgType::Numeric | PgType::Decimal { .. } => Type::NUMERIC,
        // `citext` has no number that is known beforehand; the server casts from text.
        PgType::Text | PgType::Citext => Type::TEXT,
        PgType::Json => Type::JSON,
        PgType::Uuid => Type::UUID,
        PgType::Date => Type::DATE,
        PgType::Time => Type::TIME,
        PgType::Timestamp => Type::TIMESTAMP,
        PgType::Timestamptz => Type::TIMESTAMPTZ,
        PgType::Bytea => Type::BYTEA,
        PgType::Smallint => Type::INT2,
        PgType::Integer => Type::INT4,
        PgType::Real => Type::FLOAT4,
        PgType::Varchar { .. } => Type::VARCHAR,
        PgType::Char { .. } => Type::BPCHAR,
        PgType::Jsonb => Type::JSONB,
        PgType::Inet => Type::INET,
        PgType::Cidr => Type::CIDR,
        PgType::Macaddr => Type::MACADDR,
        PgType::Array(element) => match element {
            ElementType::Text => Type::TEXT_ARRAY,
            ElementType::Varchar { .. } => Type::VARCHAR_ARRAY,
            ElementType::Smallint => Type::INT2_ARRAY,
            ElementType::Integer => Type::INT4_ARRAY,
            ElementType::Bigint => Type::INT8_ARRAY,
            ElementType::Double => Type::FLOAT8_ARRAY,
            ElementType::Boolean => Type::BOOL_ARRAY,
            ElementType::Uuid => Type::UUID_ARRAY,
        },
        PgType::Timetz => Type::TIMETZ,
        PgType::Interval => Type::INTERVAL,
    }
}

fn fields(row: &tokio_postgres::Row) -> Result<Vec<Option<Vec<u8>>>> {
    let field = |index| row.try_get::<_, Field>(index).map(|field| field.0).map_err(|error| failed(TRYING, error));
    (0..row.len()).map(field).collect()
}

/// A field in PostgreSQL's binary form, as it is.
pub(super) struct Field(pub(super) Option<Vec<u8>>);

/// Shows the size, never the content.
impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<{:?} bytes>", self.0.as_ref().map(Vec::len))
    }
}

impl ToSql for Field {
    fn to_sql(&self, _: &Type, out: &mut bytes::BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match &self.0 {
            None => IsNull::Yes,
            Some(bytes) => {
                out.extend_from_slice(bytes);
                IsNull::No
            }
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'b> FromSql<'b> for Field {
    fn from_sql(_: &Type, raw: &'b [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Some(raw.to_vec())))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
