//! Tables that are there already: columns, keys, foreign keys, triggers, rights, and how many rows they hold.

use std::collections::BTreeMap;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Transaction};

use super::super::failed;
use super::column_type::Written;
use crate::catalog::{
    TargetColumn, TargetForeignKey, TargetIdentity, TargetReference, TargetRights, TargetTable, TargetTrigger, TargetType, TargetUnique,
    TriggerState, quoted,
};
use crate::error::Result;

const DOING: &str = "read the target's tables";

/// Partitions are loaded through the table that they are of.
const TABLES: &str = "\
    select c.relname::text, c.relkind = 'p', row_security_active(c.oid), pg_has_role(c.relowner, 'USAGE'), \
    has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'INSERT'), has_table_privilege(c.oid, 'DELETE'), \
    array(select r.rulename::text from pg_catalog.pg_rewrite r where r.ev_class = c.oid and r.ev_type = '4' order by r.rulename) \
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition order by c.relname collate \"C\"";

/// Of a domain, the type below it counts, with what each level of it adds.
const COLUMNS: &str = "\
    with recursive below(start, oid, modifier, not_null, has_default, kind) as (\
    select t.oid, t.oid, -1, t.typtype = 'd' and t.typnotnull, t.typtype = 'd' and t.typdefault is not null, t.typtype \
    from pg_catalog.pg_type t \
    union all \
    select b.start, o.oid, case when d.typtypmod = -1 then b.modifier else d.typtypmod end, \
    b.not_null or o.typtype = 'd' and o.typnotnull, b.has_default or o.typtype = 'd' and o.typdefault is not null, o.typtype \
    from below b join pg_catalog.pg_type d on d.oid = b.oid join pg_catalog.pg_type o on o.oid = d.typbasetype where b.kind = 'd') \
    select c.relname::text, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull or b.not_null, \
    a.atthasdef or a.attidentity <> '' or b.has_default, a.attidentity::text, a.attgenerated::text, \
    tn.nspname::text, t.typname::text, t.typtype::text, case when b.modifier = -1 then a.atttypmod else b.modifier end, \
    en.nspname::text, e.typname::text, e.typtype::text, e.oid, \
    array(select l.enumlabel::text from pg_catalog.pg_enum l where l.enumtypid = coalesce(e.oid, t.oid) order by l.enumsortorder) \
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped \
    join below b on b.start = a.atttypid and b.kind <> 'd' \
    join pg_catalog.pg_type t on t.oid = b.oid join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace \
    left join pg_catalog.pg_type e on t.typcategory = 'A' and e.oid = t.typelem left join pg_catalog.pg_namespace en on en.oid = e.typnamespace \
    where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition order by c.relname collate \"C\", a.attnum";

const UNIQUES: &str = "\
    select c.relname::text, i.relname::text, x.indisprimary, coalesce((to_jsonb(x) ->> 'indnullsnotdistinct')::boolean, false), \
    case when x.indpred is null and x.indexprs is null then array(select a.attname::text \
    from unnest(x.indkey::int2[]) with ordinality k(number, place) join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.number \
    where k.place <= x.indnkeyatts order by k.place) else array[]::text[] end \
    from pg_catalog.pg_index x join pg_catalog.pg_class c on c.oid = x.indrelid join pg_catalog.pg_class i on i.oid = x.indexrelid \
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and x.indisunique \
    order by c.relname collate \"C\", i.relname collate \"C\"";

const CHECKS: &str = "\
    select c.relname::text, k.conname::text, pg_catalog.pg_get_constraintdef(k.oid) \
    from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = $1 and k.contype = 'c' order by c.relname collate \"C\", k.conname collate \"C\"";

/// Those that partitions inherit go and come with that of their parent.
const FOREIGN_KEYS: &str = "\
    select c.relname::text, k.conname::text, pn.nspname::text, p.relname::text, \
    array(select a.attname::text from unnest(k.conkey) with ordinality u(number, place) \
    join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number order by u.place), \
    array(select a.attname::text from unnest(k.confkey) with ordinality u(number, place) \
    join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.number order by u.place), \
    pg_catalog.pg_get_constraintdef(k.oid), k.convalidated, pg_catalog.obj_description(k.oid, 'pg_constraint') \
    from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    join pg_catalog.pg_class p on p.oid = k.confrelid join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace \
    where n.nspname = $1 and k.contype = 'f' and k.conparentid = 0 order by c.relname collate \"C\", k.conname collate \"C\"";

const REFERENCES: &str = "\
    select p.relname::text, n.nspname::text, c.relname::text, \
    has_table_privilege(c.oid, 'SELECT') and has_schema_privilege(n.oid, 'USAGE') and not row_security_active(c.oid) \
    from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    join pg_catalog.pg_class p on p.oid = k.confrelid join pg_catalog.pg_namespace pn on pn.oid = p.relnamespace \
    where pn.nspname = $1 and n.nspname <> $1 and k.contype = 'f' and k.conparentid = 0 \
    group by p.relname, n.nspname, n.oid, c.relname, c.oid \
    order by p.relname collate \"C\", n.nspname collate \"C\", c.relname collate \"C\"";

const TRIGGERS: &str = "\
    select c.relname::text, t.tgname::text, t.tgenabled::text, (t.tgtype & 4) <> 0, (t.tgtype & 8) <> 0 \
    from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    where n.nspname = $1 and not t.tgisinternal order by c.relname collate \"C\", t.tgname collate \"C\"";

type Tables = BTreeMap<String, TargetTable>;

/// Reads every table of the schema.
pub(super) async fn read(transaction: &Transaction<'_>, schema: &str) -> Result<Vec<TargetTable>> {
    let mut tables = Tables::new();
    for row in ask(transaction, TABLES, schema).await? {
        let table = table(&row).map_err(|error| failed(DOING, error))?;
        tables.insert(table.name.clone(), table);
    }
    each(transaction, COLUMNS, schema, &mut tables, |table, row| {
        table.columns.push(column(row)?);
        Ok(())
    })
    .await?;
    each(transaction, UNIQUES, schema, &mut tables, |table, row| {
        table.uniques.push(unique(row)?);
        Ok(())
    })
    .await?;
    each(transaction, TRIGGERS, schema, &mut tables, |table, row| {
        table.triggers.push(trigger(row)?);
        Ok(())
    })
    .await?;
    each(transaction, CHECKS, schema, &mut tables, |table, row| {
        table.checks.push((row.try_get(1)?, row.try_get(2)?));
        Ok(())
    })
    .await?;
    // What a definition names is then written with its schema, whatever the search path of whoever carries it out.
    transaction.batch_execute("set local search_path = pg_catalog").await.map_err(|error| failed(DOING, error))?;
    each(transaction, FOREIGN_KEYS, schema, &mut tables, |table, row| {
        table.foreign_keys.push(foreign_key(row)?);
        Ok(())
    })
    .await?;
    references(transaction, schema, &mut tables).await?;
    for table in tables.values_mut().filter(|table| table.rights.select && !table.row_security) {
        table.rows = Some(count(transaction, schema, &table.name).await?);
    }
    Ok(tables.into_values().collect())
}

async fn ask(transaction: &Transaction<'_>, sql: &str, schema: &str) -> Result<Vec<Row>> {
    let schema: &(dyn ToSql + Sync) = &schema;
    transaction.query(sql, &[schema]).await.map_err(|error| failed(DOING, error))
}

/// Hands each row of the answer to the table that its first column names.
async fn each(
    transaction: &Transaction<'_>,
    sql: &str,
    schema: &str,
    tables: &mut Tables,
    take: impl Fn(&mut TargetTable, &Row) -> Result<(), tokio_postgres::Error>,
) -> Result<()> {
    for row in ask(transaction, sql, schema).await? {
        let name: String = row.try_get(0).map_err(|error| failed(DOING, error))?;
        if let Some(table) = tables.get_mut(&name) {
            take(table, &row).map_err(|error| failed(DOING, error))?;
        }
    }
    Ok(())
}

fn table(row: &Row) -> Result<TargetTable, tokio_postgres::Error> {
    let rights = TargetRights { owner: row.try_get(3)?, select: row.try_get(4)?, insert: row.try_get(5)?, delete: row.try_get(6)? };
    Ok(TargetTable {
        name: row.try_get(0)?,
        partitioned: row.try_get(1)?,
        row_security: row.try_get(2)?,
        delete_rules: row.try_get(7)?,
        rights,
        ..TargetTable::default()
    })
}

fn column(row: &Row) -> Result<TargetColumn, tokio_postgres::Error> {
    let labels: Vec<String> = row.try_get(15)?;
    let (schema, name, kind): (String, String, String) = (row.try_get(7)?, row.try_get(8)?, row.try_get(9)?);
    let (element_schema, element_name, element_kind): (Option<String>, Option<String>, Option<String>) =
        (row.try_get(11)?, row.try_get(12)?, row.try_get(13)?);
    let (element_oid, modifier): (Option<u32>, i32) = (row.try_get(14)?, row.try_get(10)?);
    let pg_type = match (element_schema, element_name, element_kind, element_oid) {
        (Some(schema), Some(name), Some(kind), Some(element_oid)) => {
            let element = Written { schema: &schema, name: &name, kind: &kind, modifier, labels: &labels }.pg_type();
            TargetType::Array { element: Box::new(element), element_oid }
        }
        _ => Written { schema: &schema, name: &name, kind: &kind, modifier, labels: &labels }.pg_type(),
    };
    let (identity, generated): (String, String) = (row.try_get(5)?, row.try_get(6)?);
    Ok(TargetColumn {
        name: row.try_get(1)?,
        pg_type,
        written: row.try_get(2)?,
        not_null: row.try_get(3)?,
        has_default: row.try_get(4)?,
        identity: match identity.as_str() {
            "a" => Some(TargetIdentity::Always),
            "d" => Some(TargetIdentity::ByDefault),
            _ => None,
        },
        sequence: None,
        generated: !generated.is_empty(),
    })
}

fn unique(row: &Row) -> Result<TargetUnique, tokio_postgres::Error> {
    Ok(TargetUnique { name: row.try_get(1)?, primary: row.try_get(2)?, nulls_not_distinct: row.try_get(3)?, columns: row.try_get(4)? })
}

fn trigger(row: &Row) -> Result<TargetTrigger, tokio_postgres::Error> {
    let enabled: String = row.try_get(2)?;
    let enabled = match enabled.as_str() {
        "A" => TriggerState::Always,
        "R" => TriggerState::Replica,
        "D" => TriggerState::Disabled,
        _ => TriggerState::Origin,
    };
    Ok(TargetTrigger { name: row.try_get(1)?, enabled, on_insert: row.try_get(3)?, on_delete: row.try_get(4)? })
}

fn foreign_key(row: &Row) -> Result<TargetForeignKey, tokio_postgres::Error> {
    Ok(TargetForeignKey {
        name: row.try_get(1)?,
        parent_schema: row.try_get(2)?,
        parent: row.try_get(3)?,
        columns: row.try_get(4)?,
        parent_columns: row.try_get(5)?,
        definition: row.try_get(6)?,
        validated: row.try_get(7)?,
        comment: row.try_get(8)?,
    })
}

async fn references(transaction: &Transaction<'_>, schema: &str, tables: &mut Tables) -> Result<()> {
    for row in ask(transaction, REFERENCES, schema).await? {
        let fields = || -> Result<(String, String, String, bool), tokio_postgres::Error> {
            Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))
        };
        let (parent, child_schema, child, readable) = fields().map_err(|error| failed(DOING, error))?;
        let has_rows = !readable || count(transaction, &child_schema, &child).await? > 0;
        if let Some(table) = tables.get_mut(&parent) {
            table.referred_to_by.push(TargetReference { schema: child_schema, table: child, has_rows });
        }
    }
    Ok(())
}

async fn count(transaction: &Transaction<'_>, schema: &str, table: &str) -> Result<u64> {
    let sql = format!("select count(*) from {}.{}", quoted(schema), quoted(table));
    let row = transaction.query_one(&sql, &[]).await;
    let rows: i64 = row.and_then(|row| row.try_get(0)).map_err(|error| failed(format!("count the rows of {table}"), error))?;
    Ok(u64::try_from(rows).unwrap_or(0))
}
