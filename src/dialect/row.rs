//! Row values, `(a, b) < (c, d)` and `(a, b) IN (SELECT …)`, and `IN table`.
//!
//! SQLite compares rows from left to right, each part with its own affinities and collation; what is unknown is NULL.

use turso_parser::ast::{Expr, Operator, QualifiedName, Select, Stmt};

use crate::catalog::quoted;

use super::compare::{Purpose, comparison, identity, pair};
use super::fault::{Translated, refuse};
use super::parse;
use super::typed::{Class, Typed};
use super::walk::Walk;

/// The parts of a row value; none of any other expression.
pub(super) fn parts(expr: &Expr) -> Option<&[Box<Expr>]> {
    let Expr::Parenthesized(items) = expr else { return None };
    if let [inner] = items.as_slice() { parts(inner) } else { Some(items) }
}

/// Whether an expression is, parentheses aside, one with COLLATE behind it.
pub(super) fn is_collated(expr: &Expr) -> bool {
    if let Expr::Parenthesized(items) = expr
        && let [inner] = items.as_slice()
    {
        return is_collated(inner);
    }
    matches!(expr, Expr::Collate(..))
}

impl Walk<'_> {
    /// A comparison of row values; none where neither side is one.
    pub(super) fn row_comparison(&mut self, left: &Expr, operator: Operator, right: &Expr) -> Translated<Option<Typed>> {
        if parts(left).is_none() && parts(right).is_none() {
            return Ok(None);
        }
        let Some(op) = comparison_operator(operator) else {
            return refuse("row value", "it is an operand of something else than a comparison");
        };
        if let (Some(row), Expr::Subquery(select)) = (parts(left), right) {
            return self.row_with_query(row, op, select).map(Some);
        }
        if let (Expr::Subquery(select), Some(row)) = (left, parts(right)) {
            let turned = match op {
                "<" => ">",
                "<=" => ">=",
                ">" => "<",
                ">=" => "<=",
                other => other,
            };
            return self.row_with_query(row, turned, select).map(Some);
        }
        let (Some(left), Some(right)) = (parts(left), parts(right)) else {
            return refuse("row value", "it is compared with a value that is none");
        };
        let (left, right) = (self.row(left)?, self.row(right)?);
        if left.len() != right.len() {
            return refuse("row value", "the rows that are compared have different sizes");
        }
        compared(&left, op, &right).map(Some)
    }

    /// `row BETWEEN low AND high`.
    pub(super) fn row_between(&mut self, value: &Expr, low: &Expr, high: &Expr) -> Translated<Option<String>> {
        let low = self.row_comparison(value, Operator::GreaterEquals, low)?;
        let high = if low.is_some() { self.row_comparison(value, Operator::LessEquals, high)? } else { None };
        Ok(low.zip(high).map(|(low, high)| format!("({} AND {})", low.sql, high.sql)))
    }

    fn row(&mut self, parts: &[Box<Expr>]) -> Translated<Vec<Typed>> {
        parts.iter().map(|part| self.expr(part)).collect()
    }

    /// A row beside the only row of a query; PostgreSQL compares them as SQLite does.
    fn row_with_query(&mut self, row: &[Box<Expr>], op: &str, select: &Select) -> Translated<Typed> {
        if op.contains("DISTINCT") {
            return refuse("row value IS (SELECT …)", "PostgreSQL has no such comparison: write the parts one by one");
        }
        let purpose = if matches!(op, "=" | "<>") { Purpose::Equality } else { Purpose::Order };
        let (left, query) = self.beside_query(row, select, purpose)?;
        Ok(Typed::computed(format!("(({left}) {op} ({query}))"), Class::Condition))
    }

    /// `(a, b) [NOT] IN (SELECT …)`.
    pub(super) fn row_in_select(&mut self, row: &[Box<Expr>], not: bool, select: &Select) -> Translated<Typed> {
        let (left, query) = self.beside_query(row, select, Purpose::Equality)?;
        let operator = if not { "NOT IN" } else { "IN" };
        Ok(Typed::computed(format!("(({left}) {operator} ({query}))"), Class::Condition))
    }

    /// `(a, b) [NOT] IN ((c, d), …)`, which only the newer SQLite knows.
    pub(super) fn row_in_list(&mut self, row: &[Box<Expr>], not: bool, list: &[Box<Expr>]) -> Translated<Typed> {
        let row = self.row(row)?;
        let mut any = Vec::new();
        for item in list {
            let item =
                parts(item).map_or_else(|| refuse("row value", "it is compared with a value that is none"), |item| self.row(item))?;
            if item.len() != row.len() || item.iter().any(|part| part.constant.is_none()) {
                return refuse("(row value) IN (list)", "the items are not rows of as many literals");
            }
            any.push(compared(&row, "=", &item)?.sql);
        }
        let not = if not { "NOT " } else { "" };
        Ok(Typed::computed(format!("({not}({}))", any.join(" OR ")), Class::Condition))
    }

    /// The parts of a row and the query whose columns they are compared with.
    fn beside_query(&mut self, row: &[Box<Expr>], select: &Select, purpose: Purpose) -> Translated<(String, String)> {
        let row = self.row(row)?;
        let mut query = self.query(select)?;
        if query.outputs.len() != row.len() {
            return refuse("row value", "the rows that are compared have different sizes");
        }
        let (mut lefts, mut rights) = (Vec::new(), Vec::new());
        for (position, value) in row.iter().enumerate() {
            let column = query.column(position)?;
            if value.class == Class::Null || column.class == Class::Null {
                return refuse("row value", "a NULL without a type is compared");
            }
            let (left, right) = pair(value, &column, purpose)?;
            lefts.push(left);
            rights.push(right);
        }
        query.replace(rights)?;
        Ok((lefts.join(", "), query.print()))
    }

    /// `value [NOT] IN table`: all rows of its only column.
    pub(super) fn in_whole_table(&mut self, value: &Expr, not: bool, table: &QualifiedName) -> Translated<Typed> {
        let schema = table.db_name.as_ref().map(|schema| format!("{}.", quoted(schema.as_str()))).unwrap_or_default();
        let Stmt::Select(select) = parse::statement(&format!("SELECT * FROM {schema}{}", quoted(table.name.as_str())))? else {
            return refuse("IN table", "its name is not readable");
        };
        self.expr(&Expr::InSelect { lhs: Box::new(value.clone()), not, rhs: select })
    }
}

fn comparison_operator(operator: Operator) -> Option<&'static str> {
    [
        (Operator::Equals, "="),
        (Operator::NotEquals, "<>"),
        (Operator::Less, "<"),
        (Operator::LessEquals, "<="),
        (Operator::Greater, ">"),
        (Operator::GreaterEquals, ">="),
        (Operator::Is, "IS NOT DISTINCT FROM"),
        (Operator::IsNot, "IS DISTINCT FROM"),
    ]
    .into_iter()
    .find_map(|(known, op)| (known == operator).then_some(op))
}

/// Two rows of one size, part by part.
fn compared(left: &[Typed], op: &str, right: &[Typed]) -> Translated<Typed> {
    let each = |build: &dyn Fn(&Typed, &Typed) -> Translated<Typed>| -> Translated<Vec<String>> {
        left.iter().zip(right).map(|(a, b)| build(a, b).map(|part| part.sql)).collect()
    };
    let sql = match op {
        "=" | "<>" => {
            let all = each(&|a, b| comparison(a, "=", b))?.join(" AND ");
            if op == "=" { format!("({all})") } else { format!("(NOT ({all}))") }
        }
        "<" | "<=" | ">" | ">=" => {
            let strict = op.trim_end_matches('=');
            let (ahead, equal, last) =
                (each(&|a, b| comparison(a, strict, b))?, each(&|a, b| comparison(a, "=", b))?, each(&|a, b| comparison(a, op, b))?);
            let Some(mut sql) = last.last().cloned() else { return refuse("row value", "it is empty") };
            for (ahead, equal) in ahead.iter().zip(&equal).rev().skip(1) {
                sql = format!("({ahead} OR ({equal} AND {sql}))");
            }
            sql
        }
        _ => {
            let all = each(&|a, b| identity(a, false, b))?.join(" AND ");
            if op.starts_with("IS NOT") { format!("({all})") } else { format!("(NOT ({all}))") }
        }
    };
    Ok(Typed::computed(sql, Class::Condition))
}
