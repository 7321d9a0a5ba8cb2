//! What a PostgreSQL database holds, as its server counts and digests it in one transaction.
//!
//! Two databases with the same content give the same here, whatever order their rows lie in.

use std::collections::BTreeMap;

use serde::Serialize;
use tokio_postgres::Transaction;

use super::manifest::{Manifest, TableContent};
use super::stream::sha256;
use super::trial::Finding;
use crate::catalog::quoted;
use crate::error::{Error, Result};
use crate::postgres::failed;
use crate::verify::{Verdict, schema_objects};

/// Tables that hold rows of their own, but for those that an extension brought. What is dumped of foreign tables are not their rows.
const TABLES: &str = "
    select n.nspname::text, c.relname::text from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')
    order by 1, 2";

/// Schemas of people, but for those that an extension brought.
const SCHEMAS: &str = "
    select n.nspname::text from pg_catalog.pg_namespace n where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.objid = n.oid and d.deptype = 'e')
    order by 1";

/// How many differences a finding names.
const DIFFERENCES_SHOWN: usize = 5;

/// What a database holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) tables: Vec<TableContent>,
    /// Each object with the SHA-256 of the server's own text of it.
    pub(super) objects: BTreeMap<String, String>,
}

impl Content {
    /// Reads it as this transaction sees it. Every row is read by the server.
    pub(super) async fn read(transaction: &Transaction<'_>) -> Result<Self> {
        // Names in values (a `regclass`) stand with their schema then, on both sides.
        let path = transaction.batch_execute("set local search_path = pg_catalog").await;
        path.map_err(|error| failed("digest the database", error))?;
        let objects = Self::objects(transaction).await?;
        let mut tables = Vec::new();
        for (schema, table) in pairs(transaction).await? {
            let name = format!("{schema}.{table}");
            let (rows, digest) = digested(transaction, &schema, &table).await?;
            tables.push(TableContent { name, rows, digest: Some(digest) });
        }
        Ok(Self { tables, objects })
    }

    /// Its objects, but for those that an extension brought.
    pub(super) async fn objects(transaction: &Transaction<'_>) -> Result<BTreeMap<String, String>> {
        let doing = "list the schemas of the database";
        let rows = transaction.query(SCHEMAS, &[]).await.map_err(|error| failed(doing, error))?;
        let mut all = BTreeMap::new();
        for row in rows {
            let schema: String = row.try_get(0).map_err(|error| failed(doing, error))?;
            for ((kind, name), text) in schema_objects(transaction, &schema).await? {
                all.insert(format!("{} {schema}.{name}", kind.words().0), sha256(squeezed(&text).as_bytes()));
            }
        }
        Ok(all)
    }

    /// One digest over all tables.
    pub(super) fn digest(&self) -> Result<String> {
        of(&self.tables)
    }

    /// One digest over all objects.
    pub(super) fn schema(&self) -> Result<String> {
        of(&self.objects)
    }

    /// Compares a restored database with what the manifest says: the texts of its objects only where both servers write them in
    /// the `same_words`, and what else is in there only unless it `may_hold_more`.
    pub(super) fn compared(&self, manifest: &Manifest, same_words: bool, may_hold_more: bool) -> Finding {
        let mut differences = Vec::new();
        let here: BTreeMap<&str, &TableContent> = self.tables.iter().map(|table| (table.name.as_str(), table)).collect();
        for table in &manifest.tables {
            match here.get(table.name.as_str()) {
                None => differences.push(format!("the table {} is missing", table.name)),
                Some(other) if other.rows != table.rows => {
                    differences.push(format!("the table {} has {} rows instead of {}", table.name, other.rows, table.rows));
                }
                Some(other) if *other != table => differences.push(format!("rows of the table {} differ", table.name)),
                Some(_) => {}
            }
        }
        for (object, text) in &manifest.objects {
            match self.objects.get(object) {
                None => differences.push(format!("the {object} is missing")),
                Some(other) if same_words && other != text => differences.push(format!("the {object} is another")),
                Some(_) => {}
            }
        }
        if !may_hold_more {
            let known: Vec<&str> = manifest.tables.iter().map(|table| table.name.as_str()).collect();
            differences.extend(here.keys().filter(|name| !known.contains(name)).map(|name| format!("the table {name} was not there")));
            let stray = self.objects.keys().filter(|object| !manifest.objects.contains_key(*object));
            differences.extend(stray.map(|object| format!("the {object} was not there")));
        }
        if differences.is_empty() {
            let (tables, rows, objects) = (manifest.tables.len(), manifest.rows(), manifest.objects.len());
            let objects = if same_words {
                format!("{objects} objects are equal")
            } else {
                format!("{objects} objects are there (what they say is not compared: this server is of another version)")
            };
            let detail = format!("{tables} tables with {rows} rows are equal, digested by the server, and {objects}");
            // Nothing was compared where nothing was there, and an empty database is restored rightly so.
            return (Verdict::Match, detail);
        }
        let more = differences.len().saturating_sub(DIFFERENCES_SHOWN);
        differences.truncate(DIFFERENCES_SHOWN);
        let more = if more == 0 { String::new() } else { format!("; {more} more") };
        (Verdict::Mismatch, format!("{}{more}", differences.join("; ")))
    }
}

fn of<T: Serialize>(content: &T) -> Result<String> {
    serde_json::to_vec(content).map(|text| sha256(&text)).map_err(|error| Error::bug("digest the database", error.to_string()))
}

async fn pairs(transaction: &Transaction<'_>) -> Result<Vec<(String, String)>> {
    let doing = "list the tables of the database";
    let rows = transaction.query(TABLES, &[]).await.map_err(|error| failed(doing, error))?;
    let pair = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.iter().map(pair).collect::<Result<_, tokio_postgres::Error>>().map_err(|error| failed(doing, error))
}

/// The number of rows, and the sums of both halves of their SHA-256: the same in whatever order they come.
async fn digested(transaction: &Transaction<'_>, schema: &str, table: &str) -> Result<(u64, String)> {
    let name = format!("{}.{}", quoted(schema), quoted(table));
    let doing = format!("digest the table {name}");
    let half = |from: u32| format!("coalesce(sum(('x' || substr(h, {from}, 16))::bit(64)::bigint::numeric), 0)::text");
    let sql = format!(
        "select count(*), {} || ' ' || {} from (select encode(sha256(convert_to((t.*)::text, 'UTF8')), 'hex') as h from only {name} as t) as d",
        half(1),
        half(17)
    );
    let row = transaction.query_one(&sql, &[]).await;
    let fields = row.and_then(|row| Ok((row.try_get::<_, i64>(0)?, row.try_get::<_, String>(1)?)));
    let (rows, digest) = fields.map_err(|error| failed(&doing, error))?;
    Ok((u64::try_from(rows).map_err(|error| Error::bug(doing, "the count is negative").because(error))?, digest))
}

/// The text without what the server writes otherwise once it has read its own text back: `(ARRAY['a'::varchar])::text[]` comes
/// back as `ARRAY[('a'::varchar)::text]`.
fn squeezed(text: &str) -> String {
    let mut text: String = text.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '(' | ')')).collect();
    for cast in ["::text[]", "::text", "::charactervarying[]", "::charactervarying"] {
        text = text.replace(cast, "");
    }
    text
}
