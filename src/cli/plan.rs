//! `outgrow plan`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::args::PlanArgs;
use super::progress::Progress;
use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, counted, shorten};
use crate::budget::Budget;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::gate::{self, Evidence, Finding, Review, Stage};
use crate::migrate::{plan_for, survey};
use crate::plan::{Action, ColumnDecision, Inputs, Mode, Phase, Plan, PlanReport, Policy, build, installed_helpers};
use crate::postgres::Session;
use crate::roles::role_statements;

/// The server that is planned for where none is named: the oldest that is supported everywhere today.
pub(super) const USUAL_MAJOR: u32 = 15;

/// What `plan --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'a> {
    plan: &'a Plan,
    report: &'a PlanReport,
    findings: &'a [Finding],
}

/// A plan with all that it was made of.
pub(super) struct Looked {
    pub(super) plan: Plan,
    pub(super) report: PlanReport,
    pub(super) review: Review,
}

/// Looks at a source, and at a target where one is named, and plans the move; changes neither.
pub(super) async fn look(source: &Path, target: Option<&str>, policy: &Policy, settings: &Settings, screen: &Screen) -> Result<Looked> {
    let named = target.map(|url| settings.target(Some(url))).transpose()?;
    if named.is_none() && policy.target.mode == Mode::Existing {
        return Err(Error::new(ErrorKind::Usage, "plan the load into existing tables", "no target is named, and its types rule")
            .hint("name it: outgrow plan app.db postgres://user@host/database"));
    }
    let directory = tempfile::Builder::new()
        .prefix("outgrow-snapshot-")
        .tempdir()
        .map_err(|error| Error::new(ErrorKind::WorkDirectory, "make a directory for the snapshot", error.to_string()).because(error))?;
    let progress = Progress::new(settings, screen);
    let mut found =
        tokio::task::block_in_place(|| survey(source, &directory.path().join("snapshot.sqlite"), policy, Budget::default(), &progress))?;
    let (plan, report, target) = if let Some(named) = named {
        let mut session = Session::connect(&named).await?;
        let planned = plan_for(&mut session, &named, &mut found, policy, &progress).await?;
        (planned.plan, planned.report, Some(planned.target))
    } else {
        let (plan, report) = build(Inputs { catalog: &found.catalog, profile: &found.profile, policy, server_major: USUAL_MAJOR })?;
        (plan, report, None)
    };
    let evidence =
        Evidence { catalog: &found.catalog, profile: &found.profile, target: target.as_ref(), policy, plan: &plan, report: &report };
    let review = gate::review(&evidence, Stage::Migration);
    Ok(Looked { plan, report, review })
}

pub(super) async fn run(args: &PlanArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let source = settings.source(&args.source.source)?;
    let policy = args.mode.over(settings.policy()?);
    let Looked { plan, report, review } = look(source, args.target.as_deref(), &policy, settings, screen).await?;
    if args.roles {
        return roles(args, &plan, &policy, settings, screen);
    }
    if args.ddl {
        ddl(&plan, screen);
    } else if screen.is_json() {
        screen.document(&Document { plan: &plan, report: &report, findings: &review.findings })?;
    } else {
        page(&plan, &report, &review.findings, screen);
    }
    Ok(if review.approved.is_some() || args.ddl { Outcome::Done } else { Outcome::Blocked })
}

/// Shows the statements that make the roles; passwords are set by `outgrow roles` and stand in no statement here.
fn roles(args: &PlanArgs, plan: &Plan, policy: &Policy, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let database = match &args.target {
        Some(url) => Some(settings.target(Some(url))?.database().to_owned()),
        None => None,
    };
    let helpers = !installed_helpers(&plan.steps).is_empty();
    for statement in role_statements(&policy.roles, &plan.schema, database.as_deref(), helpers)? {
        screen.statement(&statement);
    }
    Ok(Outcome::Done)
}

fn ddl(plan: &Plan, screen: &Screen) {
    for phase in Phase::ALL {
        screen.out(&format!("-- {phase}"));
        for step in plan.steps.iter().filter(|step| step.phase == phase) {
            match &step.action {
                Action::Run { sql, .. } => sql.iter().for_each(|sql| screen.statement(sql)),
                // A name may hold a line break, which would end the comment.
                Action::Copy { .. } | Action::Reference(_) => screen.out(&format!("-- {}", shorten(&step.object, 200))),
            }
        }
    }
}

fn page(plan: &Plan, report: &PlanReport, findings: &[Finding], screen: &Screen) {
    let (rows, cells) = plan.size();
    screen.line(format!(
        "plan {} · {} · {} · {} · for PostgreSQL {}, {}schema {}",
        plan.id,
        counted(u64::try_from(plan.tables.len()).unwrap_or(u64::MAX), "table"),
        counted(rows, "row"),
        counted(cells, "cell"),
        plan.server_major,
        if plan.existing.is_some() { "the application's own tables in " } else { "" },
        plan.schema,
    ));
    let mut decisions: BTreeMap<(&str, &str), &ColumnDecision> = BTreeMap::new();
    for decision in &report.columns {
        decisions.insert((&decision.table, &decision.column), decision);
    }
    for table in &plan.tables {
        let held_out = if table.held_out > 0 { format!(", {} of them held out", table.held_out) } else { String::new() };
        screen.line(format!("\n{}  {}{held_out}", shorten(&table.target, 60), counted(table.rows, "row")));
        for column in &table.columns {
            let decision = decisions.get(&(table.source.as_str(), column.source.as_str()));
            let because = decision.map(|decision| format!("{}  [{}]", decision.because, decision.rule)).unwrap_or_default();
            screen.line(format!("  {:<28} {:<18} {}", shorten(&column.target, 28), column.pg_type(), clean(&because)));
        }
    }
    screen.line(String::new());
    for phase in Phase::ALL {
        let steps = plan.steps.iter().filter(|step| step.phase == phase).count();
        screen.line(format!("  {:<20} {}", phase.to_string(), counted(u64::try_from(steps).unwrap_or(u64::MAX), "step")));
    }
    screen.findings(findings);
}
