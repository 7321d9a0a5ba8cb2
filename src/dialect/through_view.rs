//! Writes of a trigger to a view, which the view's own INSTEAD OF triggers carry out.
//!
//! Both sides call them for each row at once. SQLite hands over values as they are, whatever the column of the view comes
//! from; PostgreSQL brings them to the column's type. So a value has to be of the class that the column has.

use turso_parser::ast::Set;

use crate::catalog::Affinity;
use crate::value::Conversion;

use super::fault::{Translated, refuse};
use super::scope::{ColumnScope, TableScope};
use super::trigger::Event;
use super::trigger_body::Body;
use super::typed::{Class, Typed};
use super::walk::{Relation, Walk};

impl Body<'_> {
    /// Notes a write to a view that has a trigger for it.
    pub(super) fn through_view(&mut self, walk: &mut Walk<'_>, view: &TableScope, event: Event) -> Translated<()> {
        let construct = format!("writing to view {}", view.source);
        let fired_by = event.fired_by();
        if view.source == self.own().source {
            return refuse(construct, "it is the view that the trigger stands for");
        }
        if walk.scope.update_lists(&view.source, fired_by).is_none() {
            return refuse(construct, "the view has no INSTEAD OF trigger for that");
        }
        if event != Event::Insert {
            walk.uses.insert(view.source.clone());
        }
        self.through.insert((view.source.clone(), fired_by));
        Ok(())
    }
}

/// Refuses a value that would be another one in a column of the view's type.
pub(super) fn fits_as_it_is(value: &Typed, column: &ColumnScope) -> Translated<()> {
    let own = Relation::of_columns("", vec![column.clone()]).column(0).map(|own| own.class);
    let textual =
        matches!(column.affinity, Affinity::Text | Affinity::Blob) || !matches!(column.conversion, Some(Conversion::TextToText(_)));
    let own_is = |classes: &[Class]| own.is_some_and(|own| classes.contains(&own));
    let fits = match value.class {
        Class::Null => true,
        Class::Integer | Class::Condition => own_is(&[Class::Integer, Class::Condition]) && column.affinity != Affinity::Text,
        Class::Text => own_is(&[Class::Text]) && textual && column.affinity != Affinity::Real,
        Class::Blob => own_is(&[Class::Blob]),
        Class::Real => own_is(&[Class::Real]) && matches!(column.affinity, Affinity::Real | Affinity::Blob),
        Class::NumberDouble | Class::NumberNumeric | Class::Opaque => false,
    };
    if fits {
        return Ok(());
    }
    refuse(
        format!("value for column {} of a view", column.source),
        "SQLite hands it over in its own class, PostgreSQL in that of the column",
    )
}

/// Refuses assignments of values that would be other ones in the view's columns.
pub(super) fn fits_view(walk: &mut Walk<'_>, view: &TableScope, set: &Set) -> Translated<()> {
    let [name] = set.col_names.as_slice() else { return refuse("UPDATE … SET (…)", "it updates several columns of a view at once") };
    let Some(column) = view.column(name.as_str()) else { return refuse(format!("column {}", name.as_str()), "there is no such column") };
    let value = walk.expr(&set.expr)?;
    fits_as_it_is(&value, column)
}
