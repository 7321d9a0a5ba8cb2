//! Reference data: rows that come from files and not from the source, added once and told apart in every comparison.

mod existing;

use outgrow::plan::{OnConflict, ReferenceConflict, ReferenceContent, ReferenceLoad};
use outgrow::value::{Evidence, RowKey, ValueRef};

use crate::fixture::Database;
use crate::program::{Ended, Program, text};
use crate::schema::assert_valid;
use crate::target::{ask, ask_one, everything, tell};

/// Samples for the schemas of the documents.
pub(crate) fn loads() -> impl Iterator<Item = ReferenceLoad> {
    let csv = ReferenceContent::Csv { columns: vec!["id".to_owned()], rows: 1, text: "id\n1\n".to_owned() };
    let of = |content: ReferenceContent, on_conflict| ReferenceLoad {
        table: "regions".to_owned(),
        file: "regions.csv".to_owned(),
        checksum: content.checksum(),
        key: vec!["id".to_owned()],
        on_conflict,
        content,
    };
    let sql = ReferenceContent::Sql { text: "insert into regions values (1)".to_owned() };
    [of(csv.clone(), OnConflict::Stop), of(csv.clone(), OnConflict::Keep), of(csv, OnConflict::Replace), of(sql, OnConflict::Stop)]
        .into_iter()
}

pub(crate) fn conflicts() -> Vec<ReferenceConflict> {
    let rows = Evidence { count: 1, samples: vec![RowKey::of(&[ValueRef::Integer(7)])] };
    let of =
        |on_conflict| ReferenceConflict { table: "regions".to_owned(), file: "regions.csv".to_owned(), on_conflict, rows: rows.clone() };
    [OnConflict::Stop, OnConflict::Keep, OnConflict::Replace].map(of).into()
}

const SOURCE: &str = "
    create table regions(id integer primary key autoincrement, name text not null, area real);
    create table cities(code text primary key, region integer references regions(id), founded date);
    create view towns as select c.code, r.name from cities c join regions r on r.id = c.region;
    insert into regions values (1, 'Tbilisi', 502.0), (2, 'Adjara', null);
    insert into cities values ('TB', 1, '0455-01-01');";
const POLICY: &str = "
    [[reference]]\ntable = \"regions\"\nfile = \"data/regions.csv\"\n\
    [[reference]]\ntable = \"cities\"\nfile = \"data/cities.sql\"\n";
const REGIONS: &str = "id,name,area\r\n3,\"Kakheti, \"\"wine\"\"\",11310\r\n40,Guria,\r\n";
const CITIES: &str = "-- more of them\ninsert into cities values ('TE', 3, '1150-01-01'), ('OZ', 40, null);\n";

struct Case {
    program: Program,
    database: Database,
    source: std::path::PathBuf,
}

impl Case {
    fn new(name: &str, source: &str, policy: &str, files: &[(&str, &str)]) -> Self {
        let program = Program::new();
        let source = program.source("app.db", source);
        std::fs::create_dir(program.path("data")).unwrap();
        let case = Self { program, database: Database::new(name), source };
        case.write("outgrow.toml", policy);
        for (name, text) in files {
            case.write(&format!("data/{name}"), text);
        }
        case
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.program.path(name), text).unwrap();
    }

    fn migrate(&self) -> Ended {
        self.program.run(&["migrate", text(&self.source), &self.database.url(), "--json"])
    }

    fn verify(&self, options: &[&str]) -> Ended {
        self.program.run(&[&["verify", text(&self.source), &self.database.url(), "--json"], options].concat())
    }
}

/// The rows of reference data that a comparison counts, by table.
fn counted(verification: &serde_json::Value, table: &str) -> u64 {
    verification["tables"][table]["reference"].as_u64().unwrap()
}

const BOTH: &[(&str, &str)] = &[("regions.csv", REGIONS), ("cities.sql", CITIES)];

#[test]
fn rows_of_files_come_once_and_are_counted_apart() {
    let case = Case::new("reference_load", SOURCE, POLICY, BOTH);
    let planned = case.program.run(&["plan", text(&case.source), "--json"]).expect(0).document();
    assert_valid("plan", &planned);
    let rehearsed = case.program.run(&["rehearse", text(&case.source), "--json"]).expect(0).document();
    assert_valid("rehearse", &rehearsed);
    let report = case.migrate().expect(0).document();
    assert_valid("migrate", &report);
    assert_eq!(report["plan"]["id"], planned["plan"]["id"]);
    let brought = |table: &str, file: &str| serde_json::json!({ "table": table, "file": file, "added": 2, "replaced": 0 });
    let expected = serde_json::json!([brought("cities", "data/cities.sql"), brought("regions", "data/regions.csv")]);
    assert_eq!((&report["references"], &rehearsed["references"]), (&expected, &expected));
    assert_eq!(counted(&report["verification"], "regions"), 2);
    let regions = ["1|Tbilisi|502", "2|Adjara|∅", "3|Kakheti, \"wine\"|11310", "40|Guria|∅"];
    assert_eq!(ask(&case.database, "select * from regions order by id"), regions);
    assert_eq!(ask(&case.database, "select code from cities order by 1"), ["OZ", "TB", "TE"]);
    tell(&case.database, "begin; insert into regions(name) values ('next'); insert into cities values ('NX', 41, null); rollback");
    assert_eq!(ask_one(&case.database, "select nextval(pg_get_serial_sequence('regions', 'id'))"), "42");

    // A second run changes nothing.
    let before = everything(&case.database);
    let again = case.migrate().expect(0);
    assert!(again.err.contains("carried out already"), "{}", again.err);
    assert_eq!(again.document()["references"], expected);
    assert_eq!(everything(&case.database), before);
    let page = case.program.run(&["report", "--html"]).expect(0).out;
    assert!(page.contains("regions.csv</bdi> added to <bdi class=\"name\">regions") && page.contains("2 rows from"), "{page}");
    let shown = case.program.run(&["report"]).expect(0);
    assert!(shown.out.contains("2 rows of reference data added to regions from data/regions.csv"), "{}", shown.out);

    // The comparison counts them apart at every level, and sees what is no reference data.
    let full = case.verify(&[]).expect(0).document();
    assert_valid("verify", &full);
    assert_eq!((counted(&full, "regions"), counted(&full, "cities")), (2, 2));
    case.verify(&["--schema"]).expect(0);
    case.verify(&["--level", "counts"]).expect(5);
    case.verify(&["--level", "sample"]).expect(5);
    tell(&case.database, "insert into regions values (90, 'nobody knows', null)");
    let surplus = case.verify(&[]).expect(4).document();
    assert_eq!((&surplus["tables"]["regions"]["differences"], counted(&surplus, "regions")), (&1.into(), 2));
    tell(&case.database, "delete from regions where id = 90");

    // A row that the source holds too by now is compared like any other.
    let source = rusqlite::Connection::open(&case.source).unwrap();
    source.execute_batch("insert into regions values (40, 'Guria', null)").unwrap();
    let same = case.verify(&[]).expect(0).document();
    assert_eq!(counted(&same, "regions"), 1);
    source.execute_batch("update regions set name = 'other' where id = 40").unwrap();
    let other = case.verify(&[]).expect(4).document();
    assert_eq!(other["tables"]["regions"]["shown"][0]["column"], "name");
}

#[test]
fn a_table_that_has_no_order_is_compared_all_the_same() {
    let source = "create table tags(name text primary key collate nocase, weight real); create table plain(a, b);
        insert into tags values ('b', 1.5), ('A', 2.0); insert into plain values (1, 'x'), (1, 'x'), ('two', 2);";
    let policy = "[[reference]]\ntable = \"tags\"\nfile = \"data/tags.csv\"\n[[reference]]\ntable = \"plain\"\nfile = \"data/plain.csv\"\nkey = [\"a\"]\n";
    let case = Case::new("reference_multiset", source, policy, &[("tags.csv", "name,weight\nc,3\n"), ("plain.csv", "a,b\nthree,\"\"\n")]);
    let waived = format!("{policy}[[waiver]]\nfinding = \"mixed-types\"\nat = \"*\"\nreason = \"a test\"\nby = \"Ada\"\n");
    case.write("outgrow.toml", &waived);
    let report = case.migrate().expect(0).document();
    assert_eq!((counted(&report["verification"], "tags"), counted(&report["verification"], "plain")), (1, 1));
    assert_eq!(ask(&case.database, "select b is null, b = '' from plain where a = 'three'"), ["f|t"]);
    let source = rusqlite::Connection::open(&case.source).unwrap();
    source.execute_batch("insert into plain values ('three', '')").unwrap();
    let same = case.verify(&[]).document();
    assert_eq!((&same["tables"]["plain"]["differences"], counted(&same, "plain")), (&0.into(), 0), "{same}");
    tell(&case.database, "insert into plain values ('three', 'surplus')");
    case.verify(&[]).expect(4);
}

#[test]
fn a_changed_file_is_another_plan_and_says_so() {
    let case = Case::new("reference_changed", SOURCE, POLICY, BOTH);
    let first = case.migrate().expect(0).document();
    case.write("data/regions.csv", &REGIONS.replace("Guria", "guria"));
    let before = everything(&case.database);
    let changed = case.migrate().expect(3).document();
    assert_ne!(changed["plan"]["id"], first["plan"]["id"]);
    let message = changed["findings"][0]["message"].as_str().unwrap();
    assert!(message.contains("the file data/regions.csv has changed since then"), "{message}");
    assert_eq!(everything(&case.database), before);
}

#[test]
fn a_key_that_is_taken_stops_or_is_kept_or_replaced() {
    let case = Case::new("reference_conflict", SOURCE, POLICY, BOTH);
    case.write("data/regions.csv", "name,id\nbatumi,2\nGuria,40\n");
    case.write("data/cities.sql", "select 1");
    let stopped = case.migrate().expect(3).document();
    let finding = &stopped["findings"][0];
    assert_eq!(
        (&finding["id"], &finding["severity"], &finding["place"]),
        (&"reference-conflict".into(), &"stop".into(), &"regions".into())
    );
    assert_eq!(finding["rows"], serde_json::json!(["2"]));
    assert_eq!(ask(&case.database, "select 1 from pg_tables where schemaname = 'public'"), Vec::<String>::new());

    let with = |rule: &str| case.write("outgrow.toml", &POLICY.replacen(".csv\"\n", &format!(".csv\"\non-conflict = \"{rule}\"\n"), 1));
    with("keep");
    let kept = case.migrate().expect(0).document();
    assert_eq!(kept["findings"][0]["severity"], "note");
    assert_eq!(ask(&case.database, "select id, name from regions order by 1"), ["1|Tbilisi", "2|Adjara", "40|Guria"]);
    assert_eq!(kept["references"][0]["added"], 1);

    // What is replaced is another than in the source, and the comparison says so.
    let case = Case { database: Database::new("reference_replaced"), ..case };
    std::fs::remove_dir_all(case.program.path(".outgrow")).unwrap();
    let with = |rule: &str| POLICY.replacen(".csv\"\n", &format!(".csv\"\non-conflict = \"{rule}\"\n"), 1);
    case.write("outgrow.toml", &with("replace"));
    case.migrate().expect(3);
    let waiver = "[[waiver]]\nfinding = \"reference-conflict\"\nat = \"regions\"\nreason = \"the file is right\"\nby = \"Ada\"\n";
    case.write("outgrow.toml", &format!("{}{waiver}", with("replace")));
    let replaced = case.migrate().expect(4).document();
    assert_eq!(ask(&case.database, "select id, name from regions order by 1"), ["1|Tbilisi", "2|batumi", "40|Guria"]);
    assert_eq!(
        (&replaced["references"][0]["replaced"], &replaced["verification"]["tables"]["regions"]["differences"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn a_key_that_only_the_server_knows_as_taken_stops_the_load() {
    let source = "create table days(day date primary key, name text); insert into days values ('2026-01-31', 'a'), ('2026-02-01', 'b');";
    let policy = "[[reference]]\ntable = \"days\"\nfile = \"data/days.csv\"\n";
    let case = Case::new("reference_late", source, policy, &[("days.csv", "day,name\n\"January 31, 2026\",c\n")]);
    let stopped = case.migrate().expect(2);
    assert!(stopped.err.contains("days holds rows with the keys [\"2026-01-31\"] already"), "{}", stopped.err);
    assert_eq!(ask_one(&case.database, "select count(*) from days"), "2");
}

#[test]
fn a_run_that_dies_in_a_file_is_gone_on_with() {
    for failpoint in ["step.intended", "step.done", "step.committed", "step.journaled"] {
        let case = Case::new("reference_killed", SOURCE, POLICY, BOTH);
        for nth in 1..40 {
            let run = ["migrate", text(&case.source), &case.database.url()].map(str::to_owned);
            let run: Vec<&str> = run.iter().map(String::as_str).collect();
            let died = case.program.run_to(&format!("{failpoint}:{nth}"), &run);
            if died.code.is_some() {
                assert!(nth > 3, "{failpoint} was reached only {nth} times\n{}", died.err);
                break;
            }
            let rows = ask(&case.database, "select to_regclass('regions') is not null and to_regclass('outgrow.reference') is not null");
            if rows == ["t"] {
                let whole = "select (select count(*) from regions where id > 2) = (select count(*) from outgrow.reference where target_table = 'regions')";
                assert_eq!(ask_one(&case.database, whole), "t", "{failpoint}:{nth}");
            }
        }
        assert_eq!(ask_one(&case.database, "select count(*) from regions"), "4", "{failpoint}");
        assert_eq!(ask_one(&case.database, "select count(*) from cities"), "3", "{failpoint}");
        case.verify(&[]).expect(0);
    }
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_file_and_line_before_anything_is_loaded() {
    let only = "[[reference]]\ntable = \"regions\"\nfile = \"data/regions.csv\"\n";
    let case = Case::new("reference_wrong", SOURCE, only, &[]);
    let refused = |policy: &str, file: &str, said: &[&str]| {
        case.write("outgrow.toml", policy);
        case.write("data/regions.csv", file);
        let ended = case.migrate().expect(2);
        for part in said {
            assert!(ended.err.contains(part) && !ended.err.contains("secret"), "{part}: {}", ended.err);
        }
        assert_eq!(ask(&case.database, "select 1 from pg_tables where schemaname = 'public'"), Vec::<String>::new());
    };
    refused(only, "id,nmae\n3,a\n", &["data/regions.csv", "line 1 of it", "no column `nmae`", "`name`"]);
    refused(&only.replace("regions\"", "region\""), "id,name\n", &["line 2, `region`", "no such table", "`regions`"]);
    refused(only, "id,name\n3,a\nsecret,b\n", &["data/regions.csv", "line 3 of it", "invalid input syntax for type bigint"]);
    refused(only, "id,name\n3,a\n4\n", &["data/regions.csv", "line 3 of it has 1 fields"]);
    refused(only, "id,name\n3,a\n03,b\n", &["several rows of it have the same key: [3]"]);
    refused(only, "id,name\n3,a\n,b\n", &["1 row of it", "nothing in id"]);
    refused(only, "name\na\n", &["line 1 of it", "`id`"]);
    refused(&only.replace("regions.csv", "nowhere.csv"), "", &["data/nowhere.csv", "in line 2", "No such file"]);
    case.write("data/cities.sql", "insert into cities values ('A', 1, null);\n\ninsert into citties values (1);\n");
    case.write("outgrow.toml", "[[reference]]\ntable = \"cities\"\nfile = \"data/cities.sql\"\n");
    let ended = case.migrate().expect(2);
    assert!(ended.err.contains("data/cities.sql") && ended.err.contains("line 3 of it"), "{}", ended.err);
}
