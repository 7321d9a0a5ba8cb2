//! What becomes of rows without a parent: found out anew from the source and its plan, and so the same for load and comparison.

use std::path::Path;

use crate::error::Result;
use crate::plan::Plan;
use crate::sqlite::{RowFates, SourceReader};

/// The fates of the source's rows under a plan; nothing is read where every row comes across as it is.
pub fn row_fates(plan: &Plan, source: &Path) -> Result<RowFates> {
    let tables = plan.linked_tables();
    if tables.is_empty() {
        return Ok(RowFates::default());
    }
    let reader = SourceReader::open(source)?;
    let fates = reader.row_fates(&tables, &mut |_, _, _| {})?;
    reader.finish().map(|()| fates)
}
