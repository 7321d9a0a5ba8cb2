//! `manual`: an object that has no exact translation.

use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "manual",
    title: "An object has to be translated by hand",
    explain: "A view, a trigger, an index, a check, a default or a generated column uses something that has no exact counterpart on \
              PostgreSQL. It is left out rather than guessed at; its original text is in the plan. All rows come across. (The values of \
              a generated column come across as they are; the column is then an ordinary one.)\n\n\
              **Choices.** Write the PostgreSQL form by hand and run it after the load. Or waive the finding if the object is not \
              needed.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let objects = evidence.report.untranslated.iter();
    objects
        .map(|object| {
            let message = format!("{} is left out: {}: {}", object.kind, object.construct, object.reason);
            Finding::new(&GATE, Severity::Decide, format!("{} {}", object.kind, object.name), 1, message)
                .action("Write its PostgreSQL form by hand, or waive this if it is not needed.")
                .original(&object.original)
        })
        .collect()
}
