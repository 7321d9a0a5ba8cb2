//! `other-type`: a whole column that is not what it declares.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::Intent;
use crate::plan::{ColumnDecision, FRAMEWORK_TYPE, NARROW_TYPE};
use crate::value::PgType;

pub(super) const GATE: Gate = Gate {
    id: "other-type",
    title: "A column holds something else than it declares, without exception",
    explain: "SQLite takes a declared type as a hint. Here every value of the column is of another type than the declaration says (text \
              in an INTEGER column, reals in a TIMESTAMP column, 1230.99 in a DECIMAL(5,2)), so the column gets the type of its values: that is what the \
              application has been reading. Every cell comes across exactly.\n\n\
              **Choices.** Nothing needs to be done. If the application reads the column through an ORM, look whether its model says \
              the declared type or the real one.",
    check,
};

/// Types that somebody chose, and that mean what the declaration does.
const CHOSEN: [&str; 2] = [FRAMEWORK_TYPE, NARROW_TYPE];

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    // Types that are there already are the application's own choice.
    if evidence.plan.existing.is_some() {
        return Vec::new();
    }
    // What the framework makes is what the application's models say.
    let columns = evidence.report.columns.iter();
    let columns = columns.filter(|decision| decision.counter_examples.is_empty() && !CHOSEN.contains(&decision.rule.as_str()));
    // What a column of geometries is declared (`POINT`) is the kind of geometry: `geometry-column` tells of it.
    let geometries = &evidence.report.geometry_columns;
    let is_geometry =
        |decision: &&ColumnDecision| geometries.iter().any(|known| known.table == decision.table && known.column == decision.column);
    let is_meant = |decision: &ColumnDecision, intent| is_meant(intent, decision.conversion.pg_type());
    let other = columns.filter(|decision| !is_geometry(decision)).filter(|decision| {
        let declared = Intent::of_declared(&decision.declared);
        !is_meant(decision, declared) && !by_framework(evidence, decision).is_some_and(|intent| is_meant(decision, intent))
    });
    other
        .map(|decision| {
            let rows = evidence.profile.tables.get(&decision.table).map_or(0, |table| table.rows);
            let message = format!("declared {}, becomes {}: {}", decision.declared, decision.conversion.pg_type(), decision.because);
            Finding::new(&GATE, Severity::Note, format!("{}.{}", decision.table, decision.column), rows, message)
                .action("Nothing, unless the application's models say the declared type.")
        })
        .collect()
}

/// What the application's framework means by the column, where that is more than it declares.
fn by_framework(evidence: &Evidence<'_>, decision: &ColumnDecision) -> Option<Intent> {
    let table = evidence.catalog.table(&decision.table)?;
    let (_, column) = table.column(&decision.column)?;
    evidence.policy.framework(evidence.catalog)?.intent(table, column)
}

/// Whether a type is one that the declaration means, or a wider one of the same kind.
fn is_meant(intent: Intent, pg_type: PgType) -> bool {
    let temporal = matches!(pg_type, PgType::Date | PgType::Timestamp | PgType::Timestamptz);
    match intent {
        Intent::Integer | Intent::Boolean => matches!(pg_type, PgType::Bigint | PgType::Boolean),
        Intent::Real => matches!(pg_type, PgType::DoublePrecision),
        Intent::Decimal { limits: None } => matches!(pg_type, PgType::Numeric | PgType::Decimal { .. }),
        Intent::Decimal { limits: Some(_) } => matches!(pg_type, PgType::Decimal { .. }),
        Intent::Text => pg_type == PgType::Text,
        Intent::Blob => pg_type == PgType::Bytea,
        Intent::Date | Intent::Timestamp => temporal,
        Intent::Time => pg_type == PgType::Time,
        Intent::Json => matches!(pg_type, PgType::Json | PgType::Text),
        Intent::Uuid => pg_type == PgType::Uuid,
        Intent::Any => true,
    }
}
