//! A load that was begun and given up is taken back, if nobody else has written since.

use super::{REPLACE, SOURCE, TARGET, is_whole, migrate, sides};
use crate::fixture::{Database, schema_dump};
use crate::program::text;
use crate::target::{ask, ask_one, everything, tell};

const ROWS: &str =
    "select (select count(*) from \"User\"), (select count(*) from \"Team\"), (select count(*) from tag), (select count(*) from user_tag)";

#[test]
fn a_load_of_an_older_source_is_taken_back() {
    let (program, source, database) = sides("existing_undo_schema", REPLACE, SOURCE, TARGET);
    let schema = schema_dump(&database);
    drop(database);
    let other = program.source("other.db", &SOURCE.replace("'Bob'", "'Rob'"));
    for point in ["step.done:2", "copy.chunk.noted:1", "copy.chunk.noted:3", "copy.chunk.committed:2", "step.done:4", "step.committed:5"] {
        let database = Database::new("existing_undo");
        tell(&database, TARGET);
        let died = program.run_to(point, &["migrate", text(&other), &database.url()]);
        assert_eq!(died.code, None, "{point} was not reached\n{}", died.err);
        std::fs::remove_dir_all(program.path(".outgrow")).unwrap();
        let refused = migrate(&program, &source, &database);
        assert_ne!(refused.code, Some(0), "{point}");
        for words in ["of that load", "out of their place", "--fresh"] {
            assert!(refused.err.contains(words), "{point}: {words}: {}", refused.err);
        }
        let fresh = program.run(&["migrate", text(&source), &database.url(), "--fresh"]).expect(0);
        assert!(fresh.err.contains("is taken back"), "{}", fresh.err);
        is_whole(&program, &source, &database, &schema);
        assert_eq!(ask_one(&database, "select count(*) from outgrow.run"), "1");
    }
}

#[test]
fn what_others_wrote_since_keeps_it_from_being_taken_back() {
    let (program, source, database) = sides("existing_undo_others", REPLACE, SOURCE, TARGET);
    let died = program.run_to("copy.chunk.committed:5", &["migrate", text(&source), &database.url()]);
    assert_eq!(died.code, None, "{}", died.err);
    assert_eq!(ask(&database, ROWS), ["3|2|3|3"]);
    let fresh = ["migrate", text(&source), &database.url(), "--fresh"];
    for (wrote, mended, words) in [
        ("insert into tag(id) values (50)", "delete from tag where id = 50", "1 row of tag were added or changed by others"),
        (
            "create table mine(tag smallint references tag(id) on delete cascade); insert into mine values (0)",
            "drop table mine",
            "public.mine holds rows that may refer to rows of that load",
        ),
    ] {
        tell(&database, wrote);
        let before = everything(&database);
        let refused = program.run(&fresh);
        assert_ne!(refused.code, Some(0), "{}", refused.out);
        assert!(refused.err.contains(words), "{words}: {}", refused.err);
        assert_eq!(everything(&database), before);
        tell(&database, mended);
    }
    let taken = program.run(&fresh).expect(0);
    assert!(taken.err.contains("setting") && taken.err.contains("are not brought back"), "{}", taken.err);
    // A load that is finished is nobody's to take back.
    let again = program.run(&fresh).expect(0);
    assert!(!again.err.contains("is taken back"), "{}", again.err);
    assert_eq!(ask(&database, ROWS), ["3|2|3|3"]);
}
