//! Steps of the user's own SQL.

use super::policy::{Policy, SqlFile};
use super::step::{Action, Phase, Step};
use crate::catalog::quoted;
use crate::error::{Error, ErrorKind, Result};

/// A moment of the load, as the policy names it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    BeforeTables,
    AfterTables,
    AfterData,
    AfterKeys,
    Finally,
}

impl Moment {
    /// The policy's word, and the phase at whose beginning or end it lies: steps of one phase keep the order in which
    /// they are planned.
    const fn place(self) -> (&'static str, Phase) {
        match self {
            Self::BeforeTables => ("before-tables", Phase::Tables),
            Self::AfterTables => ("after-tables", Phase::Tables),
            Self::AfterData => ("after-data", Phase::Keys),
            Self::AfterKeys => ("after-keys", Phase::ForeignKeys),
            Self::Finally => ("finally", Phase::Statistics),
        }
    }
}

/// The steps of a moment's files, each of which everything after it needs.
pub(super) fn steps(policy: &Policy, moment: Moment) -> Result<Vec<Step>> {
    let sql = &policy.sql;
    let files: &[SqlFile] = match moment {
        Moment::BeforeTables => &sql.before_tables,
        Moment::AfterTables => &sql.after_tables,
        Moment::AfterData => &sql.after_data,
        Moment::AfterKeys => &sql.after_keys,
        Moment::Finally => &sql.finally,
    };
    let (word, phase) = moment.place();
    let schema = quoted(&policy.target.schema);
    let step = |(position, file): (usize, &SqlFile)| {
        let unread = || Error::new(ErrorKind::Policy, format!("plan {}", file.name), "its text was not read");
        let text = file.text.clone().ok_or_else(unread)?;
        // Names without a schema mean the tables that are loaded.
        let sql = vec![format!("SET LOCAL search_path TO {schema}, public"), text];
        let (id, object) = (format!("sql:{word}:{position}:{}", file.name), format!("{} ({word})", file.name));
        Ok(Step { id, phase, table: None, object, action: Action::Run { sql, optional: false } })
    };
    files.iter().enumerate().map(step).collect()
}
