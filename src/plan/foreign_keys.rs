//! Foreign keys: the types of both sides, and the constraints.

use super::build::Draft;
use super::expected::inexact;
use super::long_keys::has_long_key;
use super::names::Names;
use super::orphans::left_without_parent;
use super::report::{ForeignKeyProblem, LeftOut};
use super::step::Phase;
use super::table::TablePlan;
use super::{decider, left_out};
use crate::catalog::{Deferral, ForeignKey, ForeignKeyAction, IndexOrigin, Table, quoted};
use crate::value::{ColumnProfile, Conversion, PgType};

/// Gives both sides of every foreign key the same type where their cells allow it: an empty side takes the other's
/// type, and two sides of text in different forms stay text.
pub(super) fn agree_on_types(draft: &mut Draft<'_>) {
    let catalog = draft.inputs.catalog;
    // A change can break an agreement made before; each round settles at least one more column for good.
    for _ in 0..catalog.tables.len().max(1) {
        let mut changed = false;
        for child in &catalog.tables {
            for key in &child.foreign_keys {
                for pair in &key.columns {
                    let Some(parent) = catalog.table(&key.parent) else { continue };
                    let Some(parent_column) = &pair.parent else { continue };
                    changed |= agree(draft, (child, &pair.child), (parent, parent_column));
                }
            }
        }
        if !changed {
            return;
        }
    }
}

fn agree(draft: &mut Draft<'_>, child: (&Table, &str), parent: (&Table, &str)) -> bool {
    let (Some(child_conversion), Some(parent_conversion)) = (conversion(draft, child), conversion(draft, parent)) else { return false };
    if child_conversion.pg_type() == parent_conversion.pg_type() {
        return false;
    }
    if is_empty(draft, child) {
        return convert(draft, child, parent_conversion, "no values; the type of the column it refers to");
    }
    if is_empty(draft, parent) {
        return convert(draft, parent, child_conversion, "no values; the type of the column that refers to it");
    }
    let text = Conversion::TextToText(draft.inputs.policy.rules.text);
    if is_text(draft, child) && is_text(draft, parent) {
        let because = "text, because the two sides of a foreign key are written in different forms";
        let child_changed = convert(draft, child, text, because);
        return convert(draft, parent, text, because) || child_changed;
    }
    false
}

fn conversion(draft: &Draft<'_>, (table, column): (&Table, &str)) -> Option<Conversion> {
    let (plan, source) = draft.table(&table.name)?;
    let (position, _) = source.column(column)?;
    plan.columns.get(position).map(|column| column.conversion)
}

fn cells<'a>(draft: &Draft<'a>, (table, column): (&Table, &str)) -> Option<&'a ColumnProfile> {
    let (_, column) = table.column(column)?;
    draft.inputs.profile.tables.get(&table.name)?.columns.get(&column.name)
}

fn is_empty(draft: &Draft<'_>, place: (&Table, &str)) -> bool {
    cells(draft, place)
        .is_some_and(|cells| cells.integers.seen.count + cells.reals.seen.count + cells.texts.seen.count + cells.blobs.seen.count == 0)
}

fn is_text(draft: &Draft<'_>, place: (&Table, &str)) -> bool {
    cells(draft, place)
        .is_some_and(|cells| cells.texts.seen.count > 0 && cells.integers.seen.count + cells.reals.seen.count + cells.blobs.seen.count == 0)
}

fn convert(draft: &mut Draft<'_>, (table, column): (&Table, &str), conversion: Conversion, because: &str) -> bool {
    let Some((position, source)) = table.column(column) else { return false };
    let Some(plan) = draft.tables.iter_mut().find(|plan| plan.source == table.name) else { return false };
    let Some(column) = plan.columns.get_mut(position) else { return false };
    // A rowid alias is given its values by a sequence, which gives integers only.
    let decided = draft
        .report
        .columns
        .iter()
        .any(|decision| decision.table == table.name && decision.column == source.name && decision.rule == decider::POLICY.id);
    if column.conversion == conversion || column.identity.is_some() || decided {
        return false;
    }
    column.conversion = conversion;
    let cells = cells(draft, (table, &source.name)).cloned();
    if let Some(decision) = draft.decision(&table.name, &source.name) {
        decision.conversion = conversion;
        decision.inexact = cells.map(|cells| inexact(conversion, &cells)).unwrap_or_default();
        because.clone_into(&mut decision.because);
        "foreign-key".clone_into(&mut decision.rule);
    }
    true
}

/// Plans the constraints; what PostgreSQL can't have is reported and left out.
///
/// All of them are made first, which is a matter of moments and locks both tables, and then validated, which takes as long
/// as the child is large and locks next to nothing: that of several children at the same time.
pub(super) fn plan_foreign_keys(draft: &mut Draft<'_>) {
    let mut validations = Vec::new();
    for table in &draft.inputs.catalog.tables {
        // The names of a table's constraints are unique within the table; those of its checks come first.
        let mut names = draft.constraints.remove(&table.name).unwrap_or_default();
        for key in &table.foreign_keys {
            if let Some(gone) = left_out::gone_from(draft, table, key) {
                draft.report.left_out.push(LeftOut { what: format!("foreign key {}", place(table, key)), count: 1, reason: gone });
                continue;
            }
            match constraint(draft, table, key, &mut names) {
                Ok((name, add, validate)) => {
                    let object = format!("foreign key {name}");
                    validations.extend(validate.map(|sql| (table, key.id, format!("{object} valid"), sql)));
                    draft.optional(Phase::ForeignKeys, format!("foreign-key:{}:{}", table.name, key.id), object, vec![add]);
                }
                Err(reason) => draft.report.foreign_keys.push(ForeignKeyProblem { place: place(table, key), reason }),
            }
        }
    }
    for (table, key, object, sql) in validations {
        let before = draft.steps.len();
        draft.optional(Phase::ForeignKeys, format!("foreign-key-valid:{}:{key}", table.name), object, vec![sql]);
        draft.only_of(&table.name, before);
    }
}

fn place(table: &Table, key: &ForeignKey) -> String {
    let children: Vec<&str> = key.columns.iter().map(|pair| pair.child.as_str()).collect();
    let parents: Vec<&str> = key.columns.iter().map(|pair| pair.parent.as_deref().unwrap_or("?")).collect();
    format!("{}.{} → {}.{}", table.name, children.join("+"), key.parent, parents.join("+"))
}

/// A constraint's name, the statement that makes it, and the one that validates it where no row is without its parent.
type Constraint = (String, String, Option<String>);

/// How the constraint is made, or why it can't be.
fn constraint(draft: &Draft<'_>, table: &Table, key: &ForeignKey, names: &mut Names) -> Result<Constraint, String> {
    let schema = quoted(&draft.inputs.policy.target.schema);
    let (child_plan, _) = draft.table(&table.name).ok_or("the child table is not in the plan")?;
    let (parent_plan, parent) = draft.table(&key.parent).ok_or_else(|| format!("there is no table {}", key.parent))?;
    let mut child_columns = Vec::new();
    let mut parent_columns = Vec::new();
    for pair in &key.columns {
        let wanted = pair.parent.as_deref().ok_or("the parent's key can't be told from the schema")?;
        let child = target_column(child_plan, table, &pair.child).ok_or_else(|| format!("there is no column {}", pair.child))?;
        let other = target_column(parent_plan, parent, wanted).ok_or_else(|| format!("{} has no column {wanted}", key.parent))?;
        if child.1 != other.1 {
            return Err(format!("{} is {} and {}.{wanted} is {}", pair.child, child.1, key.parent, other.1));
        }
        child_columns.push(child.0);
        parent_columns.push((wanted, other.0));
    }
    if !is_unique(draft, parent, &parent_columns.iter().map(|(name, _)| *name).collect::<Vec<_>>()) {
        return Err(format!("the columns it refers to in {} are not unique byte by byte", key.parent));
    }
    if has_long_key(draft, parent, &parent_columns.iter().map(|(name, _)| *name).collect::<Vec<_>>()) {
        return Err(format!(
            "the key of {} is too long for a b-tree of PostgreSQL, and a foreign key can't refer to its digests",
            key.parent
        ));
    }
    let name = format!("{}_{}_fkey", child_plan.target, key.columns.iter().map(|pair| pair.child.as_str()).collect::<Vec<_>>().join("_"));
    let name = names.take(&name);
    let child = format!("{schema}.{}", quoted(&child_plan.target));
    let mut add = format!(
        "ALTER TABLE {child} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {schema}.{} ({})",
        quoted(&name),
        child_columns.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", "),
        quoted(&parent_plan.target),
        parent_columns.iter().map(|(_, name)| quoted(name)).collect::<Vec<_>>().join(", "),
    );
    add.push_str(&actions(key));
    add.push_str(" NOT VALID");
    let validate =
        (left_without_parent(draft.inputs, table, key) == 0).then(|| format!("ALTER TABLE {child} VALIDATE CONSTRAINT {}", quoted(&name)));
    Ok((name, add, validate))
}

fn target_column<'a>(plan: &'a TablePlan, table: &Table, name: &str) -> Option<(&'a str, PgType)> {
    let (position, _) = table.column(name)?;
    plan.columns.get(position).map(|column| (column.target.as_str(), column.pg_type()))
}

/// Whether the parent has a key or a whole, plain unique index over just these columns.
fn is_unique(draft: &Draft<'_>, parent: &Table, columns: &[&str]) -> bool {
    let same = |names: &[&str]| {
        let sorted = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
            names.sort();
            names
        };
        sorted(names) == sorted(columns)
    };
    let folded = |origin: IndexOrigin| {
        let parts = parent.indexes.iter().filter(move |index| index.origin == origin).flat_map(|index| &index.parts);
        parts.into_iter().any(|part| !part.collation.eq_ignore_ascii_case("binary"))
    };
    // A child finds its parent under the parent's collation; PostgreSQL compares byte by byte.
    let by_key = !folded(IndexOrigin::PrimaryKey)
        && parent.primary_key.as_ref().is_some_and(|key| same(&key.columns.iter().map(String::as_str).collect::<Vec<_>>()));
    let json = columns.iter().any(|name| conversion(draft, (parent, name)) == Some(Conversion::TextToJson));
    let by_index = parent.indexes.iter().any(|index| {
        let names: Option<Vec<&str>> = index.parts.iter().map(|part| part.column.as_deref()).collect();
        let binary = index.parts.iter().all(|part| part.collation.eq_ignore_ascii_case("binary"));
        index.unique && !index.partial && index.origin != IndexOrigin::PrimaryKey && binary && names.is_some_and(|names| same(&names))
    });
    !json && (by_key || by_index)
}

fn actions(key: &ForeignKey) -> String {
    let action = |action: ForeignKeyAction| match action {
        ForeignKeyAction::NoAction => None,
        ForeignKeyAction::Restrict => Some("RESTRICT"),
        ForeignKeyAction::SetNull => Some("SET NULL"),
        ForeignKeyAction::SetDefault => Some("SET DEFAULT"),
        ForeignKeyAction::Cascade => Some("CASCADE"),
    };
    let mut text = String::new();
    if let Some(on_delete) = action(key.on_delete) {
        text.push_str(" ON DELETE ");
        text.push_str(on_delete);
    }
    if let Some(on_update) = action(key.on_update) {
        text.push_str(" ON UPDATE ");
        text.push_str(on_update);
    }
    if key.deferral == Deferral::Deferred {
        text.push_str(" DEFERRABLE INITIALLY DEFERRED");
    }
    text
}
