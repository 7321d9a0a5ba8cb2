//! The source takes no writes any more, from nobody, and is made as it was.
//!
//! A trigger before each kind of write of each table refuses it; they and a row that says since when are made in one
//! transaction, so that a file is frozen whole or not at all, whatever dies. They outlive the process that made them, and readers go on.
//!
//! Not refused: writes to virtual tables that hold rows of their own (they are named in [`Frozen::open`]), a change of the
//! schema, writes of a connection that has switched triggers off, writes of single blobs past SQL, and writes to
//! `sqlite_sequence`. Whoever relies on a freeze looks at the source again at the end.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};

use super::connection::{each_row, name_of, statement_of};
use super::ddl;
use super::fault::fault;
use super::own::{META, REFUSAL, is_guard, is_ours};
use super::reader::SourceReader;
use super::writer::{WriteLock, refused};
use crate::catalog::{ModuleArgument, quoted};
use crate::error::{Error, Result, failpoint};

/// The phase that a frozen source is in.
const FROZEN: &str = "frozen";
const DOING: &str = "read the schema";
/// The version of what is written into the source.
const FORMAT: i64 = 1;

/// What a frozen source says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Frozen {
    /// Names this freeze; a later one of the same file has another.
    pub epoch: String,
    /// When it was frozen (RFC 3339).
    pub at: String,
    /// The version of outgrow that did it.
    pub version: String,
    /// How many tables refuse writes.
    pub tables: u64,
    /// What does not refuse them, and why.
    pub open: Vec<Open>,
}

/// A table that a freeze does not reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Open {
    /// Its name.
    pub table: String,
    /// Why.
    pub reason: String,
}

/// Makes the source refuse every write, waiting as long as given for those who write now. A source that is frozen stays so;
/// tables that were made since are frozen too.
pub fn freeze(path: &Path, wait: Duration) -> Result<Frozen> {
    WriteLock::take(path, wait)?.freeze()
}

/// Takes away what [`freeze`] made, exactly that, and says how many tables take writes again. Does nothing where nothing is frozen.
pub fn thaw(path: &Path, wait: Duration) -> Result<u64> {
    WriteLock::take(path, wait)?.thaw()
}

/// What a frozen source says of itself; none where it is not frozen.
pub fn frozen(path: &Path) -> Result<Option<Frozen>> {
    let reader = SourceReader::open(path)?;
    let found = look(reader.connection())?;
    reader.finish()?;
    Ok(found)
}

/// Whether the source is frozen.
pub fn is_frozen(path: &Path) -> Result<bool> {
    frozen(path).map(|frozen| frozen.is_some())
}

impl WriteLock {
    /// Freezes the source in the transaction that holds the lock, so that nobody writes in between; ends it.
    pub fn freeze(self) -> Result<Frozen> {
        let doing = format!("freeze {}", self.writer().path().display());
        let connection = self.writer().connection();
        let schema = Schema::read(connection)?;
        let before = look(connection)?;
        if let Some(before) = before.filter(|_| schema.guards == schema.wanted()) {
            self.release()?;
            return Ok(before);
        }
        let epoch = renew(connection, &schema).map_err(|error| refused(&doing, error))?;
        if let Some(epoch) = epoch {
            note(connection, &epoch).map_err(|error| refused(&doing, error))?;
        }
        let frozen = look(connection)?.ok_or_else(|| Error::bug(&doing, "what was just written is not there"))?;
        failpoint::pass("freeze.made")?;
        self.commit(&doing)?;
        failpoint::pass("freeze.committed")?;
        Ok(frozen)
    }

    fn thaw(self) -> Result<u64> {
        let doing = format!("thaw {}", self.writer().path().display());
        let connection = self.writer().connection();
        let schema = Schema::read(connection)?;
        let tables = look(connection)?.map_or(0, |frozen| frozen.tables);
        if schema.guards.is_empty() && !schema.has_meta {
            self.release()?;
            return Ok(0);
        }
        let removed = drop_guards(connection, &schema).and_then(|()| forget(connection, &schema));
        removed.map_err(|error| refused(&doing, error))?;
        failpoint::pass("thaw.made")?;
        self.commit(&doing)?;
        failpoint::pass("thaw.committed")?;
        Ok(tables)
    }
}

/// A trigger that refuses writes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Guard {
    name: String,
    table: String,
    sql: String,
}

impl Guard {
    /// The three of a table.
    fn of(number: usize, table: &str) -> impl Iterator<Item = Self> {
        [("i", "INSERT"), ("u", "UPDATE"), ("d", "DELETE")].into_iter().map(move |(letter, write)| {
            let name = format!("_outgrow_freeze_{number}_{letter}");
            // As SQLite keeps it, so that the two can be compared.
            let sql =
                format!("CREATE TRIGGER {} BEFORE {write} ON {} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END", quoted(&name), quoted(table));
            Self { name, table: table.to_owned(), sql }
        })
    }
}

/// A virtual table, as far as a freeze cares.
struct Virtual {
    name: String,
    module: String,
    /// Whether it is an index of what another table holds, so that no row stands in it alone.
    of_another: bool,
}

/// What a freeze has to know of the schema.
struct Schema {
    /// Tables that can have triggers, in the order in which they were made.
    tables: Vec<String>,
    /// Tables that can't.
    virtual_tables: Vec<Virtual>,
    guards: Vec<Guard>,
    has_meta: bool,
}

impl Schema {
    fn read(connection: &Connection) -> Result<Self> {
        let mut schema = Self { tables: Vec::new(), virtual_tables: Vec::new(), guards: Vec::new(), has_meta: false };
        let sql = "select type, name, tbl_name, sql from main.sqlite_schema where type in ('table', 'trigger') order by rowid";
        each_row(connection, sql, DOING, &mut |row| {
            let [kind, name, table] = [name_of(row, 0)?, name_of(row, 1)?, name_of(row, 2)?].map(Option::unwrap_or_default);
            let sql = statement_of(row, 3).unwrap_or_default();
            if kind == "trigger" {
                if is_guard(&name, &sql) {
                    schema.guards.push(Guard { name, table, sql });
                }
            } else if is_ours("table", &name, &table) {
                schema.has_meta |= name.eq_ignore_ascii_case(META);
            } else if let Some(module) = ddl::module(&sql) {
                let is_content = |argument: &ModuleArgument| argument.words == ["content"] && argument.value.is_some();
                let of_another = module.starts_with("fts") && ddl::arguments(&sql).iter().any(is_content);
                schema.virtual_tables.push(Virtual { name, module, of_another });
            } else if !name.to_ascii_lowercase().starts_with("sqlite_") {
                schema.tables.push(name);
            }
            Ok(())
        })?;
        schema.guards.sort();
        schema.leave_shadow_tables(connection)?;
        Ok(schema)
    }

    /// A connection that keeps shadow tables from harm (`SQLITE_DBCONFIG_DEFENSIVE`, the default of some drivers) can't read
    /// a file in which one of them has a trigger. So they get none, and their virtual tables are named.
    fn leave_shadow_tables(&mut self, connection: &Connection) -> Result<()> {
        let mut marked = Vec::new();
        each_row(connection, "pragma main.table_list", DOING, &mut |row| {
            marked.extend(name_of(row, 1)?.filter(|_| name_of(row, 2).is_ok_and(|kind| kind.as_deref() == Some("shadow"))));
            Ok(())
        })?;
        // Of modules that this SQLite has not, nothing is marked; whoever has them may mark every name that begins so.
        let strange: Vec<String> =
            self.virtual_tables.iter().filter(|table| !is_known(&table.module)).map(|table| format!("{}_", table.name)).collect();
        let begins = |name: &str, prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        self.tables.retain(|name| !marked.contains(name) && !strange.iter().any(|prefix| begins(name, prefix)));
        Ok(())
    }

    /// The guards that a frozen source has, in order.
    fn wanted(&self) -> Vec<Guard> {
        let mut guards: Vec<Guard> = self.tables.iter().enumerate().flat_map(|(at, table)| Guard::of(at + 1, table)).collect();
        guards.sort();
        guards
    }

    /// How many tables have all their guards, and which have not.
    fn guarded(&self) -> (u64, Vec<Open>) {
        let (mut count, mut open) = (0, Vec::new());
        for table in &self.tables {
            if self.guards.iter().filter(|guard| guard.table.eq_ignore_ascii_case(table)).count() >= 3 {
                count += 1;
            } else {
                open.push(Open { table: table.clone(), reason: "it was made or changed after the freeze".to_owned() });
            }
        }
        open.extend(self.virtual_tables.iter().filter(|table| !table.of_another).map(|table| Open {
            table: table.name.clone(),
            reason: format!("a virtual table of the module {}, for which SQLite allows no trigger", table.module),
        }));
        (count, open)
    }
}

/// Whether the bundled SQLite has this module, and so marks its shadow tables.
fn is_known(module: &str) -> bool {
    matches!(module, "fts3" | "fts4" | "fts5" | "rtree" | "rtree_i32")
}

/// What the source says of itself; none where no row says that it is frozen.
fn look(connection: &Connection) -> Result<Option<Frozen>> {
    let doing = "see whether the database is frozen";
    let schema = Schema::read(connection)?;
    if !schema.has_meta {
        return Ok(None);
    }
    let sql = format!("select epoch, at, tool_version from main.{} where phase = ?1", quoted(META));
    let row = connection.query_row(&sql, [FROZEN], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional();
    let Some((epoch, at, version)) = row.map_err(|error| fault(doing, error))? else { return Ok(None) };
    let (tables, open) = schema.guarded();
    Ok(Some(Frozen { epoch, at, version, tables, open }))
}

/// Makes the guards anew where they are not whole. Gives the name of the freeze where there is none yet.
fn renew(connection: &Connection, schema: &Schema) -> rusqlite::Result<Option<String>> {
    drop_guards(connection, schema)?;
    for guard in schema.wanted() {
        connection.execute_batch(&guard.sql)?;
    }
    if schema.has_meta && is_noted(connection)? {
        return Ok(None);
    }
    let chance: [u8; 16] = connection.query_row("select randomblob(16)", [], |row| row.get(0))?;
    Ok(Some(uuid::Builder::from_random_bytes(chance).into_uuid().to_string()))
}

fn is_noted(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = format!("select 1 from main.{} where phase = ?1", quoted(META));
    connection.query_row(&sql, [FROZEN], |_| Ok(())).optional().map(|row| row.is_some())
}

fn note(connection: &Connection, epoch: &str) -> rusqlite::Result<()> {
    let meta = quoted(META);
    connection.execute_batch(&format!(
        "create table if not exists main.{meta} (epoch TEXT, format INTEGER, phase TEXT, tool_version TEXT, at TEXT)"
    ))?;
    let now = jiff::Timestamp::now().to_string();
    let sql = format!("insert into main.{meta} (epoch, format, phase, tool_version, at) values (?1, ?2, ?3, ?4, ?5)");
    connection.execute(&sql, rusqlite::params![epoch, FORMAT, FROZEN, env!("CARGO_PKG_VERSION"), now]).map(drop)
}

fn drop_guards(connection: &Connection, schema: &Schema) -> rusqlite::Result<()> {
    schema.guards.iter().try_for_each(|guard| connection.execute_batch(&format!("drop trigger main.{}", quoted(&guard.name))))
}

/// Takes the row away that says that the source is frozen, and its table where nothing else is in it.
fn forget(connection: &Connection, schema: &Schema) -> rusqlite::Result<()> {
    if !schema.has_meta {
        return Ok(());
    }
    let meta = quoted(META);
    connection.execute(&format!("delete from main.{meta} where phase = ?1"), [FROZEN])?;
    let rest: i64 = connection.query_row(&format!("select count(*) from main.{meta}"), [], |row| row.get(0))?;
    if rest == 0 { connection.execute_batch(&format!("drop table main.{meta}")) } else { Ok(()) }
}
