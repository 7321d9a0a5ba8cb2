//! Rows that come from a file and not from the source.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::said::{self, Said};
use super::statements::statements;
use crate::error::{Error, ErrorKind, Result};

/// A file of rows for a table of the target.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ReferencePolicy {
    /// The table, by its name in the target.
    #[serde(deserialize_with = "said::placed")]
    pub table: Said<()>,
    /// The file's name as written, from the policy's directory: `.csv` or `.sql`.
    pub file: String,
    /// The columns (of the target) that name a row; its primary key where none are named.
    #[serde(default)]
    pub key: Vec<String>,
    /// What becomes of a row whose key the table holds already.
    #[serde(default)]
    pub on_conflict: OnConflict,
    /// What stands in the file; none until [`ReferencePolicy::read`].
    #[serde(skip)]
    pub content: Option<ReferenceContent>,
}

/// What becomes of a row of a file whose key the table holds already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnConflict {
    /// The move stops.
    #[default]
    Stop,
    /// The row that is there stays as it is.
    Keep,
    /// The row that is there gets the file's values.
    Replace,
}

/// What stands in a file of reference data. It is part of the plan, so that another content is another plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReferenceContent {
    /// Rows as text: the server makes values of them.
    Csv {
        /// The columns that the first line names.
        columns: Vec<String>,
        /// How many rows follow.
        rows: u64,
        /// All of it, the first line included.
        text: String,
    },
    /// Statements.
    Sql {
        /// All of it.
        text: String,
    },
}

impl ReferencePolicy {
    /// Takes what stands in the file.
    pub fn read(&mut self, bytes: Vec<u8>) -> Result<()> {
        let refused = |detail: String| Error::new(ErrorKind::Policy, format!("read {}", self.file), detail);
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = before.filter(|byte| **byte == b'\n').count() + 1;
            refused(format!("line {line} of it is not UTF-8"))
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        if let Some(at) = text.find('\0') {
            return Err(refused(format!("line {} of it holds a NUL byte, which no text of PostgreSQL can", said::line(&text, at))));
        }
        let ending = self.file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        self.content = Some(match ending.as_deref() {
            Some("csv") => csv_content(text).map_err(refused)?,
            Some("sql") if self.on_conflict != OnConflict::Stop => {
                return Err(refused("`on-conflict` is for files of CSV: SQL says by itself what it does (ON CONFLICT …)".to_owned()));
            }
            Some("sql") => sql_content(text).map_err(refused)?,
            Some(_) | None => {
                return Err(refused("its name says neither CSV nor SQL".to_owned()).hint("give it the ending .csv or .sql"));
            }
        });
        Ok(())
    }
}

fn csv_content(text: String) -> Result<ReferenceContent, String> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let columns: Vec<String> = reader.headers().map_err(|error| unreadable(&error))?.iter().map(ToOwned::to_owned).collect();
    if columns.iter().all(String::is_empty) {
        return Err("it is empty: its first line names the columns".to_owned());
    }
    let mut seen = columns.iter().enumerate();
    if let Some((_, twice)) = seen.find(|(place, name)| columns.iter().take(*place).any(|earlier| earlier == *name)) {
        return Err(format!("line 1 of it names the column `{twice}` twice"));
    }
    let mut rows = 0;
    for record in reader.records() {
        drop(record.map_err(|error| unreadable(&error))?);
        rows += 1;
    }
    Ok(ReferenceContent::Csv { columns, rows, text })
}

/// What is wrong with a file of CSV, and where; nothing of what stands in it.
fn unreadable(error: &csv::Error) -> String {
    let line = error.position().map_or(1, csv::Position::line);
    if let csv::ErrorKind::UnequalLengths { expected_len, len, .. } = error.kind() {
        return format!("line {line} of it has {len} fields, and the first line names {expected_len} columns");
    }
    format!("line {line} of it is no CSV (RFC 4180)")
}

fn sql_content(text: String) -> Result<ReferenceContent, String> {
    let found = statements(&text);
    if found.is_empty() {
        return Err("it holds no SQL".to_owned());
    }
    if let Some(statement) = found.iter().find(|statement| statement.is_of_transactions()) {
        return Err(format!(
            "line {} of it begins or ends a transaction; take that out: the file is run in one, together with the note that it is done",
            statement.line
        ));
    }
    if let Some(statement) = found.iter().find(|statement| statement.is_copy_from_input()) {
        return Err(format!("line {} of it copies from or to the standard input or output, which only psql has", statement.line));
    }
    Ok(ReferenceContent::Sql { text })
}

impl ReferenceContent {
    /// SHA-256 of it.
    pub fn checksum(&self) -> String {
        let (Self::Csv { text, .. } | Self::Sql { text }) = self;
        Sha256::digest(text).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }

    /// The texts that stand in some columns of each row; none of SQL.
    pub fn texts(&self, of: &[String]) -> Vec<Vec<String>> {
        let Self::Csv { columns, text, .. } = self else { return Vec::new() };
        let places: Vec<usize> = of.iter().filter_map(|name| columns.iter().position(|column| column == name)).collect();
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let texts = |record: csv::StringRecord| places.iter().filter_map(|place| record.get(*place).map(ToOwned::to_owned)).collect();
        reader.records().filter_map(std::result::Result::ok).map(texts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &str, more: &str, bytes: &[u8]) -> Result<ReferenceContent, String> {
        let text = format!("[[reference]]\ntable = \"regions\"\nfile = \"{file}\"\n{more}");
        let mut reference = super::super::Policy::parse(&text).unwrap().references.remove(0);
        assert_eq!(reference.table.line, 2);
        reference.read(bytes.to_vec()).map_err(|error| error.to_string())?;
        Ok(reference.content.unwrap())
    }

    #[test]
    fn csv_gives_columns_and_rows() {
        let content = read("a.CSV", "", "\u{feff}id,\"na\"\"me\"\r\n1,\"a,\r\nb\"\r\n2,\r\n".as_bytes()).unwrap();
        assert_eq!(content.texts(&["na\"me".to_owned(), "id".to_owned()]), [["a,\r\nb", "1"], ["", "2"]]);
        let ReferenceContent::Csv { columns, rows, .. } = &content else { panic!() };
        assert_eq!((columns.as_slice(), *rows), (["id".to_owned(), "na\"me".to_owned()].as_slice(), 2));
        let other = read("a.csv", "", b"id,name\n1,b\n").unwrap();
        assert_ne!(content.checksum(), other.checksum());
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said_with_its_line_and_without_its_content() {
        for (file, more, bytes, said) in [
            ("a.csv", "", b"".as_slice(), "it is empty"),
            ("a.csv", "", b"id,name\n1,secret\n2\n", "line 3 of it has 1 fields"),
            ("a.csv", "", b"id,id\n", "line 1 of it names the column `id` twice"),
            ("a.csv", "", b"id\n1\n\xff\n", "line 3 of it is not UTF-8"),
            ("a.csv", "", b"id\n1\n\0secret\n", "line 3 of it holds a NUL"),
            ("a.txt", "", b"id\n", "neither CSV nor SQL"),
            ("a.sql", "", b" -- nothing\n", "holds no SQL"),
            ("a.sql", "", b"insert into t values (1);\ncommit;", "line 2 of it begins or ends"),
            ("a.sql", "", b"copy t from stdin;", "line 1 of it copies"),
            ("a.sql", "on-conflict = \"keep\"\n", b"insert into t values (1);", "for files of CSV"),
        ] {
            let error = read(file, more, bytes).unwrap_err();
            assert!(error.contains(said) && !error.contains("secret"), "{said}: {error}");
        }
    }
}
