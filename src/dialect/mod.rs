//! SQLite SQL → PostgreSQL SQL: defaults, checks, generated columns, indexes, views and triggers.
//!
//! The planner chooses a PostgreSQL type and a [`Conversion`](crate::value::Conversion) for each column. An
//! expression must give on PostgreSQL what it gave on SQLite, so the translation is typed: a column is used as it
//! is stored where that can't make a difference, and otherwise in its *source form*, the value that SQLite had.
//!
//! What can't be translated exactly is [`Untranslatable`], never a guess. Never does I/O, and never panics on any text.

mod aggregate;
mod alike;
mod arithmetic;
mod as_text;
mod assign;
mod compare;
mod compound;
mod conflict;
mod constant;
mod datetime;
mod determined;
mod effects;
mod expr;
mod fault;
mod format;
mod from;
mod function;
mod grouping;
mod index;
mod json;
mod json_group;
mod json_table;
mod json_value;
mod math;
mod moment;
mod own_table;
mod parse;
mod pattern;
mod row;
mod scope;
mod select;
mod shim;
mod stored;
mod table;
mod through_view;
mod translator;
mod trigger;
mod trigger_body;
mod typed;
mod unify;
mod update_from;
mod upkeep;
mod view;
mod walk;
mod window;

#[cfg(test)]
mod tests;

pub use alike::alike;
pub use constant::text_sql;
pub use effects::{Effects, FiredBy, Written, effects, fired_by};
pub use fault::Untranslatable;
pub use index::{IndexSql, KeyPart};
pub use scope::{ColumnScope, Constraints, OtherKeys, RelationKind, Scope, TableScope};
pub use shim::{HELPER_SCHEMA, installation, installed_names};
pub use table::{CheckDdl, ColumnDdl, ConflictClause, GeneratedDdl, TableDdl, UniqueDdl, read_table};
pub use translator::Translator;
pub use trigger::TriggerSql;
pub use upkeep::{Upkeep, upkeep};
pub use view::ViewSql;
