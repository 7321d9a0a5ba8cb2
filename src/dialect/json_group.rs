//! `json_group_array` and `json_group_object`.

use super::aggregate::Call;
use super::fault::{Translated, refuse};
use super::json::{label_of, piece};
use super::typed::Typed;

/// The call of an aggregate that makes JSON; none of another one.
pub(super) fn group(name: &str, call: &Call<'_>, args: &[Typed], filter: &str, order: &str) -> Translated<Option<String>> {
    let (open, close, item, filter) = match (name, args) {
        ("json_group_array", [value]) => ('[', ']', piece(value, name)?, filter.to_owned()),
        ("json_group_object", [label, value]) => {
            let item = format!("{} || ':' || {}", label_of(label, name)?, piece(value, name)?);
            // A row without a label is left out; the label is computed for the others only.
            let item = format!("CASE WHEN {} IS NOT NULL THEN {item} END", label.value());
            ('{', '}', item, filter.to_owned())
        }
        ("json_group_array" | "json_group_object", _) => return refuse(name, "it is called with this number of arguments"),
        _ => return Ok(None),
    };
    if call.distinct {
        return refuse(format!("{name}(DISTINCT)"), "which of the equal values comes out is SQLite's choice");
    }
    if call.tail.over_clause.is_some() {
        return refuse(format!("{name}() OVER"), "SQLite cuts the text at wrong places where the frame leaves rows behind");
    }
    Ok(Some(format!("('{open}' || coalesce(string_agg({item}, ','{order}){filter}, '') || '{close}')")))
}
