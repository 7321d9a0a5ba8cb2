//! Makes the plan for a source and a target that are known: recognises whose tables are to be loaded.

use std::time::Instant;

use super::account::phase;
use super::judged::judge;
use super::observer::{Event, Observer};
use super::settled::settle_all;
use super::survey::Survey;
use super::undo::Standing;
use crate::catalog::TargetCatalog;
use crate::copy::{Before, Ledger, PlanState};
use crate::error::{Error, ErrorKind, Result};
use crate::inspect;
use crate::mapping::counted;
use crate::plan::{self, Inputs, Mode, Plan, PlanReport, Policy, Settlement};
use crate::postgres::{ConnectionSettings, Session};
use crate::verify;

/// A plan, and what it was made from.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Why.
    pub report: PlanReport,
    /// The target: as it is; or, where a load is gone on with, as it was before.
    pub target: TargetCatalog,
    /// How far this very plan got in the target.
    pub state: PlanState,
}

/// Makes the plan for a target. `found` gets the phase in which every cell is settled.
pub async fn plan_for(
    session: &mut Session,
    settings: &ConnectionSettings,
    found: &mut Survey,
    policy: &Policy,
    observer: &dyn Observer,
) -> Result<Planned> {
    let target = inspect::target(session, &policy.target.schema).await?;
    let inputs = Inputs { catalog: &found.catalog, profile: &found.profile, policy, server_major: target.major() };
    let before = Ledger::before(session, &policy.target.schema).await?;
    let by_itself = policy.target.mode == Mode::Auto;
    if !plan::is_existing(policy, &found.catalog, &target) || by_itself && matches!(before, Before::Ours) {
        let (plan, report) = plan::build(inputs)?;
        let state = Ledger::state(session, plan.id.as_str()).await?;
        return Ok(Planned { plan, report, target, state });
    }
    observer.event(Event::Said(&format!(
        "the application's own tables are in schema {}: they are loaded as they are, and the target's types rule",
        policy.target.schema
    )));
    if let Before::Existing { plan: earlier, finished } = before {
        let again = go_on(found, policy, &earlier, observer)?;
        match again {
            Some((plan, report)) => {
                let state = if finished { PlanState::Finished } else { PlanState::Begun };
                let target = earlier.existing.map(|existing| existing.before).unwrap_or_default();
                return Ok(Planned { plan, report, target, state });
            }
            None if !finished => return Err(out_of_place(&earlier, &Standing::of(session, &earlier).await?)),
            None => {}
        }
    }
    let (plan, report) = Box::pin(settled_plan(session, found, policy, &target, settings, observer)).await?;
    let state = Ledger::state(session, plan.id.as_str()).await?;
    Ok(Planned { plan, report, target, state })
}

/// Plans from the target as it was before an earlier load; none where that gives another plan than that load's.
fn go_on(found: &mut Survey, policy: &Policy, earlier: &Plan, observer: &dyn Observer) -> Result<Option<(Plan, PlanReport)>> {
    let Some(existing) = &earlier.existing else { return Ok(None) };
    let inputs = Inputs { catalog: &found.catalog, profile: &found.profile, policy, server_major: earlier.server_major };
    if plan::SourceFingerprint::of(&found.catalog, &found.profile)? != earlier.source {
        return Ok(None);
    }
    let (provisional, _) = plan::build_existing(inputs, &existing.before, None)?;
    let mut settlement = settle(found, policy, &provisional, observer)?;
    settlement.identical.clone_from(&existing.identical);
    let inputs = Inputs { catalog: &found.catalog, profile: &found.profile, policy, server_major: earlier.server_major };
    let (plan, report) = plan::build_existing(inputs, &existing.before, Some(&settlement))?;
    Ok((plan.id == earlier.id).then_some((plan, report)))
}

/// Chooses the conversions, settles every cell under them, and plans with what came of it.
async fn settled_plan(
    session: &Session,
    found: &mut Survey,
    policy: &Policy,
    target: &TargetCatalog,
    settings: &ConnectionSettings,
    observer: &dyn Observer,
) -> Result<(Plan, PlanReport)> {
    let inputs = Inputs { catalog: &found.catalog, profile: &found.profile, policy, server_major: target.major() };
    let (provisional, _) = plan::build_existing(inputs, target, None)?;
    let mut settlement = settle(found, policy, &provisional, observer)?;
    for table in &provisional.tables {
        let there = target.table(&table.target);
        let as_many = there.and_then(|there| there.rows).is_some_and(|rows| rows > 0 && rows == table.rows);
        if as_many && verify::holds_the_same(&provisional, &found.snapshot, settings, table).await? {
            settlement.identical.insert(table.source.clone());
        }
    }
    let loaded =
        provisional.tables.iter().map(|table| table.source.as_str()).filter(|table| !settlement.identical.contains(*table)).collect();
    settlement.misfits.extend(judge(session, &found.snapshot, &provisional, &loaded).await?);
    let inputs = Inputs { catalog: &found.catalog, profile: &found.profile, policy, server_major: target.major() };
    plan::build_existing(inputs, target, Some(&settlement))
}

fn settle(found: &mut Survey, policy: &Policy, provisional: &Plan, observer: &dyn Observer) -> Result<Settlement> {
    observer.event(Event::Begins("settle"));
    let began = Instant::now();
    let settlement = tokio::task::block_in_place(|| settle_all(&found.snapshot, &found.catalog, policy, provisional))?;
    let (_, cells) = provisional.size();
    let inexact: u64 = settlement.columns.values().flat_map(|columns| columns.values()).flatten().map(|cells| cells.evidence.count).sum();
    let misfits: u64 = settlement.misfits.iter().map(|misfit| misfit.rows.count).sum();
    let result = format!("{inexact} not exact · {}", counted(misfits, "misfit"));
    let took = phase("settle", counted(cells, "cell"), result, began, true);
    observer.event(Event::Ended(&took));
    found.phases.push(took);
    Ok(settlement)
}

/// A load of other rows, or under another policy, was begun here: its foreign keys and triggers are out of their place.
fn out_of_place(earlier: &Plan, standing: &Standing) -> Error {
    let detail = format!(
        "an earlier load (plan {}) was begun in these tables and not finished, and the source or the policy is another one now; \
         of that load {}; nothing was changed now",
        earlier.id,
        standing.describe()
    );
    Error::new(ErrorKind::TargetUnfit, "plan the load", detail)
        .hint("go on with the earlier load: the same source and policy, in the same work directory")
        .hint("or take back what it loaded, and load the source as it is now: outgrow migrate with --fresh")
        .hint("or make the database anew with the application's migrations, and load into that")
        .hint("what was set aside stands, with its statements, in the document of that plan: select document from outgrow.run")
}
