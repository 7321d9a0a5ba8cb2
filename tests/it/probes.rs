//! The behaviour probes: a faithful target surprises nobody, and each tampering surprises by its name.

use std::path::Path;

use outgrow::budget::Budget;
use outgrow::gate::{self, Evidence, Stage};
use outgrow::journal::{Journal, WorkDirectory};
use outgrow::migrate::{Event, Observer, Survey, carry_out, survey};
use outgrow::plan::{self, Inputs, Plan, PlanReport, Policy};
use outgrow::postgres::{self, Session};
use outgrow::rehearse;
use outgrow::report::ProbeReport;

use crate::fixture::Database;

mod firing;

/// A source with each kind of constraint, default and view.
const SCHOOL: &str = "
    create table schools (id integer primary key autoincrement, name text not null unique, city text default 'Ulm',
                          opened text not null default current_timestamp, size integer default 7 check (size > 0));
    create table students (id integer primary key, school_id integer not null references schools (id),
                           email text not null collate nocase unique, state text not null check (state in ('new', 'left')),
                           mark real, is_head boolean not null default 0);
    create unique index one_head on students (school_id) where is_head = 1;
    create table profiles (student_id integer not null primary key references students (id), motto text not null);
    create table clubs (code text not null primary key, title text) without rowid;
    create table members (student_id integer not null references students (id), club text not null references clubs (code),
                          since text not null default (date('now')), primary key (student_id, club));
    create table rooms (id integer primary key, school_id integer not null references schools (id), label text not null,
                        unique (school_id, label));
    create table empty_parents (id integer primary key, name text not null);
    create table empty_children (id integer primary key, parent_id integer not null references empty_parents (id),
                                 kind text not null check (kind in ('left', 'right')), unique (parent_id, kind));
    create table categories (id integer primary key, parent_id integer references categories (id), name text not null);
    create table later (id integer primary key, school_id integer not null references schools (id) deferrable initially deferred);
    create table closed (id integer primary key, note text not null);
    create trigger closed_insert before insert on closed begin select raise(abort, 'closed'); end;
    create view heads as select school_id, count(*) as students, avg(mark) as mark from students group by school_id;
    create view emails as select email, is_head from students;
    insert into schools (id, name) values (1, 'North'), (2, 'South'), (900, 'Gone');
    delete from schools where id = 900;
    insert into students values (10, 1, 'ada@example.org', 'new', 1.5, 1), (11, 1, 'bob@example.org', 'left', 2.25, 0), (12, 2, 'cyd@example.org', 'new', null, 0);
    insert into profiles values (10, 'on'), (11, 'and'), (12, 'up');
    insert into clubs values ('chess', 'Chess'), ('choir', null);
    insert into members (student_id, club) select s.id, c.code from students s, clubs c;
    insert into rooms values (1, 1, 'A1'), (2, 2, 'A1');
    insert into categories values (1, null, 'all'), (2, 1, 'some');
    insert into later values (1, 1);
";

struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event<'_>) {}
}

struct Rehearsal {
    database: Database,
    plan: Plan,
    report: PlanReport,
    found: Survey,
    _directory: tempfile::TempDir,
}

/// Moves a source made by `sql` into a database of its own.
async fn rehearsal(name: &str, sql: &str) -> Rehearsal {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("app.db");
    rusqlite::Connection::open(&source).unwrap().execute_batch(sql).unwrap();
    let found = surveyed(&source, directory.path());
    let database = Database::new(name);
    let policy = Policy::default();
    let mut session = Session::connect(database.settings()).await.unwrap();
    let catalog = postgres::catalog(&mut session, "public").await.unwrap();
    let inputs = Inputs { catalog: &found.catalog, profile: &found.profile, policy: &policy, server_major: catalog.major() };
    let (plan, report) = plan::build(inputs).unwrap();
    let evidence = Evidence {
        catalog: &found.catalog,
        profile: &found.profile,
        target: Some(&catalog),
        policy: &policy,
        plan: &plan,
        report: &report,
    };
    let review = gate::review(&evidence, Stage::Rehearsal);
    let approved = review.approved.unwrap_or_else(|| panic!("{:#?}", review.findings));
    let work = WorkDirectory::hold(&directory.path().join("work")).unwrap();
    let journal = Journal::begin(&work, "rehearse", "app.db", "a test").unwrap();
    let carried = carry_out(&approved, &found, session, database.settings(), Budget::default(), &journal, &Silent).await.unwrap();
    assert_eq!(carried.copy.refused, [], "the server refuses nothing of this source");
    Rehearsal { database, plan, report, found, _directory: directory }
}

fn surveyed(source: &Path, directory: &Path) -> Survey {
    tokio::task::block_in_place(|| survey(source, &directory.join("snapshot.sqlite"), &Policy::default(), Budget::default(), &Silent))
        .unwrap()
}

impl Rehearsal {
    async fn probe(&self) -> ProbeReport {
        rehearse::probe(&self.plan, &self.report, &self.found, self.database.settings()).await.unwrap()
    }

    /// Probes again after a change that nobody planned, and gives the surprises as text.
    async fn after(&self, tampering: &str) -> Vec<String> {
        self.database.session().await.client().batch_execute(tampering).await.unwrap();
        let surprises = self.probe().await.surprises.into_iter();
        surprises.map(|surprise| format!("{} | {} | {}", surprise.probe, surprise.source, surprise.target)).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faithful_target_has_no_surprises() {
    let rehearsal = rehearsal("probes_faithful", SCHOOL).await;
    assert_eq!(rehearsal.report.untranslated, []);
    let probes = rehearsal.probe().await;
    assert_eq!(probes.surprises, [], "{:#?}", probes.not_probed);
    assert_eq!(probes.not_probed, ["table closed: SQLite takes no row made up for it (refused: trigger)"]);
    assert_eq!((probes.first_inserts, probes.constraints, probes.defaults, probes.views), (10, 44, 5, 2));
}

/// A source whose plan says that PostgreSQL will not be the same in some things.
const EXPLAINED: &str = "
    pragma foreign_keys = off;
    create table parents (code text primary key, note text);
    create table orphans (id integer primary key, parent text not null references parents (code));
    create table nowhere (id integer primary key, parent integer references missing (id));
    create table holes (id integer primary key, label text, other text not null);
    create table replaced (id integer primary key, name text unique on conflict replace, state text not null on conflict replace default 'new');
    create table left_out (id integer primary key, name text not null);
    create trigger left_out_insert before insert on left_out begin select raise(ignore); end;
    create table strange (id integer primary key, label text not null default (sqlite_version()), size integer check (length(sqlite_version()) + size > 0));
    create table whole (id integer primary key, number integer not null, doubled integer generated always as (number * 2) virtual unique);
    create index by_label on holes (label collate rtrim);
    insert into parents values ('a', 'one'), (null, 'two'), ('b', null);
    insert into orphans values (1, 'a'), (2, 'gone'), (3, 'lost');
    insert into nowhere values (1, null);
    insert into replaced values (1, 'one', 'new');
    insert into strange (id, size) values (1, 1);
    insert into whole (number) values (1), (2);
    insert into holes values (1, null, 'y');
";

#[tokio::test(flavor = "multi_thread")]
async fn what_the_report_explains_is_no_surprise() {
    let rehearsal = rehearsal("probes_explained", EXPLAINED).await;
    let probes = rehearsal.probe().await;
    assert_eq!(probes.surprises, []);
    assert_eq!(
        probes.not_probed,
        [
            "table nowhere: SQLite takes no row made up for it (refused: another reason)",
            "unique keys of replaced: ON CONFLICT clauses, which PostgreSQL doesn't have",
            "table left_out: SQLite takes no row made up for it (refused: left out without an error)",
        ]
    );
    assert_eq!((probes.first_inserts, probes.constraints, probes.defaults), (6, 11, 1));
}

/// A change that nobody planned, what undoes it, and the surprises that it makes.
const TAMPERINGS: &[(&str, &str, &[&str])] = &[
    (
        "alter table schools alter column id restart with 2",
        "alter table schools alter column id restart with 901",
        &["first insert into schools | accepted, key 901 | refused: unique"],
    ),
    (
        "alter table schools alter column id restart with 950",
        "alter table schools alter column id restart with 901",
        &["first insert into schools | accepted, key 901 | accepted, key 950"],
    ),
    (
        "alter table schools drop constraint schools_name_key",
        "alter table schools add constraint schools_name_key unique (name)",
        &["a second row in unique key (name) of schools | refused: unique | accepted"],
    ),
    (
        "drop index one_head",
        "create unique index one_head on students (school_id) where is_head",
        &["a second row in unique index one_head of students | refused: unique | accepted"],
    ),
    (
        "drop index one_head; create unique index one_head on students (school_id) where is_head or state = 'new'",
        "drop index one_head; create unique index one_head on students (school_id) where is_head",
        &["another row in unique index one_head of students | accepted | refused: unique"],
    ),
    (
        "drop index students_email_key; create unique index on students (email)",
        "drop index students_email_idx; create unique index students_email_key on students (lower(email))",
        &["another case of a text in unique key (email) of students | refused: unique | accepted"],
    ),
    (
        "alter table later drop constraint later_pkey",
        "alter table later add constraint later_pkey primary key (id)",
        &["a second row in primary key (id) of later | refused: unique | accepted"],
    ),
    (
        "alter table members drop constraint members_pkey",
        "alter table members add constraint members_pkey primary key (student_id, club)",
        &["a second row in primary key (student_id, club) of members | refused: unique | accepted"],
    ),
    (
        "alter table students drop constraint students_check1",
        "alter table students add constraint students_check1 check (state in ('new', 'left'))",
        &["a row against check on state of students | refused: check | accepted"],
    ),
    (
        "alter table later drop constraint later_school_id_fkey",
        "alter table later add constraint later_school_id_fkey foreign key (school_id) references schools (id) deferrable initially deferred",
        &["no parent for later.school_id | refused: foreign-key | accepted"],
    ),
    (
        "alter table rooms drop constraint rooms_school_id_fkey",
        "alter table rooms add constraint rooms_school_id_fkey foreign key (school_id) references schools (id)",
        &["no parent for rooms.school_id | refused: foreign-key | accepted"],
    ),
    (
        "alter table rooms alter column label drop not null",
        "alter table rooms alter column label set not null",
        &["NULL into rooms.label | refused: not-null | accepted"],
    ),
    (
        "alter table clubs add constraint few check (code = 'chess') not valid",
        "alter table clubs drop constraint few",
        &["first insert into clubs | accepted | refused: check"],
    ),
    (
        "alter table schools alter column city set default 'Bonn'",
        "alter table schools alter column city set default 'Ulm'",
        &["default of schools.city | text | another value: text"],
    ),
    (
        "alter table schools alter column size drop default",
        "alter table schools alter column size set default 7",
        &["default of schools.size | integer | another value: null"],
    ),
    (
        "alter table rooms add column extra text not null default ''; alter table rooms alter column extra drop default",
        "alter table rooms drop column extra",
        &["first insert into rooms | accepted, key 3 | refused: not-null"],
    ),
    (
        "create or replace view emails as select email, not is_head as is_head from students",
        "create or replace view emails as select email, is_head from students",
        &["view emails | 3 rows | as many rows, and other values in some"],
    ),
    (
        "create or replace view emails as select email, is_head from students where not is_head",
        "create or replace view emails as select email, is_head from students",
        &["view emails | 3 rows | 2 rows"],
    ),
    (
        "create or replace view emails as select email, 1 / 0 = 1 as is_head from students",
        "create or replace view emails as select email, is_head from students",
        &["view emails | runs | refused: SQLSTATE 22012"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_tampering_has_its_surprise() {
    let rehearsal = rehearsal("probes_tampered", SCHOOL).await;
    for (tampering, undoing, expected) in TAMPERINGS {
        assert_eq!(rehearsal.after(tampering).await, *expected, "{tampering}");
        // Nothing is left of a probe, not even in a sequence: the next one finds the target as this one did.
        assert_eq!(rehearsal.after(undoing).await, [""; 0], "{undoing}");
    }
}

/// A source whose triggers watch changes.
const WATCHED: &str = "
    create table notes (id integer primary key, body text not null, changed integer not null default 0);
    create table log (id integer primary key, what text not null);
    create table frozen (code text not null primary key, label text) without rowid;
    create trigger note_updated after update on notes begin insert into log values (null, 'updated ' || new.id); end;
    create trigger note_deleted after delete on notes begin insert into log values (null, 'deleted ' || old.id); end;
    create trigger frozen_update before update on frozen begin select raise(abort, 'frozen'); end;
    insert into notes values (1, 'one', 0);
    insert into log values (41, 'begun');
    insert into frozen values ('a', null);
";

/// A change that nobody planned, what undoes it, and the surprises that it makes.
const WATCHED_TAMPERINGS: &[(&str, &str, &[&str])] = &[
    (
        "alter table log add constraint few check (what not like 'updated%') not valid",
        "alter table log drop constraint few",
        &["update of notes, which fires note_updated | accepted | refused: check"],
    ),
    (
        "alter table log add constraint few check (what not like 'deleted%') not valid",
        "alter table log drop constraint few",
        &["delete from notes, which fires note_deleted | accepted | refused: check"],
    ),
    (
        "alter table frozen disable trigger frozen_update",
        "alter table frozen enable trigger frozen_update",
        &["update of frozen, which fires frozen_update | refused: trigger | accepted"],
    ),
    (
        "create function nothing() returns trigger language plpgsql as 'begin return null; end'; \
         create trigger a_nothing before delete on notes for each row execute function nothing()",
        "drop function nothing cascade",
        &["delete from notes, which fires note_deleted | accepted | refused: left out without an error"],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn triggers_of_changes_are_fired() {
    let rehearsal = rehearsal("probes_changes", WATCHED).await;
    assert_eq!(rehearsal.report.untranslated, []);
    let probes = rehearsal.probe().await;
    assert_eq!((probes.surprises, probes.not_probed), (vec![], vec![]));
    for (tampering, undoing, expected) in WATCHED_TAMPERINGS {
        assert_eq!(rehearsal.after(tampering).await, *expected, "{tampering}");
        assert_eq!(rehearsal.after(undoing).await, [""; 0], "{undoing}");
    }
}
