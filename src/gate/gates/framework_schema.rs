//! `framework-schema`: the framework can make the target's schema itself.

use crate::catalog::TargetCatalog;
use crate::gate::{Evidence, Finding, Gate, Severity};

pub(super) const GATE: Gate = Gate {
    id: "framework-schema",
    title: "The framework can make the schema",
    explain: "The application's framework was recognised, and nothing of it is in the target. outgrow then makes a schema after the \
              source's, which holds every value exactly. The framework's own command makes the schema that the application's migrations will expect \
              from now on: other types, names of constraints, and what SQLite could not say.\n\n\
              **Choices.** For production, make the schema with the framework's command first, then load into it. To look at what is in \
              the source, or where nobody will run migrations any more, go on as it is.",
    check,
};

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let is_empty = |target: &TargetCatalog| target.relations.is_empty();
    if evidence.plan.existing.is_some() || !evidence.target.is_none_or(is_empty) {
        return Vec::new();
    }
    let framework = evidence.policy.framework(evidence.catalog);
    framework
        .map(|preset| {
            let action = format!("For a schema that its next migrations expect, run `{}` on the target first.", preset.command);
            let message = "the schema is made after the source's, not by the framework's migrations";
            Finding::new(&GATE, Severity::Note, preset.name, 1, message).action(action)
        })
        .into_iter()
        .collect()
}
