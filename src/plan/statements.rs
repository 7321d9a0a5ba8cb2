//! The tables themselves, and what is done once rows and keys are in.

use super::build::Draft;
use super::names::Names;
use super::report::ComputedColumn;
use super::step::{Action, Phase, Step};
use super::table::{ColumnPlan, IdentityPlan, TablePlan};
use crate::catalog::{Table, quoted};
use crate::dialect::{Translator, Untranslatable, read_table, text_sql};
use crate::error::{Error, Result};
use crate::value::{PgType, StorageClass, ValueMap, ValueRef};

/// Plans CREATE TABLE and the load, with defaults and generated columns where they translate.
pub(super) fn create_table(draft: &mut Draft<'_>, table: &Table) -> Result<()> {
    translate_expressions(draft, table);
    let schema = draft.inputs.policy.target.schema.clone();
    let (plan, _) = draft.table(&table.name).ok_or_else(|| Error::bug("make a plan", format!("{} is not in it", table.name)))?;
    let plan = plan.clone();
    let target = format!("{}.{}", quoted(&schema), quoted(&plan.target));
    let columns: Vec<String> = plan.columns.iter().map(column_definition).collect();
    let mut sql = vec![format!("CREATE TABLE {target} (\n    {}\n)", columns.join(",\n    "))];
    if schema != "public" && draft.tables.first().is_some_and(|first| first.source == plan.source) {
        sql.insert(0, format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(&schema)));
    }
    draft.required(Phase::Tables, format!("table:{}", table.name), format!("table {}", plan.target), sql);
    draft.steps.push(Step {
        id: format!("copy:{}", table.name),
        phase: Phase::Data,
        table: None,
        object: format!("rows of {}", plan.target),
        action: Action::Copy { table: table.name.clone() },
    });
    late_defaults(draft, &target, &plan);
    Ok(())
}

/// From so many rows on, the checks of foreign keys gain more by a visibility map than the map costs.
const ROWS_WORTH_A_MAP: u64 = 20_000;

/// Plans the visibility map of a table, behind its keys: building those has read every row already.
pub(super) fn visibility_map(draft: &mut Draft<'_>, table: &Table) {
    let Some((plan, _)) = draft.table(&table.name).filter(|(plan, _)| plan.rows >= ROWS_WORTH_A_MAP) else { return };
    if !table_is_checked(draft, table) {
        return;
    }
    let target = format!("{}.{}", quoted(&draft.inputs.policy.target.schema), quoted(&plan.target));
    let object = format!("visibility map of {}", plan.target);
    let sql = vec![format!("VACUUM (INDEX_CLEANUP OFF, TRUNCATE OFF) {target}")];
    draft.required(Phase::Keys, format!("map:{}", table.name), object, sql);
}

/// Whether a foreign key will be checked over the table's rows: PostgreSQL then reads the index alone, where it knows from
/// the visibility map that every transaction sees all rows of a page.
fn table_is_checked(draft: &Draft<'_>, table: &Table) -> bool {
    let refers = |other: &Table| other.foreign_keys.iter().any(|key| key.parent.eq_ignore_ascii_case(&table.name));
    !table.foreign_keys.is_empty() || draft.inputs.catalog.tables.iter().any(refers)
}

fn translate_expressions(draft: &mut Draft<'_>, table: &Table) {
    // Where the table's text can't be read, its checks are reported with it; the rows come across all the same.
    let ddl = read_table(&table.sql).ok();
    for (position, column) in table.columns.iter().enumerate() {
        let translator = Translator::new(&draft.scope, draft.inputs.server_major);
        let place = format!("{}.{}", table.name, column.name);
        if column.generated.is_some() {
            let written = ddl.iter().flat_map(|ddl| &ddl.columns).find(|written| written.name.eq_ignore_ascii_case(&column.name));
            let Some(source) = written.and_then(|written| written.generated.as_ref()) else { continue };
            match translator
                .generated(&table.name, &column.name, &source.source)
                .and_then(|sql| of_exact_cells(draft, table, sql))
                .and_then(|sql| of_small_integers(draft, table, sql))
            {
                Ok(expression) => edit(draft, table, position, |plan| plan.generated = Some(expression)),
                Err(why) => match translator.generated_by_trigger(&table.name, &column.name, &source.source) {
                    Ok(expression) => compute_by_trigger(draft, table, position, &expression),
                    Err(_) => draft.untranslated("generated column", &place, why, &table.sql),
                },
            }
        } else if let Some(default) = &column.default {
            if let Some(map) =
                draft.tables.iter().find(|plan| plan.source == table.name).and_then(|plan| plan.columns.get(position)?.values.clone())
            {
                match mapped_default(&map, default) {
                    Ok(expression) => edit(draft, table, position, |plan| plan.default = Some(expression)),
                    Err(why) => draft.untranslated("default", &place, why, default),
                }
                continue;
            }
            let is_alias = table.rowid_alias() == Some(column.name.as_str());
            match translator.default(&table.name, &column.name, default) {
                // SQLite never uses the default of a rowid alias: it gives the next rowid.
                Ok(_) | Err(_) if is_alias => {}
                Ok(expression) => edit(draft, table, position, |plan| plan.default = Some(expression)),
                Err(why) => draft.untranslated("default", &place, why, default),
            }
        }
    }
}

/// An expression over cells that don't come across exactly would give something else on the target.
fn of_exact_cells(draft: &Draft<'_>, table: &Table, expression: String) -> std::result::Result<String, Untranslatable> {
    let inexact = draft.report.columns.iter().filter(|decision| decision.table == table.name && !decision.inexact.is_empty());
    let plan = draft.tables.iter().find(|plan| plan.source == table.name);
    let columns = plan.into_iter().flat_map(|plan| &plan.columns);
    let mut used = columns.filter(|column| expression.contains(&quoted(&column.target)));
    match used.find(|column| inexact.clone().any(|decision| decision.column == column.source)) {
        Some(column) => Err(Untranslatable {
            construct: "generated column".to_owned(),
            reason: format!("it is computed from {}, which has cells that don't come across exactly", column.source),
        }),
        None => Ok(expression),
    }
}

/// Where integers are large, a sum or a product of them may go beyond 64 bits: SQLite makes a real of it then, and PostgreSQL
/// an error, which would stop the load.
fn of_small_integers(draft: &Draft<'_>, table: &Table, expression: String) -> std::result::Result<String, Untranslatable> {
    let computes = [" + ", " - ", " * ", "-("].iter().any(|operator| expression.contains(operator));
    let plan = draft.tables.iter().find(|plan| plan.source == table.name);
    let profile = draft.inputs.profile.tables.get(&table.name);
    let (Some(plan), Some(profile), true) = (plan, profile, computes) else { return Ok(expression) };
    let is_large = |column: &&ColumnPlan| {
        let cells = profile.columns.get(&column.source).map(|cells| &cells.integers);
        let bounds = cells.into_iter().flat_map(|cells| [cells.min, cells.max]).flatten();
        expression.contains(&quoted(&column.target)) && bounds.map(i64::unsigned_abs).any(|bound| bound > u64::from(u32::MAX) / 2)
    };
    match plan.columns.iter().find(is_large) {
        Some(column) => Err(Untranslatable {
            construct: "generated column".to_owned(),
            reason: format!("it computes with {}, whose integers are so large that a result may go beyond 64 bits", column.source),
        }),
        None => Ok(expression),
    }
}

/// The default of a column whose values are mapped: a literal goes through the map as a cell does.
fn mapped_default(map: &ValueMap, default: &str) -> Result<String, Untranslatable> {
    let refused = |reason: &str| Untranslatable { construct: "default".to_owned(), reason: reason.to_owned() };
    let bare = default.trim();
    if bare.eq_ignore_ascii_case("null") {
        return Ok("NULL".to_owned());
    }
    let text = bare.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).map(|text| text.replace("''", "'"));
    let value = match &text {
        Some(text) => ValueRef::Text(text.as_bytes()),
        None => ValueRef::Integer(bare.parse().map_err(|_| refused("the column's values are mapped, and this is no plain value"))?),
    };
    let mapped = map.key_of(value).and_then(|key| map.pairs.get(key)).map(String::as_str);
    match mapped.or_else(|| text.as_deref().filter(|_| !map.closed && map.class == StorageClass::Text)) {
        Some(text) => Ok(text_sql(text)),
        None => Err(refused("the policy's `values` does not name it")),
    }
}

/// Plans the trigger that computes a column whose expression PostgreSQL does not call immutable. The load brings the
/// values that SQLite computed; so the trigger comes after it.
fn compute_by_trigger(draft: &mut Draft<'_>, table: &Table, position: usize, expression: &str) {
    let schema = quoted(&draft.inputs.policy.target.schema);
    let Some((plan, _)) = draft.table(&table.name) else { return };
    let Some(column) = plan.columns.get(position) else { return };
    let (target, place) = (format!("{schema}.{}", quoted(&plan.target)), format!("{}.{}", plan.target, column.target));
    let name = quoted(&Names::default().take(&format!("{}_{}_computed", plan.target, column.target)));
    let function = format!(
        "CREATE FUNCTION {schema}.{name}() RETURNS trigger LANGUAGE plpgsql AS $outgrow$\nBEGIN\n  NEW.{} := {expression};\n  RETURN NEW;\nEND\n$outgrow$",
        quoted(&column.target)
    );
    let trigger = format!("CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {target} FOR EACH ROW EXECUTE FUNCTION {schema}.{name}()");
    let computed = ComputedColumn { table: table.name.clone(), column: column.source.clone() };
    let id = format!("computed:{}:{}", table.name, column.source);
    draft.report.computed_columns.push(computed);
    draft.optional(Phase::Programs, id, format!("value of {place}"), vec![function, trigger]);
}

fn edit(draft: &mut Draft<'_>, table: &Table, position: usize, change: impl FnOnce(&mut ColumnPlan)) {
    let plan = draft.tables.iter_mut().find(|plan| plan.source == table.name);
    if let Some(column) = plan.and_then(|plan| plan.columns.get_mut(position)) {
        change(column);
    }
}

fn column_definition(column: &ColumnPlan) -> String {
    // SQLite compares text byte by byte; so does this collation.
    let collation = if column.pg_type().collates() { " COLLATE \"C\"" } else { "" };
    let value = if let Some(identity) = &column.identity {
        format!(" GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME {})", quoted(&identity.sequence))
    } else if let Some(expression) = &column.generated {
        format!(" GENERATED ALWAYS AS ({expression}) STORED")
    } else if let Some(default) = column.default.as_ref().filter(|default| is_safe(column, default)) {
        format!(" DEFAULT {default}")
    } else {
        String::new()
    };
    let not_null = if column.not_null { " NOT NULL" } else { "" };
    format!("{} {}{collation}{value}{not_null}", quoted(&column.target), column.pg_type())
}

/// Whether the server can't refuse a default: a literal of a type that takes every one. Any other gets a step of its own.
fn is_safe(column: &ColumnPlan, default: &str) -> bool {
    match column.pg_type() {
        PgType::Bigint | PgType::Boolean | PgType::DoublePrecision | PgType::Text => is_literal(default),
        PgType::Numeric
        | PgType::Decimal { .. }
        | PgType::Json
        | PgType::Uuid
        | PgType::Date
        | PgType::Time
        | PgType::Timestamp
        | PgType::Timestamptz
        | PgType::Timetz
        | PgType::Interval
        | PgType::Bytea
        | PgType::Smallint
        | PgType::Integer
        | PgType::Real
        | PgType::Citext
        | PgType::Varchar { .. }
        | PgType::Char { .. }
        | PgType::Jsonb
        | PgType::Inet
        | PgType::Cidr
        | PgType::Macaddr
        | PgType::Array(_) => default.eq_ignore_ascii_case("null"),
    }
}

fn is_literal(expression: &str) -> bool {
    let plain_text =
        expression.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).is_some_and(|text| !text.replace("''", "").contains('\''));
    let word = matches!(expression.to_ascii_lowercase().as_str(), "true" | "false" | "null");
    plain_text || word || expression.parse::<f64>().is_ok_and(f64::is_finite)
}

fn late_defaults(draft: &mut Draft<'_>, target: &str, plan: &TablePlan) {
    for column in plan.columns.iter().filter(|column| column.identity.is_none()) {
        let Some(default) = column.default.as_ref().filter(|default| !is_safe(column, default)) else { continue };
        let sql = format!("ALTER TABLE {target} ALTER COLUMN {} SET DEFAULT {default}", quoted(&column.target));
        let id = format!("default:{}:{}", plan.source, column.source);
        draft.optional(Phase::Keys, id, format!("default of {}.{}", plan.target, column.target), vec![sql]);
    }
}

/// Sets a sequence above what the source would give and above what files of reference data have brought. Behind the greatest
/// number of all it is used up, so that the next insert is refused.
fn next_above_all(schema: &str, plan: &TablePlan, column: &ColumnPlan, identity: &IdentityPlan) -> String {
    let sequence = format!("{schema}.{}", quoted(&identity.sequence));
    format!(
        "SELECT setval({}, least(wanted.next, {max})::bigint, wanted.next > {max}) FROM (SELECT greatest(max({})::numeric + 1, {}) AS next \
         FROM {schema}.{}) AS wanted",
        text_sql(&sequence),
        quoted(&column.target),
        identity.next,
        quoted(&plan.target),
        max = largest(column.pg_type()),
    )
}

/// The greatest number that a sequence of this type gives.
fn largest(pg_type: PgType) -> i64 {
    if pg_type == PgType::Smallint {
        i64::from(i16::MAX)
    } else if pg_type == PgType::Integer {
        i64::from(i32::MAX)
    } else {
        i64::MAX
    }
}

/// Plans the next value of every identity column, and the statistics.
pub(super) fn sequences_and_statistics(draft: &mut Draft<'_>) {
    let schema = quoted(&draft.inputs.policy.target.schema);
    for plan in draft.tables.clone() {
        let target = format!("{schema}.{}", quoted(&plan.target));
        for column in &plan.columns {
            let Some(identity) = &column.identity else { continue };
            let with_others = draft.steps.iter().filter_map(Step::reference).any(|load| load.table == plan.target);
            let least = if with_others { "at least " } else { "" };
            let sql = if with_others {
                next_above_all(&schema, &plan, column, identity)
            } else {
                format!("ALTER TABLE {target} ALTER COLUMN {} RESTART WITH {}", quoted(&column.target), identity.next)
            };
            let object = format!("next {}.{} is {least}{}", plan.target, column.target, identity.next);
            draft.required(Phase::Sequences, format!("sequence:{}", plan.source), object, vec![sql]);
        }
        let object = format!("statistics of {}", plan.target);
        let before = draft.steps.len();
        draft.required(Phase::Statistics, format!("analyze:{}", plan.source), object, vec![format!("ANALYZE {target}")]);
        draft.only_of(&plan.source, before);
    }
}
