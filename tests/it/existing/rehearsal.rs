//! The load into the application's own tables, rehearsed on a throw-away server.

use super::{REPLACE, SOURCE, TARGET, sides};
use crate::fixture::{Database, schema_dump};
use crate::program::text;
use crate::target::{ask, ask_one, everything, tell};

#[test]
fn the_load_into_tables_like_those_of_another_database_is_rehearsed() {
    let (program, source, database) = sides("existing_like", REPLACE, SOURCE, TARGET);
    let before = everything(&database);
    let like = ["rehearse", text(&source), "--like", &database.url(), "--json"];
    let document = program.run(&like).expect(0).document();
    assert_eq!(everything(&database), before, "the database that is taken as the model is only read");
    assert_eq!(document["plan"]["mode"], "existing");
    crate::schema::assert_valid("rehearse", &document);
}
