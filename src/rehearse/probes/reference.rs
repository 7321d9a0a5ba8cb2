//! Rows of reference data: the probes find them on both sides, as they will after the move.

use super::sides::{Field, Sides};
use crate::catalog::quoted;
use crate::copy::Ledger;
use crate::error::Result;
use crate::postgres::failed;
use crate::value::{Value, ValueRef};

/// Adds the rows that files brought to the target to the scratch copy of the source, as the inverse of their conversion has them.
pub(super) async fn add(sides: &mut Sides<'_>) -> Result<()> {
    let plan = sides.plan;
    for (name, condition) in Ledger::reference_rows(&sides.session, plan).await? {
        let Some(table) = plan.tables.iter().find(|table| table.target == name) else { continue };
        let doing = format!("read the reference data of {name}");
        let columns: Vec<String> = table.loaded().map(|column| quoted(&column.target)).collect();
        let sql = format!("select {} from {}.{} as t where {condition}", columns.join(", "), quoted(&plan.schema), quoted(&name));
        let found = sides.session.client().query(&sql, &[]).await.map_err(|error| failed(&doing, error))?;
        let mut rows: Vec<Vec<Value>> = Vec::with_capacity(found.len());
        for row in &found {
            let mut cells = Vec::with_capacity(columns.len());
            for (place, column) in table.loaded().enumerate() {
                let field: Field = row.try_get(place).map_err(|error| failed(&doing, error))?;
                let mut scratch = Vec::new();
                cells.extend(column.decode(field.0.as_deref(), &mut scratch).ok().map(ValueRef::to_owned));
            }
            rows.push(cells);
        }
        let names: Vec<String> = table.loaded().map(|column| column.source.clone()).collect();
        let added = tokio::task::block_in_place(|| sides.scratch.add(&table.source, &names, &rows))?;
        if added < rows.len() {
            let what = format!("{} of {} rows of reference data of {}", rows.len() - added, rows.len(), table.source);
            sides.not_probed(&what, "SQLite has no such row, so that the two sides are not the same");
        }
    }
    Ok(())
}
