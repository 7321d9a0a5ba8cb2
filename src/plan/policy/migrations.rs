//! Ordered migrations of the target, in files of SQL.

use std::cmp::Ordering;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::statements::statements;
use crate::error::{Error, ErrorKind, Result};

/// Stands alone in the first line of a file that can't be run in a transaction.
const WITHOUT_TRANSACTION: &str = "-- outgrow: no-transaction";

/// Where migrations stand, and where it is kept which of them were run.
///
/// They are no part of the plan: a file that is added later leaves the plan of an earlier load what it is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct MigrationsPolicy {
    /// The directory of the files, from the policy's directory; without it there are none.
    pub directory: Option<String>,
    /// The table that keeps which were run, in the target's schema.
    pub table: String,
    /// Whether a file may be run whose version is below one that was run already.
    pub allow_out_of_order: bool,
    /// The files in the order of their versions; none until [`MigrationsPolicy::read`].
    #[serde(skip)]
    pub files: Vec<MigrationFile>,
}

impl Default for MigrationsPolicy {
    fn default() -> Self {
        Self { directory: None, table: "schema_migrations".to_owned(), allow_out_of_order: false, files: Vec::new() }
    }
}

/// A migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationFile {
    /// The number that its name begins with.
    pub version: MigrationVersion,
    /// The file's name.
    pub name: String,
    /// What stands in it.
    pub text: String,
    /// SHA-256 of its bytes.
    pub checksum: String,
    /// Whether it is run in one transaction together with its row in the ledger.
    pub in_transaction: bool,
}

/// A version: digits, compared as a number of any length.
#[derive(Debug, Clone)]
pub struct MigrationVersion(String);

impl MigrationVersion {
    /// The version of these digits; none where they are something else.
    pub fn parse(digits: &str) -> Option<Self> {
        let is_number = !digits.is_empty() && digits.chars().all(|letter| letter.is_ascii_digit());
        is_number.then(|| Self(digits.to_owned()))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Ord for MigrationVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mine, its) = (self.0.trim_start_matches('0'), other.0.trim_start_matches('0'));
        mine.len().cmp(&its.len()).then_with(|| mine.cmp(its))
    }
}

impl PartialOrd for MigrationVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for MigrationVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for MigrationVersion {}

impl MigrationsPolicy {
    /// Takes the files of the directory: each one's name and text.
    pub fn read(&mut self, files: Vec<(String, String)>) -> Result<()> {
        if self.table.is_empty() || self.table.len() > 63 || self.table.contains('\0') {
            let detail = "`table` under [migrations] is no name that PostgreSQL takes: it has 1 to 63 bytes";
            return Err(Error::new(ErrorKind::Policy, "read the policy", detail));
        }
        self.files = files.into_iter().map(|(name, text)| migration(name, text)).collect::<Result<_>>()?;
        self.files.sort_by(|one, other| one.version.cmp(&other.version).then_with(|| one.name.cmp(&other.name)));
        let mut pairs = self.files.iter().zip(self.files.iter().skip(1));
        if let Some((one, other)) = pairs.find(|(one, other)| one.version == other.version) {
            let detail = format!("{} and {} have the same version", one.name, other.name);
            return Err(Error::new(ErrorKind::Policy, "read the migrations", detail)
                .hint("give one of them another number: they are run in its order"));
        }
        Ok(())
    }
}

fn migration(name: String, text: String) -> Result<MigrationFile> {
    let refused = |detail: String| Error::new(ErrorKind::Policy, format!("read the migration {name}"), detail);
    let version = name.split_once('_').and_then(|(digits, _)| MigrationVersion::parse(digits));
    let Some(version) = version else {
        return Err(refused("its name does not begin with a number and a `_`".to_owned())
            .hint("call it as 001_add_index.sql or 20260131120000_add_index.sql, or move it out of the directory"));
    };
    if name.to_ascii_lowercase().ends_with(".down.sql") {
        return Err(refused("it is there to undo a migration, and outgrow only goes forward".to_owned())
            .hint("move it out of the directory; to undo a migration, write another one"));
    }
    let found = statements(&text);
    if found.is_empty() || text.contains('\0') {
        return Err(refused("it holds no SQL".to_owned()));
    }
    if let Some(statement) = found.iter().find(|statement| statement.is_of_transactions()) {
        return Err(refused(format!("line {} of it begins or ends a transaction", statement.line))
            .hint("take it out: each file is run in one transaction, together with its row in the ledger")
            .hint(format!(
                "what can't be run in a transaction stands in a file of its own, with `{WITHOUT_TRANSACTION}` as its first line"
            )));
    }
    if let Some(statement) = found.iter().find(|statement| statement.is_copy_from_input()) {
        return Err(refused(format!("line {} of it copies from or to the standard input or output, which only psql has", statement.line))
            .hint("write the rows as INSERT"));
    }
    let first = text.lines().next().unwrap_or_default().trim();
    if first.starts_with("-- outgrow:") && first != WITHOUT_TRANSACTION {
        return Err(refused("its first line says to outgrow what it does not understand".to_owned())
            .hint(format!("the one thing that can be said there is `{WITHOUT_TRANSACTION}`")));
    }
    let in_transaction = first != WITHOUT_TRANSACTION;
    let checksum = Sha256::digest(text.as_bytes()).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    Ok(MigrationFile { version, name, text, checksum, in_transaction })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<Vec<(String, bool)>> {
        let mut policy = MigrationsPolicy::default();
        policy.read(files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())?;
        Ok(policy.files.into_iter().map(|file| (file.version.as_str().to_owned(), file.in_transaction)).collect())
    }

    #[test]
    fn files_stand_in_the_order_of_their_versions() {
        let none = "-- outgrow: no-transaction\r\ncreate index concurrently i on t(a)";
        let files = [("10_b.sql", "select 1"), ("9_a.sql", none), ("20260131120000_c.sql", "select 1"), ("002_first.sql", "select 1")];
        let expected = [("002", true), ("9", false), ("10", true), ("20260131120000", true)];
        assert_eq!(read(&files).unwrap(), expected.map(|(version, within)| (version.to_owned(), within)));
    }

    #[test]
    fn files_that_are_no_migrations_are_refused_by_their_names() {
        for (files, said) in [
            (vec![("first.sql", "select 1")], "first.sql"),
            (vec![("1_a.sql", "select 1"), ("001_b.sql", "select 1")], "same version"),
            (vec![("1_a.sql", "-- nothing")], "holds no SQL"),
            (vec![("1_a.sql", "select 1;\n\ncommit;")], "line 3"),
            (vec![("1_a.down.sql", "select 1")], "only goes forward"),
            (vec![("1_a.sql", "copy t from stdin;")], "line 1"),
        ] {
            let error = read(&files).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Policy);
            assert!(error.to_string().contains(said), "{error}");
        }
    }
}
