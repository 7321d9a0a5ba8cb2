//! Adds the rows of a file of reference data to a table of the target, and notes their keys.
//!
//! The server makes values of the file's texts: they go into a temporary table with the columns of the table that they are
//! for. A row whose key is taken does what the policy says of it. What was added is noted in `outgrow.reference`, in the same
//! transaction, so that the comparison can tell it from what it does not know.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Ledger;
use crate::catalog::quoted;
use crate::dialect::text_sql;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::counted;
use crate::plan::{OnConflict, Plan, ReferenceContent, ReferenceLoad, statements};
use crate::postgres::{Session, copy_text, failed};

/// Where the file's rows are put first, and the keys that were there before a file of SQL is run.
const STAGED: &str = "pg_temp.outgrow_reference";
const BEFORE: &str = "pg_temp.outgrow_before";

/// Keys that a message names at the most.
const SHOWN: i64 = 5;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReferenceCopy {
    /// The table's name in the target.
    pub table: String,
    /// The file.
    pub file: String,
    /// Rows that it added.
    pub added: u64,
    /// Rows that got its values.
    pub replaced: u64,
}

impl fmt::Display for ReferenceCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of reference data added to {} from {}", counted(self.added, "row"), self.table, self.file)?;
        if self.replaced > 0 { write!(f, ", {} replaced", self.replaced) } else { Ok(()) }
    }
}

/// What makes the key of a row: the same text for the same key, whoever asks.
fn reference_key(key: &[String], of: &str) -> String {
    let columns: Vec<String> = key.iter().map(|column| format!("{of}.{}", quoted(column))).collect();
    format!("jsonb_build_array({})::text", columns.join(", "))
}

/// Has the server read every file before anything is made: it would be a pity to find a wrong line behind hours of loading.
/// Nothing is left of it. Where `fresh`, the keys of tables that the source does not have are compared as well.
pub async fn admit_references(session: &Session, plan: &Plan, fresh: bool) -> Result<()> {
    for load in plan.steps.iter().filter_map(crate::plan::Step::reference) {
        if !matches!(load.content, ReferenceContent::Csv { .. }) {
            continue;
        }
        let file = File { session, plan, load };
        file.run("begin").await?;
        let admitted = file.admit(fresh).await;
        file.run("rollback").await?;
        admitted?;
    }
    Ok(())
}

/// Adds the rows of a file, in the transaction that is open.
pub(super) async fn add(session: &Session, plan: &Plan, load: &ReferenceLoad) -> Result<()> {
    let file = File { session, plan, load };
    match &load.content {
        ReferenceContent::Csv { columns, .. } => {
            file.run(&format!("create temporary table outgrow_reference on commit drop as {}", file.no_rows(columns))).await?;
            file.stage().await?;
            if load.on_conflict == OnConflict::Stop {
                file.nothing_is_taken().await?;
            }
            file.replace(columns).await?;
            file.insert(columns).await
        }
        ReferenceContent::Sql { text } => file.statements(text).await,
    }
}

/// What became of each file of the plan so far.
pub(super) async fn added(session: &Session, plan: &Plan) -> Result<Vec<ReferenceCopy>> {
    if plan.steps.iter().all(|step| step.reference().is_none()) {
        return Ok(Vec::new());
    }
    let doing = "count the rows of reference data";
    let sql = "select target_table, file, count(*) filter (where not replaced), count(*) filter (where replaced) from outgrow.reference \
               where plan = $1 group by 1, 2 order by 1, 2";
    let rows = session.client().query(sql, &[&plan.id.as_str()]).await.map_err(|error| failed(doing, error))?;
    let number = |number: i64| u64::try_from(number).unwrap_or(0);
    let read = |row: &tokio_postgres::Row| -> Result<ReferenceCopy, tokio_postgres::Error> {
        Ok(ReferenceCopy {
            table: row.try_get(0)?,
            file: row.try_get(1)?,
            added: number(row.try_get(2)?),
            replaced: number(row.try_get(3)?),
        })
    };
    rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| failed(doing, error))
}

struct File<'a> {
    session: &'a Session,
    plan: &'a Plan,
    load: &'a ReferenceLoad,
}

impl File<'_> {
    fn doing(&self) -> String {
        format!("add the rows of {} to {}", self.load.file, self.load.table)
    }

    fn failed(&self, error: tokio_postgres::Error) -> Error {
        failed(self.doing(), error)
    }

    async fn run(&self, sql: &str) -> Result<()> {
        self.session.client().batch_execute(sql).await.map_err(|error| {
            let error = self.failed(error);
            if error.kind() == ErrorKind::TargetRights {
                return error.hint("rows of a file go through a temporary table: GRANT TEMPORARY ON DATABASE to this role");
            }
            error
        })
    }

    fn target(&self) -> String {
        format!("{}.{}", quoted(&self.plan.schema), quoted(&self.load.table))
    }

    fn refused(&self, detail: String) -> Error {
        Error::new(ErrorKind::Policy, self.doing(), detail)
    }

    /// The columns of the table as it is, without any row.
    fn no_rows(&self, columns: &[String]) -> String {
        format!("select {} from {} with no data", list(columns, ""), self.target())
    }

    /// The condition under which two rows have the same key.
    fn same_key(&self, one: &str, other: &str) -> String {
        let same = |column: &String| format!("{one}.{0} = {other}.{0}", quoted(column));
        self.load.key.iter().map(same).collect::<Vec<_>>().join(" and ")
    }

    /// Has the server make values of the file's texts.
    async fn stage(&self) -> Result<()> {
        let ReferenceContent::Csv { columns, rows, text } = &self.load.content else { return Ok(()) };
        let into = format!("copy {STAGED} ({}) from stdin (format csv, header true)", list(columns, ""));
        let taken = copy_text(self.session, &into, text, &self.doing()).await.map_err(|error| match error.line() {
            Some(line) => {
                let detail = error.detail().replace(&format!(", at row {line} of this COPY"), "");
                self.refused(format!("line {line} of it: {detail}")).hint("mend the line; nothing of the file was loaded")
            }
            None => error,
        })?;
        if taken != *rows {
            let detail = format!("it has {}, and the server read {taken}", counted(*rows, "row"));
            return Err(self.refused(detail).hint("leave out empty lines, and lines that hold nothing but \\."));
        }
        let nulls: Vec<String> = self.load.key.iter().map(|column| format!("{} is null", quoted(column))).collect();
        let nameless = self.count(&format!("select count(*) from {STAGED} where {}", nulls.join(" or "))).await?;
        if nameless > 0 {
            let detail = format!("{} of it have nothing in {}, which names a row", counted(nameless, "row"), self.load.key.join(", "));
            return Err(self.refused(detail));
        }
        let key = list(&self.load.key, "s.");
        let twice = format!("select {} as k from {STAGED} as s group by {key} having count(*) > 1", reference_key(&self.load.key, "s"));
        match self.keys(&twice).await? {
            Some(keys) => Err(self.refused(format!("several rows of it have the same key: {keys}"))),
            None => Ok(()),
        }
    }

    async fn count(&self, sql: &str) -> Result<u64> {
        let row = self.session.client().query_one(sql, &[]).await.map_err(|error| self.failed(error))?;
        let count: i64 = row.try_get(0).map_err(|error| self.failed(error))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// The keys that a query gives, as far as they are shown; none where it gives none.
    async fn keys(&self, query: &str) -> Result<Option<String>> {
        let sql = format!("select k, count(*) over () from ({query}) as found order by k limit {SHOWN}");
        let rows = self.session.client().query(&sql, &[]).await.map_err(|error| self.failed(error))?;
        let read = |row: &tokio_postgres::Row| -> Result<(String, i64), tokio_postgres::Error> { Ok((row.try_get(0)?, row.try_get(1)?)) };
        let found = rows.iter().map(read).collect::<Result<Vec<_>, _>>().map_err(|error| self.failed(error))?;
        let Some((_, of)) = found.first() else { return Ok(None) };
        let more = if *of > SHOWN { format!(" and {} more", of - SHOWN) } else { String::new() };
        Ok(Some(format!("{}{more}", found.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(", "))))
    }

    /// Stops where a key is taken.
    async fn nothing_is_taken(&self) -> Result<()> {
        let taken = format!(
            "select {} as k from {STAGED} as s where exists(select from {} as t where {})",
            reference_key(&self.load.key, "s"),
            self.target(),
            self.same_key("t", "s")
        );
        let Some(keys) = self.keys(&taken).await? else { return Ok(()) };
        let detail = format!("{} holds rows with the keys {keys} already; nothing of the file was loaded", self.load.table);
        Err(self.refused(detail).hint("set on-conflict = \"keep\" or \"replace\" for the file, or take these rows out of it"))
    }

    /// Gives the rows whose keys are taken the file's values, where the policy says so.
    async fn replace(&self, columns: &[String]) -> Result<()> {
        let others: Vec<&String> = columns.iter().filter(|column| !self.load.key.contains(column)).collect();
        if self.load.on_conflict != OnConflict::Replace || others.is_empty() {
            return Ok(());
        }
        let values: Vec<String> = others.iter().map(|column| format!("{0} = s.{0}", quoted(column))).collect();
        let changed = format!(
            "update {} as t set {} from {STAGED} as s where {} returning {} as k",
            self.target(),
            values.join(", "),
            self.same_key("t", "s"),
            reference_key(&self.load.key, "t")
        );
        self.note(&changed, true).await
    }

    async fn insert(&self, columns: &[String]) -> Result<()> {
        let target = self.target();
        let added = format!(
            "insert into {target} as t ({}) overriding system value select {} from {STAGED} as s \
             where not exists(select from {target} as t where {}) returning {} as k",
            list(columns, ""),
            list(columns, "s."),
            self.same_key("t", "s"),
            reference_key(&self.load.key, "t")
        );
        self.note(&added, false).await
    }

    /// Runs a statement that returns keys, and notes them.
    async fn note(&self, returning: &str, replaced: bool) -> Result<()> {
        self.run(&format!("with done as ({returning}) {}", self.noting("done", replaced))).await
    }

    fn noting(&self, from: &str, replaced: bool) -> String {
        let of_file = [self.plan.id.as_str(), &self.load.table, &self.load.file].map(text_sql).join(", ");
        format!("insert into outgrow.reference(plan, target_table, file, row_key, replaced) select {of_file}, k, {replaced} from {from}")
    }

    /// Runs a file of SQL, and notes the rows that are in the table behind it and were not before.
    async fn statements(&self, text: &str) -> Result<()> {
        let (target, key) = (self.target(), list(&self.load.key, ""));
        self.run(&format!("create temporary table outgrow_before on commit drop as select {key} from {target}")).await?;
        // Names without a schema mean the tables that are loaded.
        self.run(&format!("set local search_path to {}, public", quoted(&self.plan.schema))).await?;
        for statement in statements(text) {
            self.session.client().batch_execute(statement.text).await.map_err(|error| {
                let error = self.failed(error);
                if error.kind() != ErrorKind::TargetRefused {
                    return error;
                }
                self.refused(format!("line {} of it: {}", statement.line, error.detail()))
            })?;
        }
        let new = format!(
            "(select {} as k from {target} as t where not exists(select from {BEFORE} as b where {})) as new",
            reference_key(&self.load.key, "t"),
            self.same_key("b", "t")
        );
        self.run(&self.noting(&new, false)).await
    }

    async fn admit(&self, fresh: bool) -> Result<()> {
        let ReferenceContent::Csv { columns, .. } = &self.load.content else { return Ok(()) };
        let make = match self.plan.tables.iter().find(|table| table.target == self.load.table) {
            Some(table) if self.plan.existing.is_none() => {
                let of = |name: &String| {
                    table
                        .columns
                        .iter()
                        .find(|column| column.target == *name)
                        .map(|column| format!("{} {}", quoted(name), column.pg_type()))
                };
                format!("({}) on commit drop", columns.iter().filter_map(of).collect::<Vec<_>>().join(", "))
            }
            Some(_) | None => format!("on commit drop as {}", self.no_rows(columns)),
        };
        match self.run(&format!("create temporary table outgrow_reference {make}")).await {
            // A type that SQL of the policy's own makes later: the file is read when it is loaded.
            Err(error) if error.kind() == ErrorKind::TargetRefused => return Ok(()),
            made => made?,
        }
        self.stage().await?;
        // Of a table that the source has too, the plan's findings tell.
        let alone = self.plan.existing.is_some() && !self.plan.tables.iter().any(|table| table.target == self.load.table);
        if fresh && alone && self.load.on_conflict == OnConflict::Stop {
            self.nothing_is_taken().await?;
        }
        Ok(())
    }
}

impl Ledger {
    /// Which rows of the plan's tables files of reference data have added: for each table of the target that has some, the
    /// condition that holds for them, where `t` is the table.
    pub async fn reference_rows(session: &Session, plan: &Plan) -> Result<Vec<(String, String)>> {
        let doing = "look for rows of reference data";
        let there = session.client().query_one("select to_regclass('outgrow.reference') is not null", &[]).await;
        if !there.and_then(|row| row.try_get::<_, bool>(0)).map_err(|error| failed(doing, error))? {
            return Ok(Vec::new());
        }
        let sql = "select distinct target_table from outgrow.reference where plan = $1 and not replaced order by 1";
        let rows = session.client().query(sql, &[&plan.id.as_str()]).await.map_err(|error| failed(doing, error))?;
        let tables = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>().map_err(|error| failed(doing, error))?;
        let condition = |table: String| {
            let load = plan.steps.iter().filter_map(crate::plan::Step::reference).find(|load| load.table == table)?;
            let condition = format!(
                "{} in (select r.row_key from outgrow.reference as r where r.plan = {} and r.target_table = {} and not r.replaced)",
                reference_key(&load.key, "t"),
                text_sql(plan.id.as_str()),
                text_sql(&table)
            );
            Some((table, condition))
        };
        Ok(tables.into_iter().filter_map(condition).collect())
    }
}

fn list(columns: &[String], of: &str) -> String {
    columns.iter().map(|column| format!("{of}{}", quoted(column))).collect::<Vec<_>>().join(", ")
}
