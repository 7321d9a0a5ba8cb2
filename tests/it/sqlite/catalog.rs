//! The catalog of a source, absurd names and unknown modules included.

use std::fmt::Write;
use std::fs;
use std::ops::ControlFlow;

use outgrow::catalog::{
    Affinity, Deferral, ForeignKeyAction, GeneratedKind, IndexOrigin, RowIdentity, RowidKind, TextEncoding, VirtualRows,
};
use outgrow::error::ErrorKind;
use outgrow::sqlite::{Scan, ScanOrder, SourceReader};
use outgrow::value::{Value, ValueRef};
use rusqlite::Connection;

use super::{column, database};

#[test]
fn reads_the_whole_catalog() {
    let (_directory, path) = database(
        "pragma foreign_keys = off; pragma user_version = 42; pragma application_id = -7;
         create table parent(id integer primary key autoincrement, code text unique collate nocase, unique(code, id));
         create table child(a INTEGER PRIMARY KEY DESC, p integer references parent on delete cascade on update set null deferrable initially deferred,
             code text not null default 'x''y' references parent(code), lost references gone, ghost references gone(x),
             twice as (a * 2), kept text generated always as (code || 'k') stored);
         create index child_code on child(code collate rtrim desc, a + 1) where p is not null;
         create table pair(x text, y int, z any, primary key (y desc, x)) without rowid, strict;
         create table shadowed(rowid text, oid blob, _rowid_ real);
         create table half(rowid text, n int primary key);
         create view good as select id, code as c from parent; create view bad as select * from nowhere; create view v2 as select nofunc(1) as x;
         create trigger tr after insert on child begin select 1; end;
         create virtual table words using fts5(body); create virtual table boxes using rtree(id, x0, x1);
         create table words_data2(a); create table sqlitefoo(a);
         insert into parent(code) values ('a'), ('b'); delete from parent where id = 2;",
    );
    let reader = SourceReader::open(&path).unwrap();
    let catalog = reader.catalog().unwrap();
    let tables: Vec<_> = catalog.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(
        tables,
        ["parent", "child", "pair", "shadowed", "half", "words", "boxes", "words_data2", "sqlitefoo"],
        "in order of creation"
    );
    assert_eq!((catalog.file.user_version, catalog.file.application_id, catalog.file.encoding), (42, -7, TextEncoding::Utf8));
    assert_eq!(catalog.file.bytes, fs::metadata(&path).unwrap().len());
    assert_eq!(catalog.sequences.get("parent"), Some(&2));

    let parent = catalog.table("PARENT").unwrap();
    assert!(parent.autoincrement && !parent.strict);
    assert_eq!(parent.rowid, RowidKind::Alias { column: "id".into() });
    assert_eq!(parent.columns[1].collation.to_ascii_uppercase(), "NOCASE");
    assert_eq!(parent.indexes.iter().map(|index| index.origin).collect::<Vec<_>>(), [IndexOrigin::Unique, IndexOrigin::Unique]);

    let child = catalog.table("child").unwrap();
    assert_eq!(child.rowid, RowidKind::Hidden { access: Some("rowid".into()) }, "INTEGER PRIMARY KEY DESC is not the rowid");
    assert_eq!(child.identity(), RowIdentity::Columns(vec!["a".into()]));
    assert!(!child.autoincrement);
    let generated: Vec<_> = child.columns.iter().map(|column| column.generated).collect();
    assert_eq!(generated, [None, None, None, None, None, Some(GeneratedKind::Virtual), Some(GeneratedKind::Stored)]);
    assert_eq!((child.columns[2].default.as_deref(), child.columns[2].not_null), (Some("'x''y'"), true));
    assert_eq!((child.columns[6].declared.as_str(), child.columns[6].affinity), ("TEXT", Affinity::Text));
    let keys: Vec<_> = child.foreign_keys.iter().map(|key| (key.parent.as_str(), key.columns[0].parent.as_deref(), key.deferral)).collect();
    assert_eq!(
        keys,
        [
            ("parent", Some("id"), Deferral::Deferred),
            ("parent", Some("code"), Deferral::Immediate),
            ("gone", None, Deferral::Immediate),
            ("gone", Some("x"), Deferral::Immediate)
        ]
    );
    assert_eq!((child.foreign_keys[0].on_delete, child.foreign_keys[0].on_update), (ForeignKeyAction::Cascade, ForeignKeyAction::SetNull));
    let index = child.indexes.iter().find(|index| index.name == "child_code").unwrap();
    assert!(index.partial && !index.unique && index.sql.as_deref().unwrap().contains("where p is not null"));
    let parts: Vec<_> = index.parts.iter().map(|part| (part.column.as_deref(), part.descending, part.collation.as_str())).collect();
    assert_eq!(parts, [(Some("code"), true, "rtrim"), (None, false, "BINARY")]);

    let pair = catalog.table("pair").unwrap();
    assert!(pair.strict);
    assert_eq!((&pair.rowid, pair.identity()), (&RowidKind::None, RowIdentity::Columns(vec!["y".into(), "x".into()])));
    assert_eq!(pair.columns[2].affinity, Affinity::Blob);
    assert_eq!(catalog.table("shadowed").unwrap().identity(), RowIdentity::Position);
    assert_eq!(catalog.table("half").unwrap().rowid, RowidKind::Hidden { access: Some("_rowid_".into()) });

    let views: Vec<_> = catalog.views.iter().map(|view| (view.name.as_str(), view.columns.join(","))).collect();
    assert_eq!(views, [("bad", String::new()), ("good", "id,c".into()), ("v2", String::new())]);
    assert_eq!((catalog.triggers[0].name.as_str(), catalog.triggers[0].table.as_str()), ("tr", "child"));
    let virtual_tables: Vec<_> =
        catalog.virtual_tables.iter().map(|table| (table.name.as_str(), table.module.as_str(), table.shadow_tables.len())).collect();
    assert_eq!(virtual_tables, [("boxes", "rtree", 3), ("words", "fts5", 5)]);
    reader.finish().unwrap();
}

#[test]
fn reads_virtual_tables_as_what_they_amount_to() {
    let (_directory, path) = database(
        "create virtual table words using fts5(body, note unindexed); create virtual table boxes using rtree(id, x0, x1, +name);
         create virtual table mail using fts4(docid2, body, languageid='lid'); create virtual table bare using fts5(a, content='');
         create table notes(id integer primary key, body text, lid int);
         create virtual table indexed using fts4(content='notes', body, languageid='lid');
         create virtual table half using fts5(a, b unindexed, content='', contentless_unindexed=1); insert into half values ('x', 'kept');",
    );
    let reader = SourceReader::open(&path).unwrap();
    let catalog = reader.catalog().unwrap();
    let tables: Vec<_> = catalog.tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(tables, ["words", "boxes", "mail", "notes", "half_content"]);
    let names = |table: &str| catalog.table(table).unwrap().columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>();
    assert_eq!(names("words"), ["rowid", "body", "note"]);
    assert_eq!(names("mail"), ["docid", "docid2", "body", "lid"]);
    let boxes = catalog.table("boxes").unwrap();
    let amounts_to = "CREATE TABLE \"boxes\" (\"id\" INTEGER PRIMARY KEY, \"x0\" REAL, \"x1\" REAL, \"name\", CHECK (\"x0\" <= \"x1\"))";
    assert_eq!((boxes.sql.as_str(), boxes.rowid_alias()), (amounts_to, Some("id")));
    let rows = |table: &str| catalog.virtual_table(table).unwrap().rows.clone();
    assert_eq!((rows("boxes"), rows("bare")), (VirtualRows::Own, VirtualRows::Nowhere));
    let columns = vec!["body".to_owned(), "lid".to_owned()];
    assert_eq!(rows("indexed"), VirtualRows::Elsewhere { table: "notes".to_owned(), rowid: "rowid".to_owned(), columns });
    assert_eq!(column(&reader, "half_content", "c1"), [Value::Text(b"kept".to_vec())]);
    reader.finish().unwrap();
}

#[test]
fn copes_with_absurd_names_and_widths() {
    let names = ["a\"b", "c'd", "line\nbreak", "", " ", "select", "名前", "🦀", "x;drop table y;--", "percent%s", "[b]", "`"];
    let mut sql = String::new();
    for name in names {
        let quoted = outgrow::catalog::quoted(name);
        let column = if name.is_empty() { "\"n\"".to_owned() } else { quoted.clone() };
        writeln!(sql, "create table {quoted}({column} text); insert into {quoted} values ('x');").unwrap();
    }
    let wide: Vec<_> = (0..2000).map(|index| format!("c{index}")).collect();
    write!(sql, "create table wide({}); insert into wide(c1999) values (5);", wide.join(",")).unwrap();
    let (_directory, path) = database(&sql);
    let reader = SourceReader::open(&path).unwrap();
    let catalog = reader.catalog().unwrap();
    assert_eq!(catalog.tables.iter().map(|table| table.name.as_str()).take(names.len()).collect::<Vec<_>>(), names);
    for table in &catalog.tables[..names.len()] {
        assert_eq!(column(&reader, &table.name, &table.columns[0].name), [Value::Text(b"x".to_vec())]);
    }
    let wide = catalog.table("wide").unwrap();
    assert_eq!((wide.columns.len(), wide.identity()), (2000, RowIdentity::Position));
    let all: Vec<_> = wide.columns.iter().map(|column| column.name.clone()).collect();
    let scan = Scan { table: "wide", columns: &all, rows: None, within: None, order: ScanOrder::Storage, skip: 0 };
    reader
        .scan(&scan, &mut |row| {
            assert_eq!(row.value(1999), ValueRef::Integer(5));
            Ok(ControlFlow::Continue(()))
        })
        .unwrap();
    reader.finish().unwrap();
}

#[test]
fn lists_objects_of_modules_and_functions_that_are_not_here() {
    let (_directory, path) =
        database("create table docs(a); create table docs_vocab(w); create table other(x); insert into other values (3)");
    let liar = Connection::open(&path).unwrap();
    liar.execute_batch(
        "pragma writable_schema = on;
         update sqlite_schema set sql = 'CREATE VIRTUAL TABLE docs USING spellfix1', rootpage = 0 where name = 'docs';
         insert into sqlite_schema values ('table', 'map', 'map', 0, 'CREATE VIRTUAL TABLE map USING nosuchmodule(a)');
         update sqlite_schema set sql = 'CREATE TABLE other(x, y as (nofunc(x)), z text collate nocoll)' where name = 'other';",
    )
    .unwrap();
    liar.close().unwrap();
    let reader = SourceReader::open(&path).unwrap();
    let catalog = reader.catalog().unwrap();
    assert_eq!(catalog.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["other"]);
    assert_eq!(
        catalog.virtual_tables.iter().map(|table| (table.name.as_str(), table.shadow_tables.len())).collect::<Vec<_>>(),
        [("docs", 1), ("map", 0)]
    );
    assert_eq!(catalog.tables[0].columns[2].collation, "nocoll");
    assert_eq!(column(&reader, "other", "x"), [Value::Integer(3)]);
    assert!(reader.unreadable("other", &["y".to_owned()]).unwrap().contains("nofunc"));
    assert_eq!(reader.unreadable("other", &["z".to_owned()]), None);
}

#[test]
fn refuses_names_that_are_not_text() {
    let (_directory, path) = database("create table abcdef(a)");
    let bytes = fs::read(&path).unwrap();
    let replaced: Vec<u8> = bytes.iter().map(|byte| if *byte == b'd' { 0xff } else { *byte }).collect();
    fs::write(&path, replaced).unwrap();
    let error = SourceReader::open(&path).and_then(|reader| reader.catalog()).expect_err("the name is no text");
    assert_eq!(error.kind(), ErrorKind::SourceCorrupt);
}
