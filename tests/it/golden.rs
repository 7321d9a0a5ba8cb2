//! Small databases, and what the plan makes of each: one directory of `tests/golden` a case.
//!
//! A case is `source.sql`, with `policy.toml` and `target.json` where it needs them; `expected.txt` is what comes of it,
//! for people to read. `cargo x golden --update` writes what comes of it now. The name of a case says what it shows:
//! `mapping-<rule>`, `gate-<gate>` (which trips) and `gate-<gate>-passes`, `preset-<framework>` and its `-passes`,
//! `verify-<check>` (whose database tests/it/verify.rs moves and tampers with), and `plan-…` for anything else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use outgrow::budget::Budget;
use outgrow::catalog::{RowIdentity, SourceCatalog, TargetCatalog};
use outgrow::gate::{self, Evidence, Finding, GATES, Stage, State};
use outgrow::mapping::{RULES, counted};
use outgrow::migrate;
use outgrow::plan::{
    Action, ColumnDecision, ColumnPlan, Compare, Inputs, Plan, PlanReport, Policy, TablePlan, build, build_existing, is_existing,
};
use outgrow::preset::{PRESETS, recognise};
use outgrow::sqlite::SourceReader;
use outgrow::value::SourceProfile;
use outgrow::verify::CHECKS;

/// The server that is planned for where a case names no target.
const SERVER_MAJOR: u32 = 15;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

/// The text of a file that a case may have.
fn optional(case: &Path, name: &str) -> Option<String> {
    let path = case.join(name);
    path.exists().then(|| std::fs::read_to_string(path).unwrap())
}

/// All that comes of a case.
struct Planned {
    catalog: SourceCatalog,
    plan: Plan,
    report: PlanReport,
    findings: Vec<Finding>,
}

impl Planned {
    fn of(case: &Path) -> Self {
        let mut policy = Policy::parse(&optional(case, "policy.toml").unwrap_or_default()).unwrap();
        for reference in &mut policy.references {
            reference.read(std::fs::read(case.join(&reference.file)).unwrap()).unwrap();
        }
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("source.db");
        let (catalog, profile) = inspected(&file, &std::fs::read_to_string(case.join("source.sql")).unwrap(), &policy);
        let target: Option<TargetCatalog> = optional(case, "target.json").map(|text| serde_json::from_str(&text).unwrap());
        let server_major = target.as_ref().map_or(SERVER_MAJOR, TargetCatalog::major);
        let inputs = Inputs { catalog: &catalog, profile: &profile, policy: &policy, server_major };
        let (plan, report) = match target.as_ref().filter(|target| is_existing(&policy, &catalog, target)) {
            None => build(inputs).unwrap(),
            Some(target) => {
                let (provisional, _) = build_existing(inputs, target, None).unwrap();
                let settlement = migrate::settle_all(&file, &catalog, &policy, &provisional).unwrap();
                build_existing(inputs, target, Some(&settlement)).unwrap()
            }
        };
        let evidence =
            Evidence { catalog: &catalog, profile: &profile, target: target.as_ref(), policy: &policy, plan: &plan, report: &report };
        let findings = gate::review(&evidence, Stage::Migration).findings;
        Self { catalog, plan, report, findings }
    }

    /// Everything as bytes, to be compared.
    fn bytes(&self) -> String {
        serde_json::to_string(&(&self.plan, &self.report, &self.findings)).unwrap()
    }
}

/// Makes a SQLite file of these statements, and looks into it.
fn inspected(file: &Path, sql: &str, policy: &Policy) -> (SourceCatalog, SourceProfile) {
    let db = rusqlite::Connection::open(file).unwrap();
    db.execute_batch("pragma foreign_keys = off").unwrap();
    db.execute_batch(sql).unwrap();
    db.close().unwrap();
    let reader = SourceReader::open(file).unwrap();
    let catalog = reader.catalog().unwrap();
    let inspected = migrate::inspected(&reader, &catalog, policy, Budget::default(), &mut |_| {}).unwrap();
    reader.finish().unwrap();
    inspected
}

fn rendered(planned: &Planned) -> String {
    let Planned { plan, report, findings, .. } = planned;
    let mut text = String::new();
    let framework = report.framework.as_ref().map_or("no framework that is known", |framework| &framework.name);
    writeln!(text, "{framework}; for PostgreSQL {}, schema {}", plan.server_major, plan.schema).unwrap();
    for table in &plan.tables {
        render_table(&mut text, table, report);
    }
    for finding in findings {
        render_finding(&mut text, finding);
    }
    for step in &plan.steps {
        writeln!(text, "\n-- {}: {} ({})", step.phase, step.object, step.id).unwrap();
        match &step.action {
            Action::Copy { table } => writeln!(text, "-- the rows of {table}").unwrap(),
            Action::Reference(load) => writeln!(text, "-- named by {}, {:?}", load.key.join(", "), load.on_conflict).unwrap(),
            Action::Run { sql, optional } => {
                if *optional {
                    writeln!(text, "-- a refusal does not stop the move").unwrap();
                }
                for statement in sql {
                    writeln!(text, "{statement};").unwrap();
                }
            }
        }
    }
    // A name or a constant may hold anything; the file is for people.
    text.chars().map(|letter| if letter.is_control() && letter != '\n' { '·' } else { letter }).collect()
}

fn render_table(text: &mut String, table: &TablePlan, report: &PlanReport) {
    let named = match &table.identity {
        RowIdentity::Columns(names) => names.join(", "),
        RowIdentity::Rowid(name) => name.clone(),
        RowIdentity::Position => "their place".to_owned(),
    };
    let compared = match &table.compare {
        Compare::Ordered(_) => "in the order of its key",
        Compare::Multiset => "as a multiset",
    };
    writeln!(text, "\ntable {}: {}, named by {named}, compared {compared}", table.source, counted(table.rows, "row")).unwrap();
    for key in &table.orphans {
        writeln!(text, "  orphans of key {} to {}: {:?}", key.foreign_key, key.parent, key.fate).unwrap();
    }
    if table.held_out > 0 {
        writeln!(text, "  {} held out", counted(table.held_out, "row")).unwrap();
    }
    for column in &table.columns {
        let decision = report.columns.iter().find(|decision| decision.table == table.source && decision.column == column.source);
        render_column(text, column, decision.unwrap());
    }
}

fn render_column(text: &mut String, column: &ColumnPlan, decision: &ColumnDecision) {
    let not_null = if column.not_null { " not null" } else { "" };
    let declared = if decision.declared.is_empty() { "no type" } else { &decision.declared };
    writeln!(text, "  {}: {declared} → {}{not_null}", column.source, column.pg_type()).unwrap();
    writeln!(text, "    {}: {}", decision.rule, decision.because).unwrap();
    writeln!(text, "    {:?}", column.conversion).unwrap();
    for example in &decision.counter_examples {
        let rows: Vec<String> = example.evidence.samples.iter().map(ToString::to_string).collect();
        writeln!(text, "    but {} in {}", example.what, rows.join(", ")).unwrap();
    }
    if let Some(identity) = &column.identity {
        writeln!(text, "    identity: next {}", identity.next).unwrap();
    }
}

fn render_finding(text: &mut String, finding: &Finding) {
    let Finding { id, severity, state, place, count, message, action, rows, original } = finding;
    let severity = format!("{severity:?}").to_lowercase();
    writeln!(text, "\n{severity} {id}: {place} ({count})\n  {message}\n  → {action}").unwrap();
    if let State::Waived { reason, by } = state {
        writeln!(text, "  waived by {by}: {reason}").unwrap();
    }
    if !rows.is_empty() {
        writeln!(text, "  rows {}", rows.join(", ")).unwrap();
    }
    if let Some(original) = original {
        writeln!(text, "  was: {}", original.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap();
    }
}

/// Whether a case shows what its name says.
fn shows(name: &str, planned: &Planned) -> Result<(), String> {
    let (shelf, rest) = name.split_once('-').ok_or("its name is of no known form")?;
    let (id, passes) = rest.strip_suffix("-passes").map_or((rest, false), |id| (id, true));
    let by_rule = |decision: &&ColumnDecision| decision.rule == id;
    let right = match shelf {
        "mapping" if RULES.iter().any(|rule| rule.id == id) => {
            let chosen = planned.report.columns.iter().filter(by_rule).count();
            // The last rule takes what no other does, so a column that just misses it has another's.
            chosen > 0 && chosen < planned.report.columns.len()
        }
        "gate" if GATES.iter().any(|gate| gate.id == id) => planned.findings.iter().any(|finding| finding.id == id) != passes,
        "preset" if PRESETS.iter().any(|preset| preset.id == id) => {
            recognise(&planned.catalog).is_some_and(|preset| preset.id == id) != passes
        }
        "verify" => CHECKS.iter().any(|check| check.name == id),
        "plan" => true,
        _ => return Err(format!("nothing is called {id}")),
    };
    right.then_some(()).ok_or_else(|| format!("it does not show what its name says of {id}"))
}

/// Checks one case; gives what is wrong with it.
fn check(case: &Path, update: bool) -> Vec<String> {
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    let planned = Planned::of(case);
    let mut wrong: Vec<String> = shows(&name, &planned).err().map(|why| format!("{name}: {why}")).into_iter().collect();
    // From the file on: neither the file's own bytes nor the order of anything in memory may show.
    if Planned::of(case).bytes() != planned.bytes() {
        wrong.push(format!("{name}: the same source gives two plans"));
    }
    let now = rendered(&planned);
    if update {
        std::fs::write(case.join("expected.txt"), &now).unwrap();
    }
    let expected = optional(case, "expected.txt").unwrap_or_default();
    if now != expected {
        wrong.push(format!(
            "{name}: not as expected (`cargo x golden --update` writes what comes of it now)\n{}",
            difference(&expected, &now)
        ));
    }
    wrong
}

/// The lines that differ, between those that both texts begin and end with.
fn difference(expected: &str, now: &str) -> String {
    let (expected, now): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), now.lines().collect());
    let same = expected.iter().zip(&now).take_while(|(a, b)| a == b).count();
    let shorter = expected.len().min(now.len()) - same;
    let same_end = expected.iter().rev().zip(now.iter().rev()).take(shorter).take_while(|(a, b)| a == b).count();
    let mut text = String::new();
    for (mark, lines) in [('-', &expected), ('+', &now)] {
        for line in &lines[same..lines.len() - same_end] {
            writeln!(text, "    {mark} {line}").unwrap();
        }
    }
    text
}

#[test]
fn golden_cases_give_what_they_gave() {
    let update = crate::fixture::environment("OUTGROW_UPDATE").is_some();
    let cases = cases();
    assert!(!cases.is_empty(), "tests/golden holds no case");
    let wrong: Vec<String> = cases.iter().flat_map(|case| check(case, update)).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn a_golden_plan_reads_back_and_a_changed_one_is_refused() {
    for case in cases() {
        let plan = Planned::of(&case).plan;
        let document = serde_json::to_string(&plan).unwrap();
        assert_eq!(Plan::read(&document).unwrap(), plan, "{}", case.display());
        let changed = document.replacen("\"schema\":\"", "\"schema\":\"x", 1);
        assert_ne!(changed, document, "{}", case.display());
        let error = Plan::read(&changed).unwrap_err();
        assert!(error.detail().contains("hash"), "{}: {error}", case.display());
    }
}
