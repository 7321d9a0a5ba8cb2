//! The table that keeps which migrations were run.

use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{MigrationFile, MigrationVersion, MigrationsPolicy};
use crate::postgres::{Session, failed};

const READ: &str = "read the ledger of migrations";
const NOTE: &str = "note a migration in its ledger";

/// Its columns and their types.
const COLUMNS: [(&str, &str); 7] = [
    ("version", "text"),
    ("name", "text"),
    ("checksum", "text"),
    ("applied_at", "timestamp with time zone"),
    ("applied_by", "text"),
    ("execution_ms", "bigint"),
    ("state", "text"),
];

/// A migration that was run, or begun.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) version: MigrationVersion,
    pub(super) name: String,
    pub(super) checksum: String,
    pub(super) applied_at: String,
    pub(super) applied_by: String,
    pub(super) execution_ms: Option<i64>,
    /// Whether it was begun without a transaction, and its end was not noted.
    pub(super) started: bool,
}

/// The ledger of a schema.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Its name, quoted, with its schema.
    pub(super) place: String,
    schema: String,
    table: String,
}

impl Ledger {
    pub(super) fn of(policy: &MigrationsPolicy, schema: &str) -> Self {
        Self { place: format!("{}.{}", quoted(schema), quoted(&policy.table)), schema: schema.to_owned(), table: policy.table.clone() }
    }

    /// As shown to people.
    pub(super) fn shown(&self) -> String {
        format!("{}.{}", self.schema, self.table)
    }

    /// What it holds, in the order of the versions; none where there is no such table. Another one's table is refused.
    pub(super) async fn rows(&self, session: &Session) -> Result<Option<Vec<Row>>> {
        let sql = "select a.attname::text, format_type(a.atttypid, a.atttypmod) \
                   from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
                   left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped \
                   where n.nspname = $1 and c.relname = $2 order by a.attnum";
        let found = session.client().query(sql, &[&self.schema, &self.table]).await.map_err(|error| failed(READ, error))?;
        if found.is_empty() {
            return Ok(None);
        }
        let mut columns: Vec<(Option<String>, String)> = Vec::with_capacity(found.len());
        for row in &found {
            let column = row.try_get(0).and_then(|name| Ok((name, row.try_get(1)?)));
            columns.push(column.map_err(|error| failed(READ, error))?);
        }
        let is_ours = columns.len() == COLUMNS.len()
            && COLUMNS.iter().zip(&columns).all(|((name, kind), (found, of))| found.as_deref() == Some(*name) && of == kind);
        if !is_ours {
            let names: Vec<&str> = columns.iter().filter_map(|(name, _)| name.as_deref()).collect();
            let whose = match names.as_slice() {
                ["version"] => "it looks like that of Rails or dbmate",
                ["version", "dirty"] => "it looks like golang-migrate's",
                _ => "it has other columns",
            };
            return Err(taken(&self.shown(), &format!("is there, and is not outgrow's: {whose}")));
        }
        let sql = format!(
            "select version, name, checksum, to_char(applied_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), applied_by, \
             execution_ms, state <> 'applied' from {}",
            self.place
        );
        let found = session.client().query(&sql, &[]).await.map_err(|error| failed(READ, error))?;
        let mut rows = found.iter().map(row).collect::<Result<Vec<Row>>>()?;
        rows.sort_by(|one, other| one.version.cmp(&other.version));
        Ok(Some(rows))
    }

    /// Makes the table where it is not there.
    pub(super) async fn make(&self, session: &Session) -> Result<()> {
        let sql = format!(
            "create table if not exists {}(\
                version text primary key, name text not null, checksum text not null, \
                applied_at timestamptz not null default clock_timestamp(), applied_by text not null default current_user, \
                execution_ms bigint, state text not null check (state in ('started', 'applied')))",
            self.place
        );
        let doing = format!("make the ledger of migrations {}", self.shown());
        session.client().batch_execute(&sql).await.map_err(|error| failed(doing, error))
    }

    /// Notes a migration as run or, without a time, as begun.
    pub(super) async fn note(&self, session: &Session, file: &MigrationFile, execution_ms: Option<i64>) -> Result<()> {
        let state = if execution_ms.is_some() { "applied" } else { "started" };
        let sql = format!(
            "insert into {} as ledger(version, name, checksum, execution_ms, state) values($1, $2, $3, $4, $5) \
             on conflict (version) do update set execution_ms = excluded.execution_ms, state = excluded.state \
             where ledger.state = 'started'",
            self.place
        );
        let version = file.version.as_str();
        let noted = session.client().execute(&sql, &[&version, &file.name, &file.checksum, &execution_ms, &state]).await;
        match noted.map_err(|error| failed(NOTE, error))? {
            1 => Ok(()),
            _ => Err(Error::bug(NOTE, "another run has noted it")),
        }
    }

    /// Settles a migration whose end is not known: as run, or as not run.
    pub(super) async fn settle(&self, session: &Session, version: &MigrationVersion, as_applied: bool) -> Result<()> {
        let rows = self.rows(session).await?.unwrap_or_default();
        let Some(row) = rows.iter().find(|row| row.version == *version && row.started) else {
            let detail = format!("no migration of version {} stands in {} as begun without a known end", version.as_str(), self.shown());
            return Err(Error::new(ErrorKind::Usage, "settle a migration", detail).hint("`outgrow migrations --status` lists them"));
        };
        let sql = if as_applied {
            format!("update {} set state = 'applied' where version = $1", self.place)
        } else {
            format!("delete from {} where version = $1", self.place)
        };
        session.client().execute(&sql, &[&row.version.as_str()]).await.map(drop).map_err(|error| failed(NOTE, error))
    }
}

fn row(row: &tokio_postgres::Row) -> Result<Row> {
    let fields = || -> Result<_, tokio_postgres::Error> {
        let version: String = row.try_get(0)?;
        let name: String = row.try_get(1)?;
        Ok((version, name, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?, row.try_get(5)?, row.try_get(6)?))
    };
    let (version, name, checksum, applied_at, applied_by, execution_ms, started) = fields().map_err(|error| failed(READ, error))?;
    let version = MigrationVersion::parse(&version).ok_or_else(|| {
        Error::new(ErrorKind::Unforeseen, READ, format!("the version of {name} in it is no number; outgrow did not write that"))
    })?;
    Ok(Row { version, name, checksum, applied_at, applied_by, execution_ms, started })
}

/// The name of the ledger is another table's.
pub(super) fn taken(place: &str, why: &str) -> Error {
    let detail = format!("the table {place} {why}; nothing was changed");
    Error::new(ErrorKind::Policy, "keep the ledger of migrations", detail)
        .hint("give outgrow's ledger another name under [migrations]: table = \"outgrow_migrations\"")
}
