//! What of the plan is there: every step but those that the server refused.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::plan::Plan;
use crate::postgres::{Session, failed};

/// The steps that were carried out.
#[derive(Debug)]
pub(super) struct Present {
    steps: BTreeSet<String>,
}

impl Present {
    /// Asks the ledger of the target, which holds the refusals.
    pub(super) async fn read(session: &Session, plan: &Plan) -> Result<Self> {
        let doing = "ask the target what it refused";
        let sql = "select step from outgrow.step where plan = $1 and refused is not null";
        let rows = session.client().query(sql, &[&plan.id.as_str()]).await.map_err(|error| failed(doing, error))?;
        let mut steps: BTreeSet<String> = plan.steps.iter().map(|step| step.id.clone()).collect();
        for row in &rows {
            let refused: String = row.try_get(0).map_err(|error| failed(doing, error))?;
            steps.remove(&refused);
        }
        Ok(Self { steps })
    }

    /// Whether the plan has this step and the target took it.
    pub(super) fn has(&self, step: &str) -> bool {
        self.steps.contains(step)
    }
}
