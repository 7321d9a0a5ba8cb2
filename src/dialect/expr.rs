//! The walk over expressions.

use turso_parser::ast::{Expr, LikeOperator, Literal, Name, Operator, UnaryOperator};

use crate::catalog::Affinity;

use super::arithmetic::{arithmetic, complement, negation, on_integers};
use super::compare::{Purpose, comparison, identity, null_test, pair};
use super::constant::{Constant, blob_literal, numeric_literal, string_literal};
use super::fault::{Translated, refuse};
use super::pattern::{glob, like};
use super::shim::call;
use super::typed::{Class, Collation, Typed};
use super::unify::unify;
use super::walk::{Place, Walk};
use super::{aggregate, datetime, function, json};

impl Walk<'_> {
    /// Translates an expression.
    pub(super) fn expr(&mut self, expr: &Expr) -> Translated<Typed> {
        let value = self.bare_expr(expr)?;
        let composed = matches!(expr, Expr::Binary(..) | Expr::Case { .. } | Expr::FunctionCall { .. }) && value.class == Class::Text;
        match written_collation(expr).filter(|_| composed) {
            Some(name) => Ok(Typed { collation: Some(Collation::named(name)?), explicit_collation: true, ..value }),
            None => Ok(value),
        }
    }

    fn bare_expr(&mut self, expr: &Expr) -> Translated<Typed> {
        match expr {
            Expr::Literal(literal) => literal_value(literal),
            Expr::Id(name) | Expr::Name(name) => self.identifier(name),
            Expr::Qualified(table, column) | Expr::DoublyQualified(_, table, column) => self.qualified(table.as_str(), column.as_str()),
            Expr::Parenthesized(items) => match items.as_slice() {
                [inner] => self.expr(inner),
                _ => refuse("row value", "it stands where SQLite takes a single value"),
            },
            Expr::Binary(left, operator, right) => self.binary(left, *operator, right),
            Expr::Unary(operator, inner) => self.unary(*operator, inner),
            Expr::Between { lhs, not, start, end } => self.between(lhs, *not, start, end),
            Expr::Case { base, when_then_pairs, else_expr } => self.case(base.as_deref(), when_then_pairs, else_expr.as_deref()),
            Expr::Cast { expr, type_name } => {
                let value = self.expr(expr)?;
                cast(&value, type_name.as_ref().map_or("", |name| name.name.as_str()), self.place)
            }
            Expr::Collate(inner, name) => {
                let inner = self.expr(inner)?;
                let collation = Collation::named(name.as_str())?;
                Ok(Typed { collation: Some(collation), explicit_collation: true, ..inner })
            }
            Expr::IsNull(inner) => Ok(null_test(&self.expr(inner)?, false)),
            Expr::NotNull(inner) => Ok(null_test(&self.expr(inner)?, true)),
            Expr::Like { lhs, not, op, rhs, escape } => self.matching(lhs, *not, *op, rhs, escape.as_deref()),
            Expr::InList { lhs, not, rhs } => self.in_list(lhs, *not, rhs),
            Expr::InSelect { lhs, not, rhs } => self.in_select(lhs, *not, rhs),
            Expr::Exists(select) => {
                let sql = self.query(select)?.print();
                Ok(Typed::computed(format!("(EXISTS ({sql}))"), Class::Condition))
            }
            Expr::Subquery(select) => self.scalar_subquery(select),
            Expr::FunctionCall { name, distinctness, args, order_by, within_group, filter_over } => {
                if !within_group.is_empty() {
                    return refuse("WITHIN GROUP", "ordered-set aggregates are not translated");
                }
                let call = aggregate::Call { name: name.as_str(), distinct: distinctness.is_some(), args, order_by, tail: filter_over };
                self.call(&call)
            }
            Expr::FunctionCallStar { name, filter_over } => {
                self.call(&aggregate::Call { name: name.as_str(), distinct: false, args: &[], order_by: &[], tail: filter_over })
            }
            Expr::Raise(..) => refuse("RAISE", "it stands within an expression"),
            Expr::InTable { lhs, not, rhs, args } if args.is_empty() => self.in_whole_table(lhs, *not, rhs),
            Expr::InTable { rhs, .. } => refuse(format!("IN {}()", rhs.name.as_str()), "it is a table-valued function of SQLite"),
            Expr::Variable(_) => refuse("parameter", "the schema never holds one"),
            Expr::Register(_)
            | Expr::FieldAccess { .. }
            | Expr::Column { .. }
            | Expr::RowId { .. }
            | Expr::SubqueryResult { .. }
            | Expr::Default
            | Expr::Array { .. }
            | Expr::Subscript { .. } => refuse("expression", "SQLite has no such expression"),
        }
    }

    /// Translates an expression as a condition.
    pub(super) fn condition(&mut self, expr: &Expr) -> Translated<String> {
        self.expr(expr)?.condition()
    }

    fn identifier(&mut self, name: &Name) -> Translated<Typed> {
        self.name(name.as_str(), name.quoted_with('"'))
    }

    fn call(&mut self, call: &aggregate::Call<'_>) -> Translated<Typed> {
        if aggregate::is_aggregate(call) {
            return self.aggregate(call);
        }
        if call.distinct || !call.order_by.is_empty() || call.tail.filter_clause.is_some() {
            return refuse(format!("{}()", call.name), "it is not an aggregate function that SQLite has by itself");
        }
        let args = call.args.iter().map(|arg| self.expr(arg)).collect::<Translated<Vec<_>>>()?;
        let name = call.name.to_ascii_lowercase();
        match datetime::call(&name, &args).or_else(|| json::call(&name, &args)) {
            Some(result) => result,
            None => function::call(self.place, &name, &args),
        }
    }

    fn binary(&mut self, left: &Expr, operator: Operator, right: &Expr) -> Translated<Typed> {
        if let Some(test) = self.truth_test(left, operator, right)? {
            return Ok(test);
        }
        if let Some(test) = self.row_comparison(left, operator, right)? {
            return Ok(test);
        }
        if operator == Operator::Concat {
            return self.concatenation(left, right);
        }
        let left = self.expr(left)?;
        let right = self.expr(right)?;
        match operator {
            Operator::And => Ok(Typed::computed(format!("({} AND {})", left.condition()?, right.condition()?), Class::Condition)),
            Operator::Or => Ok(Typed::computed(format!("({} OR {})", left.condition()?, right.condition()?), Class::Condition)),
            Operator::Equals => comparison(&left, "=", &right),
            Operator::NotEquals => comparison(&left, "<>", &right),
            Operator::Less => comparison(&left, "<", &right),
            Operator::LessEquals => comparison(&left, "<=", &right),
            Operator::Greater => comparison(&left, ">", &right),
            Operator::GreaterEquals => comparison(&left, ">=", &right),
            Operator::Is => identity(&left, false, &right),
            Operator::IsNot => identity(&left, true, &right),
            Operator::Add => arithmetic(&left, "+", &right),
            Operator::Subtract => arithmetic(&left, "-", &right),
            Operator::Multiply => arithmetic(&left, "*", &right),
            Operator::Divide => arithmetic(&left, "/", &right),
            Operator::Modulus => on_integers(&left, "%", &right),
            Operator::BitwiseAnd => on_integers(&left, "&", &right),
            Operator::BitwiseOr => on_integers(&left, "|", &right),
            Operator::LeftShift => on_integers(&left, "<<", &right),
            Operator::RightShift => on_integers(&left, ">>", &right),
            Operator::ArrowRight | Operator::ArrowRightShift => json::arrow(&left, &right, operator == Operator::ArrowRightShift),
            Operator::Concat | Operator::BitwiseNot | Operator::ArrayContains | Operator::ArrayOverlap => {
                refuse("operator", "SQLite has no such operator")
            }
        }
    }

    /// `x IS [NOT] TRUE|FALSE`, which asks for the truth of x and not for 0 or 1.
    fn truth_test(&mut self, left: &Expr, operator: Operator, right: &Expr) -> Translated<Option<Typed>> {
        let not = if operator == Operator::Is {
            ""
        } else if operator == Operator::IsNot {
            "NOT "
        } else {
            return Ok(None);
        };
        let word = if matches!(right, Expr::Literal(Literal::True)) {
            "TRUE"
        } else if matches!(right, Expr::Literal(Literal::False)) {
            "FALSE"
        } else {
            return Ok(None);
        };
        let condition = self.condition(left)?;
        Ok(Some(Typed::computed(format!("({condition} IS {not}{word})"), Class::Condition)))
    }

    fn unary(&mut self, operator: UnaryOperator, inner: &Expr) -> Translated<Typed> {
        let inner = self.expr(inner)?;
        match operator {
            UnaryOperator::Not => Ok(Typed::computed(format!("(NOT {})", inner.condition()?), Class::Condition)),
            UnaryOperator::Negative => negation(&inner),
            UnaryOperator::BitwiseNot => complement(&inner),
            // A plus sign changes nothing but takes the affinity away.
            UnaryOperator::Positive => Ok(Typed { affinity: None, ..inner }),
        }
    }

    fn between(&mut self, value: &Expr, not: bool, low: &Expr, high: &Expr) -> Translated<Typed> {
        let sql = if let Some(sql) = self.row_between(value, low, high)? {
            sql
        } else {
            let value = self.expr(value)?;
            let low = comparison(&value, ">=", &self.expr(low)?)?;
            let high = comparison(&value, "<=", &self.expr(high)?)?;
            format!("({} AND {})", low.sql, high.sql)
        };
        Ok(Typed::computed(if not { format!("(NOT {sql})") } else { sql }, Class::Condition))
    }

    fn case(&mut self, base: Option<&Expr>, pairs: &[(Box<Expr>, Box<Expr>)], otherwise: Option<&Expr>) -> Translated<Typed> {
        let base = base.map(|base| self.expr(base)).transpose()?;
        let mut conditions = Vec::new();
        let mut values = Vec::new();
        for (when, then) in pairs {
            let when = self.expr(when)?;
            conditions.push(match &base {
                Some(base) => comparison(base, "=", &when)?.sql,
                None => when.condition()?,
            });
            values.push(self.expr(then)?);
        }
        values.push(otherwise.map_or(Ok(Typed::null()), |otherwise| self.expr(otherwise))?);
        case_sql(&conditions, &values, "CASE")
    }

    fn matching(&mut self, value: &Expr, not: bool, operator: LikeOperator, pattern: &Expr, escape: Option<&Expr>) -> Translated<Typed> {
        let value = self.expr(value)?;
        let pattern = self.expr(pattern)?;
        let escape = escape.map(|escape| self.expr(escape)).transpose()?;
        match operator {
            LikeOperator::Like => like(&value, not, &pattern, escape.as_ref()),
            LikeOperator::Glob => glob(&value, not, &pattern),
            LikeOperator::Match => refuse("MATCH", "it is the operator of SQLite's full-text tables"),
            LikeOperator::Regexp => refuse(
                "REGEXP",
                "SQLite has no such function, so that the application or an extension defines it; where its patterns mean the same to PostgreSQL, write ~",
            ),
        }
    }

    fn in_list(&mut self, value: &Expr, not: bool, list: &[Box<Expr>]) -> Translated<Typed> {
        if let Some(row) = super::row::parts(value) {
            return self.row_in_list(row, not, list);
        }
        let value = self.expr(value)?;
        if list.is_empty() {
            return Ok(Typed::computed(if not { "true" } else { "false" }, Class::Condition));
        }
        let mut pairs = Vec::new();
        for item in list {
            let collated = super::row::is_collated(item);
            let item = self.expr(item)?;
            if value.class == Class::Null {
                return Ok(Typed::computed("NULL::boolean", Class::Condition));
            }
            // Neither the affinity nor the collation of the items counts, but that of a constant expression which stands alone.
            if item.explicit_collation && list.len() == 1 && !collated {
                return refuse(
                    "COLLATE within the only item of IN",
                    "whether it counts depends on whether SQLite takes the item for a constant: write `=`",
                );
            }
            let item = Typed { affinity: None, collation: None, explicit_collation: false, ..item };
            let alike = (item.class == Class::Text) == (value.class == Class::Text);
            let item =
                if value.affinity.is_none() || item.stored.is_none() || !alike { item } else { Typed { affinity: value.affinity, ..item } };
            pairs.push(in_pair(&value, &item)?);
        }
        let operator = if not { "NOT IN" } else { "IN" };
        let first = pairs.first().map(|(left, _)| left.clone()).unwrap_or_default();
        if pairs.iter().all(|(left, _)| *left == first) {
            let items: Vec<&str> = pairs.iter().map(|(_, right)| right.as_str()).collect();
            return Ok(Typed::computed(format!("({first} {operator} ({}))", items.join(", ")), Class::Condition));
        }
        let any: Vec<String> = pairs.iter().map(|(left, right)| format!("{left} = {right}")).collect();
        let not = if not { "NOT " } else { "" };
        Ok(Typed::computed(format!("({not}({}))", any.join(" OR ")), Class::Condition))
    }

    fn in_select(&mut self, value: &Expr, not: bool, select: &turso_parser::ast::Select) -> Translated<Typed> {
        if let Some(row) = super::row::parts(value) {
            return self.row_in_select(row, not, select);
        }
        let value = self.expr(value)?;
        let mut query = self.query(select)?;
        let column = query.single_column()?;
        if value.class == Class::Null || column.class == Class::Null {
            return refuse("IN (SELECT …) with NULL", "a NULL without a type is compared");
        }
        let (left, right) = pair(&value, &column, Purpose::Equality)?;
        query.replace(vec![right])?;
        let operator = if not { "NOT IN" } else { "IN" };
        Ok(Typed::computed(format!("({left} {operator} ({}))", query.print()), Class::Condition))
    }

    fn scalar_subquery(&mut self, select: &turso_parser::ast::Select) -> Translated<Typed> {
        let mut query = self.query(select)?;
        let column = query.single_output()?;
        let (kind, affinity) = (column.kind, column.affinity);
        query.keep_elements();
        let typed = kind.typed(format!("({})", query.print()));
        // The affinity comes out of a subquery, the collation does not.
        // Older versions of SQLite keep the mark of JSON here, newer ones don't.
        Ok(Typed { affinity, subtype: typed.subtype.unsure(), ..typed })
    }
}

/// The collation that a COLLATE operator within the expression gives to the whole: the first one, but none of a subquery.
#[expect(clippy::wildcard_enum_match_arm, reason = "the grammar has many expressions without operands")]
fn written_collation(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Collate(_, name) => Some(name.as_str()),
        Expr::Binary(left, _, right) => written_collation(left).or_else(|| written_collation(right)),
        Expr::Unary(_, inner) | Expr::IsNull(inner) | Expr::NotNull(inner) | Expr::Cast { expr: inner, .. } => written_collation(inner),
        Expr::Parenthesized(items) | Expr::FunctionCall { args: items, .. } => items.iter().find_map(|item| written_collation(item)),
        Expr::Case { base, when_then_pairs, else_expr } => {
            let pairs = || when_then_pairs.iter().find_map(|(when, then)| written_collation(when).or_else(|| written_collation(then)));
            let base = base.as_deref().and_then(written_collation);
            base.or_else(pairs).or_else(|| else_expr.as_deref().and_then(written_collation))
        }
        Expr::Between { lhs, start, end, .. } => [lhs, start, end].into_iter().find_map(|part| written_collation(part)),
        Expr::InList { lhs, rhs, .. } => written_collation(lhs).or_else(|| rhs.iter().find_map(|item| written_collation(item))),
        Expr::InSelect { lhs, .. } => written_collation(lhs),
        // It is a function of the pattern and the value.
        Expr::Like { lhs, rhs, escape, .. } => {
            [Some(rhs), Some(lhs), escape.as_ref()].into_iter().flatten().find_map(|part| written_collation(part))
        }
        _ => None,
    }
}

/// `CASE WHEN … END` over values brought to one type; the last value is the ELSE.
pub(super) fn case_sql(conditions: &[String], values: &[Typed], construct: &str) -> Translated<Typed> {
    let (texts, kind) = unify(values, construct)?;
    let branches: Vec<String> = conditions.iter().zip(&texts).map(|(condition, text)| format!("WHEN {condition} THEN {text}")).collect();
    let otherwise = match (values.last().map(|value| value.class), texts.last()) {
        (Some(Class::Null) | None, _) | (_, None) => String::new(),
        (Some(_), Some(text)) => format!(" ELSE {text}"),
    };
    Ok(kind.typed(format!("(CASE {}{otherwise} END)", branches.join(" "))))
}

/// A value and an item of its list.
fn in_pair(value: &Typed, item: &Typed) -> Translated<(String, String)> {
    if value.class == Class::Condition && value.constant.is_none() {
        match item.constant_integer() {
            Some(0) => return Ok((value.sql.clone(), "false".to_owned())),
            Some(1) => return Ok((value.sql.clone(), "true".to_owned())),
            Some(_) | None => {}
        }
    }
    pair(value, item, Purpose::Equality)
}

fn literal_value(literal: &Literal) -> Translated<Typed> {
    match literal {
        Literal::Numeric(text) => Ok(Typed::constant(numeric_literal(text)?)),
        Literal::String(text) if text.contains(char::REPLACEMENT_CHARACTER) => refuse("text literal", "it holds bytes that are not UTF-8"),
        Literal::String(text) => Ok(Typed::constant(Constant::Text(string_literal(text)))),
        Literal::Blob(text) => Ok(Typed::constant(blob_literal(text)?)),
        Literal::Null => Ok(Typed::null()),
        Literal::True => Ok(Typed::constant(Constant::Integer(1))),
        Literal::False => Ok(Typed::constant(Constant::Integer(0))),
        Literal::CurrentDate => datetime::current("date"),
        Literal::CurrentTime => datetime::current("time"),
        Literal::CurrentTimestamp => datetime::current("datetime"),
        Literal::Keyword(word) => refuse(word.clone(), "it is not a value"),
    }
}

/// `CAST(value AS type)`, where the class of the value says what comes out.
fn cast(value: &Typed, type_name: &str, place: Place) -> Translated<Typed> {
    let affinity = Affinity::of_declared(type_name);
    let construct = format!("CAST(… AS {type_name})");
    let result = match (affinity, value.class) {
        (_, Class::Null) => Typed::null(),
        (Affinity::Text, Class::Blob) if matches!(place, Place::View | Place::Trigger) => {
            Typed::computed(format!("convert_from({}, 'UTF8')", value.sql), Class::Text)
        }
        (Affinity::Text, Class::Blob) => {
            return refuse(construct, "bytes that are not UTF-8 have no text in PostgreSQL, and the load would stop at them");
        }
        (Affinity::Text, class) => {
            // What is a text already keeps its mark of JSON.
            let subtype = if class == Class::Text { value.subtype } else { value.subtype.unsure() };
            Typed { subtype, ..Typed::computed(value.text(&construct)?, Class::Text) }
        }
        (Affinity::Integer | Affinity::Numeric, Class::Integer | Class::Condition) => {
            Typed { zero_one: value.zero_one, ..Typed::computed(value.value(), Class::Integer) }
        }
        (Affinity::Integer | Affinity::Numeric, Class::Text) if value.integer_text.is_some() => {
            Typed::computed(value.integer_text.clone().unwrap_or_default(), Class::Integer)
        }
        (Affinity::Real, _) => Typed::computed(value.real(&construct)?, Class::Real),
        (Affinity::Integer, _) => Typed::computed(value.whole(&construct)?, Class::Integer),
        (Affinity::Numeric, Class::NumberNumeric) => Typed::computed(value.number(&construct)?, Class::NumberNumeric),
        (Affinity::Numeric, Class::Real | Class::NumberDouble) => Typed::computed(value.sql.clone(), value.class),
        (Affinity::Numeric, Class::Opaque) if value.element => {
            Typed::computed(call("json_cast_numeric", &[&value.sql]), Class::NumberNumeric)
        }
        (Affinity::Numeric, Class::Text | Class::Blob) => Typed::computed(call("cast_numeric", &[&value.digits()]), Class::NumberNumeric),
        (Affinity::Blob, Class::Blob) => Typed::computed(value.sql.clone(), Class::Blob),
        (Affinity::Blob, _) => Typed::computed(call("utf8", &[&value.text(&construct)?]), Class::Blob),
        (Affinity::Numeric, Class::Opaque) => return refuse(construct, "the value is not certainly a number or a text"),
    };
    let (collation, explicit_collation, never_null) = (value.collation, value.explicit_collation, value.never_null);
    Ok(Typed { affinity: Some(affinity), collation, explicit_collation, never_null, ..result })
}
