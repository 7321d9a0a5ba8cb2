//! Indexes.

use std::collections::BTreeSet;

use turso_parser::ast::{Expr, SortedColumn, Stmt};

use crate::catalog::{Index, quoted};
use crate::value::{Conversion, PgType};

use super::compare::order_key;
use super::fault::{Translated, Untranslatable, refuse};
use super::parse;
use super::scope::TableScope;
use super::stored::{computed_conversion, equatable, ordered};
use super::translator::{Translator, formatted, immutable};
use super::typed::{Class, Collation, Typed};
use super::walk::{Place, Walk};

/// What stands in CREATE INDEX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSql {
    /// The access method.
    pub method: &'static str,
    /// Key parts, with their order.
    pub parts: Vec<String>,
    /// The condition of a partial index.
    pub predicate: Option<String>,
    /// UNIQUE.
    pub unique: bool,
    /// Whether every part is a plain column in ascending order under BINARY, and there is no predicate: then, and
    /// only then, the index can be a UNIQUE constraint.
    pub plain: bool,
    /// What each part is made of, in the order of `parts`.
    pub keys: Vec<KeyPart>,
}

/// A part of an index's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPart {
    /// Its text without the order.
    pub sql: String,
    /// Source names of the columns that it reads.
    pub reads: BTreeSet<String>,
    /// Its type on the target.
    pub pg_type: PgType,
    /// Whether it is more than a column.
    pub expression: bool,
}

impl Translator<'_> {
    /// An index; automatic ones of UNIQUE and PRIMARY KEY, too.
    pub fn index(&self, index: &Index, table: &str) -> Result<IndexSql, Untranslatable> {
        let table = self.table(table)?;
        match &index.sql {
            Some(sql) => self.created_index(sql, table),
            None => self.automatic_index(index, table),
        }
    }

    fn automatic_index(&self, index: &Index, table: &TableScope) -> Translated<IndexSql> {
        let mut walk = Walk::in_table(self.scope, Place::Index, table);
        let (mut parts, mut keys) = (Vec::new(), Vec::new());
        let mut plain = true;
        for part in &index.parts {
            let Some(name) = &part.column else { return refuse("index", "a part of it is the rowid") };
            let value = walk.name(name, false)?;
            let collation = Collation::named(&part.collation)?;
            plain &= collation == Collation::Binary && !part.descending;
            let value = Typed { collation: Some(collation), ..value };
            let order = if part.descending { " DESC" } else { "" };
            let key = key_part(&mut walk, table, &value, index.unique)?;
            parts.push(format!("{}{order}", key.sql));
            keys.push(key);
        }
        Ok(IndexSql { method: "btree", parts, predicate: None, unique: index.unique, plain, keys })
    }

    fn created_index(&self, sql: &str, table: &TableScope) -> Translated<IndexSql> {
        let Stmt::CreateIndex { unique, columns, where_clause, using, .. } = parse::statement(sql)? else {
            return refuse("CREATE INDEX", "the text is another statement");
        };
        if using.is_some() {
            return refuse("CREATE INDEX … USING", "SQLite has no such clause");
        }
        let mut walk = Walk::in_table(self.scope, Place::Index, table);
        let (mut parts, mut keys) = (Vec::new(), Vec::new());
        let mut plain = where_clause.is_none();
        for column in &columns {
            plain &= matches!(&*column.expr, Expr::Id(_) | Expr::Name(_)) && ascending(column);
            let value = walk.expr(&column.expr)?;
            plain &= value.collation.is_none_or(|collation| collation == Collation::Binary);
            if value.constant.is_some() {
                return refuse("CREATE INDEX", "a part of it is a constant");
            }
            let key = key_part(&mut walk, table, &value, unique)?;
            parts.push(format!("{}{}", key.sql, if ascending(column) { "" } else { " DESC" }));
            keys.push(key);
        }
        let predicate = where_clause.as_ref().map(|condition| walk.condition(condition)).transpose()?.map(|sql| formatted(&sql));
        if let Some(predicate) = &predicate {
            immutable(predicate, "condition of an index")?;
        }
        Ok(IndexSql { method: "btree", parts, predicate, unique, plain, keys })
    }
}

/// A part of the key, with the columns that the walk has met since the part before.
fn key_part(walk: &mut Walk<'_>, table: &TableScope, value: &Typed, unique: bool) -> Translated<KeyPart> {
    let sql = index_key(value, unique)?;
    let met = walk.frame().map(|frame| std::mem::take(&mut frame.bare)).unwrap_or_default();
    let reads = met.iter().filter_map(|(_, position)| table.columns.get(*position)).map(|column| column.source.clone()).collect();
    let expression = sql.starts_with('(');
    let stored = value.stored.as_ref().filter(|_| !expression).map(|stored| stored.pg_type);
    let pg_type = stored.or_else(|| computed_conversion(value.class).map(Conversion::pg_type)).unwrap_or(PgType::Text);
    Ok(KeyPart { sql, reads, pg_type, expression })
}

fn ascending(column: &SortedColumn) -> bool {
    column.order != Some(turso_parser::ast::SortOrder::Desc)
}

/// The text of a key part: an expression in parentheses unless it is a column.
fn index_key(value: &Typed, unique: bool) -> Translated<String> {
    let binary = value.collation.is_none_or(|collation| collation == Collation::Binary);
    if let Some(stored) = &value.stored
        && (binary || value.class != Class::Text)
    {
        immutable(&stored.sql, "expression of an index")?;
        // A unique index needs equality only; the order of another one serves speed, not results.
        return match stored.conversion {
            Some(conversion) if equatable(conversion) || ordered(conversion) => {
                let column = stored.sql.starts_with('"') && stored.sql.ends_with('"');
                if column { Ok(stored.sql.clone()) } else { parenthesised(&stored.sql) }
            }
            Some(_) if !unique && value.class == Class::Text => parenthesised(&value.sql),
            Some(_) | None => refuse("index", "a column has values that can't be told apart as in SQLite"),
        };
    }
    if value.element {
        return if binary {
            parenthesised(&super::json_value::index_key(value, unique))
        } else {
            refuse("index", "a value of JSON under a collation")
        };
    }
    if value.class == Class::Condition { parenthesised(&value.value()) } else { parenthesised(&order_key(value)?) }
}

fn parenthesised(sql: &str) -> Translated<String> {
    let sql = formatted(sql);
    immutable(&sql, "expression of an index")?;
    Ok(format!("({sql})"))
}

/// The quoted name of a column, for messages and statements.
pub(super) fn column_list(names: &[String]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}
