//! What an audit of the schema says.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::report::Verdict;

/// What kind of thing a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuditKind {
    /// A table.
    Table,
    /// A column: type, nullability, default, identity, generation.
    Column,
    /// A primary key.
    PrimaryKey,
    /// A unique key.
    Unique,
    /// An index that belongs to no key.
    Index,
    /// A check.
    Check,
    /// A foreign key.
    ForeignKey,
    /// A view.
    View,
    /// A rule of a table or view.
    Rule,
    /// A trigger.
    Trigger,
    /// A function.
    Function,
    /// A sequence: what it counts in, and how much of it is used.
    Sequence,
    /// The next value of a column that numbers its rows.
    NextValue,
    /// What the server knows of a table's content for its plans.
    Statistics,
    /// The applied migrations of the application's framework.
    Migrations,
    /// A step of the plan as a whole.
    Step,
}

impl AuditKind {
    /// What one is called, and what several are.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Table => ("table", "tables"),
            Self::Column => ("column", "columns"),
            Self::PrimaryKey => ("primary key", "primary keys"),
            Self::Unique => ("unique key", "unique keys"),
            Self::Index => ("index", "indexes"),
            Self::Check => ("check", "checks"),
            Self::ForeignKey => ("foreign key", "foreign keys"),
            Self::View => ("view", "views"),
            Self::Rule => ("rule", "rules"),
            Self::Trigger => ("trigger", "triggers"),
            Self::Function => ("function", "functions"),
            Self::Sequence => ("sequence", "sequences"),
            Self::NextValue => ("next value", "next values"),
            Self::Statistics => ("table's statistics", "tables' statistics"),
            Self::Migrations => ("framework's migrations", "frameworks' migrations"),
            Self::Step => ("step", "steps"),
        }
    }
}

/// What is the matter with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It is not in the target.
    Missing,
    /// It is otherwise than it should be.
    Changed,
    /// Nobody could tell.
    NotCompared,
    /// The server refused it when the plan was carried out, and the ledger says so.
    Refused,
    /// It is as it should be, and will soon need somebody.
    Warning,
    /// Worth knowing, and no difference: the target has more, or the source has what the application's schema has not.
    Note,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::NotCompared => "not compared",
            Self::Refused => "refused",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// One object that is not simply as it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AuditLine {
    /// What it is.
    pub kind: AuditKind,
    /// Its name; with its table's before it where it is one of a table.
    pub name: String,
    /// What is the matter.
    pub standing: Standing,
    /// How it should be.
    pub expected: Option<String>,
    /// How it is, or why it is so.
    pub found: Option<String>,
}

/// How many objects of a kind were looked at, and how they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AuditCounts {
    /// Those that were looked for.
    pub looked_at: u64,
    /// Those of them that are as they should be.
    pub as_expected: u64,
    /// Those that are not in the target.
    pub missing: u64,
    /// Those that are otherwise than they should be.
    pub changed: u64,
    /// Those of which nobody could tell.
    pub not_compared: u64,
}

/// What an audit of the schema says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SchemaAudit {
    /// Mismatch where something is missing or changed; inconclusive where something could not be compared, or nothing was.
    pub verdict: Verdict,
    /// The plan that the target was compared with.
    pub plan: String,
    /// The schema that was looked at.
    pub schema: String,
    /// Whether outgrow made it, and not the application's own migrations.
    pub own: bool,
    /// How many of each kind were looked at.
    pub kinds: BTreeMap<AuditKind, AuditCounts>,
    /// Everything that is not simply as it should be.
    pub lines: Vec<AuditLine>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// The books of a running audit.
#[derive(Debug, Default)]
pub(super) struct AuditBooks {
    kinds: BTreeMap<AuditKind, AuditCounts>,
    lines: Vec<AuditLine>,
}

impl AuditBooks {
    /// Books an object that was looked for: how it should be, and how it is, if it is there.
    pub(super) fn compare(&mut self, kind: AuditKind, name: &str, expected: &str, found: Option<&str>) {
        match found {
            None => self.differs(kind, name, Standing::Missing, Some(expected), None),
            Some(found) if found != expected => self.differs(kind, name, Standing::Changed, Some(expected), Some(found)),
            Some(_) => self.fits(kind, 1),
        }
    }

    /// Books objects that are as they should be.
    pub(super) fn fits(&mut self, kind: AuditKind, count: u64) {
        let counts = self.kinds.entry(kind).or_default();
        counts.looked_at += count;
        counts.as_expected += count;
    }

    /// Books an object that was looked for and is not as it should be.
    pub(super) fn differs(&mut self, kind: AuditKind, name: &str, standing: Standing, expected: Option<&str>, found: Option<&str>) {
        let counts = self.kinds.entry(kind).or_default();
        counts.looked_at += 1;
        match standing {
            Standing::Missing => counts.missing += 1,
            Standing::Changed => counts.changed += 1,
            Standing::NotCompared => counts.not_compared += 1,
            Standing::Refused | Standing::Warning | Standing::Note => counts.as_expected += 1,
        }
        self.say(kind, name, standing, expected, found);
    }

    /// Says something of an object that counts no further.
    pub(super) fn say(&mut self, kind: AuditKind, name: &str, standing: Standing, expected: Option<&str>, found: Option<&str>) {
        let (name, expected, found) = (name.to_owned(), expected.map(str::to_owned), found.map(str::to_owned));
        self.lines.push(AuditLine { kind, name, standing, expected, found });
    }

    /// Closes the books.
    pub(super) fn close(self) -> (Verdict, BTreeMap<AuditKind, AuditCounts>, Vec<AuditLine>) {
        let sum = |of: fn(&AuditCounts) -> u64| self.kinds.values().map(of).sum::<u64>();
        let verdict = match (sum(|counts| counts.missing + counts.changed), sum(|counts| counts.not_compared)) {
            (0, 0) if sum(|counts| counts.looked_at) > 0 => Verdict::Match,
            (0, _) => Verdict::Inconclusive,
            (_, _) => Verdict::Mismatch,
        };
        let mut lines = self.lines;
        lines.sort();
        (verdict, self.kinds, lines)
    }
}
