//! Sequences: after the load the next insert gets a number that is free.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::build::{Draft, Pair};
use super::report::{MissingRight, SequenceAtItsEnd};
use crate::catalog::{TargetColumn, TargetSequence, TargetTable, TargetType, quoted};
use crate::dialect::text_sql;
use crate::plan::{Phase, Step};

/// A sequence that has to stand above what is loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SequencePlan {
    /// The table and the column (names in the target) that it feeds; none for one that stands free.
    pub feeds: Option<(String, String)>,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The least number that it may give next, as the source has it.
    pub next: i64,
    /// The greatest number that it gives.
    pub max: i64,
}

/// Plans the sequences of every column that is loaded, and those that the policy names.
pub(super) fn plan_sequences(draft: &mut Draft<'_>, pairs: &[Pair<'_>]) {
    for pair in pairs {
        for sequence in &pair.target.sequences {
            of_column(draft, pair, sequence);
        }
    }
    let references: BTreeSet<String> = draft.steps.iter().filter_map(Step::reference).map(|load| load.table.clone()).collect();
    let others = draft.target.tables.iter().filter(|table| references.contains(&table.name));
    for table in others.filter(|table| !pairs.iter().any(|pair| pair.target.name == table.name)) {
        for sequence in &table.sequences {
            of_reference(draft, table, sequence);
        }
    }
    let counters = draft.settlement.map(|settlement| settlement.counters.clone()).unwrap_or_default();
    for counter in counters {
        let fed = draft.target.tables.iter().flat_map(|table| &table.sequences);
        let mut all = draft.target.sequences.iter().chain(fed);
        let Some(sequence) = all.find(|sequence| sequence.schema == draft.target.schema && sequence.name == counter.sequence) else {
            draft.account.sequences.push(SequenceAtItsEnd {
                place: counter.sequence,
                reason: "a counter of the source has no such sequence in the target".to_owned(),
                advice: "See whether the pattern under [[target.counter]] is right.".to_owned(),
            });
            continue;
        };
        let sequence = sequence.clone();
        plan_one(draft, &sequence.name, &sequence, None, counter.next);
    }
}

/// The sequence of a table that the source does not have, and that gets rows of reference data.
fn of_reference(draft: &mut Draft<'_>, table: &TargetTable, sequence: &TargetSequence) {
    let Some(column) = sequence.column.as_ref().and_then(|name| table.column(name)).filter(|column| is_integer(column)) else { return };
    let feeds = Some((table.name.clone(), column.name.clone()));
    plan_one(draft, &format!("{}.{}", table.name, column.name), sequence, feeds, sequence.min);
}

fn is_integer(column: &TargetColumn) -> bool {
    matches!(column.pg_type, TargetType::Smallint | TargetType::Integer | TargetType::Bigint)
}

fn of_column(draft: &mut Draft<'_>, pair: &Pair<'_>, sequence: &TargetSequence) {
    let Some(column) = sequence.column.as_ref().and_then(|name| pair.plan.columns.iter().find(|column| column.target == *name)) else {
        return;
    };
    if !pair.target.column(&column.target).is_some_and(is_integer) {
        return;
    }
    let place = format!("{}.{}", pair.target.name, column.target);
    let greatest = pair.profile.columns.get(&column.source).and_then(|cells| cells.integers.max);
    let is_alias = pair.source.rowid_alias() == Some(column.source.as_str());
    let ever_given = draft.inputs.catalog.sequences.get(&pair.source.name).copied().filter(|_| is_alias);
    let next = greatest.max(ever_given).map_or(sequence.min, |last| last.saturating_add(1)).max(sequence.min);
    plan_one(draft, &place, sequence, Some((pair.target.name.clone(), column.target.clone())), next);
}

fn plan_one(draft: &mut Draft<'_>, place: &str, sequence: &TargetSequence, feeds: Option<(String, String)>, next: i64) {
    if sequence.increment < 0 {
        draft.account.sequences.push(SequenceAtItsEnd {
            place: place.to_owned(),
            reason: format!("the sequence {} counts down, and is left as it is", sequence.name),
            advice: "Set it by hand after the move.".to_owned(),
        });
        return;
    }
    if !sequence.settable {
        draft.account.missing_rights.push(MissingRight {
            place: place.to_owned(),
            reason: format!("the sequence {} can't be set, so that the next insert might get a key that is taken", sequence.name),
            advice: format!(
                "GRANT USAGE, SELECT, UPDATE ON SEQUENCE {}.{} to this role.",
                quoted(&sequence.schema),
                quoted(&sequence.name)
            ),
        });
    }
    if next > sequence.max {
        draft.account.sequences.push(SequenceAtItsEnd {
            place: place.to_owned(),
            reason: format!("the sequence {} ends at {}, and the source's numbers have got there", sequence.name, sequence.max),
            advice: "ALTER SEQUENCE … AS bigint in a migration of the application, or waive this: the next insert will fail.".to_owned(),
        });
    }
    draft.run(
        Phase::Sequences,
        format!("sequence:{place}"),
        format!("next {place} is at least {next}"),
        vec![statement(&draft.target.schema, sequence, feeds.as_ref(), next)],
        false,
    );
    let plan = SequencePlan { feeds, schema: sequence.schema.clone(), name: sequence.name.clone(), next, max: sequence.max };
    draft.existing.sequences.push(plan);
}

/// Sets the sequence above what is in the column and above what the source would give, and never back. At its end it is
/// left there, used up, so that the next insert is refused and no key is given twice.
fn statement(schema: &str, sequence: &TargetSequence, feeds: Option<&(String, String)>, next: i64) -> String {
    let name = format!("{}.{}", quoted(&sequence.schema), quoted(&sequence.name));
    let greatest = feeds.map_or_else(
        || "NULL::numeric".to_owned(),
        |(table, column)| format!("(SELECT max({})::numeric + 1 FROM {}.{})", quoted(column), quoted(schema), quoted(table)),
    );
    let (min, max, increment) = (sequence.min, sequence.max, sequence.increment);
    format!(
        "SELECT setval({}, least(wanted.next, {max})::bigint, wanted.next > {max}) \
         FROM (SELECT greatest({greatest}, {next}, {min}) AS next) AS wanted, {name} AS now \
         WHERE wanted.next > CASE WHEN now.is_called THEN now.last_value::numeric + {increment} ELSE now.last_value END",
        text_sql(&name)
    )
}
