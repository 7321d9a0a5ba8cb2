//! What is done, kept in the target itself.

use std::collections::BTreeMap;
use std::time::Duration;

use super::TableCopy;
use super::blocks::Span;
use super::reader::Chunk;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Plan, SourceFingerprint, Step};
use crate::postgres::{CopyIn, Session, failed};
use crate::value::{CellCounts, QuarantinedCell};

const READ: &str = "read the ledger in the target";

/// How often the lock is asked for, a [`PAUSE`] apart: the server needs a moment to see that a killed run is gone.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(250);

/// Bytes of quarantined cells that are sent at once.
const PIECE_BYTES: usize = 64 * 1024;

/// The schema and its tables. Made once, never changed by a run.
const SCHEMA: &str = r"
create table if not exists outgrow.run(
    plan text primary key,
    source_schema text not null,
    source_content text not null,
    version text not null,
    document text not null,
    started_at timestamptz not null default now(),
    finished_at timestamptz);
create table if not exists outgrow.step(
    plan text not null references outgrow.run(plan),
    step text not null,
    refused text,
    finished_at timestamptz not null default now(),
    primary key (plan, step));
create table if not exists outgrow.chunk(
    plan text not null references outgrow.run(plan),
    source_table text not null,
    first bigint not null,
    last bigint not null,
    rows bigint not null,
    bytes bigint not null,
    cells text not null,
    finished_at timestamptz not null default now(),
    primary key (plan, source_table, first));
create table if not exists outgrow.quarantine(
    plan text not null references outgrow.run(plan),
    source_table text not null,
    source_column text not null,
    row_key text not null,
    storage_class text not null,
    original bytea not null,
    reason text not null);
create table if not exists outgrow.reference(
    plan text not null references outgrow.run(plan),
    target_table text not null,
    file text not null,
    row_key text not null,
    replaced boolean not null);
create index if not exists quarantine_by_place on outgrow.quarantine(source_table, source_column, md5(row_key));
";

/// Makes the schema where it is not there. (`create schema if not exists` asks for the right to make schemas even where
/// there is nothing to make.)
async fn make_schema(session: &Session) -> Result<()> {
    let doing = "make the schema outgrow, which holds the ledger";
    let row = session.client().query_one("select to_regnamespace('outgrow') is not null", &[]).await;
    let there: bool = row.and_then(|row| row.try_get(0)).map_err(|error| failed(doing, error))?;
    if there {
        return Ok(());
    }
    session
        .client()
        .batch_execute("create schema outgrow")
        .await
        .map_err(|error| failed(doing, error).hint("have somebody who may run: create schema outgrow authorization <this role>"))
}

/// How far a plan got in a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanState {
    /// It was never begun here.
    Unknown,
    /// It was begun.
    Begun,
    /// All of it is done.
    Finished,
}

/// The load that was begun last in a schema.
#[derive(Debug)]
pub enum Before {
    /// There was none.
    None,
    /// Into tables that outgrow made.
    Ours,
    /// Into tables that were there.
    Existing {
        /// The plan.
        plan: Box<Plan>,
        /// Whether all of it is done.
        finished: bool,
    },
}

/// The ledger of one plan in its target.
#[derive(Debug)]
pub struct Ledger {
    plan: String,
}

/// What is loaded of a table.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) copy: TableCopy,
    pub(super) parts: Vec<(Span, TableCopy)>,
}

impl Ledger {
    /// Whether the target has a ledger at all.
    pub async fn is_there(session: &Session) -> Result<bool> {
        let sql = "select to_regclass('outgrow.run') is not null, exists(select from information_schema.columns \
                   where table_schema = 'outgrow' and table_name = 'run' and column_name = 'document')";
        let row = session.client().query_one(sql, &[]).await.map_err(|error| failed(READ, error))?;
        let there: bool = row.try_get(0).map_err(|error| failed(READ, error))?;
        let ours: bool = row.try_get(1).map_err(|error| failed(READ, error))?;
        if there && !ours {
            let detail = "the schema outgrow in this database holds a table run that outgrow did not make; nothing was changed";
            return Err(Error::new(ErrorKind::TargetUnfit, READ, detail).hint("load into another database, or rename that schema"));
        }
        Ok(there)
    }

    /// The plan that was finished last in this target for a source of this schema, or else for any source.
    pub async fn last_plan(session: &Session, source_schema: &str) -> Result<Option<Plan>> {
        if !Self::is_there(session).await? {
            return Ok(None);
        }
        let sql = "select document from outgrow.run where finished_at is not null \
                   order by source_schema = $1 desc, finished_at desc limit 1";
        let row = session.client().query_opt(sql, &[&source_schema]).await.map_err(|error| failed(READ, error))?;
        let document: Option<String> = row.map(|row| row.try_get(0)).transpose().map_err(|error| failed(READ, error))?;
        document.map(|text| Plan::read(&text)).transpose()
    }

    /// The plan other than this one that was begun here last, as its id, the fingerprints of its source, and the checksums of
    /// its files of reference data.
    pub async fn other_plan(session: &Session, plan: &Plan) -> Result<Option<(String, SourceFingerprint, BTreeMap<String, String>)>> {
        if !Self::is_there(session).await? {
            return Ok(None);
        }
        let sql = "select plan, source_schema, source_content, document from outgrow.run where plan <> $1 order by started_at desc limit 1";
        let row = session.client().query_opt(sql, &[&plan.id.as_str()]).await.map_err(|error| failed(READ, error))?;
        let fields = |row: &tokio_postgres::Row| -> Result<_, tokio_postgres::Error> {
            Ok((row.try_get(0)?, SourceFingerprint { schema: row.try_get(1)?, content: row.try_get(2)? }, row.try_get::<_, String>(3)?))
        };
        let Some((id, source, document)) = row.as_ref().map(fields).transpose().map_err(|error| failed(READ, error))? else {
            return Ok(None);
        };
        // A plan of another version can't be read, and says nothing.
        let steps = Plan::read(&document).map(|plan| plan.steps).unwrap_or_default();
        let files = steps.iter().filter_map(Step::reference).map(|load| (load.file.clone(), load.checksum.clone())).collect();
        Ok(Some((id, source, files)))
    }

    /// The load that was begun last in this schema.
    pub async fn before(session: &Session, schema: &str) -> Result<Before> {
        if !Self::is_there(session).await? {
            return Ok(Before::None);
        }
        let sql = "select document, finished_at is not null from outgrow.run where document::json ->> 'schema' = $1 \
                   order by started_at desc limit 1";
        let row = session.client().query_opt(sql, &[&schema]).await.map_err(|error| failed(READ, error))?;
        let Some(row) = row else { return Ok(Before::None) };
        let fields = || -> Result<(String, bool), tokio_postgres::Error> { Ok((row.try_get(0)?, row.try_get(1)?)) };
        let (document, finished) = fields().map_err(|error| failed(READ, error))?;
        // A plan of another version is no obstacle as long as nothing of it is out of its place.
        let kind: serde_json::Value = serde_json::from_str(&document).map_err(|error| Error::bug(READ, error.to_string()))?;
        if kind.get("existing").is_none_or(serde_json::Value::is_null) {
            return Ok(Before::Ours);
        }
        Ok(Before::Existing { plan: Box::new(Plan::read(&document)?), finished })
    }

    /// The plan of the load that was begun last in a schema.
    pub async fn last_loaded(session: &Session, schema: &str) -> Result<Option<Plan>> {
        if !Self::is_there(session).await? {
            return Ok(None);
        }
        let sql = "select document from outgrow.run where document::json ->> 'schema' = $1 order by started_at desc limit 1";
        let row = session.client().query_opt(sql, &[&schema]).await.map_err(|error| failed(READ, error))?;
        let document: Option<String> = row.map(|row| row.try_get(0)).transpose().map_err(|error| failed(READ, error))?;
        document.map(|text| Plan::read(&text)).transpose()
    }

    /// How far the plan of this id got, without making anything.
    pub async fn state(session: &Session, plan: &str) -> Result<PlanState> {
        let doing = READ;
        if !Self::is_there(session).await? {
            return Ok(PlanState::Unknown);
        }
        let rows = session
            .client()
            .query("select finished_at is not null from outgrow.run where plan = $1", &[&plan])
            .await
            .map_err(|error| failed(doing, error))?;
        let finished = rows.first().map(|row| row.try_get::<_, bool>(0)).transpose().map_err(|error| failed(doing, error))?;
        Ok(match finished {
            None => PlanState::Unknown,
            Some(false) => PlanState::Begun,
            Some(true) => PlanState::Finished,
        })
    }

    /// Takes the target's lock for as long as the session lives; another run's lock is [`ErrorKind::Locked`].
    pub async fn lock(session: &Session) -> Result<()> {
        let doing = "lock the target";
        // A run that is killed in the middle of a long statement must not hold the lock until that ends. Servers
        // before 14 and some systems don't have this setting: there it takes longer.
        drop(session.client().batch_execute("set client_connection_check_interval = '1s'").await);
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            let locked = session
                .client()
                .query_one("select pg_try_advisory_lock(hashtextextended('outgrow', 0))", &[])
                .await
                .and_then(|row| row.try_get::<_, bool>(0))
                .map_err(|error| failed(doing, error))?;
            if locked {
                return Ok(());
            }
        }
        Err(Error::new(ErrorKind::Locked, doing, "another run of outgrow works on this database; nothing was changed"))
    }

    /// Takes the target's lock where the session doesn't have it yet, and opens the plan's ledger.
    pub(super) async fn open(session: &Session, plan: &Plan) -> Result<Self> {
        let doing = "open the ledger in the target";
        Self::lock(session).await?;
        wait_for_workers(session).await?;
        let document = serde_json::to_string(plan).map_err(|error| Error::bug(doing, error.to_string()))?;
        make_schema(session).await?;
        session.client().batch_execute(SCHEMA).await.map_err(|error| failed(doing, error))?;
        session
            .client()
            .execute(
                "insert into outgrow.run(plan, source_schema, source_content, version, document) values($1, $2, $3, $4, $5) on conflict do nothing",
                &[&plan.id.as_str(), &plan.source.schema, &plan.source.content, &env!("CARGO_PKG_VERSION"), &document],
            )
            .await
            .map_err(|error| failed(doing, error))?;
        Ok(Self { plan: plan.id.as_str().to_owned() })
    }

    /// Says that a session works for the run that holds the target's lock, for as long as the session lives.
    pub(super) async fn join(session: &Session) -> Result<()> {
        // A server that does not have the setting notices later.
        drop(session.client().batch_execute("set client_connection_check_interval = '1s'").await);
        let joined = session.client().batch_execute(&work_lock("pg_advisory_lock_shared")).await;
        joined.map_err(|error| failed("join the run in the target", error))
    }

    /// The steps that are done, each with what the server said where it refused.
    pub(super) async fn done(&self, session: &Session) -> Result<BTreeMap<String, Option<String>>> {
        let doing = READ;
        let rows = session.client().query("select step, refused from outgrow.step where plan = $1", &[&self.plan]).await;
        let rows = rows.map_err(|error| failed(doing, error))?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, _>>().map_err(|error| failed(doing, error))
    }

    /// What is loaded of each table.
    pub(super) async fn loaded(&self, session: &Session) -> Result<BTreeMap<String, Loaded>> {
        let doing = READ;
        let sql = "select source_table, first, last, rows, bytes, cells from outgrow.chunk where plan = $1";
        let rows = session.client().query(sql, &[&self.plan]).await.map_err(|error| failed(doing, error))?;
        let mut loaded: BTreeMap<String, Loaded> = BTreeMap::new();
        for row in &rows {
            let fields = || -> Result<_, tokio_postgres::Error> {
                let span = Span { first: row.try_get(1)?, last: row.try_get(2)? };
                Ok((row.try_get::<_, String>(0)?, span, row.try_get(3)?, row.try_get(4)?, row.try_get::<_, String>(5)?))
            };
            let (table, span, rows, bytes, cells): (_, _, i64, i64, _) = fields().map_err(|error| failed(doing, error))?;
            let cells: CellCounts = serde_json::from_str(&cells).map_err(|error| Error::bug(doing, error.to_string()))?;
            let number = |number: i64| u64::try_from(number).unwrap_or(0);
            let table = loaded.entry(table).or_default();
            let copy = TableCopy { rows: number(rows), bytes: number(bytes), cells };
            table.copy.add(&copy);
            table.parts.push((span, copy));
        }
        Ok(loaded)
    }

    /// Notes steps as done, inside the transaction that does them.
    pub(super) async fn note_steps(&self, session: &Session, steps: &[(&str, Option<&str>)]) -> Result<()> {
        let (ids, refused): (Vec<&str>, Vec<Option<&str>>) = steps.iter().copied().unzip();
        let sql = "insert into outgrow.step(plan, step, refused) select $1, * from unnest($2::text[], $3::text[])";
        let noted = session.client().execute(sql, &[&self.plan, &ids, &refused]).await;
        noted.map(drop).map_err(|error| failed("note steps in the ledger", error))
    }

    /// Notes chunks and keeps their quarantined cells, inside the transaction that loads them.
    pub(super) async fn note_chunks(&self, session: &Session, chunks: &[(&str, Chunk)]) -> Result<()> {
        let doing = "note chunks in the ledger";
        self.quarantine(session, chunks.iter().flat_map(|(_, chunk)| &chunk.quarantine)).await?;
        let tables: Vec<&str> = chunks.iter().map(|(table, _)| *table).collect();
        let columns = [
            |chunk: &Chunk| chunk.span.first,
            |chunk: &Chunk| chunk.span.last,
            |chunk: &Chunk| i64::try_from(chunk.rows).unwrap_or(i64::MAX),
            |chunk: &Chunk| i64::try_from(chunk.bytes).unwrap_or(i64::MAX),
        ]
        .map(|column| chunks.iter().map(|(_, chunk)| column(chunk)).collect::<Vec<i64>>());
        let cells = chunks.iter().map(|(_, chunk)| serde_json::to_string(&chunk.cells)).collect::<Result<Vec<String>, _>>();
        let cells = cells.map_err(|error| Error::bug(doing, error.to_string()))?;
        let sql = "insert into outgrow.chunk(plan, source_table, first, last, rows, bytes, cells) \
                   select $1, * from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[])";
        let [first, last, rows, bytes] = &columns;
        let noted = session.client().execute(sql, &[&self.plan, &tables, first, last, rows, bytes, &cells]).await;
        noted.map(drop).map_err(|error| failed(doing, error))
    }

    async fn quarantine(&self, session: &Session, cells: impl Iterator<Item = &QuarantinedCell>) -> Result<()> {
        let mut cells = cells.peekable();
        if cells.peek().is_none() {
            return Ok(());
        }
        let sql = "copy outgrow.quarantine(plan, source_table, source_column, row_key, storage_class, original, reason) \
                   from stdin (format binary)";
        let mut copy = CopyIn::begin(session.client(), sql, "keep quarantined cells").await?;
        let mut piece: Vec<u8> = Vec::new();
        for cell in cells {
            piece.extend_from_slice(&7_i16.to_be_bytes());
            let fields: [&[u8]; 7] = [
                self.plan.as_bytes(),
                cell.table.as_bytes(),
                cell.column.as_bytes(),
                cell.row.as_str().as_bytes(),
                cell.class.name().as_bytes(),
                &cell.original,
                cell.reason.as_bytes(),
            ];
            for field in fields {
                let length = i32::try_from(field.len()).map_err(|error| {
                    Error::new(ErrorKind::Unforeseen, "keep a quarantined cell", "it is larger than 2 GiB").because(error)
                })?;
                piece.extend_from_slice(&length.to_be_bytes());
                for part in field.chunks(PIECE_BYTES) {
                    piece.extend_from_slice(part);
                    if piece.len() >= PIECE_BYTES {
                        copy.send(std::mem::take(&mut piece).into()).await?;
                    }
                }
            }
        }
        copy.send(piece.into()).await?;
        copy.finish().await.map(drop)
    }

    /// Notes that every step of the plan is done.
    pub(super) async fn finish(&self, session: &Session) -> Result<()> {
        let sql = "update outgrow.run set finished_at = now() where plan = $1 and finished_at is null";
        let noted = session.client().execute(sql, &[&self.plan]).await;
        noted.map(drop).map_err(|error| failed("finish the ledger in the target", error))
    }
}

/// A call of a lock function for the lock that every session of a run shares.
fn work_lock(function: &str) -> String {
    format!("select {function}(hashtextextended('outgrow: work', 0))")
}

/// Waits for the sessions of a run that was killed: what they have just committed must be in the ledger when it is read.
async fn wait_for_workers(session: &Session) -> Result<()> {
    let doing = "wait for the sessions of an earlier run";
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        let row = session.client().query_one(&work_lock("pg_try_advisory_lock"), &[]).await;
        if row.and_then(|row| row.try_get::<_, bool>(0)).map_err(|error| failed(doing, error))? {
            let freed = session.client().batch_execute(&work_lock("pg_advisory_unlock")).await;
            return freed.map_err(|error| failed(doing, error));
        }
    }
    Err(Error::new(ErrorKind::Locked, doing, "they still work on this database; nothing was changed"))
}
