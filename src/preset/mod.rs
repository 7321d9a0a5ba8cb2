//! What a framework means by its schema; one file a framework.
//!
//! A preset is plain data: the tables by which its framework is recognised, those that it keeps for itself, how its ledger of
//! migrations is read, what it means by a declared type, and the command that makes its schema on PostgreSQL. It claims
//! only what the framework itself does; where that leaves the source in the dark, it says nothing. What it says is a
//! hint: it never outweighs a cell.
//!
//! Never does I/O.

mod alembic;
mod bookkeeping;
mod diesel;
mod directus;
mod django;
mod drizzle;
mod ef_core;
mod flyway;
mod golang_migrate;
mod goose;
mod knex;
mod laravel;
mod level;
mod liquibase;
mod meaning;
mod prisma;
mod rails;
mod sequelize;
mod sqlx;
mod strapi;
mod typeorm;

pub use bookkeeping::{Bookkeeping, Role};
pub use level::Level;
pub use meaning::{Meaning, Only};

use crate::catalog::{Column, MigrationLedger, SourceCatalog, Table};
use crate::mapping::Intent;

/// A framework.
#[derive(Debug)]
pub struct Preset {
    /// Stable id in kebab case: that of its file.
    pub id: &'static str,
    /// Its name as its users write it.
    pub name: &'static str,
    /// How its databases are recognised and what it does with types, for the documentation.
    pub explain: &'static str,
    /// The command that makes the application's schema on PostgreSQL.
    pub command: &'static str,
    /// Tables (and columns of theirs) that only this framework's own migrations make.
    marks: &'static [(&'static str, &'static [&'static str])],
    /// The tables that it keeps for itself.
    pub bookkeeping: &'static [Bookkeeping],
    /// How its ledger is read; none where the lists of two databases of different kinds can't be compared.
    pub ledger: Option<MigrationLedger>,
    /// Whether its migrations are made for one kind of database, so that two lists may differ for a good reason.
    pub dialect_bound: bool,
    /// What it means by the types that it declares.
    pub meanings: &'static [Meaning],
}

/// Every preset; the first that is recognised wins. One that builds on another stands before it.
pub const PRESETS: &[&Preset] = &[
    &laravel::PRESET,
    &django::PRESET,
    &rails::PRESET,
    &prisma::PRESET,
    &alembic::PRESET,
    &ef_core::PRESET,
    &directus::PRESET,
    &strapi::PRESET,
    &knex::PRESET,
    &typeorm::PRESET,
    &sequelize::PRESET,
    &drizzle::PRESET,
    &diesel::PRESET,
    &sqlx::PRESET,
    &goose::PRESET,
    &golang_migrate::PRESET,
    &flyway::PRESET,
    &liquibase::PRESET,
];

/// The framework whose marks the database bears, where there is one.
pub fn recognise(catalog: &SourceCatalog) -> Option<&'static Preset> {
    PRESETS.iter().copied().find(|preset| preset.is_recognised(catalog))
}

/// The preset of this id.
pub fn find(id: &str) -> Option<&'static Preset> {
    PRESETS.iter().copied().find(|preset| preset.id == id)
}

impl Preset {
    /// Whether the database bears all of its marks.
    fn is_recognised(&self, catalog: &SourceCatalog) -> bool {
        let bears = |(table, columns): &(&str, &[&str])| {
            catalog.table(table).is_some_and(|table| columns.iter().all(|column| table.column(column).is_some()))
        };
        self.marks.iter().all(bears)
    }

    /// What a table is for, where it is one that the framework keeps for itself.
    pub fn role(&self, table: &str) -> Option<Role> {
        self.bookkeeping.iter().find(|kept| kept.table.eq_ignore_ascii_case(table)).map(|kept| kept.role)
    }

    /// What the framework means by a column, where that is more than the declared type says.
    pub fn intent(&self, table: &Table, column: &Column) -> Option<Intent> {
        self.meanings.iter().find(|meaning| meaning.applied(table, column).is_some()).and_then(|meaning| meaning.intent)
    }

    /// The type that the framework makes of the column on PostgreSQL, as its DDL would write it.
    pub fn type_on_postgres(&self, table: &Table, column: &Column) -> Option<String> {
        self.meanings.iter().find_map(|meaning| meaning.applied(table, column)).filter(|name| !name.is_empty())
    }

    /// All that is known of it, in paragraphs of Markdown.
    pub fn described(&self) -> String {
        let list = |parts: Vec<String>| parts.join("; ");
        let mut text = self.explain.to_owned();
        let kept = self.bookkeeping.iter().map(|kept| format!("`{}` ({})", kept.table, kept.role.meaning()));
        text.push_str(&format!("\n\n**Its own tables.** {}.", list(kept.collect())));
        text.push_str(match (&self.ledger, self.dialect_bound) {
            (None, _) => " Its ledgers on two kinds of databases can't be compared.",
            (Some(_), true) => " Its migrations are made for one kind of database: where the two ledgers differ, somebody has to say that the schemas agree.",
            (Some(_), false) => " Its migrations are the same for every database: where the two ledgers differ, the move stops.",
        });
        text.push_str(&format!(" In a target that `{}` made, ledgers and locks are left alone.", self.command));
        let types = self.meanings.iter().map(Meaning::described).collect::<Vec<_>>();
        if !types.is_empty() {
            let end = "With `types = \"framework\"` under `[rules]`, a column whose every cell fits gets that type.";
            text.push_str(&format!("\n\n**Its types on PostgreSQL.** {}. {end}", list(types)));
        }
        text.push_str(&format!("\n\n**To say it yourself:** `framework = \"{}\"` under `[source]`.", self.id));
        text
    }
}
