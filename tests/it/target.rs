//! What a target holds, asked past the program: the tests' own eyes.

use std::path::Path;

use crate::fixture::{Database, in_own_runtime};
use crate::program::{Ended, Program, text};

/// The rows of a query, their fields joined by `|`, NULL as `∅`.
pub(crate) fn ask(database: &Database, sql: &str) -> Vec<String> {
    in_own_runtime(async {
        let session = database.session().await;
        let messages = session.client().simple_query(sql).await.unwrap_or_else(|error| panic!("{error:?} in {sql}"));
        let row = |message: &tokio_postgres::SimpleQueryMessage| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => {
                let fields: Vec<&str> = (0..row.len()).map(|index| row.get(index).unwrap_or("∅")).collect();
                Some(fields.join("|"))
            }
            // The enum is open: there may come to be more kinds of messages without a row.
            tokio_postgres::SimpleQueryMessage::CommandComplete(_) | tokio_postgres::SimpleQueryMessage::RowDescription(_) | _ => None,
        };
        messages.iter().filter_map(row).collect()
    })
}

/// The one field of the one row of a query.
pub(crate) fn ask_one(database: &Database, sql: &str) -> String {
    let rows = ask(database, sql);
    assert_eq!(rows.len(), 1, "{sql}: {rows:?}");
    rows[0].clone()
}

/// Runs statements.
pub(crate) fn tell(database: &Database, sql: &str) {
    in_own_runtime(async {
        database.session().await.client().batch_execute(sql).await.unwrap_or_else(|error| panic!("{error:?} in {sql}"));
    });
}

const CATALOG: &str = "
    select 'relation', n.nspname, c.relname, c.relkind, c.relfilenode, c.xmin from pg_class c
        join pg_namespace n on n.oid = c.relnamespace where n.nspname !~ '^(pg_|information_schema)' order by 2, 3;
    select 'column', attrelid::regclass, attnum, attname, atttypid::regtype, attnotnull, attidentity, attgenerated from pg_attribute
        where attnum > 0 and attrelid in (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname !~ '^(pg_|information_schema)') order by 2::text, 3;
    select 'constraint', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) from pg_constraint
        where conrelid <> 0 order by 2::text, 3;
    select 'trigger', tgrelid::regclass, tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 2::text, 3;
    select 'view', schemaname, viewname, definition from pg_views where schemaname !~ '^(pg_|information_schema)' order by 2, 3";

/// The tables, or whatever else of this kind, outside the system's schemas, quoted.
pub(crate) fn relations(database: &Database, kind: char) -> Vec<String> {
    ask(
        database,
        &format!(
            "select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace \
             where c.relkind = '{kind}' and n.nspname !~ '^(pg_|information_schema)' order by 1"
        ),
    )
}

/// Everything that there is: catalog, the place and transaction of every row and its content, every sequence.
pub(crate) fn everything(database: &Database) -> Vec<String> {
    let mut all = ask(database, CATALOG);
    let tables = relations(database, 'r').into_iter();
    let rows = tables.map(|table| {
        let name = table.replace('\'', "''");
        format!(
            "select '{name}', count(*), md5(coalesce(string_agg(t.ctid::text || t.xmin::text || md5(t::text), '' order by t.ctid), '')) from {table} t"
        )
    });
    let sequences = relations(database, 'S')
        .into_iter()
        .map(|name| format!("select '{}', last_value, is_called from {name}", name.replace('\'', "''")));
    all.extend(ask(database, &rows.chain(sequences).collect::<Vec<_>>().join(";")));
    all
}

/// Writes the policy: these rules, and a waiver of every finding that can be waived.
pub(crate) fn settle(program: &Program, rules: &str) {
    let waiver = |gate: &&outgrow::gate::Gate| {
        format!("[[waiver]]\nfinding = \"{}\"\nat = \"*\"\nreason = \"it is a test\"\nby = \"Ada\"\n", gate.id)
    };
    let waivers: String = outgrow::gate::GATES.iter().map(waiver).collect();
    std::fs::write(program.path("outgrow.toml"), format!("{rules}\n{waivers}")).unwrap();
}

/// Moves a source, everything waived, and fails unless that succeeds.
pub(crate) fn moved(program: &Program, source: &Path, database: &Database) -> Ended {
    settle(program, "[rules]\norphans = \"not-valid\"\n");
    program.run(&["migrate", text(source), &database.url(), "--json"]).expect(0)
}

/// Compares, and fails unless both sides are equal.
pub(crate) fn equal(program: &Program, source: &Path, database: &Database) -> serde_json::Value {
    let document = program.run(&["verify", text(source), &database.url(), "--json"]).expect(0).document();
    assert_eq!(document["verdict"], "match");
    document
}

/// The cells of a report's books: exact, normalised, quarantined.
pub(crate) fn books(cells: &serde_json::Value) -> (u64, u64, u64) {
    let sum = |map: &serde_json::Value| map.as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    (cells["exact"].as_u64().unwrap(), sum(&cells["normalised"]), sum(&cells["quarantined"]))
}
