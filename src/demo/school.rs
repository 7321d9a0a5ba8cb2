//! Writes the school's file.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, params_from_iter};

use super::blueprint::{Table, tables};
use super::content::Rows;
use super::{ballast, ddl, mess};
use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result};

/// How far the writing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows written so far.
    pub rows: u64,
    /// Tables filled so far.
    pub tables: usize,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoFacts {
    /// Tables.
    pub tables: usize,
    /// Rows of all tables.
    pub rows: u64,
    /// Size of the file in bytes.
    pub bytes: u64,
}

const DOING: &str = "write the demo database";

/// Writes the school administration to a new file at `path`, brought up to about `bytes` by further log entries and
/// attachments when that is more than it has by itself. The file appears when it is complete.
pub fn write_school(path: &Path, bytes: Option<u64>, progress: &mut dyn FnMut(Progress)) -> Result<DemoFacts> {
    if path.exists() {
        return Err(taken(path));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A run that dies leaves no half-filled file under the name asked for.
    let draft = tempfile::Builder::new().prefix(".school-").suffix(".sqlite").tempfile_in(folder).map_err(|cause| {
        Error::new(ErrorKind::WorkDirectory, DOING, format!("no file can be made in `{}`", folder.display())).because(cause)
    })?;
    let draft = draft.into_temp_path();
    let (tables, rows) = fill(&draft, bytes, progress)?;
    let bytes = std::fs::metadata(&draft).map_err(|cause| unwritable(path).because(cause))?.len();
    draft.persist_noclobber(path).map_err(|cause| if path.exists() { taken(path) } else { unwritable(path).because(cause) })?;
    Ok(DemoFacts { tables, rows, bytes })
}

fn taken(path: &Path) -> Error {
    Error::new(ErrorKind::Usage, DOING, format!("`{}` is there already, and nothing that is there is replaced", path.display()))
        .hint("name a file that does not exist")
}

fn unwritable(path: &Path) -> Error {
    Error::new(ErrorKind::WorkDirectory, DOING, format!("`{}` could not be written", path.display()))
}

fn fill(draft: &Path, bytes: Option<u64>, progress: &mut dyn FnMut(Progress)) -> Result<(usize, u64)> {
    let tables = tables()?;
    let mut file = Connection::open(draft).map_err(|cause| unwritable(draft).because(cause))?;
    let count = tables.len();
    let rows = write(&mut file, &tables, bytes, progress).map_err(|cause| unwritable(draft).because(cause))?;
    // Like most applications of its kind it runs in WAL mode; closing takes the `-wal` away.
    file.pragma_update(None, "journal_mode", "wal").map_err(|cause| unwritable(draft).because(cause))?;
    file.close().map_err(|(_, cause)| unwritable(draft).because(cause))?;
    Ok((count, rows))
}

fn write(file: &mut Connection, tables: &[Table], bytes: Option<u64>, progress: &mut dyn FnMut(Progress)) -> rusqlite::Result<u64> {
    // The draft is thrown away if anything fails: no journal and no waiting for the disk.
    file.execute_batch("pragma foreign_keys = off; pragma journal_mode = off; pragma synchronous = off;")?;
    let sizes: BTreeMap<&'static str, u32> = tables.iter().map(|table| (table.name, table.rows)).collect();
    let mut done = Progress { rows: 0, tables: 0 };
    let work = file.transaction()?;
    for table in tables {
        for statement in ddl::statements(table) {
            work.execute(&statement, [])?;
        }
        let marks = vec!["?"; table.columns.len()].join(", ");
        let mut insert = work.prepare(&format!("insert into {} values ({marks})", quoted(table.name)))?;
        for row in Rows::new(table, &sizes) {
            insert.execute(params_from_iter(row))?;
            done.rows += 1;
        }
        done.tables += 1;
        progress(done);
    }
    mess::make(&work)?;
    let own: i64 = work.query_row("select page_count * page_size from pragma_page_count, pragma_page_size", [], |row| row.get(0))?;
    let before = done.rows;
    done.rows += ballast::add(&work, bytes.unwrap_or(0).saturating_sub(own.unsigned_abs()), &mut |rows| {
        progress(Progress { rows: before + rows, ..done });
    })?;
    work.commit()?;
    progress(done);
    Ok(done.rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(file: &Connection, sql: &str) -> i64 {
        file.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|cause| panic!("{sql}: {cause}"))
    }

    #[test]
    fn has_the_size_that_the_runbook_reports() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("school.sqlite");
        let facts = write_school(&path, None, &mut |_| {}).expect("a school");
        let file = Connection::open(&path).expect("opens");
        assert_eq!(facts.tables, 158);
        assert_eq!(count(&file, "select count(*) from sqlite_schema where type = 'table' and name not like 'sqlite_%'"), 158);
        for (table, rows) in [
            ("users", 418),
            ("institutions", 360),
            ("surveys", 18),
            ("students", 20),
            ("permissions", 216),
            ("roles", 10),
            ("grades", 5_449),
            ("link_shares", 720),
            ("migrations", 158),
        ] {
            assert_eq!(count(&file, &format!("select count(*) from {}", quoted(table))), rows, "{table}");
        }
        assert!((1_000_000..16_000_000).contains(&facts.bytes), "{} bytes", facts.bytes);
    }

    #[test]
    fn holds_just_the_mess_that_is_meant() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("school.sqlite");
        write_school(&path, None, &mut |_| {}).expect("a school");
        let file = Connection::open(&path).expect("opens");
        let mut orphans = file.prepare("pragma foreign_key_check").expect("prepares");
        let orphans: Vec<(String, i64, String)> = orphans
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .and_then(Iterator::collect)
            .expect("every parent table and its key exist");
        let expected: Vec<_> = [17, 402, 403, 977].map(|id| ("grades".to_owned(), id, "students".to_owned())).into();
        assert_eq!(orphans, expected);
        for (sql, expected) in [
            ("select count(*) from surveys where typeof(opened_at) = 'integer' and opened_at > 1700000000000", 16),
            ("select count(*) from surveys where typeof(opened_at) = 'text'", 2),
            ("select count(*) from link_clicks where typeof(clicked_at) <> 'integer'", 0),
            ("select count(*) from institutions where student_capacity = ''", 2),
            ("select count(*) from institutions where length(short_name) > 20", 2),
            ("select count(*) from students where length(document_number) > 20", 0),
            ("select count(*) from messages where typeof(body) = 'text' and instr(cast(body as blob), x'00') > 0", 1),
            ("select count(*) from report_cards where typeof(signature) = 'text'", 2),
            ("select (select seq from sqlite_sequence where name = 'students') - max(id) from students", 3),
        ] {
            assert_eq!(count(&file, sql), expected, "{sql}");
        }
        for status in ["aktiv", "deaktiv", "gözləmədə"] {
            assert!(count(&file, &format!("select count(*) from users where status = '{status}'")) > 0, "{status}");
        }
        let whole: String = file.query_row("pragma integrity_check", [], |row| row.get(0)).expect("a verdict");
        assert_eq!(whole, "ok");
        for view in ["active_users", "student_averages", "open_approvals"] {
            assert!(count(&file, &format!("select count(*) from {view}")) > 0, "{view}");
        }
    }

    #[test]
    fn the_same_size_gives_the_same_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let [one, two] = ["one.sqlite", "two.sqlite"].map(|name| folder.path().join(name));
        let asked = 24_000_000;
        let facts = write_school(&one, Some(asked), &mut |_| {}).expect("a school");
        write_school(&two, Some(asked), &mut |_| {}).expect("a school");
        assert!(std::fs::read(&one).expect("reads") == std::fs::read(&two).expect("reads"), "two runs differ");
        assert!(facts.bytes.abs_diff(asked) < asked / 10, "{} bytes", facts.bytes);
    }

    #[test]
    fn replaces_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mine.sqlite");
        std::fs::write(&path, "mine").expect("writes");
        let refusal = write_school(&path, None, &mut |_| {}).expect_err("the file is there");
        assert_eq!(refusal.kind(), ErrorKind::Usage);
        assert_eq!(std::fs::read(&path).expect("reads"), b"mine");
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 1, "no draft is left");
    }
}
