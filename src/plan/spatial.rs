//! R*Trees: the indexes that find a box as the tree did.

use super::build::Draft;
use super::step::Phase;
use super::virtual_tables::replaced;
use crate::catalog::{VirtualTable, quoted};

/// Plans the indexes of an R*Tree's table: a GiST index on boxes in two dimensions, B-trees on the bounds otherwise.
pub(super) fn plan_tree(draft: &mut Draft<'_>, table: &VirtualTable) -> Result<(), String> {
    let missing = || "its table is not in the plan".to_owned();
    let (plan, _) = draft.table(&table.name).ok_or_else(missing)?;
    let target = plan.target.clone();
    // The key comes first, then the bounds, then the auxiliary columns.
    let bounds: Vec<String> = plan.columns.iter().skip(1).take(table.bounds().count()).map(|column| quoted(&column.target)).collect();
    let relation = format!("{}.{}", quoted(&draft.inputs.policy.target.schema), quoted(&target));
    let (replacement, query, notes) = if let [min_x, max_x, min_y, max_y] = bounds.as_slice() {
        let name = draft.relations.take_own(&format!("{target}_box_idx"));
        let expression = format!("box(point({min_x}, {min_y}), point({max_x}, {max_y}))");
        let sql = format!("CREATE INDEX {} ON {relation} USING gist ({expression})", quoted(&name));
        draft.optional(Phase::Keys, format!("spatial-index:{}", table.name), format!("index {name}"), vec![sql]);
        let query = format!("{expression} && box(point($1, $3), point($2, $4))");
        let note = "`&&` takes boxes that are less than 0.000001 apart for touching: keep the four comparisons beside it".to_owned();
        ("an ordinary table of the same name, with a GiST index on its boxes".to_owned(), Some(query), vec![note])
    } else {
        for (dimension, pair) in bounds.chunks_exact(2).enumerate() {
            let name = draft.relations.take_own(&format!("{target}_bounds_{}_idx", dimension + 1));
            let sql = format!("CREATE INDEX {} ON {relation} ({})", quoted(&name), pair.join(", "));
            let id = format!("spatial-index:{}:{}", table.name, dimension + 1);
            draft.optional(Phase::Keys, id, format!("index {name}"), vec![sql]);
        }
        let note = "PostgreSQL has no box of other than two dimensions without an extension (cube, PostGIS)".to_owned();
        ("an ordinary table of the same name, with an index on the bounds of each dimension".to_owned(), None, vec![note])
    };
    replaced(draft, table, replacement, query, notes);
    Ok(())
}
