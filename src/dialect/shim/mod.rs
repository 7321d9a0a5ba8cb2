//! Functions that the plan installs on the target, in a schema of their own, where PostgreSQL has none that gives
//! what SQLite's gives.
//!
//! Each is written once, in SQL or PL/pgSQL, and is immutable: indexes and generated columns may call it. Only those
//! that the plan's own statements call are installed. Their names are qualified, and they look names up nowhere but in
//! PostgreSQL's own catalog. One file a family.

mod format;
mod json;
mod json_edit;
mod math;
mod moment;
mod number;
mod pattern;
mod real;
mod text;
mod timediff;

use std::collections::BTreeSet;

/// The schema that holds the functions.
pub const HELPER_SCHEMA: &str = "outgrow_sqlite";

/// A function that the target gets.
struct Helper {
    name: &'static str,
    /// Arguments and result, as in CREATE FUNCTION.
    signature: &'static str,
    language: &'static str,
    /// Whether it is NULL as soon as an argument is.
    strict: bool,
    body: &'static str,
}

/// A function in PL/pgSQL that is NULL as soon as an argument is.
const fn procedural(name: &'static str, signature: &'static str, body: &'static str) -> Helper {
    Helper { name, signature, language: "plpgsql", strict: true, body }
}

/// An expression as a function that is NULL as soon as an argument is.
const fn expression(name: &'static str, signature: &'static str, body: &'static str) -> Helper {
    Helper { name, signature, language: "sql", strict: true, body }
}

/// Every function, each after those that it calls.
fn helpers() -> impl DoubleEndedIterator<Item = &'static Helper> {
    [
        real::HELPERS,
        number::HELPERS,
        math::HELPERS,
        text::HELPERS,
        format::HELPERS,
        pattern::HELPERS,
        moment::HELPERS,
        timediff::HELPERS,
        json::HELPERS,
        json_edit::HELPERS,
    ]
    .into_iter()
    .flatten()
}

impl Helper {
    fn statement(&self) -> String {
        let strict = if self.strict { " STRICT" } else { "" };
        format!(
            "CREATE OR REPLACE FUNCTION {HELPER_SCHEMA}.{}{} LANGUAGE {} IMMUTABLE{strict} PARALLEL SAFE \
             SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1 AS $outgrow${}$outgrow$",
            self.name, self.signature, self.language, self.body
        )
    }

    fn is_called(&self, sql: &str) -> bool {
        sql.contains(&format!("{HELPER_SCHEMA}.{}(", self.name))
    }
}

/// A call of a function of the helpers' schema.
pub(super) fn call(name: &str, args: &[&str]) -> String {
    debug_assert!(helpers().any(|helper| helper.name == name), "there is no helper {name}");
    format!("{HELPER_SCHEMA}.{name}({})", args.join(", "))
}

/// The statements that install what these statements call, each after what it needs; none if they call nothing.
pub fn installation<'a>(statements: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut wanted = BTreeSet::new();
    for statement in statements {
        wanted.extend(helpers().filter(|helper| helper.is_called(statement)).map(|helper| helper.name));
    }
    // Callers stand behind what they call: backwards, one pass finds all that is needed.
    for helper in helpers().rev() {
        if wanted.contains(helper.name) {
            wanted.extend(helpers().filter(|other| other.is_called(helper.body)).map(|other| other.name));
        }
    }
    if wanted.is_empty() {
        return Vec::new();
    }
    let functions = helpers().filter(|helper| wanted.contains(helper.name)).map(Helper::statement);
    std::iter::once(format!("CREATE SCHEMA IF NOT EXISTS {HELPER_SCHEMA}")).chain(functions).collect()
}

/// The names of the functions that these statements call, and of those that these call in turn.
pub fn installed_names(statements: &[String]) -> Vec<&'static str> {
    helpers().filter(|helper| statements.iter().any(|sql| *sql == helper.statement())).map(|helper| helper.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_stands_behind_those_that_it_calls() {
        for (at, helper) in helpers().enumerate() {
            let later = helpers().skip(at).filter(|other| other.name != helper.name);
            let called: Vec<&str> = later.filter(|other| other.is_called(helper.body)).map(|other| other.name).collect();
            assert!(called.is_empty(), "{} calls {called:?}", helper.name);
        }
    }

    #[test]
    fn only_what_is_called_is_installed() {
        assert!(installation(["SELECT 1"]).is_empty());
        let sql = installation(["SELECT outgrow_sqlite.real_text(1)"]);
        assert_eq!(installed_names(&sql), ["decimals", "real_text"]);
    }
}
