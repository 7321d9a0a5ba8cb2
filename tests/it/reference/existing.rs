//! Reference data in tables that the application's own migrations made, of which the source may know nothing.

use super::{Case, counted};
use crate::fixture::{Database, schema_dump};
use crate::program::text;
use crate::target::{ask, ask_one, everything, tell};

const SOURCE: &str = "create table region(id integer primary key, name text, country integer);
    insert into region values (1, 'Tbilisi', 7), (2, 'Adjara', null);";
const TARGET: &str = "
    create table country(id integer generated always as identity primary key, code char(2) not null unique);
    create table region(id serial primary key, name varchar(10), country integer references country(id));
    insert into country(code) values ('AM');
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'fired'; end $$;
    create trigger refuses before insert on region for each row execute function refuse();";
const POLICY: &str = "[[reference]]\ntable = \"country\"\nfile = \"data/country.csv\"\n\
    [[reference]]\ntable = \"region\"\nfile = \"data/region.csv\"\non-conflict = \"keep\"\n";
const FILES: &[(&str, &str)] = &[("country.csv", "id,code\n7,GE\n8,AZ\n"), ("region.csv", "id,name,country\n2,other,8\n30,Guria,7\n")];

fn case(name: &str) -> Case {
    let case = Case::new(name, SOURCE, POLICY, FILES);
    tell(&case.database, TARGET);
    case
}

fn is_whole(case: &Case) {
    assert_eq!(ask(&case.database, "select * from region order by id"), ["1|Tbilisi|7", "2|Adjara|∅", "30|Guria|7"]);
    assert_eq!(ask(&case.database, "select * from country order by id"), ["1|AM", "7|GE", "8|AZ"]);
    let verified = case.verify(&[]).expect(0).document();
    assert_eq!(counted(&verified, "region"), 1);
}

#[test]
fn it_comes_beside_the_rows_of_the_source_and_into_tables_of_the_target_alone() {
    let case = case("reference_existing");
    let schema = schema_dump(&case.database);
    let report = case.migrate().expect(0).document();
    assert_eq!(report["references"][0], serde_json::json!({ "table": "country", "file": "data/country.csv", "added": 2, "replaced": 0 }));
    assert_eq!(schema_dump(&case.database), schema);
    is_whole(&case);
    case.verify(&["--schema"]).expect(0);
    assert_eq!(ask_one(&case.database, "insert into country(code) values ('TR') returning id"), "9");
    assert_eq!(ask_one(&case.database, "select nextval('region_id_seq')"), "31");
    let before = everything(&case.database);
    let again = case.migrate().expect(0);
    assert!(again.err.contains("carried out already"), "{}", again.err);
    assert_eq!(everything(&case.database), before);
}

#[test]
fn a_row_that_the_target_alone_holds_is_no_less_taken() {
    let case = case("reference_existing_taken");
    case.write("data/country.csv", "id,code\n7,GE\n1,XX\n");
    let before = everything(&case.database);
    let stopped = case.migrate().expect(2);
    assert!(stopped.err.contains("country holds rows with the keys [1] already"), "{}", stopped.err);
    assert_eq!(everything(&case.database), before);
    case.write("outgrow.toml", &POLICY.replacen("country.csv\"\n", "country.csv\"\non-conflict = \"replace\"\n", 1));
    let replaced = case.migrate().expect(0).document();
    assert_eq!(replaced["references"][0], serde_json::json!({ "table": "country", "file": "data/country.csv", "added": 1, "replaced": 1 }));
    assert_eq!(ask(&case.database, "select * from country order by id"), ["1|XX", "7|GE"]);
    case.verify(&[]).expect(0);
}

#[test]
fn a_load_that_dies_goes_on_or_is_taken_back() {
    let case = case("reference_existing_dies");
    let url = case.database.url();
    let died = case.program.run_to("step.journaled:8", &["migrate", text(&case.source), &url]);
    assert_eq!(died.code, None, "{}", died.err);
    assert_eq!(ask_one(&case.database, "select count(*) from outgrow.reference"), "3");
    case.migrate().expect(0);
    is_whole(&case);

    let case = Case { database: Database::new("reference_existing_fresh"), ..case };
    tell(&case.database, TARGET);
    let url = case.database.url();
    let died = case.program.run_to("step.journaled:8", &["migrate", text(&case.source), &url]);
    assert_eq!(died.code, None, "{}", died.err);
    assert_eq!(ask_one(&case.database, "select count(*) from outgrow.reference"), "3");
    case.write("data/region.csv", "id,name,country\n30,Guria,7\n");
    let fresh = case.program.run(&["migrate", text(&case.source), &url, "--fresh", "--json"]).expect(0);
    assert!(fresh.err.contains("is taken back"), "{}", fresh.err);
    is_whole(&case);
}
