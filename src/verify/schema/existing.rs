//! A schema that the application's own migrations made: as it was before the load, and what of the source it has not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::planned::Refused;
use super::report::{AuditBooks, AuditKind, Standing};
use crate::catalog::{SourceCatalog, Table, TargetTable, TriggerState};
use crate::error::Result;
use crate::plan::{ExistingSchema, Plan, TablePlan};
use crate::postgres::{Session, catalog, failed};
use crate::sqlite::SourceReader;

const DOING: &str = "read the indexes of the target";

/// Those that are on columns alone, with their columns in order, and whether they are usable and unique.
const INDEXES: &str = "\
    select c.relname::text, i.relname::text, x.indisvalid, x.indisunique and x.indpred is null, \
    case when x.indexprs is null then array(select a.attname::text from unnest(x.indkey::int2[]) with ordinality k(number, place) \
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.number where k.place <= x.indnkeyatts order by k.place) \
    else array[]::text[] end \
    from pg_catalog.pg_index x join pg_catalog.pg_class c on c.oid = x.indrelid join pg_catalog.pg_class i on i.oid = x.indexrelid \
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1";

/// An index of the target.
struct Indexed {
    table: String,
    name: String,
    valid: bool,
    unique: bool,
    columns: Vec<String>,
}

/// Compares the schema with what it was, and books what of the source has no equivalent in it.
pub(super) async fn compare(
    session: &mut Session,
    plan: &Plan,
    existing: &ExistingSchema,
    source: &Path,
    refused: &Refused,
    books: &mut AuditBooks,
) -> Result<()> {
    let now = catalog(session, &plan.schema).await?;
    for before in &existing.before.tables {
        let table = now.table(&before.name);
        books.compare(AuditKind::Table, &before.name, "table", table.map(|_| "table"));
        if let Some(table) = table {
            as_it_was(before, table, plan, refused, books);
        }
    }
    let indexes = indexes(session, &plan.schema).await?;
    for index in &indexes {
        if index.valid {
            books.fits(AuditKind::Index, 1);
        } else {
            let found = Some("invalid: the server does not use it; REINDEX it");
            books.differs(AuditKind::Index, &index.name, Standing::Changed, Some("valid"), found);
        }
    }
    let source = tokio::task::block_in_place(|| {
        let reader = SourceReader::open(source)?;
        let catalog = reader.catalog()?;
        reader.finish()?;
        Ok::<SourceCatalog, crate::error::Error>(catalog)
    })?;
    for name in &existing.without_place {
        books.say(AuditKind::Table, name, Standing::Note, None, Some("the source has it, and the application's schema has not"));
    }
    for name in &existing.columns_without_place {
        books.say(AuditKind::Column, name, Standing::Note, None, Some("the source has it, and the application's schema has not"));
    }
    for table in &plan.tables {
        if let (Some(of_source), Some(of_target)) = (source.table(&table.source), now.table(&table.target)) {
            without_equivalent(table, of_source, of_target, &indexes, books);
        }
    }
    Ok(())
}

async fn indexes(session: &Session, schema: &str) -> Result<Vec<Indexed>> {
    let rows = session.client().query(INDEXES, &[&schema]).await.map_err(|error| failed(DOING, error))?;
    let index = |row: &tokio_postgres::Row| {
        Ok(Indexed {
            table: row.try_get(0)?,
            name: row.try_get(1)?,
            valid: row.try_get(2)?,
            unique: row.try_get(3)?,
            columns: row.try_get(4)?,
        })
    };
    rows.iter().map(index).collect::<Result<_, tokio_postgres::Error>>().map_err(|error| failed(DOING, error))
}

/// Everything of a table that was there before the load, by name, as a text that says all of it.
fn described(table: &TargetTable) -> BTreeMap<(AuditKind, String), String> {
    let name = |of: &str| format!("{}.{of}", table.name);
    let columns = table.columns.iter().map(|column| {
        let not_null = if column.not_null { " NOT NULL" } else { "" };
        let value = match (column.identity.is_some(), column.generated, column.has_default) {
            (true, _, _) => ", with identity",
            (_, true, _) => ", generated",
            (_, _, true) => ", with a default",
            (false, false, false) => "",
        };
        ((AuditKind::Column, name(&column.name)), format!("{}{not_null}{value}", column.written))
    });
    let uniques = table.uniques.iter().map(|unique| {
        let kind = if unique.primary { AuditKind::PrimaryKey } else { AuditKind::Unique };
        ((kind, name(&unique.name)), format!("on ({})", unique.columns.join(", ")))
    });
    let checks = table.checks.iter().map(|(check, text)| ((AuditKind::Check, name(check)), text.clone()));
    let triggers = table.triggers.iter().map(|trigger| {
        let state = match trigger.enabled {
            TriggerState::Origin => "enabled",
            TriggerState::Always => "enabled always",
            TriggerState::Replica => "enabled for replicas only",
            TriggerState::Disabled => "disabled",
        };
        ((AuditKind::Trigger, name(&trigger.name)), state.to_owned())
    });
    columns.chain(uniques).chain(checks).chain(triggers).collect()
}

fn as_it_was(before: &TargetTable, now: &TargetTable, plan: &Plan, refused: &Refused, books: &mut AuditBooks) {
    let found = described(now);
    for ((kind, name), text) in described(before) {
        let there = found.get(&(kind, name.clone())).map(String::as_str);
        books.compare(kind, &name, &text, there);
    }
    for key in &before.foreign_keys {
        let name = format!("{}.{}", before.name, key.name);
        let there = now.foreign_keys.iter().find(|other| other.name == key.name).map(|other| other.definition.as_str());
        // The load itself could not, or was not to, prove it for the rows that came.
        let step = format!("foreign-key-valid:{}:{}", before.name, key.name);
        let is_left = refused.contains_key(&step) || !plan.steps.iter().any(|planned| planned.id == step);
        let is_aside =
            plan.existing.as_ref().is_some_and(|existing| existing.foreign_keys_aside.contains(&(before.name.clone(), key.name.clone())));
        let unproven = format!("{} NOT VALID", key.definition);
        match there {
            Some(there) if is_aside && is_left && there == unproven => {
                let standing = if refused.contains_key(&step) { Standing::Refused } else { Standing::Note };
                books.differs(AuditKind::ForeignKey, &name, standing, Some(&key.definition), Some(there));
            }
            there => books.compare(AuditKind::ForeignKey, &name, &key.definition, there),
        }
    }
}

/// Books the indexes, unique keys and foreign keys of the source that have no equivalent on the same columns.
fn without_equivalent(plan: &TablePlan, source: &Table, target: &TargetTable, indexes: &[Indexed], books: &mut AuditBooks) {
    let renamed =
        |name: &str| plan.columns.iter().find(|column| column.source.eq_ignore_ascii_case(name)).map(|column| column.target.clone());
    for index in &source.indexes {
        let columns: Option<Vec<String>> = index.parts.iter().map(|part| part.column.as_deref().and_then(renamed)).collect();
        let name = format!("{}.{}", source.name, index.name);
        let kind = if index.unique { AuditKind::Unique } else { AuditKind::Index };
        let Some(columns) = columns else {
            books.say(
                kind,
                &name,
                Standing::Note,
                None,
                Some("the source has it, on an expression or a column that is not moved: look yourself"),
            );
            continue;
        };
        let of_table = indexes.iter().filter(|other| other.table == target.name && other.valid);
        let wanted: BTreeSet<&String> = columns.iter().collect();
        let is_there = of_table.into_iter().any(|other| {
            if index.unique && !index.partial {
                other.unique && other.columns.iter().collect::<BTreeSet<_>>() == wanted
            } else {
                other.columns.starts_with(&columns)
            }
        });
        if !is_there {
            let found = format!("the source has it, and no index of the application's schema is on ({})", columns.join(", "));
            books.say(kind, &name, Standing::Note, None, Some(&found));
        }
    }
    for key in &source.foreign_keys {
        let columns: Option<BTreeSet<String>> = key.columns.iter().map(|column| renamed(&column.child)).collect();
        let is_there = columns.is_some_and(|columns| {
            target.foreign_keys.iter().any(|other| other.columns.iter().cloned().collect::<BTreeSet<_>>() == columns)
        });
        if !is_there {
            let children: Vec<&str> = key.columns.iter().map(|column| column.child.as_str()).collect();
            let name = format!("{}({})", source.name, children.join(", "));
            let found = format!("the source has it, to {}, and the application's schema has none on these columns", key.parent);
            books.say(AuditKind::ForeignKey, &name, Standing::Note, None, Some(&found));
        }
    }
}
