//! Integers in the narrowest type that holds them, where the policy asks for it: `narrow`.
//!
//! Columns that foreign keys tie together get one type, which holds the values of all of them. A column that the database
//! numbers is never narrower than `integer`, and only where most of that type's numbers are still to be given.

use super::build::Draft;
use super::policy::Policy;
use super::tied_columns::{Place, tied_columns};
use crate::mapping::counted;
use crate::value::{Conversion, NumberStyle, NumberType};

/// The id that stands in the place of a mapping rule's where the type is narrower because the policy asks for it.
pub const NARROW_TYPE: &str = "narrow-type";

/// The greatest number that a sequence of an `integer` column may have to give next: a quarter of what the type holds.
const MOST_GIVEN: i64 = 1 << 29;

/// Gives the columns of integers in the draft the narrowest type that holds them all, where the policy asks for it.
pub(super) fn narrow(draft: &mut Draft<'_>) {
    for tied in tied_columns(draft.inputs.catalog) {
        let found: Option<Vec<Vec<i64>>> = tied.iter().map(|place| bounds(draft, place)).collect();
        let bounds: Vec<i64> = found.into_iter().flatten().flatten().collect();
        let (Some(least), Some(greatest)) = (bounds.iter().copied().min(), bounds.iter().copied().max()) else { continue };
        let counts = tied.iter().any(|(table, column)| draft.column(table, column).is_some_and(|column| column.identity.is_some()));
        let to = if !counts && i16::try_from(least).is_ok() && i16::try_from(greatest).is_ok() {
            NumberType::Smallint
        } else if i32::try_from(least).is_ok() && i32::try_from(greatest).is_ok() && (!counts || greatest <= MOST_GIVEN) {
            NumberType::Integer
        } else {
            continue;
        };
        let conversion = Conversion::AnyToNumber { to, style: NumberStyle::Affine };
        let pg_type = conversion.pg_type();
        let of_all = if tied.len() > 1 {
            format!(" in {} that foreign keys tie together", counted(number(tied.len()), "column"))
        } else {
            String::new()
        };
        for place in &tied {
            let because = format!("integers from {least} to {greatest}{of_all}: {pg_type}, because the policy asks for narrow types");
            draft.convert(place, conversion, NARROW_TYPE, because, Vec::new());
        }
    }
}

/// The least and the greatest value that a column has to hold, none of them where it is empty; nothing where it is not to be narrowed.
fn bounds(draft: &Draft<'_>, (table, column): &Place<'_>) -> Option<Vec<i64>> {
    // What is cheap comes first: there may be tens of thousands of columns.
    if column.generated.is_some() || !draft.inputs.policy.narrows(&table.name, &column.name) {
        return None;
    }
    let plan = draft.column(table, column).filter(|plan| plan.conversion == Conversion::IntegerToBigint)?;
    let mut decisions = draft.report.columns.iter();
    if decisions.any(|decision| decision.table == table.name && decision.column == column.name && decision.rule == "policy") {
        return None;
    }
    let integers = &draft.inputs.profile.tables.get(&table.name)?.columns.get(&column.name)?.integers;
    let Some((min, max)) = integers.min.zip(integers.max) else { return Some(Vec::new()) };
    // What is yet to be given has to fit as well; an empty table says nothing about that.
    Some([min, max].into_iter().chain(plan.identity.as_ref().map(|identity| identity.next)).collect())
}

fn number(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

impl Policy {
    /// Whether a column of integers gets the narrowest type that holds them.
    fn narrows(&self, table: &str, column: &str) -> bool {
        let of_column = self.column(table, column).and_then(|decided| decided.narrow);
        let of_table = || self.table(table).and_then(|decided| decided.narrow);
        of_column.or_else(of_table).unwrap_or(self.rules.narrow)
    }
}
