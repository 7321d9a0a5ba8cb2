//! The load: parts of tables side by side, limits of what it may take, and what is left of it when it is stopped.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::fixture::Database;
use crate::program::{Program, text};
use crate::target::{ask, ask_one, equal, settle};

/// Tables that are loaded in parts: dense rowids, rowids far apart, a hidden rowid that a column shadows, none at all, and
/// rows that only a filter lets through.
fn parts(program: &Program) -> PathBuf {
    program.source(
        "parts.db",
        "create table dense(id integer primary key, t text);
         insert into dense with recursive i(i) as (select 1 union all select i + 1 from i where i < 30000)
             select i, printf('%0300d', i) from i;
         create table far(id integer primary key, t text);
         insert into far with recursive i(i) as (select 1 union all select i + 1 from i where i < 30000)
             select i * (case i % 3 when 0 then 300000000000000 when 1 then -1 else 1 end), printf('%0300d', i) from i;
         create table hidden(rowid text, t text);
         insert into hidden with recursive i(i) as (select 1 union all select i + 1 from i where i < 30000)
             select 'r' || (i % 100), printf('%0300d', i) || case when i % 5000 = 0 then char(0) else '' end from i;
         delete from hidden where _rowid_ between 4000 and 9000;
         create table keyed(k text primary key, t text) without rowid;
         insert into keyed with recursive i(i) as (select 1 union all select i + 1 from i where i < 30000)
             select printf('%x', i * 7919), printf('%0300d', i) from i;
         create index far_t on far(t);
         create table child(id integer primary key, dense integer references dense(id), keyed text references keyed(k));
         insert into child select id, id, null from dense where id % 7 = 0;",
    )
}

#[test]
fn however_many_jobs_there_are_the_same_arrives() {
    let program = Program::new();
    let source = parts(&program);
    settle(&program, "");
    let sums = "select (select md5(string_agg(id || t, ',' order by id)) from far), (select count(*) from hidden), \
                (select count(distinct k) from keyed), (select count(*) from outgrow.quarantine)";
    let mut arrived = Vec::new();
    for jobs in ["1", "2", "7"] {
        let database = Database::new("load_jobs");
        program.run(&["migrate", text(&source), &database.url(), "--jobs", jobs]).expect(0);
        equal(&program, &source, &database);
        let chunks = ask(&database, "select source_table || ' ' || count(*) from outgrow.chunk group by source_table order by 1");
        assert!(chunks.contains(&"keyed 1".to_owned()), "what has no rowid is read in one go: {chunks:?}");
        let dense: u32 = chunks.iter().find_map(|line| line.strip_prefix("dense ")).unwrap().parse().unwrap();
        assert!(dense > 1, "{chunks:?}");
        let overlapping =
            "select count(*) from outgrow.chunk a join outgrow.chunk b using (source_table) where a.first < b.first and b.first <= a.last";
        assert_eq!(ask_one(&database, overlapping), "0");
        arrived.push(ask_one(&database, sums));
    }
    assert!(arrived.iter().all(|sums| *sums == arrived[0]), "{arrived:?}");
}

#[test]
fn killed_in_the_middle_of_a_table_it_loads_the_other_parts() {
    let program = Program::new();
    let source = parts(&program);
    settle(&program, "");
    for failpoint in ["copy.chunk.committed:2", "copy.chunk.noted:5", "copy.chunk.sent:3", "copy.chunk.committed:5"] {
        let database = Database::new("load_killed");
        let arguments = ["migrate", text(&source), &database.url(), "--jobs", "3"];
        assert_eq!(program.run_to(failpoint, &arguments).code, None, "{failpoint} was not reached");
        let chunks = || ask(&database, "select source_table, first, last, finished_at from outgrow.chunk order by 1, 2");
        let before = chunks();
        program.run(&arguments).expect(0);
        equal(&program, &source, &database);
        let after = chunks();
        assert!(before.iter().all(|chunk| after.contains(chunk)), "{failpoint}: what was in was loaded again");
        assert!(after.len() > before.len(), "{failpoint}");
    }
}

#[test]
fn a_load_keeps_to_its_rate() {
    let program = Program::new();
    let source = program.source(
        "rate.db",
        "create table t(id integer primary key, b blob);
         insert into t with recursive i(i) as (select 1 union all select i + 1 from i where i < 400) select i, randomblob(10000) from i;",
    );
    let database = Database::new("load_rate");
    let began = Instant::now();
    program.run(&["migrate", text(&source), &database.url(), "--rate-limit", "2MB"]).expect(0);
    // A lower bound holds on however slow a machine: 4 MB at 2 MB a second.
    assert!(began.elapsed() > Duration::from_millis(1900), "{:?}", began.elapsed());
    equal(&program, &source, &database);
}

#[test]
fn limits_that_make_no_sense_are_refused() {
    let program = Program::new();
    for arguments in [["--jobs", "0"], ["--memory", "none"], ["--rate-limit", "0"], ["--max-lag", "soon"]] {
        let refused = program.run(&["migrate", "a.db", "postgres://nobody@localhost/none", arguments[0], arguments[1]]).expect(2);
        assert!(refused.err.contains(arguments[0]), "{}", refused.err);
    }
}
