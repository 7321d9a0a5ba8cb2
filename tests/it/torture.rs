//! One of everything that SQLite can hold: every cell in a class, every object across or named in a finding.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use crate::fixture::{Database, environment};
use crate::program::{Program, text};
use crate::target::{ask, books, equal, settle};

/// What is in the source, read by our own eyes, and what the target and the report have of it.
struct Account<'a> {
    source: Connection,
    target: BTreeSet<String>,
    report: &'a Value,
    missing: Vec<String>,
    looked_at: usize,
}

/// Everything in the target that has a name, as `kind|table|name`.
const THERE: &str = "
    select 'table', '', relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
    union all select 'column', c.relname, a.attname from pg_attribute a join pg_class c on c.oid = attrelid where attnum > 0 and c.relnamespace = 'public'::regnamespace
    union all select 'generated', c.relname, a.attname from pg_attribute a join pg_class c on c.oid = attrelid where attgenerated <> '' and c.relnamespace = 'public'::regnamespace
    union all select 'default', c.relname, a.attname from pg_attribute a join pg_class c on c.oid = attrelid where atthasdef and c.relnamespace = 'public'::regnamespace
    union all select 'index', '', relname from pg_class where relkind = 'i' and relnamespace = 'public'::regnamespace
    union all select 'view', '', viewname from pg_views where schemaname = 'public'
    union all select 'trigger', '', tgname from pg_trigger where not tgisinternal
    union all select 'unique', c.relname, (select string_agg(pg_get_indexdef(i.indexrelid, k, true), ',' order by k) from generate_series(1, i.indnkeyatts) k)
        from pg_index i join pg_class c on c.oid = i.indrelid where i.indisunique and c.relnamespace = 'public'::regnamespace
    union all select 'checks', c.relname, count(*)::text from pg_constraint k join pg_class c on c.oid = conrelid where contype = 'c' and c.relnamespace = 'public'::regnamespace group by 2
    union all select 'foreign keys', c.relname, count(*)::text from pg_constraint k join pg_class c on c.oid = conrelid where contype = 'f' and c.relnamespace = 'public'::regnamespace group by 2";

impl Account<'_> {
    fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let mut statement = self.source.prepare(sql).unwrap();
        let width = statement.column_count();
        let field = |row: &rusqlite::Row<'_>, index| match row.get_ref(index).unwrap() {
            rusqlite::types::ValueRef::Null => String::new(),
            rusqlite::types::ValueRef::Integer(number) => number.to_string(),
            rusqlite::types::ValueRef::Real(number) => number.to_string(),
            rusqlite::types::ValueRef::Text(bytes) | rusqlite::types::ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        };
        let rows = statement.query_map([], |row| Ok((0..width).map(|index| field(row, index)).collect())).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// The name that the plan gave to something.
    fn renamed(&self, what: &str, name: &str) -> String {
        let renames = self.report["plan"]["renames"].as_array().unwrap().iter();
        let found = renames
            .filter(|rename| rename["what"] == what && rename["source"] == name)
            .map(|rename| rename["target"].as_str().unwrap())
            .next();
        found.unwrap_or(name).to_owned()
    }

    fn is_there(&self, kind: &str, table: &str, name: &str) -> bool {
        self.target.contains(&format!("{kind}|{table}|{name}"))
    }

    /// Findings whose place this is, and objects that the server refused.
    fn named(&self, place: &str) -> bool {
        let findings = self.report["findings"].as_array().unwrap().iter();
        findings.filter(|finding| finding["id"] != "renamed").any(|finding| finding["place"].as_str().unwrap() == place)
            || self.report["refused"].as_array().unwrap().iter().any(|refused| refused["object"] == place)
    }

    fn named_within(&self, kind: &str, table: &str) -> usize {
        let findings = self.report["findings"].as_array().unwrap().iter();
        findings
            .filter(|finding| {
                finding["place"].as_str().unwrap().starts_with(kind)
                    && finding["place"].as_str().unwrap().ends_with(&format!(" of {table}"))
            })
            .count()
    }

    fn require(&mut self, holds: bool, what: String) {
        self.looked_at += 1;
        if !holds {
            self.missing.push(what);
        }
    }

    fn tables(&mut self) -> u64 {
        let mut cells = 0;
        for row in self.rows("select name, type from pragma_table_list where schema = 'main' and type in ('table', 'virtual') and name not like 'sqlite\\_%' escape '\\'") {
            let (table, kind) = (&row[0], &row[1]);
            if kind == "virtual" {
                self.require(self.named(table), format!("virtual table {table}"));
                cells += self.virtual_cells(table);
                continue;
            }
            let target = self.renamed("table", table);
            self.require(self.is_there("table", "", &target), format!("table {table}"));
            let columns = self.columns(table, &target);
            let rows: u64 = self.rows(&format!("select count(*) from \"{}\"", table.replace('"', "\"\"")))[0][0].parse().unwrap();
            cells += rows * columns;
            self.constraints(table, &target);
        }
        cells
    }

    /// The cells of a virtual table that has become a table: its columns, and the rowid of a full-text table.
    fn virtual_cells(&mut self, table: &str) -> u64 {
        let target = self.renamed("table", table);
        if !self.is_there("table", "", &target) {
            return 0;
        }
        let module = format!("select sql like '%using fts%' from sqlite_schema where name = '{}'", table.replace('\'', "''"));
        let rowid = u64::from(self.rows(&module)[0][0] == "1");
        let columns = self.rows(&format!("select name from pragma_table_xinfo('{}') where hidden = 0", table.replace('\'', "''")));
        for column in &columns {
            self.require(self.is_there("column", &target, &column[0]), format!("column {table}.{}", column[0]));
        }
        let rows: u64 = self.rows(&format!("select count(*) from \"{}\"", table.replace('"', "\"\"")))[0][0].parse().unwrap();
        rows * (u64::try_from(columns.len()).unwrap() + rowid)
    }

    fn columns(&mut self, table: &str, target: &str) -> u64 {
        let quoted = table.replace('\'', "''");
        let columns = self.rows(&format!("select name, dflt_value, hidden, type, pk from pragma_table_xinfo('{quoted}')"));
        for column in &columns {
            let (name, default, hidden) = (&column[0], &column[1], column[2].as_str());
            let there = self.renamed(&format!("column of {table}"), name);
            let place = format!("{table}.{name}");
            self.require(self.is_there("column", target, &there), format!("column {place}"));
            if hidden == "2" || hidden == "3" {
                let across = self.is_there("generated", target, &there) || self.named(&format!("generated column {place}"));
                self.require(across, format!("generated column {place}"));
            } else if !default.is_empty() && !default.eq_ignore_ascii_case("null") {
                let across = self.is_there("default", target, &there)
                    || self.named(&format!("default {place}"))
                    || self.named(&format!("default of {place}"));
                self.require(across, format!("default of {place}"));
            }
        }
        u64::try_from(columns.len()).unwrap()
    }

    fn count(&self, kind: &str, table: &str) -> usize {
        let prefix = format!("{kind}|{table}|");
        self.target.iter().find_map(|line| line.strip_prefix(&prefix)).map_or(0, |count| count.parse().unwrap())
    }

    fn constraints(&mut self, table: &str, target: &str) {
        let quoted = table.replace('\'', "''");
        let keys = self.rows(&format!("select distinct id, \"table\" from pragma_foreign_key_list('{quoted}')")).len();
        let problems = self.report["findings"].as_array().unwrap().iter();
        let problems = problems
            .filter(|finding| {
                finding["id"] == "foreign-key-mismatch" && finding["place"].as_str().unwrap().starts_with(&format!("{table}."))
            })
            .count();
        let across = self.count("foreign keys", target);
        self.require(across + problems >= keys, format!("foreign keys of {table}: {across} there + {problems} named of {keys}"));

        let sql = self.rows(&format!("select sql from sqlite_schema where type = 'table' and name = '{quoted}'"))[0][0].clone();
        let checks = outgrow::dialect::read_table(&sql).unwrap().checks.len();
        let (across, named) = (self.count("checks", target), self.named_within("check ", table));
        self.require(across + named >= checks, format!("checks of {table}: {across} there + {named} named of {checks}"));

        for unique in self.rows(&format!("select name from pragma_index_list('{quoted}') where origin = 'u'")) {
            let columns = self.rows(&format!("select name from pragma_index_info('{}')", unique[0].replace('\'', "''")));
            let spelled = |fold: bool| {
                let spell = |column: &Vec<String>| {
                    let there = self.renamed(&format!("column of {table}"), &column[0]);
                    if fold { format!("lower({there})") } else { there }
                };
                columns.iter().map(spell).collect::<Vec<_>>()
            };
            let plain = spelled(false).join(",");
            let covered = |line: &str| {
                let found = line.strip_prefix(&format!("unique|{target}|"));
                found.is_some_and(|found| {
                    spelled(false).iter().all(|column| found.contains(column.as_str())) && found.split(',').count() == columns.len()
                })
            };
            let across = self.target.iter().any(|line| covered(line)) || self.named(&format!("index {}", unique[0]));
            self.require(across, format!("unique ({plain}) of {table}"));
        }
    }

    fn programs(&mut self) {
        for row in self.rows("select type, name from sqlite_schema where type in ('index', 'view', 'trigger') and sql is not null") {
            let (kind, name) = (row[0].as_str(), row[1].as_str());
            let place = format!("{kind} {name}");
            let across = self.is_there(kind, "", &self.renamed(kind, name)) || self.named(&place);
            self.require(across, place);
        }
    }
}

/// Moves the file with everything waived, and accounts for all of it.
fn account(name: &str, sql: &str) {
    let (program, database) = (Program::new(), Database::new("torture"));
    let source = program.source(&format!("{name}.db"), sql);
    let rehearsed = program.run(&["rehearse", text(&source), "--no-fetch", "--json"]);
    let code = rehearsed.code;
    let rehearsed = rehearsed.document();
    assert_eq!(rehearsed["verification"]["verdict"], "match", "{name}");
    assert_eq!(rehearsed["probes"]["surprises"], serde_json::json!([]), "{name}: {:#}", rehearsed["probes"]["surprises"]);
    assert!(matches!(code, Some(0 | 3)), "{name}: {code:?}\n{rehearsed:#}");

    settle(&program, "[rules]\norphans = \"not-valid\"\n");
    let report = program.run(&["migrate", text(&source), &database.url(), "--json"]).expect(0).document();
    equal(&program, &source, &database);
    let (exact, normalised, quarantined) = books(&report["cells"]);
    assert_eq!(books(&rehearsed["cells"]), (exact, normalised, quarantined));
    let mut account = Account {
        source: Connection::open(&source).unwrap(),
        target: ask(&database, THERE).into_iter().collect(),
        report: &report,
        missing: Vec::new(),
        looked_at: 0,
    };
    let cells = account.tables();
    account.programs();
    assert_eq!(exact + normalised + quarantined, cells, "{name}: a cell is in no class");
    assert!(account.looked_at > 100, "{name}: only {} objects were looked at", account.looked_at);
    assert!(account.missing.is_empty(), "{name}: neither there nor named:\n  {}\n{:#}", account.missing.join("\n  "), report["findings"]);
    // What was left out is kept as text for whoever writes it by hand.
    for finding in report["findings"].as_array().unwrap().iter().filter(|finding| finding["id"] == "manual") {
        assert!(!finding["original"].as_str().unwrap_or_default().is_empty(), "{finding:#}");
    }
}

#[test]
fn our_own_torture_loses_nothing() {
    account("torture", include_str!("torture.sql"));
}

/// The cases of others lie outside of this tree.
#[test]
fn the_cases_of_others_lose_nothing() {
    let Some(directory) = environment("OUTGROW_CASES") else {
        writeln!(std::io::stderr(), "OUTGROW_CASES names no directory: the cases of others are not rehearsed").unwrap();
        return;
    };
    account("theirs", &std::fs::read_to_string(Path::new(&directory).join("torture.sql")).unwrap());
}
