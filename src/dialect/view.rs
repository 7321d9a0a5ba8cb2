//! Views.

use std::collections::BTreeSet;

use turso_parser::ast::Stmt;

use crate::catalog::View;

use super::fault::{Untranslatable, refuse};
use super::parse;
use super::scope::ColumnScope;
use super::translator::Translator;
use super::walk::{Place, Walk};

/// A translated view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewSql {
    /// The query.
    pub select: String,
    /// Its columns; with them the view can be added to the scope of others.
    pub columns: Vec<ColumnScope>,
    /// Source names of the tables and views that it reads.
    pub uses: BTreeSet<String>,
}

impl Translator<'_> {
    /// A view. The views that it reads must be in the scope already.
    pub fn view(&self, view: &View) -> Result<ViewSql, Untranslatable> {
        let Stmt::CreateView { columns, select, temporary, .. } = parse::statement(&view.sql)? else {
            return refuse("CREATE VIEW", "the text is another statement");
        };
        if temporary {
            return refuse("TEMPORARY VIEW", "the schema never holds it");
        }
        let mut walk = Walk::new(self.scope, Place::View);
        let mut query = walk.query(&select)?;
        if !columns.is_empty() && columns.len() != query.outputs.len() {
            return refuse("CREATE VIEW", "the number of columns differs");
        }
        let given = columns.iter().map(|column| column.col_name.as_str().to_owned());
        let names: Vec<String> = if columns.is_empty() { view.columns.clone() } else { given.collect() };
        if names.len() == query.outputs.len() {
            for (output, name) in query.outputs.iter_mut().zip(names) {
                output.name = name;
            }
        }
        let columns = query.columns()?;
        Ok(ViewSql { select: query.print(), columns, uses: walk.uses })
    }
}
