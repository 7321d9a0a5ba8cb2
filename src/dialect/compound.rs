//! Compound queries: one type for each column of all arms, and their order.

use turso_parser::ast::{Expr, Literal, SortedColumn};

use crate::value::PgType;

use super::aggregate::{direction, group_key};
use super::compare::order_key;
use super::fault::{Translated, refuse};
use super::from::is_column;
use super::select::{Arm, Output};
use super::stored::{equatable, ordered};
use super::typed::{Class, Collation, Typed};
use super::unify::unify;
use super::walk::Relation;

/// The name of a compound query that is sorted as a whole.
pub(super) const ORDERED: &str = "ordered";

/// Brings the arms' columns to one type each.
pub(super) fn settle(arms: &mut [Arm]) -> Translated<Vec<Output>> {
    let Some(first) = arms.first() else { return refuse("SELECT", "it has no rows") };
    let (width, names, first_values) = (first.values.len(), first.names.clone(), first.values.clone());
    if arms.iter().any(|arm| arm.values.len() != width) {
        return refuse("compound SELECT", "the numbers of columns differ");
    }
    let compared = arms.iter().any(|arm| !matches!(arm.operator, "" | " UNION ALL "));
    let mut outputs = Vec::new();
    for (position, (name, typed)) in names.into_iter().zip(first_values).enumerate() {
        let column: Vec<Typed> = arms.iter().filter_map(|arm| arm.values.get(position).cloned()).collect();
        let (texts, kind) = unify(&column, "compound SELECT")?;
        if compared
            && (kind.conversion.is_none_or(|conversion| !equatable(conversion))
                || column.iter().any(|value| group_key(value).is_err() && value.class != Class::Null))
        {
            return refuse("UNION, EXCEPT or INTERSECT", "a column has values that can't be told apart as in SQLite");
        }
        for (arm, text) in arms.iter_mut().zip(texts) {
            arm.texts.push(text);
        }
        let (affinity, collation) = (typed.affinity, typed.collation);
        // The collation of the column is the first arm's, but it is sorted by the first that there is.
        let order_collation = column.iter().find_map(|value| value.collation);
        let computed = column.iter().any(|value| value.class != Class::Null && (value.stored.is_none() || value.derived));
        outputs.push(Output { name, typed, kind, affinity, collation, order_collation, computed });
    }
    Ok(outputs)
}

/// ORDER BY of a compound: result columns by number or name, with a collation of their own or that of the first arm
/// that gives one. Also says whether the compound must be a subquery for it, named [`ORDERED`].
pub(super) fn compound_order(terms: &[SortedColumn], outputs: &[Output]) -> Translated<(String, bool)> {
    let mut keys = Vec::new();
    let mut computed = false;
    for term in terms {
        let (expr, collation) = if let Expr::Collate(inner, name) = &*term.expr {
            (&**inner, Some(Collation::named(name.as_str())?))
        } else {
            (&*term.expr, None)
        };
        let position = if let Expr::Literal(Literal::Numeric(text)) = expr {
            text.parse::<usize>().ok().and_then(|number| number.checked_sub(1))
        } else {
            is_column(expr).and_then(|name| outputs.iter().position(|output| output.name.eq_ignore_ascii_case(name)))
        };
        let output = position.and_then(|position| outputs.get(position).map(|output| (position, output)));
        let Some((position, output)) = output else { return refuse("ORDER BY of a compound SELECT", "it is not a result column") };
        let collation = collation.or(output.order_collation);
        let text = output.kind.pg_type == PgType::Text;
        let plain = !text || collation.is_none_or(|collation| collation == Collation::Binary) && !output.computed;
        if plain && output.kind.conversion.is_some_and(ordered) {
            keys.push(format!("{}{}", position + 1, direction(term)));
            continue;
        }
        if outputs.iter().filter(|other| other.name == output.name).count() > 1 {
            return refuse("ORDER BY of a compound SELECT", "two result columns have the name that it is sorted by");
        }
        computed = true;
        let column = Relation::of_columns(ORDERED, vec![output.column()]).column(0);
        let Some(column) = column else { return refuse("ORDER BY of a compound SELECT", "it is not a result column") };
        keys.push(format!("{}{}", order_key(&Typed { collation, ..column })?, direction(term)));
    }
    Ok((keys.join(", "), computed))
}
