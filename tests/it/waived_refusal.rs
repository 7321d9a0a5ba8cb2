//! Objects that the server refused, and that somebody answers for.

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::schema::assert_valid;
use crate::target::ask_one;

const SOURCE: &str = "create table regions(id integer primary key);
    create table cities(id integer primary key, region integer references regions(id));
    insert into regions values (1); insert into cities values (1, 1);";
/// A city whose region nobody has: its foreign key can't be valid.
const POLICY: &str = "[[reference]]\ntable = \"cities\"\nfile = \"cities.csv\"\n";
const PLACE: &str = "foreign key cities_region_fkey valid";

fn waiver(place: &str) -> String {
    format!("{POLICY}[[waiver]]\nfinding = \"refused-object\"\nat = \"{place}\"\nreason = \"the region comes later\"\nby = \"Ada\"\n")
}

#[test]
fn a_refusal_that_is_waived_is_shown_and_does_not_stand_in_the_way() {
    let (program, database) = (Program::new(), Database::new("waived_refusal"));
    let source = program.source("app.db", SOURCE);
    std::fs::write(program.path("cities.csv"), "id,region\n2,99\n").unwrap();
    std::fs::write(program.path("outgrow.toml"), POLICY).unwrap();
    let url = database.url();
    let migrate = ["migrate", text(&source), &url, "--json"];
    let refused = program.run(&migrate).expect(3).document();
    assert_valid("migrate", &refused);
    assert_eq!((&refused["refused"][0]["object"], &refused["refused"][0]["waived"]), (&PLACE.into(), &serde_json::Value::Null));

    // Of another object it is said before the load that nothing is waived.
    std::fs::write(program.path("outgrow.toml"), waiver("foreign key nobody")).unwrap();
    let other = program.run(&migrate).expect(3).document();
    assert_eq!((&other["findings"][0]["id"], &other["refused"][0]["waived"]), (&"unused-waiver".into(), &serde_json::Value::Null));

    for place in [PLACE, "*"] {
        std::fs::write(program.path("outgrow.toml"), waiver(place)).unwrap();
        let waived = program.run(&migrate).expect(0).document();
        assert_valid("migrate", &waived);
        assert_eq!(waived["plan"]["id"], refused["plan"]["id"]);
        assert_eq!(waived["refused"][0]["waived"], serde_json::json!({ "reason": "the region comes later", "by": "Ada" }));
        assert_eq!((&waived["findings"][0]["id"], &waived["findings"][0]["place"]), (&"refused-object".into(), &place.into()));
    }
    let shown = program.run(&["report"]).expect(0).out;
    assert!(shown.contains("The server refused") && shown.contains("waived by Ada: the region comes later"), "{shown}");
    let page = program.run(&["report", "--html"]).expect(0).out;
    assert!(page.contains("Waived by <bdi>Ada</bdi>: the region comes later"), "{page}");
    program.run(&["verify", text(&source), &url]).expect(0);
    program.run(&["rehearse", text(&source), "--json"]).expect(0);
    assert_eq!(ask_one(&database, "select count(*) from cities"), "2");
}
