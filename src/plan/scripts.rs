//! Steps of the user's own SQL.

use super::build::Draft;
use super::policy::SqlFile;
use super::step::Phase;
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

/// Plans the files of a moment, each a step of its own that everything after it needs.
pub(super) fn plan(draft: &mut Draft<'_>, moment: Moment) -> Result<()> {
    let sql = &draft.inputs.policy.sql;
    let files: &[SqlFile] = match moment {
        Moment::BeforeTables => &sql.before_tables,
        Moment::AfterTables => &sql.after_tables,
        Moment::AfterData => &sql.after_data,
        Moment::AfterKeys => &sql.after_keys,
        Moment::Finally => &sql.finally,
    };
    let (word, phase) = moment.place();
    let schema = quoted(&draft.inputs.policy.target.schema);
    for (position, file) in files.iter().enumerate() {
        let unread = || Error::new(ErrorKind::Policy, format!("plan {}", file.name), "its text was not read");
        let text = file.text.clone().ok_or_else(unread)?;
        // Names without a schema mean the tables that are loaded.
        let sql = vec![format!("SET LOCAL search_path TO {schema}, public"), text];
        draft.required(phase, format!("sql:{word}:{position}:{}", file.name), format!("{} ({word})", file.name), sql);
    }
    Ok(())
}
