//! The translator's front: one function for each kind of object.

use super::assign::into_column;
use super::fault::{Translated, Untranslatable, refuse};
use super::scope::{ColumnScope, Scope, TableScope};
use super::shim::HELPER_SCHEMA;
use super::table::CheckDdl;
use super::typed::{Class, Typed};
use super::walk::{Place, Walk};
use super::{constant::Constant, parse};
use crate::value::Conversion;

/// Translates the objects of a source whose tables and columns are mapped as a [`Scope`] says.
#[derive(Debug, Clone, Copy)]
pub struct Translator<'a> {
    pub(super) scope: &'a Scope,
    server_major: u32,
    pub(super) single_row: bool,
}

impl<'a> Translator<'a> {
    /// A translator for a server of this major version.
    pub fn new(scope: &'a Scope, server_major: u32) -> Self {
        Self { scope, server_major, single_row: false }
    }

    /// The same, which also takes triggers that are equal only for statements that change one row.
    #[must_use]
    pub fn for_single_rows(self) -> Self {
        Self { single_row: true, ..self }
    }

    /// The default of a column as a PostgreSQL expression of the column's type. `source` is SQLite's text of it.
    pub fn default(&self, table: &str, column: &str, source: &str) -> Result<String, Untranslatable> {
        let (_, column) = self.column(table, column)?;
        let expr = parse::expression(source)?;
        let mut walk = Walk::new(self.scope, Place::Default);
        let value = match super::table::column_name(&expr) {
            // A bare word is a string here, quoted or not.
            Some(word) => Typed::constant(Constant::Text(word.to_owned())),
            None => walk.expr(&expr)?,
        };
        into_column(&value, column, true)
    }

    /// A CHECK constraint as a PostgreSQL condition.
    pub fn check(&self, table: &str, check: &CheckDdl) -> Result<String, Untranslatable> {
        let table = self.table(table)?;
        let expr = parse::expression(&check.source)?;
        let sql = Walk::in_table(self.scope, Place::Check, table).condition(&expr)?;
        if has_subquery(&sql) {
            return refuse("subquery in CHECK", "PostgreSQL does not allow it");
        }
        Ok(sql)
    }

    /// The expression of a generated column, of the column's type and immutable; PostgreSQL stores it.
    pub fn generated(&self, table: &str, column: &str, source: &str) -> Result<String, Untranslatable> {
        let sql = formatted(&self.computed(table, column, source, "")?);
        immutable(&sql, "generated column")?;
        if super::math::is_by_the_library(&sql) {
            return refuse("generated column", "the last digit may be another one on another machine");
        }
        Ok(sql)
    }

    /// The same expression for a trigger that computes the column before each row is written: over the row `new`, and
    /// not immutable in PostgreSQL's eyes. What SQLite lets into a generated column depends on the row only.
    pub fn generated_by_trigger(&self, table: &str, column: &str, source: &str) -> Result<String, Untranslatable> {
        let sql = self.computed(table, column, source, "\"new\"")?;
        match BEYOND_THE_ROW.iter().find(|part| sql.contains(*part)) {
            Some(part) => refuse("generated column", format!("{} depends on more than the row", part.trim_matches(['(', ' ']))),
            None => Ok(sql),
        }
    }

    fn computed(&self, table: &str, column: &str, source: &str, row: &str) -> Translated<String> {
        let (table, column) = self.column(table, column)?;
        let expr = parse::expression(source)?;
        let mut walk = Walk::in_table(self.scope, Place::Generated, table);
        if let Some(relation) = walk.frame().and_then(|frame| frame.relations.first_mut()) {
            row.clone_into(&mut relation.qualifier);
        }
        let value = walk.expr(&expr)?;
        let generated = |(at, position): &(usize, usize)| *at == 0 && table.columns.get(*position).is_some_and(|column| column.generated);
        if walk.frames.iter().any(|frame| frame.bare.iter().any(generated)) {
            return refuse("generated column", "it is computed from another generated column");
        }
        // Such a conversion is chosen where there are reals, and an integer expression gives those beyond 64 bits only.
        if value.class == Class::Integer && matches!(column.conversion, Some(Conversion::NumberToNumeric | Conversion::NumberToDouble)) {
            return refuse("generated column", "some of its values are beyond 64 bits, which SQLite computes as real numbers");
        }
        into_column(&value, column, false)
    }

    /// The major version of the server that the text is for.
    pub fn server_major(&self) -> u32 {
        self.server_major
    }

    pub(super) fn table(&self, name: &str) -> Translated<&'a TableScope> {
        self.scope.table(name).map_or_else(|| refuse(format!("table {name}"), "it does not come across"), Ok)
    }

    fn column(&self, table: &str, column: &str) -> Translated<(&'a TableScope, &'a ColumnScope)> {
        let table = self.table(table)?;
        match table.column(column) {
            Some(column) => Ok((table, column)),
            None => refuse(format!("column {column}"), "it does not come across"),
        }
    }
}

fn has_subquery(sql: &str) -> bool {
    sql.contains("(SELECT ") || sql.contains("(WITH ")
}

/// What this room writes that PostgreSQL does not call immutable. A text literal may look the same, and is refused
/// then, too: that is on the safe side.
const NOT_IMMUTABLE: &[&str] =
    &["now()", "gen_random_uuid(", "convert_to(", "::json", "date_trunc('second', now", "(SELECT ", "(WITH ", "count(", "sum("];

/// What this room writes that depends on more than a row.
const BEYOND_THE_ROW: &[&str] = &["now()", "gen_random_uuid(", "(SELECT ", "(WITH ", "count(", "sum("];

/// The expression with `to_char` by a helper that says what PostgreSQL does not know of it: that a moment without a zone,
/// written in figures, depends on nothing else.
pub(super) fn formatted(sql: &str) -> String {
    const NAME: &str = "to_char(";
    let mut text = String::new();
    let mut inside = None;
    let mut rest = sql;
    while let Some(sign) = rest.chars().next() {
        let apart = !text.ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == '.');
        match rest.strip_prefix(NAME) {
            Some(behind) if inside.is_none() && apart => {
                text.extend([HELPER_SCHEMA, ".formatted("]);
                rest = behind;
                continue;
            }
            Some(_) | None => {}
        }
        match inside {
            Some(mark) if mark == sign => inside = None,
            None if matches!(sign, '\'' | '"') => inside = Some(sign),
            Some(_) | None => {}
        }
        text.push(sign);
        rest = rest.get(sign.len_utf8()..).unwrap_or_default();
    }
    text
}

/// Refuses an expression whose result may differ from call to call.
pub(super) fn immutable(sql: &str, construct: &str) -> Translated<()> {
    match NOT_IMMUTABLE.iter().find(|part| sql.contains(*part)) {
        Some(part) => {
            refuse(construct, format!("PostgreSQL demands an immutable expression, and {} is none", part.trim_matches(['(', ':'])))
        }
        None => Ok(()),
    }
}
