//! SQL of the user's, run on the target at fixed moments of the load.

use serde::Deserialize;

use super::statements::statements;
use crate::error::{Error, ErrorKind, Result};

/// The files, in the order in which they are run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct SqlPolicy {
    /// Before the first table is made.
    pub before_tables: Vec<SqlFile>,
    /// When the tables are there, and no row is.
    pub after_tables: Vec<SqlFile>,
    /// When the rows are in, and no key is.
    pub after_data: Vec<SqlFile>,
    /// When all keys are there.
    pub after_keys: Vec<SqlFile>,
    /// Last of all.
    pub finally: Vec<SqlFile>,
}

/// A file of SQL. Its text is part of the plan, so that another text is another plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct SqlFile {
    /// Its name as written, from the policy's directory.
    pub name: String,
    /// What stands in it; none until [`SqlPolicy::read`].
    pub text: Option<String>,
}

impl From<String> for SqlFile {
    fn from(name: String) -> Self {
        Self { name, text: None }
    }
}

impl SqlPolicy {
    /// Reads every file by means of `read`, which is given its name.
    pub fn read(&mut self, read: &dyn Fn(&str) -> Result<String>) -> Result<()> {
        let Self { before_tables, after_tables, after_data, after_keys, finally } = self;
        for file in before_tables.iter_mut().chain(after_tables).chain(after_data).chain(after_keys).chain(finally) {
            let text = read(&file.name)?;
            if text.trim().is_empty() || text.contains('\0') {
                return Err(Error::new(ErrorKind::Policy, format!("read {}", file.name), "it holds no SQL"));
            }
            if let Some(statement) = statements(&text).iter().find(|statement| statement.is_of_transactions()) {
                let detail = format!("line {} of it begins or ends a transaction", statement.line);
                return Err(Error::new(ErrorKind::Policy, format!("read {}", file.name), detail)
                    .hint("take it out: each file is run in one transaction, together with the note in the ledger that it is done"));
            }
            file.text = Some(text);
        }
        Ok(())
    }
}
