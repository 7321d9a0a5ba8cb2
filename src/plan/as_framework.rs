//! The types that the application's framework makes on PostgreSQL, in a schema of outgrow's own.
//!
//! Such a type is taken only where every cell of the column has been tried and comes back exactly. Columns of foreign
//! keys keep their faithful types, so that both sides of a key agree; so do those that the database numbers.

use super::build::Inputs;
use super::decided::decided;
use super::policy::{Policy, TypeRule, type_named};
use crate::catalog::{Column, SourceCatalog, Table, TargetColumn};
use crate::error::Result;
use crate::mapping::{Demand, Facts, Intent, Proposal, counted, fit};
use crate::preset::Preset;
use crate::value::{ColumnProfile, ColumnTrial, Conversion, PgType, SourceProfile, UuidLayout};

/// The id that stands in the place of a mapping rule's where the type is the one that the application's framework makes.
pub const FRAMEWORK_TYPE: &str = "framework-type";

/// A conversion into the type that a framework makes.
#[derive(Debug, Clone)]
struct Candidate {
    conversion: Conversion,
    framework: &'static Preset,
    cells: String,
}

/// The conversions into the framework's types, to be tried on every cell before the plan is made.
pub(super) fn trials(policy: &Policy, catalog: &SourceCatalog, profile: &SourceProfile) -> Result<Vec<ColumnTrial>> {
    let mut trials = Vec::new();
    for table in &catalog.tables {
        let Some(cells) = profile.tables.get(&table.name) else { continue };
        for column in &table.columns {
            let Some(cells) = cells.columns.get(&column.name) else { continue };
            if decided(policy, table, column, cells)?.is_some() {
                continue;
            }
            if let Some(Candidate { conversion, .. }) = candidate(policy, catalog, table, column, cells) {
                let (table, column) = (table.name.clone(), column.name.clone());
                trials.push(ColumnTrial { table, column, conversion, values: None, empty_is_null: false });
            }
        }
    }
    Ok(trials)
}

/// What becomes of a column for which `faithful` is proposed: the framework's type where every cell fits it; otherwise the
/// faithful one, which then says why.
pub(super) fn refine(
    inputs: Inputs<'_>,
    table: &Table,
    column: &Column,
    cells: &ColumnProfile,
    faithful: (&'static str, Proposal),
) -> (&'static str, Proposal) {
    let Some(found) = candidate(inputs.policy, inputs.catalog, table, column, cells) else { return faithful };
    let (rule, mut proposal) = faithful;
    let pg_type = found.conversion.pg_type();
    if pg_type == proposal.conversion.pg_type() {
        return (rule, proposal);
    }
    let name = found.framework.name;
    let Some(tried) = inputs.profile.tried(&table.name, &column.name) else { return (rule, proposal) };
    let inexact: u64 = tried.inexact.iter().map(|(_, evidence)| evidence.count).sum();
    if inexact > 0 {
        let but = format!("; not {pg_type}, which {name} makes of it: {} would not come back exactly", counted(inexact, "cell"));
        proposal.because.push_str(&but);
        return (rule, proposal);
    }
    (FRAMEWORK_TYPE, Proposal::new(found.conversion, format!("{}, all exact as {pg_type}, which {name} makes of it", found.cells)))
}

fn candidate(policy: &Policy, catalog: &SourceCatalog, table: &Table, column: &Column, cells: &ColumnProfile) -> Option<Candidate> {
    match policy.rules.types {
        TypeRule::Faithful | TypeRule::Refined => return None,
        TypeRule::Framework => {}
    }
    let framework = policy.framework(catalog)?;
    let written = framework.type_on_postgres(table, column)?;
    let counts = table.rowid_alias() == Some(column.name.as_str());
    if counts || column.generated.is_some() || in_foreign_key(catalog, table, column) {
        return None;
    }
    let target = TargetColumn {
        name: column.name.clone(),
        pg_type: type_named(&written)?,
        written,
        not_null: false,
        has_default: false,
        identity: None,
        sequence: None,
        generated: false,
    };
    let intent = framework.intent(table, column).unwrap_or_else(|| Intent::of_declared(&column.declared));
    let text_rules = policy.text_rules(&table.name, &column.name);
    // Infinities come across in `numeric` from PostgreSQL 14 on; what is tried must not depend on the server.
    let (zone, unit) = policy.moments(&table.name, &column.name);
    let facts = Facts { column, intent, profile: cells, text_rules, keyed: false, numeric_infinity: false, zone, unit };
    let found = fit(&Demand { facts, target: &target, uuid_layout: UuidLayout::default(), empty_is_null: false }).ok()?;
    // A type that has no equality can't stand in a key or an index.
    let keyless = matches!(found.conversion.pg_type(), PgType::Json)
        && super::columns::keyed_columns(table).contains(&column.name.to_ascii_lowercase());
    (found.values.is_none() && !keyless).then(|| Candidate { conversion: found.conversion, framework, cells: facts.summary() })
}

fn in_foreign_key(catalog: &SourceCatalog, table: &Table, column: &Column) -> bool {
    let refers = table.foreign_keys.iter().flat_map(|key| &key.columns).any(|pair| pair.child.eq_ignore_ascii_case(&column.name));
    let keys = catalog.tables.iter().flat_map(|table| &table.foreign_keys).filter(|key| key.parent.eq_ignore_ascii_case(&table.name));
    let is_it = |parent: &Option<String>| parent.as_deref().is_some_and(|parent| parent.eq_ignore_ascii_case(&column.name));
    refers || keys.flat_map(|key| &key.columns).any(|pair| is_it(&pair.parent))
}
