//! The gates, in the order in which they are asked.

mod broken_check;
mod computed_by_trigger;
mod conflict_clause;
mod foreign_key_mismatch;
mod identity_at_its_end;
mod integrity;
mod long_index_key;
mod manual;
mod mixed_types;
mod nocase_column;
mod normalised_cells;
mod null_against_declaration;
mod null_in_primary_key;
mod orphan_rows;
mod other_type;
mod quarantined_cells;
mod renamed;
mod single_row_trigger;
mod target_not_empty;
mod target_unfit;
mod too_wide;
mod unreadable;
mod unreadable_json;
mod virtual_table;

use super::Gate;

/// Every gate.
pub const GATES: &[&Gate] = &[
    &target_unfit::GATE,
    &target_not_empty::GATE,
    &integrity::GATE,
    &unreadable::GATE,
    &orphan_rows::GATE,
    &broken_check::GATE,
    &foreign_key_mismatch::GATE,
    &mixed_types::GATE,
    &other_type::GATE,
    &quarantined_cells::GATE,
    &normalised_cells::GATE,
    &manual::GATE,
    &virtual_table::GATE,
    &computed_by_trigger::GATE,
    &single_row_trigger::GATE,
    &null_in_primary_key::GATE,
    &null_against_declaration::GATE,
    &identity_at_its_end::GATE,
    &too_wide::GATE,
    &long_index_key::GATE,
    &conflict_clause::GATE,
    &renamed::GATE,
    &unreadable_json::GATE,
    &nocase_column::GATE,
];
