//! The page of a move: complete, harmless whatever the names in the file are, and the same for the same report.

use std::collections::BTreeMap;

use outgrow::copy::{ReferenceCopy, RefusedObject, WaivedRefusal};
use outgrow::error::Outcome;
use outgrow::gate::{Finding, Severity, State};
use outgrow::migrations::MigrationsReport;
use outgrow::plan::Rename;
use outgrow::report::{
    CommandResult, LoadFacts, MoveReport, PhaseReport, PlanFacts, ProbeReport, ProbeSurprise, SessionSetting, SourceFacts, TableLine,
    TargetFacts, page,
};
use outgrow::value::{CellCounts, RowKey, StorageClass, ValueRef};
use outgrow::verify::{CheckResult, Difference, Level, Sign, TableVerdict, Verdict, VerifyReport};

fn cells(exact: u64, normalised: &[(&str, u64)], quarantined: &[(&str, u64)]) -> CellCounts {
    let counts = |list: &[(&str, u64)]| list.iter().map(|(id, count)| ((*id).to_owned(), *count)).collect();
    CellCounts { exact, normalised: counts(normalised), quarantined: counts(quarantined) }
}

fn phase(name: &str, what: &str, result: &str, seconds: f64, frozen: bool) -> PhaseReport {
    PhaseReport { name: name.to_owned(), what: what.to_owned(), result: result.to_owned(), seconds, frozen }
}

fn finding(id: &str, severity: Severity, place: &str, count: u64, message: &str, action: &str, rows: &[&str]) -> Finding {
    Finding {
        id: id.to_owned(),
        severity,
        state: State::Open,
        place: place.to_owned(),
        count,
        message: message.to_owned(),
        action: action.to_owned(),
        rows: rows.iter().map(|row| (*row).to_owned()).collect(),
        original: None,
    }
}

fn findings() -> Vec<Finding> {
    let stop = finding(
        "target-not-empty",
        Severity::Stop,
        "public.students",
        1,
        "The table holds rows already; loading into it would mix two databases.",
        "Name an empty schema.",
        &[],
    );
    let orphans = finding(
        "orphan-rows",
        Severity::Decide,
        "grades.student_id → students.id",
        4,
        "4 rows name a parent that is not there; a foreign key can't be validated over them.",
        "Decide in outgrow.toml: rules.orphans.",
        &["17", "402", "403", "977"],
    );
    let mut view = finding(
        "manual",
        Severity::Decide,
        "view overdue",
        1,
        "The view calls julianday() on a text that is no date; PostgreSQL has nothing like it.",
        "Write the view by hand after the move.",
        &[],
    );
    view.original = Some("CREATE VIEW overdue AS\n  SELECT * FROM loans\n  WHERE julianday('now') - julianday(due) > 14".to_owned());
    let mut waived = finding(
        "mixed-types",
        Severity::Decide,
        "surveys.opened_at",
        20,
        "18 integers in epoch milliseconds and 2 texts; the column becomes text.",
        "Make the values alike, or waive.",
        &["1", "2", r#"["a",7]"#],
    );
    waived.state = State::Waived { reason: "Only the archive reads it, as text.".to_owned(), by: "Ada Lovelace".to_owned() };
    let note =
        finding("nocase-column", Severity::Note, "users.email", 1, "The column compares without regard to ASCII case in SQLite.", "", &[]);
    vec![stop, orphans, view, waived, note]
}

fn differences() -> Vec<Difference> {
    let row = |number| RowKey::of(&[ValueRef::Integer(number)]);
    vec![
        Difference { sign: Sign::Missing, row: row(7), column: None, source: None, target: None },
        Difference { sign: Sign::Surplus, row: row(8), column: None, source: None, target: None },
        Difference {
            sign: Sign::Changed,
            row: row(9),
            column: Some("mark".to_owned()),
            source: Some((StorageClass::Real, 8)),
            target: Some((StorageClass::Integer, 8)),
        },
        Difference {
            sign: Sign::NotQuarantined,
            row: row(10),
            column: Some("note".to_owned()),
            source: Some((StorageClass::Text, 12)),
            target: None,
        },
    ]
}

fn verification() -> VerifyReport {
    let table = |verdict, reason: Option<&str>, rows, cells, shown: Vec<Difference>| TableVerdict {
        verdict,
        reason: reason.map(str::to_owned),
        rows,
        cells,
        differences: if shown.is_empty() { 0 } else { 25 },
        shown,
        reference: 0,
    };
    let tables = BTreeMap::from([
        ("grades".to_owned(), table(Verdict::Mismatch, None, 800_000, cells(3_199_996, &[], &[]), differences())),
        ("loans".to_owned(), table(Verdict::Inconclusive, Some("the table is gone from the target"), 0, cells(0, &[], &[]), Vec::new())),
        (
            "students".to_owned(),
            table(Verdict::Match, None, 400_000, cells(1_999_000, &[("replace-nul", 600)], &[("wrong-class", 400)]), Vec::new()),
        ),
    ]);
    let check = |name: &str, verdict, looked_at, problems: &[&str]| CheckResult {
        check: name.to_owned(),
        verdict,
        looked_at,
        problems: problems.iter().map(|problem| (*problem).to_owned()).collect(),
    };
    let checks = vec![
        check("relations", Verdict::Match, 361, &[]),
        check("sequences", Verdict::Mismatch, 3, &["students_id_seq would give 17, which is taken"]),
    ];
    VerifyReport { verdict: Verdict::Mismatch, level: Level::Full, plan: "ab".repeat(32), tables, checks, seconds: 4.02 }
}

fn tables() -> Vec<TableLine> {
    let line = |name: &str, rows, bytes, cells, verdict: &str| TableLine {
        source: name.to_owned(),
        target: name.to_lowercase(),
        rows,
        bytes,
        cells,
        verdict: verdict.to_owned(),
    };
    vec![
        line("students", 400_000, 210_000_000, cells(1_999_000, &[("replace-nul", 600)], &[("wrong-class", 400)]), "match"),
        line("grades", 800_000, 96_000_000, cells(3_200_000, &[], &[]), "mismatch"),
        line("Loans", 0, 0, cells(0, &[], &[]), "inconclusive"),
    ]
}

fn surprise() -> ProbeSurprise {
    ProbeSurprise {
        probe: "first insert into grades".to_owned(),
        source: "took the row".to_owned(),
        target: "refused it: null value in column \"mark\"".to_owned(),
    }
}

fn load() -> LoadFacts {
    let setting = SessionSetting { name: "jit".to_owned(), value: "off".to_owned(), why: "it takes longer".to_owned() };
    LoadFacts { connections: 2, peak_memory: Some(64 << 20), settings: vec![setting] }
}

/// A report in which everything that can be said is said.
pub(crate) fn full() -> MoveReport {
    MoveReport {
        verb: "rehearse".to_owned(),
        version: "0.1.0".to_owned(),
        made_at: "2026-11-21T08:49:07.123456789Z".to_owned(),
        outcome: Outcome::Mismatch,
        source: SourceFacts {
            path: "/srv/school/app.db".to_owned(),
            bytes: 702_000_000,
            tables: 3,
            rows: 1_200_000,
            cells: 5_200_000,
            views: 12,
            triggers: 7,
            journal_mode: "wal".to_owned(),
            access: "read in place, sharing it with other programs".to_owned(),
            framework: Some("Laravel".to_owned()),
            schema_fingerprint: "1c".repeat(32),
            content_fingerprint: "2d".repeat(32),
        },
        target: TargetFacts {
            place: "a private PostgreSQL in /var/tmp".to_owned(),
            version: "15.18".to_owned(),
            schema: "public".to_owned(),
            bytes: Some(815_000_000),
        },
        plan: PlanFacts {
            id: "ab".repeat(32),
            mode: "own".to_owned(),
            columns_exact: 1_187,
            columns_normalised: 3,
            columns_to_decide: 2,
            steps: 371,
            renames: vec![Rename { what: "table".to_owned(), source: "Loans".to_owned(), target: "loans".to_owned(), chosen: false }],
        },
        findings: findings(),
        phases: vec![
            phase("snapshot", "702.00 MB", "", 1.2, true),
            phase("inspect", "41,200,000 cells", "1,187 columns exact · 3 normalised · 2 to decide", 2.9, true),
            phase("load", "6,213,004 rows", "306.00 MB", 9.8, true),
            phase("keys", "361 steps", "", 5.1, true),
            phase("views and triggers", "19 steps", "", 0.02, true),
            phase("verify", "41,200,000 cells", "25 differences", 4.0, true),
            phase("probes", "158 first inserts", "91 constraints · 12 views · 7 triggers · 1 surprise", 0.8, false),
        ],
        cells: cells(5_199_000, &[("replace-nul", 600)], &[("wrong-class", 400)]),
        load: Some(load()),
        tables: tables(),
        references: vec![ReferenceCopy { table: "regions".to_owned(), file: "<b>regions.csv".to_owned(), added: 12, replaced: 1 }],
        refused: vec![RefusedObject {
            step: "trigger:audit".to_owned(),
            object: "trigger audit".to_owned(),
            message: "syntax error at or near \"RAISE\"".to_owned(),
            sql: vec!["CREATE FUNCTION audit() RETURNS trigger AS $$ … $$".to_owned(), "CREATE TRIGGER audit …".to_owned()],
            waived: None,
        }],
        verification: Some(verification()),
        probes: Some(ProbeReport {
            first_inserts: 158,
            not_probed: vec!["archive: a check calls a function of the application".to_owned()],
            constraints: 91,
            defaults: 40,
            views: 12,
            triggers: 7,
            surprises: vec![surprise()],
        }),
        migrations: Some(crate::migrations::sample()),
        tests: Some(CommandResult { command: "php artisan test".to_owned(), exit_code: Some(1), seconds: 31.4 }),
        source_moved_on: false,
        freeze_seconds: 23.02,
    }
}

/// A report of a move that was stopped before anything was loaded: everything that may be absent is.
pub(crate) fn bare() -> MoveReport {
    let mut report = full();
    "migrate".clone_into(&mut report.verb);
    report.outcome = Outcome::Blocked;
    report.source.framework = None;
    report.target.bytes = None;
    report.plan.renames.clear();
    report.findings.truncate(1);
    report.phases.clear();
    report.cells = CellCounts::default();
    report.load = None;
    report.tables.clear();
    report.refused.clear();
    report.verification = None;
    report.probes = None;
    report.migrations = None;
    report.tests = None;
    report.freeze_seconds = 0.0;
    report
}

/// A report in which nothing is wrong.
pub(crate) fn clean() -> MoveReport {
    let mut report = full();
    report.outcome = Outcome::Done;
    report.findings.retain(|finding| finding.severity == Severity::Note);
    report.refused.clear();
    report.migrations = report.migrations.map(|migrations| MigrationsReport { failed: None, ..migrations });
    report.tests = Some(CommandResult { command: "php artisan test".to_owned(), exit_code: Some(0), seconds: 31.4 });
    if let Some(probes) = &mut report.probes {
        probes.surprises.clear();
    }
    let counts = report.cells.clone();
    if let Some(verification) = &mut report.verification {
        verification.verdict = Verdict::Match;
        verification.tables = BTreeMap::from([(
            "all".to_owned(),
            TableVerdict { verdict: Verdict::Match, reason: None, rows: 1, cells: counts, differences: 0, shown: Vec::new(), reference: 2 },
        )]);
        verification.checks.retain(|check| check.verdict == Verdict::Match);
    }
    report
}

/// A report in which every name is written by somebody who means harm.
pub(crate) fn hostile() -> MoveReport {
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202e}drowssap\0\u{1b}[31m\n+ all is well";
    let long = "x".repeat(10_240);
    let mut report = full();
    report.source.path = format!("/srv/{evil}.db");
    report.source.framework = Some(evil.to_owned());
    evil.clone_into(&mut report.target.place);
    report.target.schema.clone_from(&long);
    for finding in &mut report.findings {
        evil.clone_into(&mut finding.id);
        finding.place = format!("{long}.{evil}");
        finding.message = format!("{evil}{long}");
        evil.clone_into(&mut finding.action);
        finding.rows = vec![evil.to_owned(), long.clone()];
        finding.original = Some(format!("CREATE VIEW {evil}{long}"));
        finding.state = State::Waived { reason: evil.to_owned(), by: long.clone() };
    }
    for table in &mut report.tables {
        table.source = format!("{evil}{}", table.source);
        table.target.clone_from(&long);
        evil.clone_into(&mut table.verdict);
    }
    for phase in &mut report.phases {
        evil.clone_into(&mut phase.name);
        phase.what.clone_from(&long);
    }
    let waived = Some(WaivedRefusal { reason: long.clone(), by: evil.to_owned() });
    report.refused = vec![RefusedObject { object: long.clone(), message: evil.to_owned(), waived, ..report.refused[0].clone() }];
    if let Some(probes) = &mut report.probes {
        probes.not_probed = vec![evil.to_owned()];
        probes.surprises = vec![ProbeSurprise { probe: evil.to_owned(), source: long.clone(), target: evil.to_owned() }];
    }
    if let Some(verification) = &mut report.verification {
        let mut table = verification.tables["grades"].clone();
        table.shown[2].column = Some(evil.to_owned());
        table.reason = Some(evil.to_owned());
        verification.tables.insert(evil.to_owned(), table);
        verification.checks[1].problems = vec![evil.to_owned(), long.clone()];
    }
    report.plan.renames = vec![Rename { what: evil.to_owned(), source: evil.to_owned(), target: long, chosen: true }];
    report.cells.quarantined.insert(evil.to_owned(), 1);
    report
}

#[test]
fn says_everything() {
    let page = page(&full()).unwrap();
    for said in [
        "The two sides differ. Don&#x27;t switch to the target.",
        "&#x2f;srv&#x2f;school&#x2f;app.db",
        "looks like Laravel",
        "PostgreSQL 15.18",
        "stand still for <b>23.0 s</b>",
        "1 finding in the way",
        "2 findings to decide",
        "target-not-empty",
        "grades.student_id → students.id",
        "<code>977</code>",
        "Waived by <b><bdi>Ada Lovelace</bdi></b>: Only the archive reads it, as text.",
        "WHERE julianday(&#x27;now&#x27;)",
        "The load's books add up. The comparison does not account for 4 cells",
        "5,199,000",
        "normalised: replace-nul",
        "quarantined: wrong-class",
        "views and triggers",
        "<span class=\"source\">- 9  mark  real of 8 bytes</span>",
        "<span class=\"target\">+ 9  mark  integer of 8 bytes</span>",
        "and 21 more",
        "students_id_seq would give 17",
        "the table is gone from the target",
        "first insert into grades",
        "archive: a check calls a function",
        "Failed</b> with exit code 1",
        "near &quot;RAISE&quot;",
        "CREATE FUNCTION audit()",
        "now <bdi class=\"name\">loans</bdi>",
        "2026-11-21 08:49:07 UTC",
    ] {
        assert!(page.contains(said), "the page doesn't say: {said}");
    }
    for fingerprint in ["ab", "1c", "2d"] {
        assert!(page.contains(&fingerprint.repeat(32)), "a fingerprint is missing");
    }
    assert_eq!(page, self::page(&full()).unwrap(), "the same report gives the same page");
}

#[test]
fn says_what_is_not_there() {
    let page = page(&bare()).unwrap();
    for said in
        ["Not moved", "Nothing was changed.", "Not measured: nothing was loaded.", "there are no books", "Not compared is not equal."]
    {
        assert!(page.contains(said), "the page doesn't say: {said}");
    }
    assert!(!page.contains("The books add up"), "books that don't exist can't add up");
}

#[test]
fn a_clean_rehearsal_reads_so() {
    let page = page(&clean()).unwrap();
    for said in ["Ready", "Nothing stands in the way.", "The books add up.", "no surprises.", "Passed</b> after 31.4 s"] {
        assert!(page.contains(said), "the page doesn't say: {said}");
    }
}

#[test]
fn every_outcome_has_its_sentence() {
    let said = |change: &dyn Fn(&mut MoveReport)| {
        let mut report = clean();
        change(&mut report);
        let page = page(&report).unwrap();
        let (_, rest) = page.split_once("class=\"word\">").unwrap();
        rest.split_once('<').unwrap().0.to_owned()
    };
    let verb = |report: &mut MoveReport| report.verb = "migrate".to_owned();
    assert_eq!(said(&|report| verb(report)), "Moved");
    assert_eq!(said(&|report| report.outcome = Outcome::Blocked), "To decide");
    assert_eq!(said(&|report| report.outcome = Outcome::Inconclusive), "Inconclusive");
    assert_eq!(said(&|report| report.outcome = Outcome::Mismatch), "Tests failed");
    let incomplete = |report: &mut MoveReport| {
        verb(report);
        report.outcome = Outcome::Blocked;
    };
    assert_eq!(said(&incomplete), "Incomplete");
    let surprised = |report: &mut MoveReport| {
        report.outcome = Outcome::Mismatch;
        report.probes = full().probes;
    };
    assert_eq!(said(&surprised), "Behaves differently");
    let stopped = |report: &mut MoveReport| {
        report.outcome = Outcome::Blocked;
        report.verification = None;
    };
    assert_eq!(said(&stopped), "Not rehearsed");
}

#[test]
fn books_that_do_not_add_up_are_shown() {
    let mut short = clean();
    short.source.cells += 3;
    let page = page(&short).unwrap();
    assert!(page.contains("The source has 5,200,003 cells, the load accounts for 5,200,000 cells: 3 cells apart."));
    assert!(page.contains("Some cells are not accounted for. Don&#x27;t switch to the target."));
    assert!(page.contains("books that don&#x27;t add up"));
    let mut shifted = clean();
    shifted.cells.exact -= 1;
    *shifted.cells.normalised.entry("replace-nul".to_owned()).or_default() += 1;
    assert!(self::page(&shifted).unwrap().contains("count the cells differently"));
}

#[test]
fn a_hostile_name_stays_a_name() {
    let page = page(&hostile()).unwrap();
    let lower = page.to_lowercase();
    assert!(!lower.contains("<script") && !lower.contains("<img"), "a name became an element");
    assert!(page.contains("⟨U+202E⟩") && page.contains('\u{2400}') && page.contains('\u{241b}'), "invisible characters are shown");
    let raw = page.chars().find(|character| {
        (character.is_control() && *character != '\n' && *character != '\t') || ('\u{202a}'..='\u{202e}').contains(character)
    });
    assert_eq!(raw, None, "a control character or a mark of direction came through");
    assert!(page.contains("(10240 characters)"), "a long name says how long it is");
    assert!(!page.contains("\n+ all is well</span>"), "a line break in a name made a line of a difference");
    // Long texts stand whole only where they scroll: in the texts of objects.
    let outside: String = page.split("<pre>").map(|part| part.split_once("</pre>").map_or(part, |(_, behind)| behind)).collect();
    assert!(!outside.contains(&"x".repeat(2_500)), "a long name stands whole outside a box that scrolls");
}

#[test]
fn loads_nothing_and_runs_nothing() {
    for report in [full(), bare(), clean(), hostile()] {
        let page = page(&report).unwrap();
        let tags: Vec<&str> = page.split('<').skip(1).filter_map(|part| part.split_once('>').map(|(tag, _)| tag)).collect();
        assert!(tags.len() > 50, "nothing was looked at");
        for tag in tags {
            for bad in [" on", "src=", "url(", "javascript:"] {
                let attributes = tag.split_once(' ').map_or("", |(_, attributes)| attributes);
                assert!(!format!(" {attributes}").contains(bad), "{tag}");
            }
            if let Some((_, link)) = tag.split_once("href=\"") {
                assert!(link.starts_with('#') || link.starts_with("data:,"), "{tag}");
            }
        }
        assert!(page.contains("default-src 'none'"));
    }
}

#[test]
fn can_be_read_aloud() {
    let page = page(&full()).unwrap();
    let mut level = 0;
    for heading in page.split("<h").skip(1).filter_map(|part| part.chars().next()?.to_digit(10)) {
        assert!(heading <= level + 1, "h{heading} follows h{level}");
        level = heading;
    }
    assert_eq!(page.matches("<h1").count(), 1);
    assert_eq!(page.matches("<table").count(), page.matches("<caption").count());
    assert_eq!(page.matches("<svg").count(), page.matches("<svg role=\"img\" aria-labelledby=").count());
    assert_eq!(
        page.matches("<th ").count() + page.matches("<thead").count(),
        page.matches("<th").count(),
        "a heading of a table has no scope"
    );
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|part| part.split_once('"').map(|(id, _)| id)).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands twice");
    for link in page.split("href=\"#").skip(1).filter_map(|part| part.split_once('"').map(|(id, _)| id)) {
        assert!(ids.contains(&link), "nothing has the id {link}");
    }
}
