//! The load into the application's own tables, rehearsed on a throw-away server.

use super::{REPLACE, SOURCE, TARGET, sides};
use crate::fixture::schema_dump;
use crate::program::text;
use crate::target::{ask, everything, tell};

/// The target's triggers refuse every row, which a rehearsal would have to report.
const WITHOUT_REFUSALS: &str = "drop trigger origin on \"User\"; drop trigger always on tag; drop trigger cleaning on setting";

fn said<'a>(document: &'a serde_json::Value, what: &str) -> &'a serde_json::Value {
    let phases = document["phases"].as_array().unwrap();
    phases.iter().find(|phase| phase["name"] == what).unwrap_or_else(|| panic!("no phase {what} in {document}"))
}

#[test]
fn the_load_into_tables_like_those_of_another_database_is_rehearsed() {
    let (program, source, database) = sides("existing_like", "", SOURCE, &format!("{TARGET}{WITHOUT_REFUSALS}"));
    tell(&database, "create table untouched(id int); insert into untouched select generate_series(1, 3)");
    tell(&database, "select setval('\"User_id_seq\"', 700)");
    let before = everything(&database);
    let like = ["rehearse", text(&source), "--like", &database.url(), "--json"];
    // What migrations put into the tables is found in the rehearsal as it would be in the move.
    let refused = program.run(&like).expect(3).document();
    assert!(refused["findings"].to_string().contains("seeded-rows"), "{refused}");

    std::fs::write(program.path("outgrow.toml"), REPLACE).unwrap();
    let document = program.run(&like).expect(0).document();
    assert_eq!(everything(&database), before, "the database that is taken as the model is only read");
    assert_eq!(document["plan"]["mode"], "existing");
    assert_eq!(document["verification"]["verdict"], "match");
    // Two roles and a setting; the table that nobody loads stays empty.
    assert!(said(&document, "structure")["result"].as_str().unwrap().ends_with("· 3 seeded rows"), "{document}");
    crate::schema::assert_valid("rehearse", &document);
    let probes = &document["probes"];
    assert_eq!(probes["surprises"], serde_json::json!([]), "{probes}");
    assert_eq!(probes["first-inserts"], 6, "{probes}");
    assert!(probes["constraints"].as_u64().unwrap() >= 10, "{probes}");
    assert_eq!(ask(&database, "select datname from pg_database where datname like 'outgrow\\_rehearsal\\_%'"), Vec::<String>::new());
}

#[test]
fn what_the_application_would_meet_is_a_surprise_of_the_rehearsal() {
    let target =
        "create table t(id bigint primary key, v text); create table u(id serial primary key, v text, constraint few check (v is null));
        insert into u(v) values (null)";
    let source = "create table t(id integer primary key, v text); insert into t values (1, 'a');
        create table u(id integer primary key, v text not null default 'x');";
    let (program, source, database) = sides("existing_like_surprise", "", source, target);
    tell(&database, "delete from u");
    let surprised = program.run(&["rehearse", text(&source), "--like", &database.url(), "--json"]).expect(4).document();
    let surprises = surprised["probes"]["surprises"].to_string();
    assert!(surprises.contains("first insert into u") && surprises.contains("refused: check"), "{surprises}");
    // Nothing numbers the rows on PostgreSQL, where SQLite does.
    assert!(surprised["probes"]["not-probed"].to_string().contains("the next key of t"), "{surprised}");
}

#[test]
fn a_file_says_what_the_tables_are() {
    let (program, source, database) = sides("existing_file", REPLACE, SOURCE, &format!("{TARGET}{WITHOUT_REFUSALS}"));
    let seeds =
        "COPY public.role (id, name) FROM stdin;\n1\tadmin\n2\tguest\n\\.\n\nINSERT INTO public.setting VALUES ('theme', 'li;ght');\n";
    let around = "\\restrict abc\nSET not_known_here = 1;\nCREATE DATABASE other;\nALTER TABLE public.role OWNER TO nobody_here;\n";
    let file = program.path("structure.sql");
    std::fs::write(&file, format!("{}\n{around}{seeds}\\unrestrict abc\n", schema_dump(&database))).unwrap();
    let document = program.run(&["rehearse", text(&source), "--schema-file", text(&file), "--json"]).expect(0).document();
    assert_eq!(document["plan"]["mode"], "existing");
    assert_eq!(document["probes"]["surprises"], serde_json::json!([]));
    assert_eq!(document["plan"]["renames"], serde_json::json!([]));

    std::fs::write(&file, "create extension if not exists \"not-there\";\n\ncreate table t(id int, place not_there);").unwrap();
    let refused = program.run(&["rehearse", text(&source), "--schema-file", text(&file)]);
    assert_ne!(refused.code, Some(0));
    for words in ["line 3 (CREATE TABLE T ID …)", "lacks the extensions not-there", "--target"] {
        assert!(refused.err.contains(words), "{words}: {}", refused.err);
    }
    std::fs::write(program.path("outgrow.toml"), "[target]\nmode = \"existing\"\n").unwrap();
    let nothing = program.run(&["rehearse", text(&source)]).expect(2);
    assert!(nothing.err.contains("--schema-file") && nothing.err.contains("--like"), "{}", nothing.err);
    let both = ["rehearse", text(&source), "--like", &database.url(), "--schema-file", text(&file)];
    program.run(&both).expect(2);
}
