//! What a framework means by a declared type, and the type that it makes of the same field on PostgreSQL.

use crate::catalog::{Column, Table};
use crate::mapping::Intent;

/// What a framework means by the columns that it declares so. The first that fits a column counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Meaning {
    /// The declared type as the framework writes it on SQLite, in lower case and without spaces in its parentheses; a
    /// single letter in them stands for any number: `varchar(n)`, `decimal(p,s)`.
    pub declared: &'static str,
    /// What else must hold.
    pub only: Only,
    /// What the column is meant to hold, where its declared type does not say that by itself.
    pub intent: Option<Intent>,
    /// The type that the framework makes on PostgreSQL, with the numbers of the declared type in the place of their
    /// letters; empty where it makes several, and the source does not tell which.
    pub postgres: &'static str,
}

/// What else must hold for a column to have a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// Nothing.
    Always,
    /// The column's name ends so.
    Named(&'static str),
    /// A CHECK of the table asks whether the column is valid JSON.
    CheckedAsJson,
}

impl Meaning {
    /// Columns of this declared type are of that type on PostgreSQL.
    pub(super) const fn of(declared: &'static str, postgres: &'static str) -> Self {
        Self { declared, only: Only::Always, intent: None, postgres }
    }

    /// They are meant to hold something that the declared type does not say.
    pub(super) const fn meant(self, intent: Intent) -> Self {
        Self { intent: Some(intent), ..self }
    }

    /// Only where that holds too.
    pub(super) const fn only(self, only: Only) -> Self {
        Self { only, ..self }
    }

    /// `char(32)` → `uuid`, for the documentation.
    pub(super) fn described(&self) -> String {
        let only = match self.only {
            Only::Always => String::new(),
            Only::Named(ending) => format!(" named `…{ending}`"),
            Only::CheckedAsJson => " checked with `JSON_VALID`".to_owned(),
        };
        let postgres = if self.postgres.is_empty() { "not known".to_owned() } else { format!("`{}`", self.postgres) };
        format!("`{}`{only} → {postgres}", self.declared)
    }

    /// The type on PostgreSQL of this column, where it is one of those; empty where only the intent is known.
    pub(super) fn applied(&self, table: &Table, column: &Column) -> Option<String> {
        let numbers = matched(self.declared, &column.declared)?;
        let holds = match self.only {
            Only::Always => true,
            Only::Named(ending) => column.name.to_ascii_lowercase().ends_with(ending),
            Only::CheckedAsJson => {
                let asked = format!("json_valid(\"{}\")", column.name.to_ascii_lowercase());
                table.sql.to_ascii_lowercase().contains(&asked)
            }
        };
        holds.then(|| filled(self.postgres, &numbers))
    }
}

/// The numbers that stand for the letters of a pattern, where the declared type fits it.
fn matched(pattern: &str, declared: &str) -> Option<Vec<(String, u32)>> {
    let ((pattern, letters), (name, numbers)) = (split(pattern), split(declared));
    if pattern != name || letters.len() != numbers.len() {
        return None;
    }
    let mut found = Vec::new();
    for (letter, number) in letters.into_iter().zip(numbers) {
        match (letter.parse::<u32>(), number.parse::<u32>()) {
            (Ok(wanted), Ok(given)) if wanted == given => {}
            (Err(_), Ok(given)) => found.push((letter, given)),
            (Ok(_), Ok(_) | Err(_)) | (Err(_), Err(_)) => return None,
        }
    }
    Some(found)
}

/// The name in lower case with single spaces, and what stands in its parentheses.
fn split(declared: &str) -> (String, Vec<String>) {
    let lower = declared.to_ascii_lowercase();
    let (name, rest) = lower.split_once('(').unwrap_or((&lower, ""));
    let (arguments, after) = rest.split_once(')').unwrap_or((rest, ""));
    let name = name.split_whitespace().chain(after.split_whitespace()).collect::<Vec<_>>().join(" ");
    (name, arguments.split(',').map(|argument| argument.trim().to_owned()).filter(|argument| !argument.is_empty()).collect())
}

fn filled(template: &str, numbers: &[(String, u32)]) -> String {
    let Some((name, rest)) = template.split_once('(') else { return template.to_owned() };
    let (arguments, after) = rest.split_once(')').unwrap_or((rest, ""));
    let number = |argument: &str| numbers.iter().find(|(letter, _)| letter == argument).map(|(_, number)| number.to_string());
    let arguments: Vec<String> = arguments.split(',').map(|argument| number(argument).unwrap_or_else(|| argument.to_owned())).collect();
    format!("{name}({}){after}", arguments.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_the_numbers_of_a_declared_type() {
        let of = |pattern: &str, declared: &str, template: &str| matched(pattern, declared).map(|numbers| filled(template, &numbers));
        assert_eq!(of("varchar(n)", "VARCHAR(40)", "character varying(n)").as_deref(), Some("character varying(40)"));
        assert_eq!(of("decimal(p,s)", "decimal(10, 2)", "numeric(p,s)").as_deref(), Some("numeric(10, 2)"));
        assert_eq!(of("char(32)", "char(32)", "uuid").as_deref(), Some("uuid"));
        assert_eq!(of("char(32)", "char(15)", "uuid"), None);
        assert_eq!(of("varchar", "varchar(40)", "text"), None);
        assert_eq!(of("varchar(n)", "varchar", "text"), None);
        assert_eq!(of("datetime(p)", "datetime(6)", "timestamp(p) without time zone").as_deref(), Some("timestamp(6) without time zone"));
        assert_eq!(of("integer unsigned", "integer  unsigned", "integer").as_deref(), Some("integer"));
        assert_eq!(of("varchar(n)", "varchar(many)", "text"), None);
    }
}
