//! What a CREATE TABLE text says that SQLite's pragmas don't: checks, generation expressions, conflict clauses.

use turso_parser::ast::{
    ColumnConstraint, ColumnDefinition, CreateTableBody, Expr, GeneratedColumnType, ResolveType, SortedColumn, Stmt, TableConstraint,
};

use crate::catalog::GeneratedKind;

use super::fault::{Translated, Untranslatable, refuse};
use super::parse;

/// What a CREATE TABLE text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableDdl {
    /// The table's name.
    pub name: String,
    /// Columns in order.
    pub columns: Vec<ColumnDdl>,
    /// Checks of the table and of its columns, in order of the text, those of columns first.
    pub checks: Vec<CheckDdl>,
    /// UNIQUE and PRIMARY KEY constraints, those of columns first.
    pub uniques: Vec<UniqueDdl>,
    /// STRICT.
    pub strict: bool,
    /// WITHOUT ROWID.
    pub without_rowid: bool,
}

/// What the text says of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDdl {
    /// Name.
    pub name: String,
    /// The default expression, as SQLite text.
    pub default: Option<String>,
    /// The generation expression.
    pub generated: Option<GeneratedDdl>,
    /// COLLATE.
    pub collation: Option<String>,
    /// The conflict clause of NOT NULL.
    pub not_null_conflict: Option<ConflictClause>,
}

/// How a generated column is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedDdl {
    /// The expression, as SQLite text.
    pub source: String,
    /// Kept or computed when read.
    pub kind: GeneratedKind,
}

/// A CHECK constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckDdl {
    /// Its name.
    pub name: Option<String>,
    /// The column it is written at.
    pub column: Option<String>,
    /// The condition, as SQLite text.
    pub source: String,
}

/// A UNIQUE or PRIMARY KEY constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UniqueDdl {
    /// Its name.
    pub name: Option<String>,
    /// PRIMARY KEY.
    pub primary: bool,
    /// Column names in order.
    pub columns: Vec<String>,
    /// The conflict clause.
    pub conflict: Option<ConflictClause>,
}

/// What SQLite does where a constraint is violated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictClause {
    /// Roll the transaction back.
    Rollback,
    /// Undo the statement; the default, and the only one PostgreSQL has.
    Abort,
    /// Stop, but keep what the statement did so far.
    Fail,
    /// Leave the row out.
    Ignore,
    /// Delete the rows in the way.
    Replace,
}

/// Reads a CREATE TABLE text.
pub fn read_table(sql: &str) -> Result<TableDdl, Untranslatable> {
    let Stmt::CreateTable { tbl_name, body, .. } = parse::statement(sql)? else {
        return refuse("CREATE TABLE", "the text is another statement");
    };
    let CreateTableBody::ColumnsAndConstraints { columns, constraints, options } = body else {
        return refuse("CREATE TABLE AS", "the schema never holds it");
    };
    let mut table = TableDdl {
        name: tbl_name.name.as_str().to_owned(),
        columns: Vec::new(),
        checks: Vec::new(),
        uniques: Vec::new(),
        strict: options.contains_strict(),
        without_rowid: options.contains_without_rowid(),
    };
    for column in columns {
        read_column(&mut table, column);
    }
    for named in constraints {
        let name = named.name.map(|name| name.as_str().to_owned());
        match named.constraint {
            TableConstraint::PrimaryKey { columns, conflict_clause, .. } => {
                let columns = column_names(&columns);
                table.uniques.push(UniqueDdl { name, primary: true, columns, conflict: conflict_clause.map(conflict) });
            }
            TableConstraint::Unique { columns, conflict_clause } => {
                let columns = column_names(&columns);
                table.uniques.push(UniqueDdl { name, primary: false, columns, conflict: conflict_clause.map(conflict) });
            }
            TableConstraint::Check { expr, source } => {
                table.checks.push(CheckDdl { name, column: None, source: source.unwrap_or_else(|| expr.to_string()) });
            }
            TableConstraint::ForeignKey { .. } => {}
        }
    }
    Ok(table)
}

fn read_column(table: &mut TableDdl, definition: ColumnDefinition) {
    let column_name = definition.col_name.as_str().to_owned();
    let mut column = ColumnDdl { name: column_name.clone(), default: None, generated: None, collation: None, not_null_conflict: None };
    for named in definition.constraints {
        let name = named.name.map(|name| name.as_str().to_owned());
        let columns = vec![column_name.clone()];
        match named.constraint {
            ColumnConstraint::PrimaryKey { conflict_clause, .. } => {
                table.uniques.push(UniqueDdl { name, primary: true, columns, conflict: conflict_clause.map(conflict) });
            }
            ColumnConstraint::Unique(clause) => {
                table.uniques.push(UniqueDdl { name, primary: false, columns, conflict: clause.map(conflict) });
            }
            ColumnConstraint::NotNull { conflict_clause, .. } => column.not_null_conflict = conflict_clause.map(conflict),
            ColumnConstraint::Check { expr, source } => {
                let source = source.unwrap_or_else(|| expr.to_string());
                table.checks.push(CheckDdl { name, column: Some(column_name.clone()), source });
            }
            ColumnConstraint::Default(expr) => column.default = Some(expr.to_string()),
            ColumnConstraint::Collate { collation_name } => column.collation = Some(collation_name.as_str().to_owned()),
            ColumnConstraint::ForeignKey { .. } => {}
            ColumnConstraint::Generated { expr, typ, .. } => {
                let kind = match typ {
                    Some(GeneratedColumnType::Stored) => GeneratedKind::Stored,
                    Some(GeneratedColumnType::Virtual) | None => GeneratedKind::Virtual,
                };
                column.generated = Some(GeneratedDdl { source: expr.to_string(), kind });
            }
        }
    }
    table.columns.push(column);
}

fn column_names(columns: &[SortedColumn]) -> Vec<String> {
    columns.iter().filter_map(|column| column_name(&column.expr)).map(str::to_owned).collect()
}

/// The name that an expression consists of, whatever collation it has.
pub(super) fn column_name(expr: &Expr) -> Option<&str> {
    if let Expr::Collate(inner, _) = expr {
        return column_name(inner);
    }
    if let Expr::Id(name) | Expr::Name(name) = expr { Some(name.as_str()) } else { None }
}

/// The conflict clause in our own words.
pub(super) fn conflict(clause: ResolveType) -> ConflictClause {
    match clause {
        ResolveType::Rollback => ConflictClause::Rollback,
        ResolveType::Abort => ConflictClause::Abort,
        ResolveType::Fail => ConflictClause::Fail,
        ResolveType::Ignore => ConflictClause::Ignore,
        ResolveType::Replace => ConflictClause::Replace,
    }
}

/// Refuses a conflict clause other than the default.
pub(super) fn only_abort(clause: Option<ResolveType>) -> Translated<()> {
    match clause.map(conflict) {
        None | Some(ConflictClause::Abort) => Ok(()),
        Some(ConflictClause::Rollback) => refuse("OR ROLLBACK", "PostgreSQL has no such conflict clause"),
        Some(ConflictClause::Fail) => refuse("OR FAIL", "PostgreSQL always undoes the statement"),
        Some(ConflictClause::Ignore) => refuse("OR IGNORE", "ON CONFLICT DO NOTHING leaves out only rows that break a unique constraint"),
        Some(ConflictClause::Replace) => refuse("OR REPLACE", "PostgreSQL can't delete the rows in the way of any constraint"),
    }
}
