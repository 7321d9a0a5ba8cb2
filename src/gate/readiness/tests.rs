//! Each gate where it passes, where it stands in the way, where nobody knows, and where somebody answers for it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::error::Outcome;
use crate::gate::{Finding, Severity, State};
use crate::plan::Policy;

const HOUR: i64 = 3600;

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn before(seconds: i64) -> Timestamp {
    now().checked_sub(SignedDuration::from_secs(seconds)).unwrap()
}

fn identity() -> ServerIdentity {
    let number = (1_790_000_000_u64 << 32) | 0x4d;
    ServerIdentity { system_identifier: Some(number.to_string()), data_directory: Some("/var/lib/pg".to_owned()), major: 16 }
}

/// Everything as it should be.
fn well(policy: &Policy) -> Readiness<'_> {
    Readiness {
        policy,
        now: now(),
        point: Point::Before,
        plan: Known::Seen(PlanFacts {
            id: "p".repeat(64),
            schema: "s".repeat(64),
            existing: false,
            findings: vec![finding("mixed-types", Severity::Decide, true), finding("renamed", Severity::Note, false)],
            framework: Some("Django".to_owned()),
            ledgers_compared: false,
            source_bytes: 1_000_000,
            tables: vec!["customer".to_owned()],
        }),
        rehearsal: Known::Seen(Some(RehearsalFacts {
            source: "/srv/app.db".to_owned(),
            at: before(HOUR),
            outcome: Outcome::Done,
            schema: "s".repeat(64),
            decisions: policy.decisions(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            server_major: 16,
            existing: false,
            target_bytes: Some(2_000_000),
        })),
        backup: Known::Seen(Some(BackupFacts { at: before(HOUR), tested: true, other_disk: true, intact: true })),
        target: Known::Seen(TargetFacts {
            place: "app@db:5432/school".to_owned(),
            database: "school".to_owned(),
            owner: "app".to_owned(),
            identity: identity(),
            seen_before: Some(identity()),
            failures: Vec::new(),
            free_connections: Some(90),
            free_bytes: Some(5_000_000),
            others: vec![OtherDatabase { name: "postgres".to_owned(), owner: "postgres".to_owned() }],
            elsewhere: vec![("geo".to_owned(), "street".to_owned())],
        }),
        holders: Known::Seen(HolderFacts::default()),
        overrides: Known::Seen(Vec::new()),
        sign_offs: Known::Seen(vec![SignOffFacts { role: "tech-lead".to_owned(), given: Some("Ada".to_owned()), void: None }]),
        checks: Known::Seen(Vec::new()),
    }
}

fn finding(id: &str, severity: Severity, waived: bool) -> Finding {
    let state = if waived { State::Waived { reason: "r".to_owned(), by: "Ada".to_owned() } } else { State::Open };
    let text = |text: &str| text.to_owned();
    Finding {
        id: text(id),
        severity,
        state,
        place: text("t.a"),
        count: 1,
        message: text("m"),
        action: text("a"),
        rows: vec![],
        original: None,
    }
}

type Change = fn(&mut Readiness<'_>);

fn seen<T>(known: &mut Known<T>) -> &mut T {
    match known {
        Known::Seen(seen) => seen,
        Known::Unseen(why) => panic!("{why}"),
    }
}

fn rehearsal<'e>(evidence: &'e mut Readiness<'_>) -> &'e mut RehearsalFacts {
    seen(&mut evidence.rehearsal).as_mut().unwrap()
}

fn backup<'e>(evidence: &'e mut Readiness<'_>) -> &'e mut BackupFacts {
    seen(&mut evidence.backup).as_mut().unwrap()
}

fn found(evidence: &mut Readiness<'_>, id: &str, severity: Severity) {
    seen(&mut evidence.plan).findings.push(finding(id, severity, false));
}

fn held(evidence: &mut Readiness<'_>, writes: bool) {
    seen(&mut evidence.holders).others.push(HolderFact { pid: 7, command: "php artisan".to_owned(), writes });
}

const STOPS: &str = "[[hook]]\nat = \"stop\"\nrun = [\"true\"]\n";
const UNGUARDED: &str = "[cutover]\nfreeze = \"stop\"\n";
const CHECKS: &str = "[[check]]\nname = \"driver\"\nrun = [\"true\"]\n";

use Standing::{Blocked, NotApplicable, Pass, Unknown};

/// The gate, the policy, what is otherwise than well, how the gate stands, and at which places it finds something.
const CASES: &[(&str, &str, Change, Standing, &[&str])] = &[
    ("rehearsal-stale", "", |_| {}, Pass, &[]),
    ("rehearsal-stale", "", |it| it.rehearsal = Known::Seen(None), Blocked, &["the rehearsal"]),
    ("rehearsal-stale", "", |it| it.rehearsal = Known::Unseen("no journal".to_owned()), Unknown, &["the journal"]),
    ("rehearsal-stale", "", |it| rehearsal(it).at = before(8 * 24 * HOUR), Blocked, &["the rehearsal"]),
    ("rehearsal-stale", "[cutover]\nrehearsed-within = \"9d\"", |it| rehearsal(it).at = before(8 * 24 * HOUR), Pass, &[]),
    ("rehearsal-stale", "", |it| rehearsal(it).outcome = Outcome::Blocked, Blocked, &["the rehearsal"]),
    ("rehearsal-stale", "", |it| rehearsal(it).outcome = Outcome::Mismatch, Blocked, &["the rehearsal"]),
    ("rehearsal-stale", "", |it| rehearsal(it).outcome = Outcome::Inconclusive, Blocked, &["the rehearsal"]),
    ("rehearsal-stale", "", |it| "x".clone_into(&mut rehearsal(it).decisions), Blocked, &["the rehearsal"]),
    ("rehearsal-stale", "", |it| "0.0.1".clone_into(&mut rehearsal(it).version), Blocked, &["the rehearsal"]),
    ("rehearsal-stale", "", |it| seen(&mut it.plan).existing = true, Blocked, &["the rehearsal"]),
    ("schema-changed", "", |_| {}, Pass, &[]),
    ("schema-changed", "", |it| "x".clone_into(&mut rehearsal(it).schema), Blocked, &["the source"]),
    ("schema-changed", "", |it| it.rehearsal = Known::Seen(None), NotApplicable, &[]),
    ("schema-changed", "", |it| it.plan = Known::Unseen("no plan".to_owned()), Unknown, &["the source"]),
    ("undecided", "", |_| {}, Pass, &[]),
    ("undecided", "", |it| found(it, "mixed-types", Severity::Decide), Blocked, &["mixed-types at t.a"]),
    ("undecided", "", |it| found(it, "orphan-rows", Severity::Decide), Pass, &[]),
    ("undecided", "", |it| it.plan = Known::Unseen("no plan".to_owned()), Unknown, &["the plan"]),
    ("orphans-unsettled", "", |_| {}, Pass, &[]),
    ("orphans-unsettled", "", |it| found(it, "orphan-rows", Severity::Note), Pass, &[]),
    ("orphans-unsettled", "", |it| found(it, "orphan-rows", Severity::Decide), Blocked, &["t.a"]),
    ("orphans-unsettled", "", |it| it.plan = Known::Unseen("no plan".to_owned()), Unknown, &["the plan"]),
    ("migrations-behind", "", |_| {}, Pass, &[]),
    ("migrations-behind", "", |it| found(it, "migration-level", Severity::Stop), Blocked, &["t.a"]),
    ("migrations-behind", "", |it| seen(&mut it.plan).framework = None, NotApplicable, &[]),
    ("migrations-behind", "", |it| seen(&mut it.plan).existing = true, Unknown, &["the ledger"]),
    ("migrations-behind", "", |it| it.plan = Known::Unseen("no plan".to_owned()), Unknown, &["the plan"]),
    ("backup-missing", "", |_| {}, Pass, &[]),
    ("backup-missing", "", |it| it.backup = Known::Seen(None), Blocked, &["the backup"]),
    ("backup-missing", "", |it| it.backup = Known::Unseen("not looked".to_owned()), Unknown, &["the backup"]),
    ("backup-missing", "", |it| backup(it).at = before(25 * HOUR), Blocked, &["its age"]),
    ("backup-missing", "", |it| backup(it).tested = false, Blocked, &["its test"]),
    ("backup-missing", "", |it| backup(it).other_disk = false, Blocked, &["its disk"]),
    ("backup-missing", "", |it| backup(it).intact = false, Blocked, &["its checksum"]),
    ("other-server", "", |_| {}, Pass, &[]),
    ("other-server", "", |it| seen(&mut it.target).seen_before = None, Unknown, &["app@db:5432/school"]),
    ("other-server", "", |it| seen(&mut it.target).identity.system_identifier = Some("7".to_owned()), Blocked, &["system identifier"]),
    ("other-server", "", |it| seen(&mut it.target).identity.system_identifier = None, Unknown, &["system identifier"]),
    ("other-server", "[target.expect]\nmajor = 16", |it| seen(&mut it.target).seen_before = None, Pass, &[]),
    ("other-server", "[target.expect]\nmajor = 15", |_| {}, Blocked, &["major version"]),
    ("other-server", "[target.expect]\ndata-directory = \"/srv/other\"", |_| {}, Blocked, &["data directory"]),
    ("other-server", "", |it| it.target = Known::Unseen("refused".to_owned()), Unknown, &["the target"]),
    ("foreign-volume", "", |_| {}, Pass, &[]),
    ("foreign-volume", "", |it| rehearsal(it).server_major = 15, Blocked, &["the version"]),
    ("foreign-volume", "", |it| "School_Old".clone_into(&mut seen(&mut it.target).others[0].name), Blocked, &["other databases"]),
    ("foreign-volume", "", |it| "customer".clone_into(&mut seen(&mut it.target).elsewhere[0].1), Blocked, &["other schemas"]),
    ("foreign-volume", "", |it| it.target = Known::Unseen("refused".to_owned()), Unknown, &["the target"]),
    ("target-not-as-expected", "", |_| {}, Pass, &[]),
    ("target-not-as-expected", "", |it| found(it, "target-not-empty", Severity::Stop), Blocked, &["t.a"]),
    (
        "target-not-as-expected",
        "",
        |it| seen(&mut it.target).failures.push(("writable".to_owned(), "it is a standby".to_owned())),
        Blocked,
        &["writable"],
    ),
    ("target-not-as-expected", "", |it| seen(&mut it.target).free_bytes = Some(2_900_000), Blocked, &["the disk"]),
    ("target-not-as-expected", "", |it| seen(&mut it.target).free_bytes = None, Pass, &[]),
    ("target-not-as-expected", "[target.expect]\npool = 91", |_| {}, Blocked, &["the connections"]),
    ("target-not-as-expected", "[target.expect]\npool = 90", |_| {}, Pass, &[]),
    ("target-not-as-expected", "", |it| it.target = Known::Unseen("refused".to_owned()), Unknown, &["the target"]),
    ("writers", "", |_| {}, Pass, &[]),
    ("writers", "", |it| held(it, true), Pass, &[]),
    ("writers", UNGUARDED, |it| held(it, false), Blocked, &["process 7"]),
    ("writers", "", |it| (it.point, it.holders) = (Point::Stopped, Known::Seen(HolderFacts::default())), Pass, &[]),
    (
        "writers",
        "",
        |it| {
            it.point = Point::Stopped;
            held(it, true);
        },
        Blocked,
        &["process 7"],
    ),
    (
        "writers",
        "",
        |it| {
            it.point = Point::Stopped;
            held(it, false);
        },
        Pass,
        &[],
    ),
    (
        "writers",
        STOPS,
        |it| {
            it.point = Point::Stopped;
            held(it, false);
        },
        Blocked,
        &["process 7"],
    ),
    ("writers", UNGUARDED, |it| seen(&mut it.holders).elsewhere = Some("reads".to_owned()), Blocked, &["elsewhere"]),
    ("writers", UNGUARDED, |it| seen(&mut it.holders).unseen.push("3 processes".to_owned()), Unknown, &["the source"]),
    ("writers", "", |it| it.holders = Known::Unseen("no table".to_owned()), Unknown, &["the source"]),
    ("sqlite-override", "", |_| {}, Pass, &[]),
    (
        "sqlite-override",
        "",
        |it| {
            let found =
                OverrideFacts { name: "DB_CONNECTION".to_owned(), place: ".env.local:3".to_owned(), what: "names SQLite".to_owned() };
            seen(&mut it.overrides).push(found);
        },
        Blocked,
        &[".env.local:3"],
    ),
    ("sqlite-override", "", |it| it.overrides = Known::Unseen("not looked".to_owned()), Unknown, &["the environment"]),
    ("sign-offs", "", |_| {}, Pass, &[]),
    ("sign-offs", "", |it| seen(&mut it.sign_offs)[0].given = None, Blocked, &["tech-lead"]),
    ("sign-offs", "", |it| seen(&mut it.sign_offs)[0].void = Some("the plan has changed".to_owned()), Blocked, &["tech-lead"]),
    ("sign-offs", "", |it| seen(&mut it.sign_offs).clear(), NotApplicable, &[]),
    ("sign-offs", "", |it| it.sign_offs = Known::Unseen("not looked".to_owned()), Unknown, &["the sign-offs"]),
    ("user-checks", "", |_| {}, NotApplicable, &[]),
    ("user-checks", CHECKS, |it| answered(it, true), Pass, &[]),
    ("user-checks", CHECKS, |it| answered(it, false), Blocked, &["driver"]),
    ("user-checks", CHECKS, |_| {}, Blocked, &["driver"]),
    ("user-checks", CHECKS, |it| it.checks = Known::Unseen("not asked".to_owned()), Unknown, &["the checks"]),
];

fn answered(evidence: &mut Readiness<'_>, passed: bool) {
    seen(&mut evidence.checks).push(CheckFacts { name: "driver".to_owned(), passed, what: "exit code 1".to_owned() });
}

fn judged(id: &str, policy: &str, change: Change) -> Judgement {
    let policy = Policy::parse(policy).unwrap();
    let mut evidence = well(&policy);
    change(&mut evidence);
    ready(&evidence).into_iter().find(|judgement| judgement.id == id).unwrap()
}

fn places(judgement: &Judgement) -> Vec<&str> {
    judgement.findings.iter().map(|finding| finding.place.as_str()).collect()
}

#[test]
fn each_gate_judges_its_cases() {
    for (id, policy, change, expected, at) in CASES {
        let judgement = judged(id, policy, *change);
        assert_eq!((judgement.state, places(&judgement).as_slice()), (*expected, *at), "{id} {policy}: {judgement:?}");
        assert_eq!(judgement.blocks(), matches!(expected, Blocked | Unknown), "{id}");
        assert!(!judgement.evidence.is_empty() && judgement.findings.iter().all(|found| !found.message.is_empty()), "{judgement:?}");
    }
    for gate in READINESS {
        for state in [Blocked, Unknown] {
            assert!(CASES.iter().any(|case| case.0 == gate.id && case.3 == state), "{} has no case that is {state:?}", gate.id);
        }
        assert!(CASES.iter().any(|case| case.0 == gate.id && case.3 == Pass), "{} has no case that passes", gate.id);
    }
}

/// Gates that speak for findings of the plan: those are waived each by itself. And what nobody could reach is nobody's to answer for.
#[test]
fn waivers_take_out_of_the_way_what_may_be_waived() {
    let (mut waived, mut firm) = (BTreeSet::new(), BTreeSet::new());
    for (id, policy, change, expected, at) in CASES.iter().filter(|case| matches!(case.3, Blocked | Unknown)) {
        let place = |at: &str| format!("{policy}\n[[waiver]]\nfinding = \"{id}\"\nat = \"{at}\"\nreason = \"known\"\nby = \"Ada\"\n");
        let open = judged(id, policy, *change);
        let is_firm = open.findings.iter().any(|finding| finding.severity == Severity::Stop);
        for at in [at[0], "*"] {
            let judgement = judged(id, &place(at), *change);
            let state = if is_firm { *expected } else { Standing::Waived };
            assert_eq!(judgement.state, state, "{id} at {at}: {judgement:?}");
        }
        assert_eq!(judged(id, &place("elsewhere, too"), *change).state, *expected, "{id}: a waiver for another place");
        if is_firm {
            firm.insert(*id)
        } else {
            waived.insert(*id)
        };
    }
    assert!(["undecided", "orphans-unsettled"].iter().all(|id| firm.contains(id) && !waived.contains(id)));
    assert_eq!(waived.len(), READINESS.len() - 2, "{waived:?}");
}

#[test]
fn a_waiver_of_these_gates_is_no_unused_one_of_the_plan() {
    assert!(READINESS.iter().all(|gate| crate::gate::find(gate.id).is_none()), "no id is given twice");
    assert_eq!(find_readiness("writers").map(|gate| gate.id), Some("writers"));
    assert!(find_readiness("orphan-rows").is_none());
}

#[test]
fn the_cluster_s_number_tells_when_it_was_made() {
    assert_eq!(identity().made_at(), Some(Timestamp::from_second(1_790_000_000).unwrap()));
    let judgement = judged("foreign-volume", "", |_| {});
    assert!(judgement.evidence.contains("2026-09-21"), "{}", judgement.evidence);
}
