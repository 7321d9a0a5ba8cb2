//! Sequences: those that feed a column, and those that stand free.

use tokio_postgres::Transaction;

use super::super::failed;
use crate::catalog::{TargetSequence, TargetTable, quoted};
use crate::error::Result;

const DOING: &str = "read the target's sequences";

/// A sequence feeds a column that it is the identity of, that owns it (`serial`), or whose default calls it.
const SEQUENCES: &str = "\
    with feeds as (\
    select objid as sequence, refobjid as relation, refobjsubid as number from pg_catalog.pg_depend \
    where classid = 'pg_catalog.pg_class'::regclass and refclassid = 'pg_catalog.pg_class'::regclass and deptype in ('a', 'i') \
    and refobjsubid > 0 \
    union \
    select d.refobjid, a.adrelid, a.adnum from pg_catalog.pg_depend d join pg_catalog.pg_attrdef a on a.oid = d.objid \
    where d.classid = 'pg_catalog.pg_attrdef'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass) \
    select t.relname::text, a.attname::text, n.nspname::text, s.relname::text, q.seqincrement, q.seqmin, q.seqmax, \
    has_sequence_privilege(s.oid, 'SELECT') and has_schema_privilege(n.oid, 'USAGE'), \
    has_sequence_privilege(s.oid, 'SELECT') and has_sequence_privilege(s.oid, 'UPDATE') and has_schema_privilege(n.oid, 'USAGE') \
    from pg_catalog.pg_sequence q join pg_catalog.pg_class s on s.oid = q.seqrelid \
    join pg_catalog.pg_namespace n on n.oid = s.relnamespace \
    left join feeds f on f.sequence = s.oid left join pg_catalog.pg_class t on t.oid = f.relation \
    left join pg_catalog.pg_namespace tn on tn.oid = t.relnamespace \
    left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = f.number \
    where coalesce(tn.nspname, n.nspname) = $1 \
    order by t.relname collate \"C\", a.attnum, n.nspname collate \"C\", s.relname collate \"C\"";

/// Reads the sequences, gives each column its own, and returns those that are left.
pub(super) async fn read(transaction: &Transaction<'_>, schema: &str, tables: &mut [TargetTable]) -> Result<Vec<TargetSequence>> {
    let rows = transaction.query(SEQUENCES, &[&schema]).await.map_err(|error| failed(DOING, error))?;
    let mut free = Vec::new();
    for row in &rows {
        let fields = || -> Result<_, tokio_postgres::Error> {
            let table: Option<String> = row.try_get(0)?;
            let column = row.try_get(1)?;
            let (schema, name, readable, settable) = (row.try_get(2)?, row.try_get(3)?, row.try_get::<_, bool>(7)?, row.try_get(8)?);
            let (increment, min, max) = (row.try_get(4)?, row.try_get(5)?, row.try_get(6)?);
            Ok((table, readable, TargetSequence { column, schema, name, next: None, increment, min, max, settable }))
        };
        let (table, readable, mut sequence) = fields().map_err(|error| failed(DOING, error))?;
        if readable {
            sequence.next = Some(next(transaction, &sequence).await?);
        }
        match table {
            None => free.push(sequence),
            Some(name) => {
                if let Some(table) = tables.iter_mut().find(|table| table.name == name) {
                    feed(table, sequence);
                }
            }
        }
    }
    Ok(free)
}

fn feed(table: &mut TargetTable, sequence: TargetSequence) {
    let column = table.columns.iter_mut().find(|column| Some(&column.name) == sequence.column.as_ref());
    if let Some(column) = column.filter(|column| column.sequence.is_none()) {
        column.sequence = Some(sequence.name.clone());
    }
    table.sequences.push(sequence);
}

async fn next(transaction: &Transaction<'_>, sequence: &TargetSequence) -> Result<i64> {
    let sql = format!("select last_value, is_called from {}.{}", quoted(&sequence.schema), quoted(&sequence.name));
    let row = transaction.query_one(&sql, &[]).await;
    let fields = row.and_then(|row| Ok((row.try_get::<_, i64>(0)?, row.try_get::<_, bool>(1)?)));
    let (last, is_called) = fields.map_err(|error| failed(format!("look at the sequence {}", sequence.name), error))?;
    Ok(if is_called { last.saturating_add(sequence.increment) } else { last })
}
