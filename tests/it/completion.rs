//! The reports of a cutover and of a rollback: complete, the same in all three forms, and harmless whatever the names in them are.

mod kept;

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use outgrow::gate::{Finding, Judgement, READINESS, Standing, State};
use outgrow::journal::{Event, Run, SignOff};
use outgrow::plan::{Decisions, Policy, Side};
use outgrow::report::{Around, CompletionKind, CompletionReport, DOCUMENT_FORMAT, Moved, completion_markdown, completion_page, gather};
use outgrow::runbook::{Course, CourseKind, Ending, Record, StepRecord, StepState};
use serde_json::{Value, json};

/// What must stand in no report.
const SECRET: &str = "hunter2";

fn at(seconds: i64) -> Timestamp {
    "2026-11-21T08:49:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

fn step(id: &str, began: i64, seconds: f64, what: &str, detail: Value) -> StepRecord {
    StepRecord {
        id: id.to_owned(),
        title: format!("{id} of the application"),
        state: StepState::Done,
        began_at: at(began),
        ended_at: Some(at(began + 1)),
        seconds,
        what: what.to_owned(),
        detail,
    }
}

fn sent(notice: &str, ok: bool) -> Value {
    let failed = json!({ "channel": "chat", "kind": "webhook", "ok": false, "seconds": 5.0, "why": "no answer after 5 s" });
    let taken = json!({ "channel": "log", "kind": "file", "ok": true, "seconds": 0.1, "why": null });
    let deliveries = if ok { json!([taken]) } else { json!([taken, failed]) };
    json!({ "notice": notice, "at": "2026-11-21T08:49:00Z", "subject": "…", "fallback": null, "deliveries": deliveries })
}

fn baseline(median: f64, errors: u32) -> Value {
    let fault = (errors > 0).then_some("HTTP 500");
    json!({
        "probes": [{ "name": "list of pupils", "samples": 50, "errors": errors, "median_ms": median, "p95_ms": median * 2.0, "max_ms": 80.0, "fault": fault }],
        "machine": { "processors": 4, "busy": 0.25, "load_1min": 0.75, "memory_bytes": 8_000_000_000_u64, "available_bytes": 5_000_000_000_u64 },
    })
}

fn smoke(passed: bool) -> Value {
    let what = if passed { "HTTP 200" } else { "HTTP 502 where 200 was expected" };
    let answer = json!({ "name": "health", "passed": passed, "attempts": 3, "seconds": 0.2, "what": what, "at": "2026-11-21T08:49:50Z" });
    json!({ "answers": [answer], "left_out": [], "seconds": 0.3 })
}

fn hook(words: &[&str]) -> Value {
    json!({ "command": words, "exit-code": 0, "timed-out": false })
}

fn backup() -> Value {
    let test = json!({ "at": "2026-11-21T08:49:10Z", "verdict": "match", "detail": "44 rows, the same bytes", "seconds": 0.4 });
    let facts = json!({
        "name": "app-20261121T084905Z.sqlite.zst", "side": "source", "of": "/srv/school/app.db", "taken-at": "2026-11-21T08:49:05Z",
        "seconds": 1.0, "by": "outgrow", "compression": "zstd", "bytes": 6_500_000, "content-bytes": 702_000_000, "sha256": "5e".repeat(32),
        "content": "6f".repeat(32), "schema": null, "tables": 3, "rows": 44, "other-disk": true, "test": test,
    });
    let second = json!({ "directory": "/mnt/second", "copied": true, "other-disk": true, "why-not": null });
    json!({ "outcome": "done", "file": "/srv/backups/app-20261121T084905Z.sqlite.zst", "backup": facts, "second": second, "cleared": [], "removed": [], "remarks": [], "seconds": 1.5 })
}

/// A cutover that went to its end.
fn cutover() -> Course {
    let mut course = Course::begin(CourseKind::Cutover, Some("Ada Lovelace".to_owned()), None);
    let changes = json!({ "changes": [{ "place": ".env", "lines": ["-DB_CONNECTION=sqlite", "+DB_CONNECTION=pgsql", "+DB_PASSWORD=…"], "is_done": false, "notes": ["the cache of the configuration is to be cleared"] }], "seconds": 0.1 });
    "20261121T084900Z".clone_into(&mut course.id);
    (course.began_at, course.ended_at, course.ending) = (at(0), Some(at(60)), Some(Ending::Done));
    (course.down_at, course.up_at, course.resumed) = (Some(at(2)), Some(at(49)), 1);
    course.steps = vec![
        step("notice-start", 0, 5.0, "1 of 2 channels did not take it: chat", sent("start", false)),
        step("baseline-before", 1, 1.0, "1 probe measured", baseline(12.5, 0)),
        step("stop:1", 2, 0.5, "systemctl ended well", hook(&["systemctl", "stop", "app"])),
        step("freeze", 3, 0.1, "3 tables take no writes", json!({ "frozen": { "tables": 3 } })),
        step("backup", 4, 1.5, "/srv/backups/app.zst (6500000)", backup()),
        step("migrate", 6, 30.0, "Every cell of the source is accounted for in the target.", json!({ "plan": "ab".repeat(32) })),
        step("mark", 40, 0.1, "what is written from here on will be known", json!({})),
        step("switch", 41, 0.1, ".env", changes),
        step(
            "start:1",
            42,
            1.0,
            "sh ended well",
            hook(&["sh", "-c", &format!("PGPASSWORD={SECRET} psql postgres://app:{SECRET}@db/school")]),
        ),
        step("smoke", 44, 0.3, "1 smoke test passed", smoke(true)),
        step("baseline-after", 50, 1.0, "1 probe measured", baseline(8.25, 2)),
        step("notice-completion", 55, 0.1, "1 channel told", sent("completion", true)),
    ];
    course
}

/// The way back from it.
fn rollback() -> Course {
    let mut course = Course::begin(CourseKind::Rollback, Some("Grace Hopper".to_owned()), Some("logins fail".to_owned()));
    "20261121T094900Z".clone_into(&mut course.id);
    (course.began_at, course.ended_at, course.ending) = (at(3600), Some(at(3630)), Some(Ending::Done));
    (course.down_at, course.up_at) = (Some(at(3601)), Some(at(3625)));
    let table = |name: &str, inserted: u64| json!({ "table": name, "target": name, "inserted": inserted, "updated": 2, "deleted": 1, "exact": true, "basis": "transactions", "beside": 0, "converted": 0, "unwritten": 0, "file": "x.sql", "beside-file": null });
    let set = json!({
        "format": 1, "plan": "ab".repeat(32), "schema": "public", "server": null, "database": 5, "since": "2026-11-21T08:49:40Z",
        "until": "2026-11-21T09:49:02Z", "snapshot": "7:7:", "directory": "/srv/school/.outgrow/changes-20261121T094900Z", "apply": "apply.sql",
        "tables": [table("grades", 17)], "notes": [{ "place": "grades.extra", "what": "the column came since" }],
    });
    let reverted = json!({ "restored": [{ "place": ".env", "how": "keys-only", "edited": "/srv/school/.outgrow/switched/edited" }] });
    course.steps = vec![
        step("stop:1", 3601, 0.5, "systemctl ended well", hook(&["systemctl", "stop", "app"])),
        step("freeze-target", 3602, 0.1, "3 tables take no writes", json!({ "tables": 3 })),
        step("export", 3603, 2.0, "20 rows written to PostgreSQL since the cutover", set),
        step("revert", 3606, 0.1, ".env has its old keys", reverted),
        step("thaw", 3607, 0.1, "it takes writes again", json!({ "triggers-taken-away": 9 })),
        step("smoke", 3610, 0.3, "1 smoke test passed", smoke(true)),
        step("target", 3626, 0.3, "set aside under another name: public_before_20261121", json!({})),
    ];
    course
}

fn record(side: Side, courses: Vec<Course>) -> Record {
    let mut record = Record::new(Path::new("/srv/school/app.db"), "app@db.example:5432/school");
    (record.side, record.courses) = (side, courses);
    record
}

fn runs() -> Vec<Run> {
    let waived = State::Waived { reason: "the nightly copy is on another disk".to_owned(), by: "Ada Lovelace".to_owned() };
    let states = [Standing::Pass, Standing::Waived];
    let judgement = |(gate, state): (&&outgrow::gate::ReadinessGate, Standing)| {
        let finding = Finding { state: waived.clone(), ..gate.finding("its disk", "it is on the disk of the source", "Copy it.") };
        let findings = if state == Standing::Waived { vec![finding] } else { Vec::new() };
        Judgement { id: gate.id.to_owned(), title: gate.title.to_owned(), state, evidence: "rehearsed an hour ago".to_owned(), findings }
    };
    let gates: Vec<Judgement> = READINESS.iter().zip(states).map(judgement).collect();
    let asked = |moment: i64, gates: Value| Event {
        at: at(moment).to_string(),
        step: "gates".to_owned(),
        kind: "evidence".to_owned(),
        seconds: None,
        detail: json!({ "gates": gates }),
    };
    let run = |id: i64, began: i64, events: Vec<Event>| Run {
        id,
        verb: "cutover".to_owned(),
        version: "0.1.0".to_owned(),
        source: "app.db".to_owned(),
        target: "app@db.example:5432/school".to_owned(),
        plan: None,
        started_at: at(began).to_string(),
        ended_at: None,
        exit_code: None,
        ending: None,
        events,
    };
    // An earlier run's gates are not those of the cutover; the first run of it was killed.
    vec![
        run(1, -900, vec![asked(-890, json!([]))]),
        run(2, -5, vec![asked(-1, serde_json::to_value(gates).unwrap())]),
        run(3, 20, Vec::new()),
    ]
}

fn decisions() -> Decisions {
    let same = "ab".repeat(32);
    serde_json::from_value(json!({ "schema": same, "columns": same, "steps": same, "rules": same, "findings": same })).unwrap()
}

fn sign_offs() -> Vec<SignOff> {
    let word = SignOff {
        role: "qa".to_owned(),
        by: "Katherine Johnson".to_owned(),
        note: Some("after the second rehearsal".to_owned()),
        at: "2026-11-20T12:00:00Z".to_owned(),
        decisions: decisions(),
        withdrawn_at: None,
    };
    vec![word]
}

fn policy() -> Policy {
    Policy::parse("[cutover]\nbudget = \"5 min\"\n[backup]\nkeep-days = 90\nkeep = 7\n").unwrap()
}

fn report_of_move() -> Moved {
    let mut report = crate::page::clean();
    "migrate".clone_into(&mut report.verb);
    "2026-11-21T08:49:36Z".clone_into(&mut report.made_at);
    report.plan.id = "ab".repeat(32);
    report.probes = None;
    report.tests = None;
    Moved { format: DOCUMENT_FORMAT, report }
}

fn gathered(record: &Record, moved: Option<&Moved>, kind: CompletionKind) -> CompletionReport {
    let (policy, runs, sign_offs, directory) = (policy(), runs(), sign_offs(), Path::new(".outgrow"));
    let around = Around { record, policy: &policy, moved, runs: &runs, sign_offs: &sign_offs, directory, now: at(4000) };
    gather(around, kind).unwrap()
}

/// A cutover that went well.
pub(crate) fn moved() -> CompletionReport {
    gathered(&record(Side::Target, vec![cutover()]), Some(&report_of_move()), CompletionKind::Completion)
}

/// A cutover, and the way back.
pub(crate) fn taken_back(kind: CompletionKind) -> CompletionReport {
    gathered(&record(Side::Source, vec![cutover(), rollback()]), Some(&report_of_move()), kind)
}

/// A cutover that ended before the application was touched.
pub(crate) fn bare() -> CompletionReport {
    let mut course = cutover();
    course.steps.truncate(1);
    let mut failed = step("prepare:1", 1, 0.1, "false ended with exit code 1", hook(&["false"]));
    failed.state = StepState::Failed;
    course.steps.push(failed);
    (course.down_at, course.up_at, course.ending, course.by) = (None, None, Some(Ending::NothingChanged), None);
    gathered(&record(Side::Source, vec![course]), None, CompletionKind::Completion)
}

/// Both forms for people.
fn written(report: &CompletionReport) -> [String; 2] {
    [completion_page(report).unwrap(), completion_markdown(report).unwrap()]
}

/// As the page and the Markdown have it, without what each escapes in its own way.
fn plain(text: &str) -> String {
    let unescaped = [("&#x2f;", "/"), ("&#x27;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("\\", "")];
    unescaped.into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn says(report: &CompletionReport, facts: &[&str]) {
    for text in written(report) {
        let text = plain(&text);
        for fact in facts {
            assert!(text.contains(fact), "it doesn't say: {fact}\n{text}");
        }
    }
}

#[test]
fn a_cutover_is_told_with_its_evidence() {
    let report = moved();
    assert_eq!((report.verdict.as_str(), report.downtime_seconds), ("Moved", Some(47.0)));
    assert_eq!(report.courses[0].steps.iter().filter(|step| step.frozen).count(), 8);
    assert_eq!(report.restarts.len(), 1, "{:?}", report.restarts);
    says(
        &report,
        &[
            "Cutover of app.db to PostgreSQL",
            "The application is on PostgreSQL since 2026-11-21 at 08:49:49 UTC",
            "/srv/school/app.db",
            "app@db.example:5432/school",
            "47.0 s",
            "5 m 00 s",
            "Ada Lovelace",
            "Gone on with 1 time",
            "did not end: it was killed",
            "the nightly copy is on another disk",
            "Katherine Johnson",
            "after the second rehearsal",
            "+DB_CONNECTION=pgsql",
            "the cache of the configuration is to be cleared",
            "systemctl stop app",
            "5e".repeat(32).as_str(),
            "restored, and equal",
            "/mnt/second",
            "until 2027-02-19, and as long as it is one of the newest 7",
            "12.5 ms",
            "2 of 52",
            "HTTP 200",
            "no answer after 5 s",
            "list of pupils gave 2 wrong answers on PostgreSQL: HTTP 500",
            "replace-nul",
            "outgrow rollback /srv/school/app.db \"$DATABASE_URL\" --dry-run",
            "outgrow restore source /srv/backups/app-20261121T084905Z.sqlite.zst --to /srv/school/app.db.restored --verify",
        ],
    );
}

#[test]
fn a_way_back_says_what_is_not_in_sqlite() {
    let report = taken_back(CompletionKind::Incident);
    assert_eq!((report.verdict.as_str(), report.downtime_seconds), ("Back on SQLite", Some(24.0)));
    says(
        &report,
        &[
            "Rollback of app.db to SQLite",
            "logins fail",
            "Grace Hopper",
            "20 rows written to PostgreSQL since the cutover",
            "/srv/school/.outgrow/changes-20261121T094900Z",
            "sqlite3 /path/to/copy.db < apply.sql",
            "grades.extra: the column came since",
            "public_before_20261121",
            "/srv/school/.outgrow/switched/edited",
        ],
    );
    let later = taken_back(CompletionKind::Completion);
    assert_eq!(later.verdict, "Moved, and taken back");
    assert_eq!((later.downtime_seconds, later.budget_seconds, report.budget_seconds), (Some(47.0), Some(300.0), None));
}

#[test]
fn a_failed_cutover_counts_its_downtime_to_the_end_of_the_way_back() {
    let (mut forth, mut back) = (cutover(), rollback());
    forth.steps.truncate(10);
    let last = forth.steps.last_mut().unwrap();
    (last.state, last.what, last.detail) = (StepState::Failed, "1 of 1 smoke test failed; health: HTTP 502".to_owned(), smoke(false));
    (forth.up_at, forth.ending) = (None, Some(Ending::TakenBack));
    (back.down_at, back.by) = (forth.down_at, None);
    back.steps.retain(|step| step.id != "export");
    let report = gathered(&record(Side::Source, vec![forth, back]), Some(&report_of_move()), CompletionKind::Completion);
    assert_eq!((report.verdict.as_str(), report.downtime_seconds), ("Taken back", Some(3623.0)));
    says(&report, &["It failed at smoke (1 of 1 smoke test failed; health: HTTP 502)", "outgrow, because the cutover failed", "1 h 00 m"]);
}

#[test]
fn what_stands_still_is_called_so() {
    let mut back = rollback();
    (back.ended_at, back.ending, back.up_at) = (None, None, None);
    back.steps.truncate(3);
    let last = back.steps.last_mut().unwrap();
    (last.state, last.what, last.detail) = (StepState::Failed, "the server does not answer".to_owned(), json!({ "kind": "target-lost" }));
    let report = gathered(&record(Side::Target, vec![cutover(), back]), None, CompletionKind::Incident);
    assert_eq!(report.verdict, "Not finished");
    says(
        &report,
        &[
            "The way back stands still at export (the server does not answer)",
            "could not be exported",
            "The load did not come to a report.",
        ],
    );
    let untouched = bare();
    assert_eq!(untouched.verdict, "Not moved");
    says(&untouched, &["before the application was touched", "false ended with exit code 1"]);
}

#[test]
fn a_later_move_s_report_is_not_taken_for_that_of_the_cutover() {
    let record = record(Side::Target, vec![cutover()]);
    let mut later = report_of_move();
    "2026-11-22T08:49:36Z".clone_into(&mut later.report.made_at);
    assert!(gathered(&record, Some(&later), CompletionKind::Completion).moved.is_none());
    let mut other = report_of_move();
    other.report.plan.id = "cd".repeat(32);
    assert!(gathered(&record, Some(&other), CompletionKind::Completion).moved.is_none());
    let mut rehearsal = report_of_move();
    "rehearse".clone_into(&mut rehearsal.report.verb);
    assert!(gathered(&record, Some(&rehearsal), CompletionKind::Completion).moved.is_none());
}

#[test]
fn no_secret_of_a_command_is_told() {
    let report = moved();
    let json = serde_json::to_string(&report).unwrap();
    for text in written(&report).into_iter().chain([json]) {
        assert!(!text.contains(SECRET), "{text}");
    }
    says(&report, &["PGPASSWORD=… psql postgres://app:…@db/school"]);
}

#[test]
fn the_document_comes_back_as_it_was() {
    for report in [moved(), taken_back(CompletionKind::Incident), bare()] {
        let text = serde_json::to_string(&report).unwrap();
        let back: CompletionReport = serde_json::from_str(&text).unwrap();
        assert_eq!(back, report);
        assert_eq!(written(&back), written(&report));
    }
}

/// A cutover in which every text means harm.
fn hostile() -> CompletionReport {
    let evil =
        "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> | `x` [a](http://b.example) \u{202e}drow\0\u{1b}[31m\n# all is well";
    let (mut forth, mut back) = (cutover(), rollback());
    let spoil = |course: &mut Course| {
        (course.by, course.cause) = (Some(evil.to_owned()), Some(evil.to_owned()));
        for step in &mut course.steps {
            evil.clone_into(&mut step.title);
            evil.clone_into(&mut step.what);
            let mut detail = step.detail.clone();
            spoilt(&mut detail, evil);
            step.detail = detail;
        }
    };
    spoil(&mut forth);
    spoil(&mut back);
    let mut moved = report_of_move();
    let spoilt_move = crate::page::hostile();
    (moved.report.tables, moved.report.findings, moved.report.source) = (spoilt_move.tables, spoilt_move.findings, spoilt_move.source);
    (moved.report.verification, moved.report.target) = (spoilt_move.verification, spoilt_move.target);
    let mut record = record(Side::Source, vec![forth, back]);
    (record.source, record.target) = (format!("/srv/{evil}").into(), evil.to_owned());
    gathered(&record, Some(&moved), CompletionKind::Incident)
}

/// Puts the text in the place of every text that is none of ours.
fn spoilt(value: &mut Value, evil: &str) {
    match value {
        Value::String(text) if text.len() != 64 && !text.starts_with("2026-") => evil.clone_into(text),
        Value::Array(list) => list.iter_mut().for_each(|one| spoilt(one, evil)),
        Value::Object(fields) => fields.values_mut().for_each(|one| spoilt(one, evil)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_hostile_name_stays_a_name() {
    let report = hostile();
    let [page, markdown] = written(&report);
    let lower = page.to_lowercase();
    assert!(!lower.contains("<script") && !lower.contains("<img"), "a name became an element");
    for text in [&page, &markdown] {
        assert!(text.contains("⟨U+202E⟩") && text.contains('\u{2400}') && text.contains('\u{241b}'), "invisible characters are shown");
        let raw = text.chars().find(|letter| (letter.is_control() && *letter != '\n') || ('\u{202a}'..='\u{202e}').contains(letter));
        assert_eq!(raw, None, "a control character or a mark of direction came through");
        assert!(!text.contains("\n# all is well"), "a line break in a name made a line");
    }
    // Lines of code are no markup, and nothing in them can end them.
    for line in markdown.lines().filter(|line| !line.starts_with("    ")) {
        for markup in ["<script", "<img", "](http", "`x`"] {
            assert!(line.match_indices(markup).all(|(place, _)| line[..place].ends_with('\\')), "{markup} in {line}");
        }
        assert!(!line.replace("\\|", "").contains(" | `"), "a name made a cell: {line}");
    }
}

#[test]
fn tables_of_the_markdown_have_their_columns() {
    for report in [moved(), taken_back(CompletionKind::Incident), hostile()] {
        let markdown = completion_markdown(&report).unwrap();
        let (mut columns, mut rows) = (None, 0);
        for line in markdown.lines() {
            if !line.starts_with('|') {
                columns = None;
                continue;
            }
            let now = line.replace("\\|", "").matches('|').count();
            assert_eq!(now, columns.unwrap_or(now), "{line}");
            (columns, rows) = (Some(now), rows + 1);
        }
        assert!(rows > 20, "{markdown}");
    }
}

#[test]
fn the_page_loads_nothing_and_fits_a_phone() {
    for report in [moved(), taken_back(CompletionKind::Incident), bare(), hostile()] {
        let page = completion_page(&report).unwrap();
        assert!(page.contains("default-src 'none'") && page.contains("width=device-width"));
        for tag in page.split('<').skip(1).filter_map(|part| part.split_once('>').map(|(tag, _)| tag)) {
            let attributes = tag.split_once(' ').map_or("", |(_, attributes)| attributes);
            for bad in [" on", "src=", "url(", "javascript:", "style="] {
                assert!(!format!(" {attributes}").contains(bad), "{tag}");
            }
            if let Some((_, link)) = tag.split_once("href=\"") {
                assert!(link.starts_with('#') || link.starts_with("data:,"), "{tag}");
            }
            // What has a width has it in percent.
            for (_, width) in tag.match_indices(" width=\"").map(|(place, name)| tag[place..].split_at(name.len())) {
                assert!(width.split('"').next().unwrap().ends_with('%'), "{tag}");
            }
        }
        // Every table scrolls by itself, so that the page does not.
        let scrolled = page.match_indices("<table>").filter(|(place, _)| page[..*place].trim_end().ends_with("tabindex=\"0\">")).count();
        assert_eq!(scrolled, page.matches("<table").count());
    }
}

#[test]
fn the_page_can_be_read_aloud() {
    let page = completion_page(&taken_back(CompletionKind::Incident)).unwrap();
    let mut level = 0;
    for heading in page.split("<h").skip(1).filter_map(|part| part.chars().next()?.to_digit(10)) {
        assert!(heading <= level + 1, "h{heading} follows h{level}");
        level = heading;
    }
    assert_eq!(page.matches("<h1").count(), 1);
    assert_eq!(page.matches("<table").count(), page.matches("<caption").count());
    assert_eq!(page.matches("<svg").count(), page.matches("<svg role=\"img\" aria-labelledby=").count());
    let mut ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|part| part.split_once('"').map(|(id, _)| id)).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all, "an id stands twice");
    for link in page.split("href=\"#").skip(1).filter_map(|part| part.split_once('"').map(|(id, _)| id)) {
        assert!(ids.contains(&link), "nothing has the id {link}");
    }
}
