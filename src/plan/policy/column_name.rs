//! `table.column`, as the policy writes it.

/// The name of a column of a table.
///
/// The two parts stand on either side of a point. A part that holds a point or a double quote itself stands in double
/// quotes, as in SQL: `"a.b".c`, where `""` is one double quote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ColumnName {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
}

impl ColumnName {
    /// Reads the name; none where it is not of that form.
    pub fn parse(text: &str) -> Option<Self> {
        let (table, rest) = part(text)?;
        let (column, rest) = part(rest.strip_prefix('.')?)?;
        rest.is_empty().then_some(Self { table, column })
    }
}

/// The first part of a text, and what follows it.
fn part(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find('.').unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        return (!name.is_empty() && !name.contains('"')).then(|| (name.to_owned(), rest));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (before, after) = rest.split_once('"')?;
        name.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_one_form() {
        for (text, table, column) in [
            ("orders.status", "orders", "status"),
            ("\"a.b\".c", "a.b", "c"),
            ("a.\"b.c\"", "a", "b.c"),
            ("\"say \"\"hi\"\"\".x", "say \"hi\"", "x"),
            ("with space.ə", "with space", "ə"),
        ] {
            let name = ColumnName { table: table.to_owned(), column: column.to_owned() };
            assert_eq!(ColumnName::parse(text), Some(name), "{text}");
        }
        for text in ["orders", "a.b.c", "", ".x", "x.", "\"a.b", "\"a\"b.c", "a\".b"] {
            assert_eq!(ColumnName::parse(text), None, "{text}");
        }
    }
}
