//! `outgrow gate`.

use serde::Serialize;

use super::args::GateArgs;
use super::progress::Progress;
use super::screen::Screen;
use super::settings::Settings;
use super::text::{clean, counted, shorten};
use crate::budget::Budget;
use crate::cutover::{Look, collect};
use crate::error::{Outcome, Result};
use crate::gate::{Judgement, Known, Point, Standing, State, ready};
use crate::postgres::ConnectionSettings;
use crate::probe::Sides;

/// What `gate --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'a> {
    source: String,
    target: Option<String>,
    plan: Option<&'a str>,
    ready: bool,
    gates: &'a [Judgement],
}

pub(super) async fn run(args: &GateArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let source = settings.source(&args.source.source)?;
    let policy = args.mode.over(settings.policy()?);
    let target = target(args, settings)?;
    let variable = |name: &str| settings.variable(name);
    let mut sides = Sides::new(&variable);
    sides.source = Some(source);
    sides.target = target.as_ref();
    sides.schema = Some(&policy.target.schema);
    sides.directory = Some(settings.policy_directory());
    let progress = Progress::new(settings, screen);
    let look = Look {
        source,
        target: target.as_ref(),
        policy: &policy,
        work: &settings.work_dir,
        point: Point::Before,
        sides,
        budget: Budget::default(),
    };
    let evidence = collect(look, &progress).await?;
    let gates = ready(&evidence);
    let is_ready = !gates.iter().any(Judgement::blocks);
    let plan = match &evidence.plan {
        Known::Seen(plan) => Some(plan.id.as_str()),
        Known::Unseen(_) => None,
    };
    let target = target.as_ref().map(ConnectionSettings::describe);
    if screen.is_json() {
        let source = source.display().to_string();
        screen.document(&Document { source, target, plan, ready: is_ready, gates: &gates })?;
    } else {
        let to = target.as_deref().unwrap_or("no target");
        screen.line(format!("{} → {} · {}", clean(&source.display().to_string()), clean(to), counted(length(&gates), "gate")));
        list(&gates, screen);
        let open = gates.iter().filter(|gate| gate.blocks()).count();
        let open = u64::try_from(open).unwrap_or(u64::MAX);
        let verdict =
            if is_ready { "Ready: a cutover may begin.".to_owned() } else { format!("Not ready: {} in the way.", standing(open)) };
        screen.verdict(is_ready, &verdict);
    }
    Ok(if is_ready { Outcome::Done } else { Outcome::Blocked })
}

/// The target that is named; without one, the gates that need it say so.
fn target(args: &GateArgs, settings: &Settings) -> Result<Option<ConnectionSettings>> {
    match settings.target(args.target.as_deref()) {
        Ok(target) => Ok(Some(target)),
        Err(error) if args.target.is_none() && error.doing() == "find the target" => Ok(None),
        Err(error) => Err(error),
    }
}

fn length(gates: &[Judgement]) -> u64 {
    u64::try_from(gates.len()).unwrap_or(u64::MAX)
}

fn standing(open: u64) -> String {
    if open == 1 { "1 gate stands".to_owned() } else { format!("{open} gates stand") }
}

/// How the gates stand.
pub(super) fn list(gates: &[Judgement], screen: &Screen) {
    for gate in gates {
        line(gate, screen);
    }
}

/// How one gate stands: its state, its evidence, and below it what is to be done.
fn line(gate: &Judgement, screen: &Screen) {
    let state = match gate.state {
        Standing::Pass => "pass",
        Standing::Blocked => "BLOCKED",
        Standing::Waived => "waived",
        Standing::NotApplicable => "–",
        Standing::Unknown => "UNKNOWN",
    };
    screen.line(format!("  {state:<8} {:<24} {}", gate.id, shorten(&gate.evidence, 160)));
    for finding in &gate.findings {
        screen.line(format!("  {:<8} {:<24} {}: {}", "", "", shorten(&finding.place, 60), shorten(&finding.message, 240)));
        match &finding.state {
            State::Open if finding.action.is_empty() => {}
            State::Open => screen.line(format!("  {:<8} {:<24} → {}", "", "", shorten(&finding.action, 160))),
            State::Waived { reason, by } => screen.line(format!("  {:<8} {:<24} waived by {}: {}", "", "", clean(by), clean(reason))),
        }
    }
}
