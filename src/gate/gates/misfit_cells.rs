//! `misfit-cells`: what the target's own constraints would refuse.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;
use crate::plan::{Misfit, MisfitKind, OrphanRule};

pub(super) const GATE: Gate = Gate {
    id: "misfit-cells",
    title: "The target's constraints would refuse rows",
    explain: "Every cell was settled under the conversions that the target's types ask for, and the rows were held against the target's \
              constraints, before any was loaded. NULL (or a cell that would go into the quarantine and leave NULL behind) has no place \
              in a column that is NOT NULL; two rows can't have the same key under a unique index; a row needs its parent under a \
              foreign key that the source does not have. Checks, exclusion constraints and unique indexes with an expression or a condition \
              are the server's to judge: the cells that they look at were put into a temporary table, judged there, and rolled back. \
              What could not be judged so is named, and is judged while rows are loaded.\n\n\
              **Choices.** Mend the rows in the application, or change the application's schema by a migration. For rows without a \
              parent, `orphans = \"not-valid\"` under `[rules]` loads them and leaves the foreign key `NOT VALID`.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let misfits = evidence.report.existing.iter().flat_map(|existing| &existing.misfits);
    misfits.map(|misfit| finding(evidence, misfit)).collect()
}

fn finding(evidence: &Evidence<'_>, misfit: &Misfit) -> Finding {
    let place = if misfit.columns.is_empty() { misfit.table.clone() } else { format!("{}.{}", misfit.table, misfit.columns.join("+")) };
    let rows = counted(misfit.rows.count, "row");
    let (severity, message, action) = match &misfit.kind {
        MisfitKind::NotNull => (
            Severity::Stop,
            format!("{rows} without a value that the column could hold, which is NOT NULL in the target"),
            "Fill or mend these cells in the application.",
        ),
        MisfitKind::Duplicate(index) => (
            Severity::Stop,
            format!("{rows} with a key that another row has, under the target's unique index {index}"),
            "Mend the rows in the application.",
        ),
        MisfitKind::Orphan(key) => (
            match evidence.policy.rules.orphans {
                // Of a key that the source does not have, nobody knows the orphans in time to keep them out.
                OrphanRule::Stop | OrphanRule::Quarantine | OrphanRule::Null => Severity::Decide,
                OrphanRule::NotValid => Severity::Note,
            },
            format!("{rows} without a parent, under the target's foreign key {key}"),
            "Mend the rows, or set orphans = \"not-valid\" under [rules].",
        ),
        MisfitKind::Check(name) => (
            Severity::Stop,
            format!("{rows} that the target's check {name} refuses"),
            "Mend the rows in the application, or change the check by a migration of it.",
        ),
        MisfitKind::Exclusion(name) => (
            Severity::Stop,
            format!("at least {rows} that the target's exclusion constraint {name} refuses beside another"),
            "Mend the rows in the application, or change the constraint by a migration of it.",
        ),
        MisfitKind::Refused(said) => (
            Severity::Stop,
            format!("the target takes the rows not even for a trial: {said}"),
            "Mend the row in the application, or change the column by a migration of it.",
        ),
        MisfitKind::Unjudged(what) => (
            Severity::Note,
            format!("could not be judged beforehand, and is judged while rows are loaded: {what}"),
            "Rehearse the load (outgrow rehearse --like), which judges it; or GRANT TEMPORARY ON DATABASE to this role.",
        ),
    };
    Finding::new(&GATE, severity, place, misfit.rows.count, message).action(action).rows(&misfit.rows)
}
