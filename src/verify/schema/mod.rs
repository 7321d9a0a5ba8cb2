//! The audit of the schema: every object that should be in the target, by name, and what is otherwise.
//!
//! In a schema of outgrow's own that is what the plan makes; in one that the application's own migrations made, what was
//! there before the load, and beside it what the source has and that schema has not, as notes.
//!
//! Never looks at a cell but the greatest of a column that numbers its rows, and leaves nothing on either side.

mod existing;
mod objects;
mod planned;
mod report;
mod upkeep;

use std::path::Path;
use std::time::Instant;

pub use objects::{Objects, read as schema_objects};
pub use report::{AuditCounts, AuditKind, AuditLine, SchemaAudit, Standing};

use crate::error::Result;
use crate::plan::Plan;
use crate::postgres::{ConnectionSettings, Session, failed};

/// Compares the schema of the target with what it should be.
pub async fn audit(plan: &Plan, source: &Path, target: &ConnectionSettings) -> Result<SchemaAudit> {
    let began = Instant::now();
    let mut session = Session::connect(target).await?;
    let mut books = report::AuditBooks::default();
    let refused = refused(&session, plan).await?;
    match &plan.existing {
        None => planned::compare(&mut session, plan, &refused, &mut books).await?,
        Some(existing) => existing::compare(&mut session, plan, existing, source, &refused, &mut books).await?,
    }
    upkeep::headroom(&session, plan, &mut books).await?;
    upkeep::next_values(&session, plan, &mut books).await?;
    upkeep::statistics(&session, plan, &mut books).await?;
    upkeep::migrations(&session, plan, source, &mut books).await?;
    let (verdict, kinds, lines) = books.close();
    Ok(SchemaAudit {
        verdict,
        plan: plan.id.as_str().to_owned(),
        schema: plan.schema.clone(),
        own: plan.existing.is_none(),
        kinds,
        lines,
        seconds: began.elapsed().as_secs_f64(),
    })
}

async fn refused(session: &Session, plan: &Plan) -> Result<planned::Refused> {
    let doing = "look which steps the server refused";
    let sql = "select step, refused from outgrow.step where plan = $1 and refused is not null";
    let rows = session.client().query(sql, &[&plan.id.as_str()]).await.map_err(|error| failed(doing, error))?;
    let fields = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.iter().map(fields).collect::<Result<_, tokio_postgres::Error>>().map_err(|error| failed(doing, error))
}
