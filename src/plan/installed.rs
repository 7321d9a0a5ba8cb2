//! The functions that the plan's statements call and PostgreSQL does not have: a step before all others.

use super::step::{Action, Phase, Step};
use crate::dialect::{HELPER_SCHEMA, installation};

/// The id of the step.
pub(super) const HELPERS_STEP: &str = "helpers";

/// Puts the step that installs the functions first, if a statement calls one.
pub(super) fn install_helpers(steps: &mut Vec<Step>) {
    let statements = steps.iter().flat_map(|step| match &step.action {
        Action::Run { sql, .. } => sql.as_slice(),
        Action::Copy { .. } | Action::Reference(_) => &[],
    });
    let sql = installation(statements.map(String::as_str));
    if sql.is_empty() {
        return;
    }
    let object = format!("functions in the schema {HELPER_SCHEMA}");
    steps.insert(
        0,
        Step { id: HELPERS_STEP.to_owned(), phase: Phase::Tables, table: None, object, action: Action::Run { sql, optional: false } },
    );
}

/// The names of the functions that the plan installs.
pub fn installed_helpers(steps: &[Step]) -> Vec<&'static str> {
    let step = steps.iter().find(|step| step.id == HELPERS_STEP);
    match step.map(|step| &step.action) {
        Some(Action::Run { sql, .. }) => crate::dialect::installed_names(sql),
        Some(Action::Copy { .. } | Action::Reference(_)) | None => Vec::new(),
    }
}
