//! Compound queries: one type for each column of all arms, and their order.

use turso_parser::ast::{Expr, Literal, SortedColumn};

use super::aggregate::{direction, group_key};
use super::fault::{Translated, refuse};
use super::from::is_column;
use super::select::{Arm, Output};
use super::stored::{equatable, ordered};
use super::typed::{Class, Collation, Typed};
use super::unify::unify;

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
        outputs.push(Output { name, typed, kind, affinity, collation });
    }
    Ok(outputs)
}

/// ORDER BY of a compound: result columns by number or name.
pub(super) fn compound_order(terms: &[SortedColumn], outputs: &[Output]) -> Translated<String> {
    let mut keys = Vec::new();
    for term in terms {
        let position = if let Expr::Literal(Literal::Numeric(text)) = &*term.expr {
            text.parse::<usize>().ok().and_then(|number| number.checked_sub(1))
        } else {
            is_column(&term.expr).and_then(|name| outputs.iter().position(|output| output.name.eq_ignore_ascii_case(name)))
        };
        let output = position.and_then(|position| outputs.get(position).map(|output| (position, output)));
        let Some((position, output)) = output else { return refuse("ORDER BY of a compound SELECT", "it is not a result column") };
        let plain = output.collation.is_none_or(|collation| collation == Collation::Binary);
        let text_column = output.typed.stored.is_some() || output.typed.class != Class::Text;
        if !plain || !text_column || output.kind.conversion.is_none_or(|conversion| !ordered(conversion)) {
            return refuse("ORDER BY of a compound SELECT", "the column sorts otherwise in PostgreSQL");
        }
        keys.push(format!("{}{}", position + 1, direction(term)));
    }
    Ok(keys.join(", "))
}
