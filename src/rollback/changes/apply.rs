//! Runs the statements of a change set on a SQLite file, all of them or none.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::report::ChangeSet;
use crate::error::{Error, ErrorKind, Result};

/// Brings a SQLite file, which must be as the source was at the mark, to what the change set says: in one transaction, with foreign keys
/// and triggers off, because what they did is among the statements.
pub fn apply(set: &ChangeSet, database: &Path) -> Result<()> {
    let doing = format!("bring the changes into {}", database.display());
    let failed = |error| refused(&doing, &error);
    let path = std::path::absolute(database).unwrap_or_else(|_| database.to_owned());
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(failed)?;
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).map_err(failed)?;
    db.execute_batch("pragma foreign_keys = off; pragma trusted_schema = off; begin immediate").map_err(failed)?;
    for script in set.scripts() {
        // The transaction ends with the connection, where one of them fails.
        run(&db, &script, &doing)?;
    }
    db.execute_batch("commit").map_err(failed)?;
    db.close().map_err(|(_, error)| failed(error))
}

fn run(db: &Connection, script: &Path, doing: &str) -> Result<()> {
    let unreadable = |error: std::io::Error| {
        Error::new(ErrorKind::WorkDirectory, doing, format!("{} can't be read; nothing was changed", script.display())).because(error)
    };
    let mut file = BufReader::new(File::open(script).map_err(unreadable)?);
    let (mut statement, mut line, mut open) = (String::new(), String::new(), None);
    while file.read_line(&mut line).map_err(unreadable)? > 0 {
        if statement.is_empty() && line.starts_with("--") {
            line.clear();
            continue;
        }
        open = quotation(open, &line);
        statement.push_str(&line);
        if open.is_none() && line.ends_with(";\n") {
            db.execute_batch(&statement).map_err(|error| refused(doing, &error))?;
            statement.clear();
        }
        line.clear();
    }
    if statement.is_empty() {
        return Ok(());
    }
    let detail = format!("{} ends within a statement; nothing was changed", script.display());
    Err(Error::new(ErrorKind::Unforeseen, doing, detail).hint("export the changes once more: PostgreSQL has them all"))
}

/// The mark of the quotation that is open behind a piece of SQL. A doubled mark closes one and opens the next.
fn quotation(mut open: Option<char>, piece: &str) -> Option<char> {
    for letter in piece.chars().filter(|letter| matches!(letter, '\'' | '"')) {
        open = match open {
            None => Some(letter),
            Some(mark) if mark == letter => None,
            Some(mark) => Some(mark),
        };
    }
    open
}

/// SQLite's message would quote the statement, and so cells.
fn refused(doing: &str, error: &rusqlite::Error) -> Error {
    let what = if let rusqlite::Error::SqliteFailure(code, message) = error {
        message.clone().unwrap_or_else(|| code.to_string())
    } else if let rusqlite::Error::SqlInputError { error, .. } = error {
        error.to_string()
    } else {
        "SQLite refused it".to_owned()
    };
    Error::new(ErrorKind::Unforeseen, doing, format!("{what}; nothing was changed"))
        .hint("the file must be as it was at the cutover, and nobody may have it locked; PostgreSQL still has all of it")
}

#[cfg(test)]
mod tests {
    use super::quotation;

    #[test]
    fn a_statement_does_not_end_within_a_quotation() {
        assert_eq!(quotation(None, "INSERT INTO \"a;\n"), Some('"'));
        assert_eq!(quotation(None, "VALUES('it''s;\n"), Some('\''));
        assert_eq!(quotation(Some('\''), "\"');\n"), None);
        assert_eq!(quotation(None, "VALUES('it''s', \"a\"\"b\");\n"), None);
    }
}
