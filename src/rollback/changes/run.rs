//! Counts and exports, table by table, under one view of the target.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tokio::runtime::Handle;

use super::files::{APPLY, Directory};
use super::mark::{Mark, horizon, short};
use super::others;
use super::report::{Basis, ChangeSet, ChangeSetNote, Changes, FORMAT, TableChanges};
use super::subject::Subject;
use super::writer::Writer;
use super::{keyed, multiset};
use crate::catalog::{SourceCatalog, quoted};
use crate::copy::row_fates;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::postgres::{Session, failed};
use crate::sqlite::{RowFates, SourceReader, TableFates};

const DOING: &str = "look for what was written since the cutover";

/// So many transactions behind a mark, the numbers that rows carry could stand for older ones.
const REACH: i64 = 1 << 30;

/// Both sides, as a table's comparison sees them.
pub(super) struct Side<'a> {
    pub(super) session: &'a Session,
    pub(super) reader: &'a SourceReader,
    pub(super) fates: TableFates,
}

/// How many rows a table of the target holds, and how many of them may be new.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) rows: u64,
    pub(super) newer: u64,
}

/// Counts what was written since the mark. Changes nothing.
pub async fn count(session: &mut Session, plan: &Plan, mark: &Mark, source: &Path) -> Result<Changes> {
    within(session, async |session| Ok(look(session, plan, mark, source, None).await?.1)).await
}

/// Writes what was written since the mark into a new directory: one file of SQL for each table, one beside it for what SQL for SQLite
/// can't hold, one that runs them all, and the account of it in `summary.json`. Changes nothing else.
///
/// What is there is whole or not there; an export that was killed is begun anew.
pub async fn export(session: &mut Session, plan: &Plan, mark: &Mark, source: &Path, directory: &Path) -> Result<ChangeSet> {
    let mut files = Directory::begin(directory)?;
    let (now, changes) = within(session, async |session| look(session, plan, mark, source, Some(&mut files)).await).await?;
    let set = ChangeSet {
        format: FORMAT,
        plan: plan.id.as_str().to_owned(),
        schema: plan.schema.clone(),
        server: now.server,
        database: now.database,
        since: mark.at.clone(),
        until: now.at,
        snapshot: now.snapshot,
        directory: std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned()),
        apply: APPLY.to_owned(),
        tables: changes.tables,
        notes: changes.notes,
    };
    files.finish(&set)?;
    Ok(set)
}

/// Runs something in a transaction that sees one moment and writes nothing.
async fn within<T>(session: &mut Session, run: impl AsyncFnOnce(&Session) -> Result<T>) -> Result<T> {
    let broken = |error| failed(DOING, error);
    session.client().batch_execute("begin isolation level repeatable read read only; set local jit = off").await.map_err(broken)?;
    let result = run(session).await;
    let ended = session.client().batch_execute("rollback").await.map_err(broken);
    let result = result?;
    ended.map(|()| result)
}

async fn look(session: &Session, plan: &Plan, mark: &Mark, source: &Path, files: Option<&mut Directory>) -> Result<(Mark, Changes)> {
    let now = Mark::within(session, &plan.schema, false).await?;
    let uniques = uniques(session, &plan.schema).await?;
    let mut notes = Vec::new();
    let newer = newer(mark, &now, &mut notes)?;
    let tables = tokio::task::block_in_place(|| -> Result<_> {
        let reader = SourceReader::open(source)?;
        let catalog = reader.catalog()?;
        let fates = row_fates(plan, source)?;
        let all = All {
            session,
            plan,
            mark,
            now: &now,
            newer: newer.as_deref(),
            reader: &reader,
            catalog: &catalog,
            fates: &fates,
            uniques: &uniques,
        };
        let tables = all.compare(files, &mut notes)?;
        reader.finish()?;
        Ok(tables)
    })?;
    Ok((now, Changes { tables, notes }))
}

/// The condition for rows that came behind the mark; none where transactions say nothing about it.
fn newer(mark: &Mark, now: &Mark, notes: &mut Vec<ChangeSetNote>) -> Result<Option<String>> {
    let first = mark.horizon()?;
    let passed = horizon(&now.snapshot)?.saturating_sub(first);
    let is_same = mark.server == now.server && mark.database == now.database && mark.schema == now.schema;
    if is_same && (0..REACH).contains(&passed) {
        // Both ages are counted from the same transaction, that of this one's beginning.
        return Ok(Some(format!("age(xmin) <= age('{}'::xid)", short(first))));
    }
    let what =
        "the server or the database is another one than at the cutover, or too many transactions ran since, so that all rows are compared";
    notes.push(ChangeSetNote { place: mark.schema.clone(), what: what.to_owned() });
    Ok(None)
}

/// The columns of each unique index of the schema that holds for all rows, by table.
async fn uniques(session: &Session, schema: &str) -> Result<BTreeMap<String, Vec<BTreeSet<String>>>> {
    let sql = "select c.relname::text, array(select a.attname::text from unnest(x.indkey::int2[]) with ordinality k(number, place) \
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.number where k.place <= x.indnkeyatts) \
        from pg_catalog.pg_index x join pg_catalog.pg_class c on c.oid = x.indrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
        where n.nspname = $1 and x.indisunique and x.indisvalid and x.indpred is null and x.indexprs is null";
    let broken = |error| failed(DOING, error);
    let mut uniques: BTreeMap<String, Vec<BTreeSet<String>>> = BTreeMap::new();
    for row in session.client().query(sql, &[&schema]).await.map_err(broken)? {
        let (table, columns): (String, Vec<String>) = (row.try_get(0).map_err(broken)?, row.try_get(1).map_err(broken)?);
        uniques.entry(table).or_default().push(columns.into_iter().collect());
    }
    Ok(uniques)
}

struct All<'a> {
    session: &'a Session,
    plan: &'a Plan,
    mark: &'a Mark,
    now: &'a Mark,
    newer: Option<&'a str>,
    reader: &'a SourceReader,
    catalog: &'a SourceCatalog,
    fates: &'a RowFates,
    uniques: &'a BTreeMap<String, Vec<BTreeSet<String>>>,
}

impl All<'_> {
    fn compare(&self, mut files: Option<&mut Directory>, notes: &mut Vec<ChangeSetNote>) -> Result<Vec<TableChanges>> {
        let mut tables = Vec::with_capacity(self.plan.tables.len());
        for table in &self.plan.tables {
            let Some(source) = self.catalog.table(&table.source) else {
                return Err(Error::new(
                    crate::error::ErrorKind::SourceChanged,
                    DOING,
                    format!("the table {} is not in the SQLite file any more", quoted(&table.source)),
                ));
            };
            let named = (table, source, self.catalog.file.encoding);
            let Some(mut subject) = Subject::of(named, (self.mark, self.now), self.newer, notes) else {
                tables.push(TableChanges::none(&table.source, &table.target, Basis::Gone));
                continue;
            };
            if subject.is_nameless() {
                others::whole(self.session, &subject, files.as_deref_mut(), notes)?;
                tables.push(TableChanges::none(&table.source, &table.target, Basis::Gone));
                continue;
            }
            let found = self.found(&subject)?;
            let side = Side { session: self.session, reader: self.reader, fates: self.fates.of(&table.source)? };
            subject.key = self.key(&side, &subject, found)?;
            let mut writer = Writer::new(&subject, files.as_deref_mut());
            match &subject.key {
                Some(key) => keyed::compare(&side, &subject, key, found, &mut writer)?,
                None => multiset::compare(&side, &subject, found, &mut writer)?,
            }
            if let Some(number) = self.given(&subject)? {
                writer.given(number)?;
            }
            tables.push(writer.finish(&self.mark.at, &self.now.at)?);
        }
        self.full_text(&tables, notes);
        others::look((self.session, self.newer), self.plan, (self.mark, self.now), files, notes)?;
        Ok(tables)
    }

    /// Names the full-text tables of SQLite's that triggers keep in step: no trigger runs when the statements are applied.
    fn full_text(&self, tables: &[TableChanges], notes: &mut Vec<ChangeSetNote>) {
        if tables.iter().all(|table| table.rows() == 0) {
            return;
        }
        let indexes = self.catalog.virtual_tables.iter().filter(|table| table.module.to_ascii_lowercase().starts_with("fts"));
        for table in indexes.filter(|table| self.plan.table(&table.name).is_none()) {
            let name = quoted(&table.name);
            let what = format!(
                "the statements say nothing of this full-text table of SQLite's, and no trigger keeps it in step while they are applied: if it \
                 searches the rows of another table, run INSERT INTO {name}({name}) VALUES('rebuild') behind them"
            );
            notes.push(ChangeSetNote { place: table.name.clone(), what });
        }
    }

    /// How many rows the target holds, and how many may be new.
    fn found(&self, subject: &Subject<'_>) -> Result<Found> {
        let newer = subject.newer().map_or_else(|| "count(*)".to_owned(), |newer| format!("count(*) filter (where {newer})"));
        let sql = format!("select count(*), {newer} from {}", subject.place());
        let broken = |error| failed(format!("count the rows of {}", subject.table.target), error);
        let row = Handle::current().block_on(self.session.client().query_one(&sql, &[])).map_err(broken)?;
        let number = |index: usize| row.try_get::<_, i64>(index).map(|number| u64::try_from(number).unwrap_or(0)).map_err(broken);
        Ok(Found { rows: number(0)?, newer: number(1)? })
    }

    /// The greatest number that PostgreSQL has given to a row of a table that gives none twice, where SQLite does not know it.
    fn given(&self, subject: &Subject<'_>) -> Result<Option<i64>> {
        let alias = subject.source.rowid_alias().filter(|_| subject.source.autoincrement);
        let place = alias.and_then(|alias| subject.table.columns.iter().position(|column| column.source == alias));
        let Some(place) = place.filter(|place| subject.is_compared(*place)) else { return Ok(None) };
        let column = subject.table.columns.get(place).map(|column| column.target.as_str()).unwrap_or_default();
        let sql = "select case when has_sequence_privilege(s.oid, 'SELECT') then pg_sequence_last_value(s.oid) end \
                   from (select pg_get_serial_sequence($1, $2)::regclass) as s(oid)";
        let broken = |error| failed(format!("look at the sequence of {}", subject.table.target), error);
        let row = Handle::current().block_on(self.session.client().query_one(sql, &[&subject.place(), &column])).map_err(broken)?;
        let given: Option<i64> = row.try_get(0).map_err(broken)?;
        let known = self.catalog.sequences.get(&subject.source.name).copied().unwrap_or(0);
        Ok(given.filter(|given| *given > known))
    }

    /// The key that names a row on both sides, if one does: an index of the target must see to it that it names only one, and it must
    /// come back as it was.
    fn key(&self, side: &Side<'_>, subject: &Subject<'_>, found: Found) -> Result<Option<Vec<usize>>> {
        let Some(key) = subject.identity() else { return Ok(None) };
        let targets: BTreeSet<&str> =
            key.iter().filter_map(|place| subject.table.columns.get(*place)).map(|column| column.target.as_str()).collect();
        let uniques = self.uniques.get(&subject.table.target);
        let is_unique =
            uniques.is_some_and(|uniques| uniques.iter().any(|unique| unique.iter().all(|name| targets.contains(name.as_str()))));
        if !is_unique {
            return Ok(None);
        }
        let is_ordered = matches!(&subject.table.compare, crate::plan::Compare::Ordered(order) if *order == key);
        let is_untouched = found.newer == 0 && found.rows == subject.before;
        let comes_back = is_ordered || is_untouched || keyed::comes_back(side, subject, &key)?;
        Ok(comes_back.then_some(key))
    }
}
