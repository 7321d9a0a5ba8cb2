//! Which columns of a join have one value only, given some that have: those of a row that is found by its unique key.
//!
//! `JOIN customer ON customer.id = orders.customer_id` adds at most one row to each of `orders`, so that all columns of
//! `customer` follow from `orders.customer_id`. Only equalities that stand by themselves (in WHERE, or in ON, joined by AND)
//! count, and only where SQLite compares the column as its unique index does: byte by byte, and without a conversion.

use std::collections::{BTreeMap, BTreeSet};

use turso_parser::ast::{Expr, FromClause, JoinConstraint, JoinOperator, JoinType, Literal, Operator, SelectTable};

use crate::catalog::Affinity;

use super::scope::{ColumnScope, TableScope};
use super::walk::{Walk, is_rowid};

/// A column of the innermost query: its relation's and its own position.
pub(super) type Place = (usize, usize);

/// An equality between two expressions.
struct Equality<'e> {
    sides: (&'e Expr, &'e Expr),
    /// The relation that it tells something of, where it is not all: the right side of a LEFT JOIN.
    only: Option<usize>,
}

/// What a FROM clause and a condition say.
#[derive(Default)]
struct Equalities<'e> {
    all: Vec<Equality<'e>>,
    /// What decides whether the right side of a LEFT JOIN is there at all; none where that can't be told.
    optional: BTreeMap<usize, Option<Vec<&'e Expr>>>,
}

/// What stands on one side of an equality.
enum Side<'s> {
    /// A column of the query.
    Here(Place, &'s ColumnScope),
    /// A column of a query around it, which does not change while this one runs.
    Around(&'s ColumnScope),
    Literal,
}

impl Walk<'_> {
    /// The unique keys of a table, by the positions of their columns.
    pub(super) fn unique_keys(&self, table: &TableScope) -> Vec<Vec<usize>> {
        let position = |name: &String| table.columns.iter().position(|column| column.source.eq_ignore_ascii_case(name));
        let known = self.scope.constraints(&table.source).into_iter().flat_map(|constraints| &constraints.keys);
        let keys = std::iter::once(&table.primary_key).filter(|key| !key.is_empty()).chain(known);
        keys.filter_map(|key| key.iter().map(position).collect()).collect()
    }

    /// The columns of the innermost query that have one value, where the given ones have. `before` relations stand before
    /// those of FROM.
    pub(super) fn determined(&self, from: &FromClause, condition: Option<&Expr>, before: usize, given: BTreeSet<Place>) -> BTreeSet<Place> {
        let mut known = given;
        let Some(equalities) = equalities(from, condition, before) else { return known };
        let Some(frame) = self.frames.last() else { return known };
        // Columns that may be NULL in several rows of one key tell them apart only where they are compared with `=`.
        let sure = |(at, position): &Place| {
            let column = frame.relations.get(*at).and_then(|relation| relation.columns.get(*position));
            column.is_some_and(|column| column.not_null || column.rowid_alias)
        };
        let mut telling: BTreeSet<Place> = known.iter().copied().filter(sure).collect();
        loop {
            let count = (known.len(), telling.len());
            for equality in &equalities.all {
                let (left, right) = equality.sides;
                for (one, other) in [(left, right), (right, left)] {
                    let Some(Side::Here(place, column)) = self.side(one) else { continue };
                    let found = self.side(other).filter(|_| equality.only.is_none_or(|at| at == place.0));
                    if found.is_some_and(|side| side.settles(column, &known)) {
                        telling.insert(place);
                        // In a column that takes anything, 1 and 1.0 are equal and not the same.
                        if equality.only.is_none() && column.affinity != Affinity::Blob {
                            known.insert(place);
                        }
                    }
                }
            }
            for (at, relation) in frame.relations.iter().enumerate() {
                let found = |key: &Vec<usize>| key.iter().all(|position| telling.contains(&(at, *position)));
                let told = |expr: &&Expr| match self.side(expr) {
                    Some(Side::Here(place, _)) => place.0 == at || known.contains(&place),
                    Some(Side::Around(_) | Side::Literal) => true,
                    None => false,
                };
                let there = match equalities.optional.get(&at) {
                    Some(Some(deciding)) => deciding.iter().all(told),
                    Some(None) => false,
                    None => true,
                };
                if there && relation.unique.iter().any(found) {
                    known.extend((0..relation.columns.len()).map(|position| (at, position)));
                }
            }
            telling.extend(known.iter().copied().filter(sure));
            if (known.len(), telling.len()) == count {
                return known;
            }
        }
    }

    fn side<'s>(&'s self, expr: &Expr) -> Option<Side<'s>> {
        if let Expr::Parenthesized(items) = expr {
            return if let [inner] = items.as_slice() { self.side(inner) } else { None };
        }
        if let Expr::Qualified(relation, name) = expr {
            return self.sided(Some(relation.as_str()), name.as_str());
        }
        if let Expr::Id(name) | Expr::Name(name) = expr {
            return self.sided(None, name.as_str());
        }
        matches!(expr, Expr::Literal(Literal::Numeric(_) | Literal::String(_) | Literal::Blob(_))).then_some(Side::Literal)
    }

    fn sided(&self, qualifier: Option<&str>, name: &str) -> Option<Side<'_>> {
        let innermost = self.frames.len().checked_sub(1)?;
        for (depth, frame) in self.frames.iter().enumerate().rev() {
            let mut places = Vec::new();
            for (at, relation) in frame.relations.iter().enumerate() {
                let row = matches!(relation.qualifier.as_str(), "NEW" | "OLD" | "excluded");
                if qualifier.map_or(row, |qualifier| !relation.name.eq_ignore_ascii_case(qualifier)) {
                    continue;
                }
                let by_name = |column: &ColumnScope| column.source.eq_ignore_ascii_case(name);
                let named = relation.columns.iter().position(by_name);
                let rowid =
                    || relation.columns.iter().position(|column| column.rowid_alias).filter(|_| qualifier.is_some() && is_rowid(name));
                places.extend(named.or_else(rowid).and_then(|position| Some(((at, position), relation.columns.get(position)?))));
            }
            match places.as_slice() {
                [] => {}
                [(place, column)] if depth == innermost => return Some(Side::Here(*place, column)),
                [(_, column)] => return Some(Side::Around(column)),
                _ => return None,
            }
        }
        None
    }
}

impl Side<'_> {
    /// Whether at most one value of the column is equal to this.
    fn settles(&self, column: &ColumnScope, known: &BTreeSet<Place>) -> bool {
        let binary = |column: &ColumnScope| column.collation.eq_ignore_ascii_case("binary");
        let numeric = |column: &ColumnScope| matches!(column.affinity, Affinity::Integer | Affinity::Real | Affinity::Numeric);
        let other = match self {
            Self::Literal => return binary(column),
            Self::Here(place, other) if known.contains(place) => other,
            Self::Here(..) => return false,
            Self::Around(other) => other,
        };
        // Beside a column of numbers, '1' and '01' would be equal.
        binary(column) && binary(other) && (numeric(column) || !numeric(other))
    }
}

/// The equalities of WHERE and ON; none where a join can't be followed.
fn equalities<'e>(from: &'e FromClause, condition: Option<&'e Expr>, before: usize) -> Option<Equalities<'e>> {
    let Equalities { mut all, mut optional } = Equalities::default();
    if let Some(condition) = condition {
        parts(condition, None, &mut all);
    }
    if matches!(*from.select, SelectTable::Sub(..)) {
        return None;
    }
    for (number, join) in from.joins.iter().enumerate() {
        let kind = match join.operator {
            JoinOperator::Comma | JoinOperator::TypedJoin(None) => JoinType::INNER,
            JoinOperator::TypedJoin(Some(kind)) => kind,
        };
        if kind.contains(JoinType::RIGHT) || matches!(*join.table, SelectTable::Sub(..)) {
            return None;
        }
        let only = kind.contains(JoinType::LEFT).then_some(before + number + 1);
        if let Some(at) = only {
            let deciding = match &join.constraint {
                Some(JoinConstraint::On(condition)) => operands(condition),
                None if !kind.contains(JoinType::NATURAL) => Some(Vec::new()),
                Some(JoinConstraint::Using(_)) | None => None,
            };
            optional.insert(at, deciding);
        }
        if let Some(JoinConstraint::On(condition)) = &join.constraint {
            parts(condition, only, &mut all);
        }
    }
    Some(Equalities { all, optional })
}

/// The operands of a condition that is made of comparisons joined by AND.
fn operands(condition: &Expr) -> Option<Vec<&Expr>> {
    if let Expr::Parenthesized(items) = condition {
        return if let [inner] = items.as_slice() { operands(inner) } else { None };
    }
    let Expr::Binary(left, operator, right) = condition else { return None };
    if *operator == Operator::And {
        return Some([operands(left)?, operands(right)?].concat());
    }
    let comparisons =
        [Operator::Equals, Operator::NotEquals, Operator::Less, Operator::LessEquals, Operator::Greater, Operator::GreaterEquals];
    comparisons.contains(operator).then(|| vec![&**left, &**right])
}

fn parts<'e>(condition: &'e Expr, only: Option<usize>, all: &mut Vec<Equality<'e>>) {
    if let Expr::Parenthesized(items) = condition {
        if let [inner] = items.as_slice() {
            parts(inner, only, all);
        }
    } else if let Expr::Binary(left, Operator::And, right) = condition {
        parts(left, only, all);
        parts(right, only, all);
    } else if let Expr::Binary(left, Operator::Equals, right) = condition {
        all.push(Equality { sides: (&**left, &**right), only });
    }
}
