//! Settles every cell of the snapshot under the conversions that a plan has chosen, before a row is loaded.
//!
//! What the target would refuse, or hold otherwise than the source, is so known beforehand, all of it: cells that a
//! rule changes or that go into the quarantine, NULLs in NOT NULL columns, keys that come twice under a unique index of
//! the target, rows without a parent under a foreign key of the target. Memory does not grow with the tables: keys are
//! kept as digests in a temporary SQLite database, which moves from memory to disk by itself.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::{Connection, Statement, params};
use xxhash_rust::xxh3::Xxh3;

use crate::catalog::{SourceCatalog, TargetCatalog, TargetForeignKey, TargetTable, TargetType};
use crate::copy::row_fates;
use crate::error::{Error, ErrorKind, Result};
use crate::inspect;
use crate::plan::{ColumnPlan, CounterValue, Inexact, Misfit, MisfitKind, Plan, Policy, ScanColumns, Settlement, TablePlan};
use crate::sqlite::{Scan, ScanOrder, ScannedRow, SourceReader, TableFates};
use crate::value::{Evidence, Fate, RowFate, RowKey, ValueRef};

/// Keys of rows that are kept for each misfit.
const SAMPLES: u32 = 5;

/// Settles every cell.
pub fn settle_all(snapshot: &Path, catalog: &SourceCatalog, policy: &Policy, plan: &Plan) -> Result<Settlement> {
    let Some(existing) = &plan.existing else { return Ok(Settlement::default()) };
    let reader = SourceReader::open(snapshot)?;
    let db = Connection::open("").map_err(failed)?;
    let mut keys = Keys::open(&db)?;
    let mut settlement = Settlement { counters: counters(&reader, policy)?, ..Settlement::default() };
    let relations = relations(catalog, &existing.before, plan);
    let fates = row_fates(plan, snapshot)?;
    for table in &plan.tables {
        let of_table = (table, &fates.of(&table.source)?);
        settle_table(&reader, catalog, &existing.before, of_table, &relations, &mut keys, &mut settlement)?;
    }
    for relation in &relations {
        let rows = keys.orphans(relation.space)?;
        if rows.count > 0 {
            let columns = relation.child_columns.iter().filter_map(|index| relation.child.columns.get(*index));
            settlement.misfits.push(Misfit {
                table: relation.child.source.clone(),
                columns: columns.map(|column| column.source.clone()).collect(),
                kind: MisfitKind::Orphan(relation.key.name.clone()),
                rows,
            });
        }
    }
    reader.finish()?;
    Ok(settlement)
}

/// A foreign key of the target between two tables of the plan that the source does not have, and so did not check.
struct Relation<'a> {
    space: i64,
    key: &'a TargetForeignKey,
    child: &'a TablePlan,
    child_columns: Vec<usize>,
    parent: &'a TablePlan,
    parent_columns: Vec<usize>,
    /// The types differ, so that not the target's bytes are compared but what they stand for.
    by_value: bool,
}

fn relations<'a>(catalog: &SourceCatalog, target: &'a TargetCatalog, plan: &'a Plan) -> Vec<Relation<'a>> {
    let mut relations = Vec::new();
    for child in &plan.tables {
        let Some(table) = target.table(&child.target) else { continue };
        for key in table.foreign_keys.iter().filter(|key| key.parent_schema == target.schema) {
            let Some(parent) = plan.tables.iter().find(|parent| parent.target == key.parent) else { continue };
            let (Some(child_columns), Some(parent_columns)) = (places(child, &key.columns), places(parent, &key.parent_columns)) else {
                continue;
            };
            if in_source(catalog, child, &child_columns) {
                continue;
            }
            let types = |table: &TablePlan, names: &[String]| -> Vec<Option<TargetType>> {
                let table = target.table(&table.target);
                names.iter().map(|name| table.and_then(|table| table.column(name)).map(|column| column.pg_type.clone())).collect()
            };
            let by_value = types(child, &key.columns) != types(parent, &key.parent_columns);
            let space = i64::try_from(relations.len()).unwrap_or(i64::MAX);
            relations.push(Relation { space, key, child, child_columns, parent, parent_columns, by_value });
        }
    }
    relations
}

/// Whether the source has a foreign key over the same columns: its orphans have been found already.
fn in_source(catalog: &SourceCatalog, child: &TablePlan, columns: &[usize]) -> bool {
    let mut names: Vec<String> =
        columns.iter().filter_map(|index| child.columns.get(*index)).map(|column| column.source.to_lowercase()).collect();
    names.sort();
    catalog.table(&child.source).is_some_and(|table| {
        table.foreign_keys.iter().any(|key| {
            let mut theirs: Vec<String> = key.columns.iter().map(|pair| pair.child.to_lowercase()).collect();
            theirs.sort();
            theirs == names
        })
    })
}

/// The places of columns, by their names in the target.
fn places(table: &TablePlan, names: &[String]) -> Option<Vec<usize>> {
    names.iter().map(|name| table.columns.iter().position(|column| column.target == *name)).collect()
}

/// What a row's key is looked at for.
struct KeySpec<'a> {
    columns: Vec<usize>,
    by_value: bool,
    what: What<'a>,
}

enum What<'a> {
    Unique { space: i64, name: &'a str, nulls_count: bool },
    Parent(i64),
    Child(i64),
}

fn key_specs<'a>(catalog: &SourceCatalog, target: &'a TargetTable, table: &TablePlan, relations: &[Relation<'_>]) -> Vec<KeySpec<'a>> {
    let mut specs = Vec::new();
    let alias = catalog.table(&table.source).and_then(|table| table.rowid_alias());
    for (number, unique) in target.uniques.iter().enumerate().filter(|(_, unique)| !unique.columns.is_empty()) {
        let Some(columns) = places(table, &unique.columns) else { continue };
        // No two rows have the same rowid.
        let of_alias = |index: &usize| table.columns.get(*index).is_some_and(|column| Some(column.source.as_str()) == alias);
        if columns.iter().any(of_alias) {
            continue;
        }
        let space = i64::try_from(number).map_or(i64::MIN, |number| -1 - number);
        let what = What::Unique { space, name: &unique.name, nulls_count: unique.nulls_not_distinct };
        specs.push(KeySpec { columns, by_value: false, what });
    }
    for relation in relations {
        let by_value = relation.by_value;
        if relation.parent.source == table.source {
            specs.push(KeySpec { columns: relation.parent_columns.clone(), by_value, what: What::Parent(relation.space) });
        }
        if relation.child.source == table.source {
            specs.push(KeySpec { columns: relation.child_columns.clone(), by_value, what: What::Child(relation.space) });
        }
    }
    specs
}

fn settle_table(
    reader: &SourceReader,
    catalog: &SourceCatalog,
    before: &TargetCatalog,
    (table, fates): (&TablePlan, &TableFates),
    relations: &[Relation<'_>],
    keys: &mut Keys<'_>,
    settlement: &mut Settlement,
) -> Result<()> {
    let Some(target) = before.table(&table.target) else { return Ok(()) };
    let specs = key_specs(catalog, target, table, relations);
    keys.forget_uniques()?;
    let ScanColumns { columns, key: name } = table.scan_columns();
    let mut books = Books { fates: vec![BTreeMap::new(); table.columns.len()], nulls: vec![Evidence::default(); table.columns.len()] };
    let mut duplicates: Vec<Evidence> = specs.iter().map(|_| Evidence::default()).collect();
    let mut position = 0;
    let scan = Scan {
        table: &table.source,
        columns: &columns,
        rows: table.rows_where.as_deref(),
        within: None,
        order: ScanOrder::Storage,
        skip: 0,
    };
    reader.scan(&scan, &mut |row| {
        position += 1;
        let fate = fates.of(row, &name)?;
        if fate == RowFate::HeldOut {
            return Ok(ControlFlow::Continue(()));
        }
        let row_key = || name_of(row, &name, position);
        books.row(table, (row, &fate), &row_key);
        for (spec, evidence) in specs.iter().zip(&mut duplicates) {
            keys.look(table, target, spec, (row, &fate), &row_key, evidence)?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    for (spec, rows) in specs.iter().zip(duplicates).filter(|(_, rows)| rows.count > 0) {
        let What::Unique { name, .. } = spec.what else { continue };
        let columns = spec.columns.iter().filter_map(|index| table.columns.get(*index)).map(|column| column.source.clone()).collect();
        settlement.misfits.push(Misfit { table: table.source.clone(), columns, kind: MisfitKind::Duplicate(name.to_owned()), rows });
    }
    books.close(table, settlement);
    Ok(())
}

/// What the row is called in reports.
pub(super) fn name_of(row: &ScannedRow<'_>, key: &[usize], position: i64) -> RowKey {
    if key.is_empty() {
        RowKey::of(&[ValueRef::Integer(position)])
    } else {
        RowKey::of(&key.iter().map(|index| row.value(*index)).collect::<Vec<_>>())
    }
}

/// The cells of a table by what becomes of them; the exact ones are not listed.
struct Books {
    fates: Vec<BTreeMap<Fate, Evidence>>,
    nulls: Vec<Evidence>,
}

impl Books {
    fn row(&mut self, table: &TablePlan, (row, fate): (&ScannedRow<'_>, &RowFate), key: &dyn Fn() -> RowKey) {
        let mut scratch = Vec::new();
        for (index, ((column, fates), nulls)) in table.columns.iter().zip(&mut self.fates).zip(&mut self.nulls).enumerate() {
            let settled = table.settle(fate, column, row.value(index), &mut scratch);
            if settled.fate != Fate::Exact {
                fates.entry(settled.fate).or_default().add(key);
            }
            if column.not_null && column.generated.is_none() && matches!(settled.value, ValueRef::Null) {
                nulls.add(key);
            }
        }
    }

    fn close(self, table: &TablePlan, settlement: &mut Settlement) {
        let of_table = settlement.columns.entry(table.source.clone()).or_default();
        for ((column, fates), nulls) in table.columns.iter().zip(self.fates).zip(self.nulls) {
            let inexact: Vec<Inexact> = fates.into_iter().map(|(fate, evidence)| Inexact { fate, evidence }).collect();
            if !inexact.is_empty() {
                of_table.insert(column.source.clone(), inexact);
            }
            if nulls.count > 0 {
                settlement.misfits.push(Misfit {
                    table: table.source.clone(),
                    columns: vec![column.source.clone()],
                    kind: MisfitKind::NotNull,
                    rows: nulls,
                });
            }
        }
    }
}

/// Digests of keys, on disk where they need the room.
struct Keys<'db> {
    db: &'db Connection,
    see: Statement<'db>,
    ask: Statement<'db>,
}

impl<'db> Keys<'db> {
    fn open(db: &'db Connection) -> Result<Self> {
        db.execute_batch(
            "pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -32768;
             create table seen(space integer, key blob, primary key(space, key)) without rowid;
             create table child(space integer, key blob, row text); begin",
        )
        .map_err(failed)?;
        let see = db.prepare("insert or ignore into seen values(?, ?)").map_err(failed)?;
        let ask = db.prepare("insert into child values(?, ?, ?)").map_err(failed)?;
        Ok(Self { db, see, ask })
    }

    /// The keys of a table's unique indexes are nobody's business but that table's.
    fn forget_uniques(&self) -> Result<()> {
        self.db.execute("delete from seen where space < 0", []).map(drop).map_err(failed)
    }

    fn look(
        &mut self,
        table: &TablePlan,
        target: &TargetTable,
        spec: &KeySpec<'_>,
        row: (&ScannedRow<'_>, &RowFate),
        row_key: &dyn Fn() -> RowKey,
        evidence: &mut Evidence,
    ) -> Result<()> {
        let nulls_count = matches!(spec.what, What::Unique { nulls_count: true, .. });
        let Some(digest) = digest(table, target, spec, row, nulls_count)? else { return Ok(()) };
        match spec.what {
            What::Unique { space, .. } => {
                if self.see.execute(params![space, digest]).map_err(failed)? == 0 {
                    evidence.add(row_key);
                }
            }
            What::Parent(space) => {
                self.see.execute(params![space, digest]).map_err(failed)?;
            }
            What::Child(space) => {
                self.ask.execute(params![space, digest, row_key().as_str()]).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn orphans(&self, space: i64) -> Result<Evidence> {
        let left = "from child c where space = ?1 and not exists (select 1 from seen s where s.space = ?1 and s.key = c.key)";
        let count: i64 = self.db.query_row(&format!("select count(*) {left}"), [space], |row| row.get(0)).map_err(failed)?;
        let mut statement = self.db.prepare(&format!("select row {left} order by c.rowid limit {SAMPLES}")).map_err(failed)?;
        let samples = statement
            .query_map([space], |row| row.get::<_, String>(0))
            .and_then(|rows| rows.map(|row| row.map(RowKey::named)).collect::<rusqlite::Result<Vec<_>>>())
            .map_err(failed)?;
        Ok(Evidence { count: u64::try_from(count).unwrap_or(0), samples })
    }
}

/// The digest of a key as the target will have it; none where a NULL in it keeps it from being compared.
fn digest(
    table: &TablePlan,
    target: &TargetTable,
    spec: &KeySpec<'_>,
    (row, fate): (&ScannedRow<'_>, &RowFate),
    nulls_count: bool,
) -> Result<Option<[u8; 16]>> {
    let mut hash = Xxh3::new();
    let (mut scratch, mut field) = (Vec::new(), Vec::new());
    for index in &spec.columns {
        let Some(column) = table.columns.get(*index) else { return Ok(None) };
        let settled = table.settle(fate, column, row.value(*index), &mut scratch).value;
        if matches!(settled, ValueRef::Null) && !nulls_count {
            return Ok(None);
        }
        field.clear();
        if spec.by_value {
            by_value(settled, &mut field);
        } else {
            column
                .encode(settled, &mut field)
                .map_err(|fault| Error::bug("settle a key", format!("{}.{}: {fault}", table.source, column.source)))?;
            fold(target, column, &mut field);
        }
        hash.update(&field.len().to_be_bytes());
        hash.update(&field);
    }
    Ok(Some(hash.digest128().to_be_bytes()))
}

/// `citext` compares without regard to case.
fn fold(target: &TargetTable, column: &ColumnPlan, field: &mut Vec<u8>) {
    if target.column(&column.target).is_some_and(|target| target.pg_type == TargetType::Citext) {
        *field = String::from_utf8_lossy(field.get(4..).unwrap_or_default()).to_lowercase().into_bytes();
    }
}

fn by_value(value: ValueRef<'_>, out: &mut Vec<u8>) {
    match value {
        ValueRef::Null => out.push(0),
        ValueRef::Integer(number) => {
            out.push(1);
            out.extend_from_slice(&number.to_be_bytes());
        }
        ValueRef::Real(number) => {
            out.push(2);
            out.extend_from_slice(&number.to_bits().to_be_bytes());
        }
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            out.push(3);
            out.extend_from_slice(bytes);
        }
    }
}

/// What the source's own counters say.
fn counters(reader: &SourceReader, policy: &Policy) -> Result<Vec<CounterValue>> {
    let mut values = Vec::new();
    for counter in &policy.target.counters {
        for (name, next) in inspect::counters(reader, &counter.table, Some(&counter.name), &counter.next)? {
            values.push(CounterValue { sequence: counter.sequence.replace("{}", &name), next });
        }
    }
    values.sort_by(|a, b| a.sequence.cmp(&b.sequence));
    Ok(values)
}

fn failed(error: rusqlite::Error) -> Error {
    Error::new(ErrorKind::WorkDirectory, "settle the cells", "the temporary database of keys can't be kept").because(error)
}
