//! What must never get out, and what must never get in: secrets, cells, terminal escapes, files that lie.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::fixture::{Database, in_own_runtime, options, started};
use crate::program::{Ended, Program, ended, text};
use crate::target::{ask, settle, tell};

/// Every file below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            found.push(path);
        }
    }
    found
}

fn holds(content: &[u8], marker: &str) -> bool {
    content.windows(marker.len()).any(|window| window.eq_ignore_ascii_case(marker.as_bytes()))
}

/// The target's ledger, apart from what the quarantine keeps of cells.
fn ledger(database: &Database) -> Vec<u8> {
    let tables = ["run", "step", "chunk"].map(|table| format!("select t::text from outgrow.{table} t"));
    let mut all = tables.iter().flat_map(|sql| ask(database, sql)).collect::<Vec<_>>();
    all.extend(ask(database, "select plan || source_table || source_column || row_key || storage_class || reason from outgrow.quarantine"));
    all.join("\n").into_bytes()
}

/// Fails where a marker is in what the program said or keeps; the files of these endings may hold it.
fn assert_absent(marker: &str, said: &[Ended], program: &Program, may_hold: &[&str]) {
    for ended in said {
        assert!(!holds(ended.out.as_bytes(), marker) && !holds(ended.err.as_bytes(), marker), "{marker} in\n{}\n{}", ended.out, ended.err);
    }
    let kept = files(&program.path(".outgrow"));
    assert!(kept.iter().any(|file| file.ends_with("journal.sqlite")) && kept.len() >= 4, "{kept:?}");
    for file in kept {
        let may = may_hold.iter().any(|ending| file.to_str().unwrap().ends_with(ending));
        assert!(may || !holds(&std::fs::read(&file).unwrap(), marker), "{marker} in {}", file.display());
    }
}

#[test]
fn a_password_is_nowhere() {
    const PASSWORD: &str = "pa55-m4rk3r";
    let program = Program::new();
    let source = program.source("app.db", "create table t(id integer primary key, v text); insert into t values(1, 'a' || char(0));");
    settle(&program, "");
    let mut guarded = options();
    guarded.server_hba = Some("local all guarded scram-sha-256\nlocal all all trust\n".to_owned());
    let server = in_own_runtime(async { started(&guarded).await });
    let database = Database::within(server.settings(), "hostile_password");
    tell(&database, &format!("create role guarded login createdb password '{PASSWORD}'"));
    tell(
        &database,
        &format!("alter database \"{}\" owner to guarded; alter schema public owner to guarded", database.settings().database()),
    );
    let plain = database.url().replace("postgres@", "guarded@");
    let with = plain.replace("guarded@", &format!("guarded:{PASSWORD}@"));
    let elsewhere = with.replace(database.settings().database(), "not_there");
    let file = text(&source);
    let mut said = Vec::new();
    for json in [&["--verbose"][..], &["--verbose", "--json"]] {
        let run = |arguments: &[&str]| program.run(&[arguments, json].concat());
        said.push(run(&["check", &with]).expect(0));
        said.push(run(&["rehearse", file, "--target", &with]).expect(0));
        said.push(run(&["migrate", file, &with]).expect(0));
        said.push(run(&["verify", file, &with]).expect(0));
        said.push(run(&["plan", file, &elsewhere]).expect(7));
        said.push(run(&["migrate", file, &elsewhere]).expect(7));
        said.push(run(&["migrate", file, &format!("{with}?nonsense={PASSWORD}")]).expect(2));
        said.push(run(&["status"]).expect(0));
        said.push(run(&["report"]).expect(0));
        for arguments in [&["check", &plain][..], &["migrate", file, &plain]] {
            let by_environment = program.command(&[arguments, json].concat()).env("PGPASSWORD", PASSWORD).output().unwrap();
            said.push(ended(by_environment).expect(0));
        }
    }
    assert_absent(PASSWORD, &said, &program, &[]);
    assert!(!holds(&ledger(&database), PASSWORD));
    drop(database);
    in_own_runtime(async { server.stop().await.unwrap() });
}

const MARKER: &str = "m4rk3r-of-a-cell";

/// The marker in every place where a cell can go wrong.
fn marked(program: &Program) -> PathBuf {
    let source = program.source(
        "app.db",
        &"create table good(id integer primary key, v text); insert into good values(1, 'MARK');
         create table kept(id integer primary key, v text, b blob); insert into kept values(1, 'MARK' || char(0), 'MARK'), (2, cast(x'ff' || 'MARK' as text), null);
         create table mixed(id integer primary key, n integer, d datetime, j json, u uuid);
         insert into mixed values(1, 'MARK', 'MARK', '{\"MARK', 'MARK'), (2, 5, '2024-01-02 03:04:05', '{\"a\":1}', '7b9f3c2e-0000-4000-8000-000000000001');
         create table narrow(id integer primary key, v varchar(3), w text check(length(w) < 3)); insert into narrow(id, v) values(1, 'MARK');
         create table cases(v text collate nocase); insert into cases values('MARK'), ('mark');
         create table loose(a text, b text); insert into loose values('MARK', 'x'), ('MARK', 'x');
         create table needed(id integer primary key, v text not null, w text unique); insert into needed values(1, 'MARK', 'MARK');"
            .replace("MARK", MARKER),
    );
    let db = rusqlite::Connection::open(&source).unwrap();
    db.execute_batch(&format!(
        "pragma ignore_check_constraints = on; insert into narrow values(2, 'abc', '{MARKER}');
         insert into needed(id, v) values(2, 'x');
         create table lax(id integer primary key, v text, w text); insert into lax values(1, null, '{MARKER}'), (2, '{MARKER}', '{MARKER}');
         pragma writable_schema = on; update sqlite_schema set sql = replace(sql, 'v text, w text', 'v text not null, w text') where name = 'lax';"
    ))
    .unwrap();
    source
}

#[test]
fn no_cell_is_shown_or_kept_outside_the_quarantine() {
    let (program, database) = (Program::new(), Database::new("hostile_cells"));
    let source = marked(&program);
    let (file, url) = (text(&source), database.url());
    let mut said = Vec::new();
    for json in [&["--verbose"][..], &["--verbose", "--json"]] {
        let run = |arguments: &[&str]| program.run(&[arguments, json].concat());
        said.extend([run(&["inspect", file]), run(&["plan", file]), run(&["rehearse", file, "--no-fetch"]), run(&["migrate", file, &url])]);
    }
    settle(&program, "");
    // SQLite's own check finds rows that break CHECK and NOT NULL, which stops the move; so it is made without them.
    let clean = program.path("clean.db");
    std::fs::copy(&source, &clean).unwrap();
    rusqlite::Connection::open(&clean).unwrap().execute_batch("delete from narrow where id = 2; delete from lax where id = 1").unwrap();
    let clean = text(&clean);
    said.push(program.run(&["migrate", clean, &url, "--verbose"]).expect(0));
    tell(&database, "update good set v = v || 'x'; update kept set v = null; delete from loose; update mixed set n = n || 'y'");
    for json in [&["--verbose"][..], &["--verbose", "--json"]] {
        let run = |arguments: &[&str]| program.run(&[arguments, json].concat());
        said.extend([
            run(&["verify", clean, &url]).expect(4),
            run(&["migrate", clean, &url]).expect(4),
            run(&["status"]),
            run(&["report"]),
        ]);
    }
    said.push(program.run(&["report", "--html"]).expect(0));
    // A server that refuses rows quotes them.
    let refusing = Database::new("hostile_refusing");
    tell(
        &refusing,
        "create function no() returns trigger language plpgsql as $$ begin raise exception 'refused: %', new; end $$;
         create function bind() returns event_trigger language plpgsql as $$ declare made record; begin
             for made in select * from pg_event_trigger_ddl_commands() where command_tag = 'CREATE TABLE' and schema_name = 'public' loop
                 execute format('alter table %s add constraint refusing check (%s::text is null)', made.object_identity,
                     (select quote_ident(attname) from pg_attribute where attrelid = made.objid and attnum = 2)); end loop; end $$;
         create event trigger binding on ddl_command_end when tag in ('CREATE TABLE') execute function bind();",
    );
    for json in [&["--verbose"][..], &["--verbose", "--json"]] {
        said.push(program.run(&[&["migrate", clean, &refusing.url(), "--work-dir", ".outgrow/second"], json].concat()).expect(7));
    }
    assert_absent(MARKER, &said, &program, &["snapshot.sqlite"]);
    assert!(!holds(&ledger(&database), MARKER));
    assert!(ask(&database, "select encode(original, 'escape') from outgrow.quarantine").iter().any(|original| original.contains(MARKER)));
}

#[test]
fn files_are_for_their_owner_alone() {
    let (program, database) = (Program::new(), Database::new("hostile_modes"));
    let source = program.source("app.db", "create table t(id integer primary key, v text); insert into t values(1, 'a');");
    program.run(&["rehearse", text(&source), "--no-fetch"]).expect(0);
    program.run_to("copy.chunk.sent", &["migrate", text(&source), &database.url()]);
    let looked_at = |expected: &[&str]| {
        let mut open = vec![program.path(".outgrow")];
        let mut names = Vec::new();
        while let Some(path) = open.pop() {
            let mode = path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}: {mode:o}", path.display());
            names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
            if path.is_dir() {
                open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            }
        }
        for name in expected {
            assert!(names.iter().any(|there| there == name), "{name} is not among {names:?}");
        }
        // A rehearsal's copy of the data goes with it.
        assert!(!names.iter().any(|name| name.starts_with("rehearsal-")), "{names:?}");
    };
    looked_at(&["journal.sqlite", "snapshot.sqlite", "unfinished.json", "report.json", "report.html", "lock"]);
    program.run(&["migrate", text(&source), &database.url()]).expect(0);
    looked_at(&["journal.sqlite", "report.json", "report.html"]);
}

/// The program's own styles; any other escape came from a name.
fn assert_tame(ended: &Ended, context: &str) {
    for said in [&ended.out, &ended.err] {
        let mut rest = said.clone();
        for own in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"] {
            rest = rest.replace(own, "");
        }
        let steers =
            |character: &char| (character.is_control() && !['\n'].contains(character)) || ('\u{202a}'..='\u{202e}').contains(character);
        assert_eq!(rest.chars().find(steers), None, "{context}:\n{rest:?}");
        assert!(!said.lines().any(|line| line.starts_with("Moved: every cell is forged")), "{context}:\n{said}");
        assert!(!ended.err.contains("panicked"), "{context}:\n{said}");
    }
}

#[test]
fn names_can_not_steer_the_terminal() {
    let (program, database) = (Program::new(), Database::new("hostile_names"));
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{1b}[35m\u{9b}1m\u{202e}\nMoved: every cell is forged.\r<script>alert(1)</script>";
    let sql = "create table \"t@\"(\"id@\" integer primary key, \"v@\" text, \"m@\" integer, \"p@\" \"type@\" references \"gone@\"(\"x@\"), check(\"v@\" glob 'a*' or 1));
        insert into \"t@\" values(1, 'a' || char(0), 'x', 9), (2, null, 1, 4);
        create table \"k@\"(\"k@\" text primary key, v blob); insert into \"k@\" values('a', 'text'), (null, x'00');
        create index \"i@\" on \"t@\"(\"v@\" collate rtrim);
        create view \"w@\" as select printf('%d', \"id@\") as \"c@\" from \"t@\";
        create trigger \"g@\" after insert on \"t@\" begin select raise(ignore); end;
        create virtual table \"f@\" using fts5(\"b@\");";
    let source = program.source(&format!("{}.db", evil.replace('/', "")), &sql.replace('@', evil));
    let (file, url) = (text(&source), database.url());
    let run = |arguments: &[&str]| {
        let output = program.command(arguments).env("CLICOLOR_FORCE", "1").output().unwrap();
        let ended = ended(output);
        assert!(ended.code.is_some_and(|code| code != 1), "{arguments:?}\n{}\n{}", ended.out, ended.err);
        assert_tame(&ended, &format!("{arguments:?}"));
        ended
    };
    run(&["inspect", file]);
    run(&["plan", file]);
    assert!(run(&["rehearse", file, "--no-fetch"]).out.contains("\u{1b}["), "nothing is coloured: this test looks at nothing");
    run(&["report"]);
    run(&["migrate", file, &url]);
    settle(&program, "[rules]\norphans = \"not-valid\"\n");
    let moved = run(&["migrate", file, &url]);
    assert!(matches!(moved.code, Some(0 | 3)), "{}\n{}", moved.out, moved.err);
    let quoted = |name: &str| format!("\"{}\"", name.replace('@', evil));
    let table = ask(
        &database,
        "select format('%I', relname) from pg_class where relkind = 'r' and relname like 't%' and relnamespace = 'public'::regnamespace",
    );
    tell(&database, &format!("delete from {}", table[0]));
    run(&["verify", file, &url]).expect(4);
    run(&["status"]);
    run(&["status", "--json"]);
    run(&["inspect", &quoted("none@")]).expect(6);
    run(&["explain", evil]).expect(2);
    let page = std::fs::read_to_string(program.path(".outgrow/report.html")).unwrap();
    assert!(!page.contains("<script>alert(1)"), "a name is markup in the page");
    assert!(!page.contains('\u{1b}') && !page.contains('\u{7}'));
}

/// A database of several pages of everything.
fn sound(program: &Program) -> PathBuf {
    program.source(
        "sound.db",
        "create table t(id integer primary key, v text, b blob); create index i on t(v);
         insert into t with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) select i, 'value ' || (i * 7919 % 3001), zeroblob(i % 50) from n;
         create table k(a text primary key, b integer) without rowid; insert into k select v, id from t where id < 500;
         create view w as select v from t;",
    )
}

#[test]
fn damaged_files_are_refused_and_never_moved_silently() {
    let program = Program::new();
    let whole = std::fs::read(sound(&program)).unwrap();
    let pages = whole.len() / 4096;
    assert!(pages > 20);
    let mut codes = std::collections::BTreeMap::new();
    for page in (0..pages).step_by(pages / 20) {
        for (offset, length) in [(0, 4096), (8, 4), (100, 40), (2000, 64)] {
            let mut damaged = whole.clone();
            let at = page * 4096 + offset;
            damaged[at..at + length].iter_mut().for_each(|byte| *byte = !*byte);
            std::fs::write(program.path("damaged.db"), damaged).unwrap();
            let ended = program.run(&["plan", "damaged.db", "--json"]);
            assert!(matches!(ended.code, Some(0 | 3 | 6)), "page {page}, byte {offset}: {:?}\n{}\n{}", ended.code, ended.out, ended.err);
            assert!(!ended.err.contains("panicked"), "{}", ended.err);
            ended.document();
            *codes.entry(ended.code).or_insert(0) += 1;
        }
    }
    // Damage within a value is a value of its own; damage to the structure is found.
    assert!(codes.get(&Some(6)).copied().unwrap_or(0) + codes.get(&Some(3)).copied().unwrap_or(0) > 40, "{codes:?}");
}

#[test]
fn a_schema_that_lies_is_found_out() {
    for lie in [
        "update sqlite_schema set sql = 'create table t(id integer primary key, v text, b blob, more text, and_more integer)' where name = 't'",
        "update sqlite_schema set sql = 'create table t(id integer primary key)' where name = 't'",
        "update sqlite_schema set sql = 'create table t(' where name = 't'",
        "update sqlite_schema set sql = 'create table other(id integer primary key, v text, b blob)' where name = 't'",
        "update sqlite_schema set rootpage = 2000000 where name = 't'",
        "update sqlite_schema set rootpage = (select rootpage from sqlite_schema where name = 'k') where name = 't'",
        "update sqlite_schema set rootpage = 1 where name = 't'",
        "update sqlite_schema set sql = null where name = 't'",
        "update sqlite_schema set sql = x'00ff' where name = 'w'",
        "update sqlite_schema set type = 'gibberish' where name = 'i'",
        "update sqlite_schema set sql = 'create view w as select load_extension(''/none''), writefile(''written'', 1)' where name = 'w'",
        "update sqlite_schema set sql = 'create view w as select * from w' where name = 'w'",
        "insert into sqlite_schema select type, name, tbl_name, rootpage, sql from sqlite_schema where name = 't'",
        "update sqlite_schema set sql = 'create virtual table t using nothing_such(a)', rootpage = 0 where name = 't'",
    ] {
        let program = Program::new();
        let source = sound(&program);
        let db = rusqlite::Connection::open(&source).unwrap();
        db.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
        db.execute_batch(&format!("pragma writable_schema = on; {lie}")).unwrap();
        drop(db);
        for verb in [&["inspect"][..], &["plan"], &["rehearse", "--no-fetch"]] {
            let ended = program.run(&[verb, &["--json", text(&source)]].concat());
            // Nothing of it may be taken for a database that comes across without a word.
            assert!(matches!(ended.code, Some(0 | 3 | 6)), "{lie}: {verb:?} {:?}\n{}\n{}", ended.code, ended.out, ended.err);
            assert!(!ended.err.contains("panicked"), "{lie}: {}", ended.err);
            if ended.code == Some(0) && verb[0] == "rehearse" {
                assert_eq!(ended.document()["verification"]["verdict"], "match", "{lie}");
            }
        }
        assert!(!program.path("written").exists());
    }
}

#[test]
fn a_target_in_the_place_of_the_file_is_not_shown() {
    let program = Program::new();
    let url = "postgres://u:topsecretword@127.0.0.1:1/db";
    // There is a work directory in which it could be kept.
    let mut said = vec![program.run(&["rehearse", "missing.db"]).expect(6)];
    for arguments in
        [vec!["inspect", url], vec!["plan", url], vec!["rehearse", url], vec!["migrate", url, "app.db"], vec!["verify", url, "app.db"]]
    {
        said.push(program.run(&arguments).expect(2));
        said.push(program.run(&[arguments.as_slice(), &["--json"]].concat()).expect(2));
    }
    said.push(program.run(&["status"]).expect(0));
    assert_absent("topsecretword", &said, &program, &[]);
}
