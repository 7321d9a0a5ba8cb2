//! Asks a database.
//!
//! Neither side can be changed by a question: the source is opened for reading, and the target asked in a transaction that
//! may only read, by one statement.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, pin_mut};
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::types::Type;
use xxhash_rust::xxh3::xxh3_128;

use super::answer::{Once, milliseconds};
use super::sides::Sides;
use super::text_form;
use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Side, SqlQuestion};
use crate::postgres::{ConnectionSettings, Session, failed};
use crate::sqlite::SourceReader;

/// More rows than this are not compared; nobody looks at them in a smoke test.
const ROWS_MAX: usize = 1_000_000;
/// How much longer than the server's own timeout an answer is waited for.
const GRACE: Duration = Duration::from_secs(5);

/// The connection to the target, kept between two questions so that only the query is measured.
#[derive(Default)]
pub(super) struct SqlLine {
    session: Option<Session>,
}

/// What a query gave.
#[derive(Default)]
struct Rows {
    seconds: f64,
    count: usize,
    columns: usize,
    /// The first row's first value as it was written, and in the common form.
    first: Option<(String, Vec<u8>)>,
    /// A digest of each row.
    digests: Vec<u128>,
}

impl Rows {
    /// Takes a row in: each value in the common form.
    fn add(&mut self, values: &[Option<Vec<u8>>], written: Option<String>) -> Result<()> {
        if self.count == ROWS_MAX {
            return Err(Error::new(ErrorKind::Policy, "ask", format!("the query gives more than {ROWS_MAX} rows")));
        }
        if self.count == 0 {
            self.first = written.zip(values.first().cloned().flatten());
        }
        (self.count, self.columns) = (self.count + 1, values.len());
        let mut row = Vec::new();
        for value in values {
            match value {
                None => row.push(0),
                Some(bytes) => {
                    row.push(1);
                    row.extend_from_slice(&bytes.len().to_be_bytes());
                    row.extend_from_slice(bytes);
                }
            }
        }
        self.digests.push(xxh3_128(&row));
        Ok(())
    }
}

impl SqlLine {
    pub(super) async fn ask(&mut self, question: &SqlQuestion, sides: &Sides<'_>) -> Once {
        let rows = match self.side(question.on, question, sides).await {
            Ok(rows) => rows,
            Err(error) => return Once::failed(said(&error)),
        };
        let seconds = rows.seconds;
        let other = if question.same {
            let (other, name) = match question.on {
                Side::Source => (Side::Target, "target"),
                Side::Target => (Side::Source, "source"),
            };
            match self.side(other, question, sides).await {
                Ok(rows) => Some((rows, name)),
                Err(error) => return Once { seconds, said: Err(format!("asked the same, the {name} has no answer: {}", said(&error))) },
            }
        } else {
            None
        };
        Once { seconds, said: judged(question, &rows, other.as_ref().map(|(rows, name)| (rows, *name))) }
    }

    async fn side(&mut self, side: Side, question: &SqlQuestion, sides: &Sides<'_>) -> Result<Rows> {
        let absent = |what: &str| Error::new(ErrorKind::Usage, "ask", format!("there is no {what} to ask"));
        match side {
            Side::Source => ask_source(sides.source.ok_or_else(|| absent("source"))?, question).await,
            Side::Target => {
                let target = sides.target.ok_or_else(|| absent("target"))?;
                let limit = question.timeout.0.saturating_add(GRACE);
                let asked = tokio::time::timeout(limit, self.ask_target(target, sides.schema, question)).await;
                let late = || {
                    Error::new(ErrorKind::TargetLost, "ask the target", format!("no answer within {}", milliseconds(limit.as_secs_f64())))
                };
                asked.unwrap_or_else(|_| Err(late()))
            }
        }
    }

    async fn ask_target(&mut self, target: &ConnectionSettings, schema: Option<&str>, question: &SqlQuestion) -> Result<Rows> {
        // A question that fails leaves no session behind: the next one begins anew.
        let session = match self.session.take() {
            Some(session) => session,
            None => Session::connect(target).await?,
        };
        let rows = ask_session(&session, schema, question).await?;
        self.session = Some(session);
        Ok(rows)
    }
}

async fn ask_session(session: &Session, schema: Option<&str>, question: &SqlQuestion) -> Result<Rows> {
    let client = session.client();
    let refused = |error| failed("ask the target", error);
    let timeout = question.timeout.0.as_millis().clamp(1, 2_147_483_647);
    let path = schema.map_or_else(String::new, |schema| format!("; set local search_path = {}, public", quoted(schema)));
    let begin = format!("start transaction read only; set local statement_timeout = {timeout}{path}");
    client.batch_execute(&begin).await.map_err(refused)?;
    // Prepared, so that it can only be one statement, and for the types of its columns; asked for once more because only so
    // the server writes text.
    let statement = client.prepare(&question.query).await.map_err(refused)?;
    let types: Vec<Type> = statement.columns().iter().map(|column| column.type_().clone()).collect();
    let began = Instant::now();
    let stream = client.simple_query_raw(&question.query).await.map_err(refused)?;
    pin_mut!(stream);
    let mut rows = Rows::default();
    while let Some(message) = stream.next().await {
        if let SimpleQueryMessage::Row(row) = message.map_err(refused)? {
            let values = types.iter().enumerate().map(|(index, of)| row.get(index).map(|text| text_form::of_target(text, of)));
            let values: Vec<_> = values.collect();
            let written = row.get(0).filter(|_| rows.count == 0).map(ToOwned::to_owned);
            rows.add(&values, written)?;
        }
    }
    rows.seconds = began.elapsed().as_secs_f64();
    client.batch_execute("rollback").await.map_err(refused)?;
    Ok(rows)
}

async fn ask_source(source: &Path, question: &SqlQuestion) -> Result<Rows> {
    let (source, query, timeout): (PathBuf, String, Duration) = (source.to_owned(), question.query.clone(), question.timeout.0);
    let asked = tokio::task::spawn_blocking(move || {
        let mut reader = SourceReader::open_within(&source, timeout)?;
        let (mut rows, began) = (Rows::default(), Instant::now());
        reader.ask(&query, timeout, &mut |row| {
            let values: Vec<_> = (0..row.len()).map(|index| text_form::of_source(row.value(index))).collect();
            let written = values.first().cloned().flatten().filter(|_| rows.count == 0);
            rows.add(&values, written.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))?;
            Ok(ControlFlow::Continue(()))
        })?;
        rows.seconds = began.elapsed().as_secs_f64();
        reader.finish()?;
        Ok(rows)
    });
    asked.await.map_err(|error| Error::bug("ask the source", error.to_string()))?
}

fn said(error: &Error) -> String {
    error.detail().to_owned()
}

/// Holds what came back against what the policy wants.
fn judged(question: &SqlQuestion, rows: &Rows, other: Option<(&Rows, &str)>) -> std::result::Result<String, String> {
    if let Some(wanted) = question.rows
        && u64::try_from(rows.count) != Ok(wanted)
    {
        return Err(format!("it gives {} rows, wanted {wanted}", rows.count));
    }
    if let Some(wanted) = &question.value {
        if (rows.count, rows.columns) != (1, 1) {
            return Err(format!("it gives {} rows of {} columns, where one value is wanted", rows.count, rows.columns));
        }
        let is_right = rows.first.as_ref().is_some_and(|(written, form)| written == wanted || form == wanted.as_bytes());
        if !is_right {
            return Err("the value is not what the policy wants".to_owned());
        }
    }
    let Some((other, name)) = other else {
        return Ok(format!("{} rows after {}", rows.count, milliseconds(rows.seconds)));
    };
    if rows.columns != other.columns && rows.count > 0 && other.count > 0 {
        return Err(format!("it gives {} columns, but {} on the {name}", rows.columns, other.columns));
    }
    if rows.count != other.count {
        return Err(format!("it gives {} rows, but {} on the {name}", rows.count, other.count));
    }
    let differing = rows.digests.iter().zip(&other.digests).filter(|(one, other)| one != other).count();
    if differing > 0 {
        return Err(format!("{differing} of {} rows are not the same on the {name}", rows.count));
    }
    Ok(format!("the same {} rows as on the {name}, after {}", rows.count, milliseconds(rows.seconds)))
}
