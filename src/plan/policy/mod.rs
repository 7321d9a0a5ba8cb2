//! What people decide: the policy file `outgrow.toml`.
//!
//! Everything in it is optional. Unknown keys are errors, so that a misspelt rule can't be ignored silently. Secrets
//! never stand in it.

mod backup;
mod column_name;
mod column_type;
mod command;
mod cutover;
mod decided;
mod existing;
mod expect;
mod framework;
mod look_up;
mod migrations;
mod names;
mod nearest;
mod notices;
mod orphans;
mod period;
mod probe;
mod reference;
mod roles;
mod rules;
mod said;
mod select;
mod sequences;
mod sign_offs;
mod sql;
mod statements;
mod switch;
mod target;
mod type_name;
mod waiver;

use serde::Deserialize;

pub use backup::{BackupPolicy, Compression};
pub use column_name::ColumnName;
pub(super) use column_type::type_named;
pub use command::{Command, Hook, Moment};
pub use cutover::{CutoverPolicy, Freeze, RollbackPolicy, TargetAfter};
pub use existing::{Counter, Mode, NameRule, SeededRule};
pub use expect::ExpectedServer;
pub use framework::{SourcePolicy, TypeRule};
pub use migrations::{MigrationFile, MigrationVersion, MigrationsPolicy};
pub use names::{ColumnPolicy, EmptyText, ForeignKeyPolicy, Misfits, TablePolicy, Unmapped};
pub(super) use nearest::did_you_mean;
pub use notices::{Channel, Email, MailTls, Notice, NoticesPolicy, Stated, Way, Window, moment};
pub use period::Period;
pub use probe::{HttpQuestion, Probe, Question, RunQuestion, Side, SqlQuestion};
pub use reference::{OnConflict, ReferenceContent, ReferencePolicy};
pub use roles::RolesPolicy;
pub use rules::{CheckRule, OrphanRule, Rules, TriggerRule};
pub use said::Said;
pub use sequences::{CounterTable, SequencePolicy};
pub use sign_offs::SignOffsPolicy;
pub use sql::{SqlFile, SqlPolicy};
pub use statements::{Statement, statements};
pub use switch::{CommandSwitch, FileSwitch, FromTarget, Switch, SwitchPolicy, TargetPart, TextPiece};
pub use target::TargetPolicy;
pub use waiver::{REFUSED_OBJECT, Waiver};

use crate::error::{Error, ErrorKind, Result};

/// The policy: what people write; the planner's third input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Policy {
    /// What is known of the source.
    pub source: SourcePolicy,
    /// Where to load.
    pub target: TargetPolicy,
    /// Rules for values and constraints.
    pub rules: Rules,
    /// What is decided for single tables, by their names in the source.
    #[serde(deserialize_with = "said::read")]
    pub tables: Vec<Said<TablePolicy>>,
    /// What is decided for single columns, by `table.column` (see [`ColumnName`]).
    #[serde(deserialize_with = "said::read")]
    pub columns: Vec<Said<ColumnPolicy>>,
    /// What is decided for single foreign keys, by `table.column` or `table.one+other` of the referring side.
    #[serde(deserialize_with = "said::read")]
    pub foreign_keys: Vec<Said<ForeignKeyPolicy>>,
    /// The types that columns of a declared type get.
    #[serde(deserialize_with = "said::read")]
    pub types: Vec<Said<String>>,
    /// SQL of one's own, run on the target at fixed moments of the load.
    pub sql: SqlPolicy,
    /// Sequences that stand free.
    #[serde(rename = "sequence")]
    pub sequences: Vec<SequencePolicy>,
    /// Rows that come from files.
    #[serde(rename = "reference")]
    pub references: Vec<ReferencePolicy>,
    /// Ordered migrations of the target, run behind the comparison.
    pub migrations: MigrationsPolicy,
    /// How the application is moved.
    pub cutover: CutoverPolicy,
    /// How the move is taken back.
    pub rollback: RollbackPolicy,
    /// Commands at the moments of a cutover or a rollback, in the order in which they are run.
    #[serde(rename = "hook")]
    pub hooks: Vec<Hook>,
    /// What tells the application which database is its own.
    #[serde(rename = "switch")]
    pub switches: Vec<SwitchPolicy>,
    /// What must be right before a cutover begins, besides outgrow's own gates.
    #[serde(rename = "check")]
    pub checks: Vec<Probe>,
    /// What must be right once the application is started.
    #[serde(rename = "smoke")]
    pub smoke: Vec<Probe>,
    /// What is measured before and after.
    #[serde(rename = "baseline")]
    pub baseline: Vec<Probe>,
    /// Who is told what.
    pub notices: NoticesPolicy,
    /// Where backups are kept, and for how long.
    pub backup: BackupPolicy,
    /// Who has to agree.
    pub sign_offs: SignOffsPolicy,
    /// The roles of the application and its readers.
    pub roles: RolesPolicy,
    /// Findings that somebody answers for.
    #[serde(rename = "waiver")]
    pub waivers: Vec<Waiver>,
}

impl Policy {
    /// Reads a policy file's text.
    pub fn parse(text: &str) -> Result<Self> {
        let mut policy: Self = toml::from_str(text).map_err(|error| said::unreadable(text, &error))?;
        said::number(text, &mut policy.tables);
        said::number(text, &mut policy.columns);
        said::number(text, &mut policy.foreign_keys);
        said::number(text, &mut policy.types);
        policy.references.iter_mut().for_each(|reference| said::number(text, std::slice::from_mut(&mut reference.table)));
        policy.target.check()?;
        policy.source.check()?;
        policy.backup.check()?;
        let checked = policy.notices.check().and_then(|()| policy.sign_offs.check()).and_then(|()| policy.roles.check());
        checked.map_err(|detail| Error::new(ErrorKind::Policy, "read the policy", detail))?;
        for waiver in &policy.waivers {
            if waiver.reason.trim().is_empty() || waiver.by.trim().is_empty() {
                let detail = format!("the waiver of `{}` at `{}` names no reason or nobody who answers for it", waiver.finding, waiver.at);
                return Err(Error::new(ErrorKind::Policy, "read the policy", detail));
            }
        }
        Ok(policy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{TextFault, TextRules};

    #[test]
    fn an_empty_policy_is_the_default() {
        assert_eq!(Policy::parse("").unwrap(), Policy::default());
    }

    #[test]
    fn rules_and_waivers_are_read() {
        let policy = Policy::parse(
            "[rules]\norphans = \"not-valid\"\ntext = { nul = \"strip\" }\n\
             [[waiver]]\nfinding = \"mixed-types\"\nat = \"*\"\nreason = \"read as text\"\nby = \"Ada\"\n",
        )
        .unwrap();
        assert_eq!(policy.rules.orphans, OrphanRule::NotValid);
        assert_eq!(policy.rules.text, TextRules { nul: TextFault::Strip, invalid_utf8: TextFault::Quarantine });
        assert_eq!(policy.waivers.len(), 1);
    }

    #[test]
    fn a_misspelt_key_and_an_empty_reason_are_refused() {
        let misspelt = Policy::parse("[rules]\norphan = \"stop\"\n").unwrap_err();
        assert_eq!(misspelt.kind(), ErrorKind::Policy);
        assert!(misspelt.hints().any(|hint| hint.contains("line 2")), "{:?}", misspelt.hints().collect::<Vec<_>>());
        assert!(misspelt.hints().any(|hint| hint.contains("`orphans`")), "{:?}", misspelt.hints().collect::<Vec<_>>());
        let nameless = Policy::parse("[[waiver]]\nfinding = \"x\"\nat = \"*\"\nreason = \" \"\nby = \"Ada\"\n");
        assert!(nameless.is_err());
    }
}
