//! `migration-level`: the two sides have different migrations of the framework behind them.

use crate::gate::{Evidence, Finding, Gate, Severity};
use crate::mapping::counted;
use crate::preset::{Level, Preset};

pub(super) const GATE: Gate = Gate {
    id: "migration-level",
    title: "The framework's migrations differ",
    explain: "The target's schema was made by the application's framework, and its ledger of migrations names others than the source's. \
              The two schemas are then those of two versions of the application: columns are missing on one side, or mean something \
              else, and the application that is started on the target would go on migrating data that was migrated already.\n\n\
              **Choices.** Bring both sides to the same migration first: run the application's newest migrations on the SQLite file \
              and on the target, with one and the same version of the program, and plan again. Where the framework's migrations are \
              made for one kind of database (as with goose or Flyway), the two lists may differ and the schemas agree all the same; \
              somebody who has looked can then say so in a waiver. Where they are the same for every database (as with Django or \
              Rails), the finding stops the move whatever a waiver says.\n\n\
              The tables in which a framework keeps its own books (the ledger, locks) are not loaded into a schema that it made: each \
              side has its own.",
    check,
};

/// How many names a message shows.
const SHOWN: usize = 5;

fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let Some(preset) = evidence.policy.framework(evidence.catalog) else { return Vec::new() };
    difference(evidence, preset).into_iter().chain(left_alone(evidence, preset)).collect()
}

fn difference(evidence: &Evidence<'_>, preset: &Preset) -> Option<Finding> {
    let ledger = preset.ledger.as_ref()?;
    let on_source = evidence.catalog.framework.applied.get(preset.id)?;
    let on_target = evidence.target?.framework.applied.get(preset.id)?;
    let (count, message) = match Level::of(on_source, on_target) {
        Level::InStep => return None,
        Level::SourceAhead(names) => (names.len(), format!("the source has {} that the target has not", listed(&names))),
        Level::TargetAhead(names) => (names.len(), format!("the target has {} that the source has not", listed(&names))),
        Level::Diverged { source_only, target_only } => (
            source_only.len() + target_only.len(),
            format!("only the source has {}, and only the target has {}", listed(&source_only), listed(&target_only)),
        ),
    };
    let severity = if preset.dialect_bound { Severity::Decide } else { Severity::Stop };
    let action = format!("Bring both sides to the same migration (on the target: `{}`), and plan again.", preset.command);
    Some(Finding::new(&GATE, severity, ledger.table, length(count), message).action(action))
}

/// What is not loaded, because both sides have their own.
fn left_alone(evidence: &Evidence<'_>, preset: &Preset) -> Option<Finding> {
    let tables = &evidence.plan.existing.as_ref()?.left_alone;
    let names = tables.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let message = format!("{} keeps its own books there, on the target as on the source: {names}", preset.name);
    let finding = Finding::new(&GATE, Severity::Note, "not loaded", length(tables.len()), message);
    (!tables.is_empty()).then(|| finding.action("Nothing: they are the framework's."))
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// `2 migrations (a, b)`
fn listed(names: &[&str]) -> String {
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    let more = if names.len() > SHOWN { ", …" } else { "" };
    format!("{} ({shown}{more})", counted(length(names.len()), "migration"))
}
