//! Generated schemas and databases through the whole move: no loss, no error, no hang.
//!
//! `OUTGROW_FUZZ=10000 cargo test --test it fuzz` runs more of them, `OUTGROW_FUZZ_SEED` begins elsewhere. A database is
//! made of its seed alone; the one that fails is printed as SQL.

mod generate;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use outgrow::budget::Budget;
use outgrow::error::{ErrorKind, Outcome, Result};
use outgrow::gate::GATES;
use outgrow::journal::{Journal, WorkDirectory};
use outgrow::migrate::{Event, MigrateOptions, Observer, migrate};
use outgrow::plan::{OrphanRule, Policy, Rules, Waiver};
use outgrow::report::MoveReport;
use outgrow::verify::Verdict;

use crate::fixture::{Database, environment};

/// How many databases the suite tries.
const CASES: u64 = 120;

/// A move of a few rows takes a fraction of a second; what takes this long hangs.
const PATIENCE: Duration = Duration::from_mins(2);

struct Silent;

impl Observer for Silent {
    fn event(&self, _: Event<'_>) {}
}

fn number(name: &str, otherwise: u64) -> u64 {
    environment(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Somebody answers for everything that can be answered for, so that as much as possible is moved.
fn policy() -> Policy {
    let waiver = |id: &str| Waiver { finding: id.to_owned(), at: "*".to_owned(), reason: "generated".to_owned(), by: "fuzz".to_owned() };
    Policy {
        rules: Rules { orphans: OrphanRule::NotValid, ..Rules::default() },
        waivers: GATES.iter().map(|gate| waiver(gate.id)).collect(),
        ..Policy::default()
    }
}

async fn moved(source: &Path, work: &Path, database: &Database, policy: &Policy) -> Result<MoveReport> {
    let work = WorkDirectory::hold(work)?;
    let journal = Journal::begin(&work, "migrate", "fuzz", "fuzz")?;
    let options = MigrateOptions { source, target: database.settings(), policy, work: &work, budget: Budget::default(), fresh: false };
    let ended = tokio::time::timeout(PATIENCE, migrate(options, &journal, &Silent)).await;
    ended.unwrap_or_else(|_| panic!("no end after {} s", PATIENCE.as_secs()))
}

/// What became of a case, for the count at the end.
fn judge(ended: Result<MoveReport>) -> std::result::Result<&'static str, String> {
    let report = match ended {
        Ok(report) => report,
        // A view or an expression that SQLite takes at first and refuses when it is used makes the schema unreadable.
        Err(error) if error.kind() == ErrorKind::SourceCorrupt => return Ok("refused as a source"),
        Err(error) => return Err(format!("{error}: {:?}", error.hints().collect::<Vec<_>>())),
    };
    let Some(verification) = &report.verification else {
        return if report.outcome == Outcome::Blocked { Ok("stopped by a gate") } else { Err("ended without a comparison".to_owned()) };
    };
    let total = report.cells.total();
    if verification.verdict == Verdict::Inconclusive && report.source.rows == 0 {
        return Ok("empty");
    }
    if verification.verdict != Verdict::Match {
        let checks: Vec<_> = verification.checks.iter().flat_map(|check| &check.problems).collect();
        return Err(format!("{:?}, {} differences, {checks:?}", verification.verdict, verification.differences()));
    }
    if total != report.source.cells || verification.cells() != report.cells {
        return Err(format!("{} cells in the source, {total} in the books of the load", report.source.cells));
    }
    Ok(if report.refused.is_empty() { "moved" } else { "moved, with refused objects" })
}

#[test]
fn generated_databases_move_without_loss() {
    let (cases, first) = (number("OUTGROW_FUZZ", CASES), number("OUTGROW_FUZZ_SEED", 1));
    let database = Database::new("fuzz");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let policy = policy();
    let mut ends: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in first..first + cases {
        let directory = tempfile::tempdir().unwrap();
        let source = directory.path().join("app.db");
        let script = generate::database(seed, &source);
        let ended = runtime.block_on(moved(&source, &directory.path().join("work"), &database, &policy));
        match judge(ended) {
            Ok(end) => *ends.entry(end).or_default() += 1,
            Err(why) => panic!("OUTGROW_FUZZ_SEED={seed}: {why}\n{}", script.join(";\n")),
        }
        runtime.block_on(async {
            let again = "drop schema public cascade; drop schema if exists outgrow cascade; create schema public";
            database.session().await.client().batch_execute(again).await.unwrap();
        });
    }
    eprintln!("{cases} generated databases from seed {first}: {ends:?}");
    let moved: u64 = ends.iter().filter(|(end, _)| end.starts_with("moved")).map(|(_, count)| count).sum();
    assert!(moved * 2 >= cases, "too few of them are moved to prove anything: {ends:?}");
}
