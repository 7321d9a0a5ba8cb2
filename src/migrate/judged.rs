//! Has the target judge what only it can: checks, exclusion constraints, and unique indexes with an expression or a
//! condition.
//!
//! The settled cells that they look at go into a temporary table, the server says which rows it would refuse, and all of it is
//! rolled back: one table after the other, so that the room for one is enough. Whatever can't be judged so is named, and
//! is judged by the server while rows are loaded.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::settled::name_of;
use crate::catalog::{TargetTable, quoted};
use crate::copy::{refused_rows, row_fates};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Misfit, MisfitKind, Plan, ScanColumns, TablePlan};
use crate::postgres::{CopyIn, Session, failed};
use crate::sqlite::{RowFates, Scan, ScanOrder, SourceReader};
use crate::value::{Evidence, RowFate, RowKey};

const DOING: &str = "have the target judge its constraints";

/// The temporary table, and the column in it that names a row of the source.
const TRIAL: &str = "pg_temp.outgrow_trial";
const KEY: &str = "outgrow_row_key";

/// How large a piece of rows is.
const PIECE: usize = 64 * 1024;

/// How long the rows under an exclusion constraint are looked for, once it is known that there are some.
const PATIENCE: &str = "set local statement_timeout = '20s'";

/// What only the server can judge of a table.
#[derive(Debug)]
struct Law {
    table: String,
    kind: Kind,
    name: String,
    /// The columns that it looks at; empty where it may look at any.
    columns: Vec<String>,
    /// A check's expression; of an index, its parts.
    parts: Vec<String>,
    /// An index's condition.
    condition: Option<String>,
    nulls_count: bool,
    /// An exclusion constraint as `ADD` takes it, and its operators.
    definition: String,
    operators: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Check,
    Unique,
    Exclusion,
}

/// Asks the target which rows it would refuse. `loaded` are the tables (by their names in the source) that get rows.
pub(super) async fn judge(session: &Session, snapshot: &Path, plan: &Plan, loaded: &BTreeSet<&str>) -> Result<Vec<Misfit>> {
    let Some(existing) = &plan.existing else { return Ok(Vec::new()) };
    let mut misfits = Vec::new();
    let laws = laws(session, &plan.schema).await?;
    let fates = Arc::new(tokio::task::block_in_place(|| row_fates(plan, snapshot))?);
    for table in plan.tables.iter().filter(|table| table.rows > 0 && loaded.contains(table.source.as_str())) {
        let of_table: Vec<&Law> = laws.iter().filter(|law| law.table == table.target).collect();
        let Some(target) = existing.before.table(&table.target).filter(|_| !of_table.is_empty()) else { continue };
        run(session, "begin").await?;
        let trial = Trial { session, schema: &plan.schema, table, target, fates: &fates };
        let judged = trial.judge(snapshot, &of_table, &mut misfits).await;
        run(session, "rollback").await?;
        judged?;
    }
    Ok(misfits)
}

async fn run(session: &Session, sql: &str) -> Result<()> {
    session.client().batch_execute(sql).await.map_err(|error| failed(DOING, error))
}

struct Trial<'a> {
    session: &'a Session,
    schema: &'a str,
    table: &'a TablePlan,
    target: &'a TargetTable,
    /// What becomes of rows without a parent.
    fates: &'a Arc<RowFates>,
}

impl Trial<'_> {
    async fn judge(&self, snapshot: &Path, laws: &[&Law], misfits: &mut Vec<Misfit>) -> Result<()> {
        if let Err(error) = self.make().await {
            return self.not_judged(error, laws, misfits);
        }
        match self.fill(snapshot, laws).await {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::TargetRefused => {
                let found = tokio::task::block_in_place(|| refused_rows(snapshot, self.fates, self.table, &error))?;
                // Where the server names no row, the finding names none: any of the table's can be meant.
                let known = found.filter(|rows| rows.first == rows.last).map(|rows| rows.first);
                let said = error.line().map(|line| error.detail().replace(&format!(", at row {line} of this COPY"), ""));
                let said = said.unwrap_or_else(|| error.detail().to_owned());
                let rows = Evidence { count: 1, samples: known.into_iter().collect() };
                misfits.push(self.misfit(MisfitKind::Refused(said), Vec::new(), rows));
                return Ok(());
            }
            Err(error) => return self.not_judged(error, laws, misfits),
        }
        // So that every name means what it meant when the server wrote the law down.
        run(self.session, "set local search_path = pg_catalog").await?;
        for law in laws {
            run(self.session, "savepoint law").await?;
            let found = match law.kind {
                Kind::Check => self.rows(&check_query(law)).await,
                Kind::Unique => self.rows(&unique_query(law)).await,
                Kind::Exclusion => self.excluded(law).await,
            };
            run(self.session, "rollback to savepoint law").await?;
            let kind = match law.kind {
                Kind::Check => MisfitKind::Check(law.name.clone()),
                Kind::Unique => MisfitKind::Duplicate(law.name.clone()),
                Kind::Exclusion => MisfitKind::Exclusion(law.name.clone()),
            };
            match found {
                Ok(rows) if rows.count > 0 => misfits.push(self.misfit(kind, law.columns.clone(), rows)),
                Ok(_) => {}
                Err(error) if error.as_db_error().is_some() => {
                    let why = format!("{}: {}", law.name, failed(DOING, error).detail());
                    misfits.push(self.misfit(MisfitKind::Unjudged(why), law.columns.clone(), Evidence::default()));
                }
                Err(error) => return Err(failed(DOING, error)),
            }
        }
        Ok(())
    }

    /// A role without the right to temporary tables, a server that only reads or has no room: no reason not to go on.
    fn not_judged(&self, error: Error, laws: &[&Law], misfits: &mut Vec<Misfit>) -> Result<()> {
        use ErrorKind::{TargetBusy, TargetFull, TargetRefused, TargetRights};

        if ![TargetRights, TargetRefused, TargetFull, TargetBusy].contains(&error.kind()) {
            return Err(error);
        }
        let names = laws.iter().map(|law| law.name.as_str()).collect::<Vec<_>>().join(", ");
        misfits.push(self.misfit(MisfitKind::Unjudged(format!("{names}: {}", error.detail())), Vec::new(), Evidence::default()));
        Ok(())
    }

    fn misfit(&self, kind: MisfitKind, columns: Vec<String>, rows: Evidence) -> Misfit {
        let of_source = |name: String| {
            let column = self.table.columns.iter().find(|column| column.target == name);
            column.map_or(name, |column| column.source.clone())
        };
        Misfit { table: self.table.source.clone(), columns: columns.into_iter().map(of_source).collect(), kind, rows }
    }

    /// Makes a table of the same columns that takes everything.
    async fn make(&self) -> Result<()> {
        let mut sql = format!(
            "create temporary table outgrow_trial (like {}.{} including defaults including generated) on commit drop; \
             alter table {TRIAL} add column {KEY} text;",
            quoted(self.schema),
            quoted(&self.target.name)
        );
        for column in &self.target.columns {
            let name = quoted(&column.name);
            if column.not_null {
                sql.push_str(&format!(" alter table {TRIAL} alter column {name} drop not null;"));
            }
            // A number that a sequence gave out is gone, whatever is rolled back; and what the source has needs no default.
            let loaded = self.table.columns.iter().any(|loaded| loaded.target == column.name);
            if (column.sequence.is_some() || loaded) && !column.generated {
                sql.push_str(&format!(" alter table {TRIAL} alter column {name} drop default;"));
            }
        }
        run(self.session, &sql).await
    }

    /// Brings the settled cells that the laws look at.
    async fn fill(&self, snapshot: &Path, laws: &[&Law]) -> Result<()> {
        let wanted = Arc::new(self.wanted(laws));
        let names = wanted.iter().filter_map(|index| self.table.columns.get(*index)).map(|column| quoted(&column.target));
        let names: Vec<String> = names.chain([KEY.to_owned()]).collect();
        let doing = format!("try the rows of {}", self.table.target);
        let sql = format!("copy {TRIAL} ({}) from stdin (format binary)", names.join(", "));
        let mut copy = CopyIn::begin(self.session.client(), &sql, doing).await?;
        let (sender, mut pieces) = mpsc::channel(3);
        let (snapshot, table, fates) = (snapshot.to_owned(), self.table.clone(), Arc::clone(self.fates));
        let reader = tokio::task::spawn_blocking(move || read(&snapshot, &table, &fates, &wanted, &sender));
        let mut sent = Ok(());
        while let Some(piece) = pieces.recv().await {
            sent = copy.send(piece).await;
            if sent.is_err() {
                break;
            }
        }
        drop(pieces);
        let read = reader.await.map_err(|error| Error::bug("read a table", error.to_string()))?;
        // What the server has to say of a row comes with the end of the COPY.
        let finished = copy.finish().await;
        sent.and(finished.map(drop)).and(read)
    }

    /// The places of the columns that are needed; all that are loaded, where a law may look at any.
    fn wanted(&self, laws: &[&Law]) -> Vec<usize> {
        let named: BTreeSet<&str> = laws.iter().flat_map(|law| &law.columns).map(String::as_str).collect();
        let is_computed = |name: &&str| self.target.column(name).is_none_or(|column| column.generated);
        let any = laws.iter().any(|law| law.columns.is_empty()) || named.iter().any(is_computed);
        let columns = self.table.columns.iter().enumerate();
        columns
            .filter(|(_, column)| column.generated.is_none() && (any || named.contains(column.target.as_str())))
            .map(|(index, _)| index)
            .collect()
    }

    async fn rows(&self, query: &str) -> Result<Evidence, tokio_postgres::Error> {
        let sql = format!("with refused as materialized ({query}) select count(*), (array_agg({KEY}))[1:5] from refused");
        let row = self.session.client().query_one(&sql, &[]).await?;
        let (count, keys): (i64, Option<Vec<String>>) = (row.try_get(0)?, row.try_get(1)?);
        let samples = keys.into_iter().flatten().map(RowKey::named).collect();
        Ok(Evidence { count: u64::try_from(count).unwrap_or(0), samples })
    }

    /// The rows that an exclusion constraint would refuse; at least that there are some.
    async fn excluded(&self, law: &Law) -> Result<Evidence, tokio_postgres::Error> {
        let added = self.session.client().batch_execute(&format!("alter table {TRIAL} add {}", law.definition)).await;
        match added {
            Ok(()) => return Ok(Evidence::default()),
            Err(error) if error.code().is_some_and(|code| code.code() == "23P01") => {}
            Err(error) => return Err(error),
        }
        self.session.client().batch_execute(&format!("rollback to savepoint law; {PATIENCE}")).await?;
        match self.rows(&exclusion_query(law)).await {
            // It takes too long to say which; that there are some is known.
            Err(error) if error.code().is_some_and(|code| code.code() == "57014") => Ok(Evidence { count: 1, samples: Vec::new() }),
            found => found,
        }
    }
}

fn check_query(law: &Law) -> String {
    let expression = law.parts.join(" and ");
    format!("select {KEY} from {TRIAL} where ({expression}) is false order by ctid")
}

fn unique_query(law: &Law) -> String {
    let parts: Vec<String> = law.parts.iter().map(|part| format!("({part})")).collect();
    let mut conditions: Vec<String> = law.condition.iter().map(|condition| format!("({condition})")).collect();
    if !law.nulls_count {
        conditions.extend(parts.iter().map(|part| format!("{part} is not null")));
    }
    let conditions = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" and ") };
    format!(
        "select {KEY} from (select {KEY}, ctid as place, row_number() over (partition by {} order by ctid) as nth from {TRIAL} where {conditions}) \
         as numbered where nth > 1 order by place",
        parts.join(", ")
    )
}

fn exclusion_query(law: &Law) -> String {
    let parts: Vec<String> = law.parts.iter().enumerate().map(|(index, part)| format!("({part}) as part_{index}")).collect();
    let meets: Vec<String> =
        law.operators.iter().enumerate().map(|(index, operator)| format!("a.part_{index} {operator} b.part_{index}")).collect();
    let condition = law.condition.as_ref().map_or_else(|| "true".to_owned(), |condition| format!("({condition})"));
    format!(
        "with parts as materialized (select {KEY}, ctid as place, {} from {TRIAL} where {condition}) \
         select b.{KEY} from parts b where exists (select from parts a where a.place < b.place and {}) order by b.place",
        parts.join(", "),
        meets.join(" and ")
    )
}

/// Reads the source and hands whole tuples on.
fn read(snapshot: &Path, table: &TablePlan, fates: &RowFates, wanted: &[usize], sender: &mpsc::Sender<bytes::Bytes>) -> Result<()> {
    let reader = SourceReader::open(snapshot)?;
    let fates = fates.of(&table.source)?;
    let ScanColumns { columns, key } = table.scan_columns();
    let scan = Scan {
        table: &table.source,
        columns: &columns,
        rows: table.rows_where.as_deref(),
        within: None,
        order: ScanOrder::Storage,
        skip: 0,
    };
    let (mut piece, mut scratch, mut position) = (Vec::with_capacity(2 * PIECE), Vec::new(), 0);
    let fields = i16::try_from(wanted.len() + 1).map_err(|error| Error::bug(DOING, error.to_string()))?;
    reader.scan(&scan, &mut |row| {
        position += 1;
        let fate = fates.of(row, &key)?;
        if fate == RowFate::HeldOut {
            return Ok(ControlFlow::Continue(()));
        }
        piece.extend_from_slice(&fields.to_be_bytes());
        for (index, column) in wanted.iter().filter_map(|index| Some((*index, table.columns.get(*index)?))) {
            let settled = table.settle(&fate, column, row.value(index), &mut scratch).value;
            column
                .encode(settled, &mut piece)
                .map_err(|fault| Error::bug(DOING, format!("{}.{}: {fault}", table.source, column.source)))?;
        }
        let name = name_of(row, &key, position);
        let length = i32::try_from(name.as_str().len()).map_err(|error| Error::bug(DOING, error.to_string()))?;
        piece.extend_from_slice(&length.to_be_bytes());
        piece.extend_from_slice(name.as_str().as_bytes());
        if piece.len() < PIECE {
            return Ok(ControlFlow::Continue(()));
        }
        let gone = sender.blocking_send(std::mem::take(&mut piece).into()).is_err();
        Ok(if gone { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    // A receiver that is gone has an error of its own to tell.
    drop(sender.blocking_send(piece.into()));
    reader.finish()
}

/// Checks by their columns; a unique index or an exclusion constraint by its parts and what else it looks at.
const LAWS: &str = "\
    select 'c', c.relname::text, k.conname::text, \
    array(select a.attname::text from unnest(k.conkey) with ordinality u(number, place) \
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = u.number order by u.place), \
    array[pg_catalog.pg_get_expr(k.conbin, k.conrelid)], null::text, false, '', array[]::text[] \
    from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = $1 and k.contype = 'c' \
    union all \
    select case when k.contype = 'x' then 'x' else 'u' end, c.relname::text, i.relname::text, \
    array(select distinct a.attname::text from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and (a.attnum = any(x.indkey::int2[]) \
    or exists(select from pg_catalog.pg_depend d where d.classid = 'pg_class'::regclass and d.objid = i.oid and d.refclassid = 'pg_class'::regclass \
    and d.refobjid = c.oid and d.refobjsubid = a.attnum)) order by 1), \
    array(select pg_catalog.pg_get_indexdef(i.oid, number, false) from generate_series(1, x.indnkeyatts::int) number order by number), \
    pg_catalog.pg_get_expr(x.indpred, x.indrelid), coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false), \
    coalesce(pg_catalog.pg_get_constraintdef(k.oid), ''), \
    array(select format('operator(%I.%s)', o_n.nspname, o.oprname) from unnest(k.conexclop) with ordinality e(number, place) \
    join pg_catalog.pg_operator o on o.oid = e.number join pg_catalog.pg_namespace o_n on o_n.oid = o.oprnamespace order by e.place) \
    from pg_catalog.pg_index x join pg_catalog.pg_class c on c.oid = x.indrelid join pg_catalog.pg_class i on i.oid = x.indexrelid \
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace left join pg_catalog.pg_constraint k on k.conindid = i.oid and k.contype = 'x' \
    where n.nspname = $1 and (k.contype = 'x' or x.indisunique and (x.indpred is not null or x.indexprs is not null)) \
    order by 2, 1, 3";

async fn laws(session: &Session, schema: &str) -> Result<Vec<Law>> {
    run(session, "begin read only; set local search_path = pg_catalog").await?;
    let rows = session.client().query(LAWS, &[&schema]).await;
    run(session, "rollback").await?;
    let law = |row: &tokio_postgres::Row| -> Result<Law, tokio_postgres::Error> {
        let kind: String = row.try_get(0)?;
        Ok(Law {
            kind: match kind.as_str() {
                "c" => Kind::Check,
                "x" => Kind::Exclusion,
                _ => Kind::Unique,
            },
            table: row.try_get(1)?,
            name: row.try_get(2)?,
            columns: row.try_get(3)?,
            parts: row.try_get(4)?,
            condition: row.try_get(5)?,
            nulls_count: row.try_get(6)?,
            definition: row.try_get(7)?,
            operators: row.try_get(8)?,
        })
    };
    let rows = rows.map_err(|error| failed(DOING, error))?;
    rows.iter().map(law).collect::<Result<_, _>>().map_err(|error| failed(DOING, error))
}
