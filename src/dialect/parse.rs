//! The parser's front door: one statement or one expression out of a text that may be anything.

use turso_parser::ast::{Cmd, Expr, OneSelect, ResultColumn, Stmt};
use turso_parser::parser::Parser;

use super::fault::{Translated, Untranslatable, refuse};

/// Reads exactly one statement.
pub(super) fn statement(sql: &str) -> Translated<Stmt> {
    if sql.contains('\0') {
        return refuse("SQL text", "it has a NUL character");
    }
    let mut parser = Parser::new(sql.as_bytes());
    let command = parser.next_cmd().map_err(|error| unreadable(&error))?;
    let Some(Cmd::Stmt(stmt)) = command else { return refuse("SQL text", "it is not a statement") };
    match parser.next_cmd() {
        Ok(None) => Ok(stmt),
        Ok(Some(_)) => refuse("SQL text", "it has more than one statement"),
        Err(error) => Err(unreadable(&error)),
    }
}

fn unreadable(error: &turso_parser::error::Error) -> Untranslatable {
    Untranslatable::new("SQL text", format!("the parser does not take it ({error})"))
}

/// Reads one expression.
pub(super) fn expression(sql: &str) -> Translated<Expr> {
    // The line break ends a comment that the text may end with.
    let Stmt::Select(mut select) = statement(&format!("SELECT ({sql}\n)"))? else {
        return refuse("expression", "it is not an expression");
    };
    let extra = !select.body.compounds.is_empty() || select.limit.is_some() || !select.order_by.is_empty();
    let OneSelect::Select { columns, from: None, where_clause: None, group_by: None, .. } = &mut select.body.select else {
        return refuse("expression", "it is not an expression");
    };
    let (1, false, Some(ResultColumn::Expr(expr, _))) = (columns.len(), extra, columns.pop()) else {
        return refuse("expression", "it is not an expression");
    };
    let Expr::Parenthesized(mut items) = *expr else { return Ok(*expr) };
    match (items.pop(), items.is_empty()) {
        (Some(inner), true) => Ok(*inner),
        _ => refuse("row value", "row values are not translated"),
    }
}
