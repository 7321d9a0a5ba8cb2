//! `json_each` and `json_tree` in FROM.

use turso_parser::ast::Expr;

use crate::catalog::{Affinity, quoted};
use crate::value::{Conversion, TextRules};

use super::fault::{Translated, refuse};
use super::json::{document, path_of};
use super::scope::ColumnScope;
use super::shim::call as helper;
use super::walk::{Relation, Walk};

/// The columns that are the same; `id` and `parent` are places in SQLite's binary form.
const COLUMNS: [&str; 6] = ["key", "value", "type", "atom", "fullkey", "path"];

impl Walk<'_> {
    /// A table-valued function as a relation.
    pub(super) fn json_rows(&mut self, name: &str, args: &[Box<Expr>], alias: Option<&str>) -> Translated<String> {
        let function = name.to_ascii_lowercase();
        let construct = format!("{function}()");
        let (tree, document_of, path) = match (function.as_str(), args) {
            ("json_each", [value]) => (false, value, None),
            ("json_each", [value, path]) => (false, value, Some(path)),
            ("json_tree", [value]) => (true, value, None),
            ("json_tree", _) => return refuse(construct, "the names of what is above a path are SQLite's own"),
            _ => return refuse(construct, "it is a table-valued function of SQLite"),
        };
        let value = self.expr(document_of)?;
        let Some(text) = document(&value, &construct)? else { return refuse(construct, "its argument is NULL") };
        let path = match path {
            Some(path) => path_of(&self.expr(path)?, &construct)?,
            None => "'$'".to_owned(),
        };
        let rows = if tree { helper("json_tree", &[&text]) } else { helper("json_each", &[&text, &path]) };
        let visible = alias.unwrap_or(name);
        let column = |name: &str| ColumnScope::new(name, Conversion::TextToText(TextRules::default()), Affinity::Blob);
        let relation = Relation::of_columns(visible, COLUMNS.iter().map(|name| column(name)).collect());
        self.bring(Relation { elements: true, ..relation })?;
        let texts = "r.\"type\" COLLATE \"C\" AS \"type\", r.fullkey COLLATE \"C\" AS fullkey, r.path COLLATE \"C\" AS path";
        Ok(format!("LATERAL (SELECT r.key, r.value, r.atom, {texts} FROM {rows} AS r) AS {}", quoted(visible)))
    }
}
