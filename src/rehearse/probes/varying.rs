//! Columns that a trigger fills by the clock, by chance, or in the order of rows: no two runs fill them alike.

use std::collections::BTreeSet;

use super::firing::Shared;
use super::invent::mentions;
use super::sides::Sides;

/// What makes a value another one from run to run.
const WORDS: [&str; 8] = ["random", "'now'", "\"now\"", "current_", "limit", "group_concat", "string_agg", "uuid"];

/// The columns, by table and name in lower case; a star for all of a table.
#[derive(Debug, Default)]
pub(super) struct Varying {
    columns: BTreeSet<(String, String)>,
}

impl Varying {
    /// Those of the tables that these triggers write.
    pub(super) fn of(sides: &Sides<'_>, shared: &[Shared<'_>]) -> Self {
        let mut found = Self::default();
        for table in &sides.found.catalog.tables {
            let varying = table.columns.iter().filter(|column| column.default.as_deref().is_some_and(varies));
            found.columns.extend(varying.map(|column| (table.name.to_ascii_lowercase(), column.name.to_ascii_lowercase())));
        }
        loop {
            // What is taken over from such a column varies as well.
            let names: BTreeSet<&str> = found.columns.iter().map(|(_, column)| column.as_str()).filter(|name| *name != "*").collect();
            let taken = |text: &str| varies(text) || names.iter().any(|name| mentions(text, name));
            let mut more = BTreeSet::new();
            for written in shared.iter().flat_map(|shared| &shared.effects.writes) {
                let columns = written.columns.iter().filter(|(_, text)| taken(text)).map(|(column, _)| column.clone());
                more.extend(columns.map(|column| (written.table.clone(), column)));
                if written.others.as_deref().is_some_and(taken) {
                    more.insert((written.table.clone(), "*".to_owned()));
                }
            }
            let before = found.columns.len();
            found.columns.extend(more);
            if found.columns.len() == before {
                return found;
            }
        }
    }

    /// Whether the column is one of them.
    pub(super) fn has(&self, table: &str, column: &str) -> bool {
        let table = table.to_ascii_lowercase();
        self.columns.contains(&(table.clone(), "*".to_owned())) || self.columns.contains(&(table, column.to_ascii_lowercase()))
    }
}

/// Whether an expression is another one from run to run; a function of time without arguments means the present.
fn varies(text: &str) -> bool {
    let text: String = text.to_ascii_lowercase().chars().filter(|sign| !sign.is_whitespace()).collect();
    let of_now = ["date()", "time()", "unixepoch()", "julianday()"].iter().any(|call| text.contains(call));
    let formats_now = text.match_indices("strftime(").any(|(at, _)| {
        let arguments = text.get(at..).and_then(|rest| rest.split(')').next()).unwrap_or_default();
        !arguments.contains(',')
    });
    of_now || formats_now || WORDS.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_and_chance_vary() {
        for text in ["datetime ('now')", "strftime('%s')", "CURRENT_TIMESTAMP", "unixepoch( )", "abs(random ())", "time()"] {
            assert!(varies(text), "{text}");
        }
        for text in ["strftime('%Y', new.at)", "new.amount + 1", "date(new.at)", "'known'"] {
            assert!(!varies(text), "{text}");
        }
    }
}
