//! The gates, in the order in which they are asked.

mod broken_check;
mod computed_by_trigger;
mod conflict_clause;
mod foreign_key_mismatch;
mod framework_schema;
mod full_text;
mod geometry_column;
mod identity_at_its_end;
mod integrity;
mod left_out;
mod long_index_key;
mod manual;
mod migration_level;
mod misfit_cells;
mod mixed_types;
mod no_place_in_target;
mod nocase_column;
mod normalised_cells;
mod null_against_declaration;
mod null_in_primary_key;
mod orphan_rows;
mod other_type;
mod quarantined_cells;
mod reference_conflict;
mod refused_object;
mod renamed;
mod seeded_rows;
mod sequence_at_its_end;
mod set_aside;
mod single_row_trigger;
mod spatial_index;
mod target_not_empty;
mod target_rights;
mod target_unfit;
mod too_wide;
mod unmapped_values;
mod unreadable;
mod unreadable_json;
mod unused_waiver;
mod value_map;
mod virtual_table;

pub(super) use unused_waiver::unused;

use super::Gate;

/// Every gate.
pub const GATES: &[&Gate] = &[
    &target_unfit::GATE,
    &target_not_empty::GATE,
    &migration_level::GATE,
    &target_rights::GATE,
    &no_place_in_target::GATE,
    &seeded_rows::GATE,
    &integrity::GATE,
    &unreadable::GATE,
    &orphan_rows::GATE,
    &broken_check::GATE,
    &foreign_key_mismatch::GATE,
    &misfit_cells::GATE,
    &reference_conflict::GATE,
    &mixed_types::GATE,
    &other_type::GATE,
    &unmapped_values::GATE,
    &quarantined_cells::GATE,
    &normalised_cells::GATE,
    &manual::GATE,
    &virtual_table::GATE,
    &full_text::GATE,
    &spatial_index::GATE,
    &geometry_column::GATE,
    &computed_by_trigger::GATE,
    &single_row_trigger::GATE,
    &null_in_primary_key::GATE,
    &null_against_declaration::GATE,
    &identity_at_its_end::GATE,
    &sequence_at_its_end::GATE,
    &set_aside::GATE,
    &too_wide::GATE,
    &long_index_key::GATE,
    &conflict_clause::GATE,
    &left_out::GATE,
    &framework_schema::GATE,
    &value_map::GATE,
    &renamed::GATE,
    &unused_waiver::GATE,
    &refused_object::GATE,
    &unreadable_json::GATE,
    &nocase_column::GATE,
];
