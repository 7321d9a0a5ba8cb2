//! Tables of the target that the plan does not know: those that came since, and those that the application has besides.

use std::io::BufWriter;

use tokio::runtime::Handle;

use super::files::{Directory, done, write};
use super::mark::Mark;
use super::report::ChangeSetNote;
use super::subject::Subject;
use super::target_rows::TargetRows;
use crate::catalog::quoted;
use crate::error::Result;
use crate::mapping::counted;
use crate::plan::Plan;
use crate::postgres::{Session, failed};

/// Names the tables of the schema that the plan does not know and that were written to, and writes their new rows as JSON.
pub(super) fn look(
    (session, newer): (&Session, Option<&str>),
    plan: &Plan,
    (mark, now): (&Mark, &Mark),
    mut files: Option<&mut Directory>,
    notes: &mut Vec<ChangeSetNote>,
) -> Result<()> {
    for (name, there) in &now.tables {
        if plan.tables.iter().any(|table| table.target == *name) {
            continue;
        }
        let then = mark.tables.get(name);
        let condition = newer.filter(|_| then.is_some_and(|then| then.oid == there.oid && then.storage == there.storage));
        let condition = condition.map(|condition| format!(" where {condition}")).unwrap_or_default();
        let place = format!("{}.{}", quoted(&plan.schema), quoted(name));
        let rows = count(session, &format!("select count(*) from {place}{condition}"), name)?;
        // A table that was there, and of which nobody can tell what is new, is told of only where it holds another number of rows.
        let is_touched = match then {
            None => true,
            Some(then) => rows > 0 && (!condition.is_empty() || rows != then.rows),
        };
        if !is_touched {
            continue;
        }
        let kind = if then.is_none() { "the table came since, and" } else { "the table is not among those that were moved, and" };
        let mut what = format!("{kind} {} of it were written since; SQLite has no place for them", counted(rows, "row"));
        if rows > 0
            && let Some(files) = files.as_deref_mut()
        {
            let file = format!("{}.table.jsonl", files.stem(name));
            dump(session, &format!("select to_jsonb(t)::text from {place} as t{condition}"), name, files.create(&file)?)?;
            what = format!("{what}, and they stand in {file}");
        }
        notes.push(ChangeSetNote { place: name.clone(), what });
    }
    Ok(())
}

/// Writes all rows of a table as JSON whose rows can't be laid beside the source's any more, and says so.
pub(super) fn whole(session: &Session, subject: &Subject<'_>, files: Option<&mut Directory>, notes: &mut Vec<ChangeSetNote>) -> Result<()> {
    let name = &subject.table.target;
    let mut what = "the columns that name its rows are not there any more, or of another type, so that nothing of it is written as \
                    statements"
        .to_owned();
    if let Some(files) = files {
        let file = format!("{}.table.jsonl", files.stem(&subject.table.source));
        dump(session, &format!("select to_jsonb(t)::text from {} as t", subject.place()), name, files.create(&file)?)?;
        what = format!("{what}; all its rows stand in {file}");
    }
    notes.push(ChangeSetNote { place: name.clone(), what });
    Ok(())
}

fn count(session: &Session, sql: &str, name: &str) -> Result<u64> {
    let row = Handle::current().block_on(session.client().query_one(sql, &[]));
    let rows: i64 = row.and_then(|row| row.try_get(0)).map_err(|error| failed(format!("count the rows of {name}"), error))?;
    Ok(u64::try_from(rows).unwrap_or(0))
}

fn dump(session: &Session, query: &str, name: &str, mut file: BufWriter<std::fs::File>) -> Result<()> {
    let mut rows = TargetRows::of(session, query, 1, &format!("read {name}"))?;
    while rows.advance()? {
        write(&mut file, &String::from_utf8_lossy(rows.field(0).unwrap_or_default()))?;
        write(&mut file, "\n")?;
    }
    done(file)
}
