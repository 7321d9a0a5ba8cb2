//! Makes the plan.

use std::collections::BTreeSet;

use super::aside::plan_aside;
use super::columns::plan_table;
use super::report::{ExistingReport, MissingRight, NoPlace, SeededTable};
use super::sequences::plan_sequences;
use super::{ExistingSchema, Settlement, matching};
use crate::catalog::{SourceCatalog, Table, TargetCatalog, TargetTable, VirtualRows, quoted};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::build::FORMAT;
use crate::plan::left_out::of_policy;
use crate::plan::references;
use crate::plan::scripts::{self, Moment};
use crate::plan::{
    Action, FrameworkReport, Inputs, Phase, Plan, PlanId, PlanReport, SeededRule, SkippedVirtualTable, SourceFingerprint, Step, TablePlan,
};
use crate::preset::{Preset, Role};
use crate::value::TableProfile;

/// A table on both sides.
#[derive(Debug)]
pub(super) struct Pair<'a> {
    pub(super) source: &'a Table,
    pub(super) target: &'a TargetTable,
    pub(super) profile: &'a TableProfile,
    pub(super) plan: TablePlan,
}

/// What the planner keeps while it works.
pub(super) struct Draft<'a> {
    pub(super) inputs: Inputs<'a>,
    pub(super) target: &'a TargetCatalog,
    pub(super) settlement: Option<&'a Settlement>,
    pub(super) steps: Vec<Step>,
    pub(super) report: PlanReport,
    pub(super) account: ExistingReport,
    pub(super) existing: ExistingSchema,
    /// The application's framework.
    pub(super) framework: Option<&'static Preset>,
}

impl Draft<'_> {
    /// Adds a step; the move can go on without an optional one.
    pub(super) fn run(&mut self, phase: Phase, id: String, object: String, sql: Vec<String>, optional: bool) {
        self.steps.push(Step { id, phase, table: None, object, action: Action::Run { sql, optional } });
    }

    /// Whether rows are loaded into the table.
    pub(super) fn is_loaded(&self, pair: &Pair<'_>) -> bool {
        !self.existing.identical.contains(&pair.source.name)
    }
}

/// Makes the plan and the account of it, for the tables that are there. Without a settlement it is provisional: it says
/// which conversions are to be settled.
pub fn build_existing(inputs: Inputs<'_>, target: &TargetCatalog, settlement: Option<&Settlement>) -> Result<(Plan, PlanReport)> {
    if let Some(sequence) = inputs.policy.sequences.first() {
        let detail = format!("[[sequence]] {}: the tables are there already, and so are the application's sequences", sequence.name);
        return Err(Error::new(ErrorKind::Policy, "follow the policy", detail)
            .hint("[[target.counter]] sets a sequence that is there; `sql` can make one"));
    }
    let before = TargetCatalog { relations: Vec::new(), extensions: Vec::new(), ..target.clone() };
    let framework = inputs.policy.framework(inputs.catalog);
    let mut draft = Draft {
        inputs,
        target,
        settlement,
        steps: Vec::new(),
        report: PlanReport {
            framework: framework.map(|preset| FrameworkReport::of(inputs.policy, preset, false)),
            ..PlanReport::default()
        },
        account: ExistingReport {
            misfits: settlement.map(|settlement| settlement.misfits.clone()).unwrap_or_default(),
            ..ExistingReport::default()
        },
        existing: ExistingSchema { before, ..ExistingSchema::default() },
        framework,
    };
    let pairs = pair_tables(&mut draft)?;
    for pair in &pairs {
        rights(&mut draft, pair);
        seeded(&mut draft, pair);
    }
    plan_steps(&mut draft, &pairs)?;
    draft.report.virtual_tables = skipped(inputs.catalog, &pairs);
    draft.report.left_out = of_policy(inputs);
    draft.report.references = references::conflicts(inputs);
    draft.report.existing = Some(draft.account);
    draft.steps.sort_by_key(|step| step.phase);
    let mut plan = Plan {
        id: PlanId::default(),
        format: FORMAT,
        source: SourceFingerprint::of(inputs.catalog, inputs.profile)?,
        server_major: inputs.server_major,
        schema: inputs.policy.target.schema.clone(),
        tables: pairs.into_iter().map(|pair| pair.plan).collect(),
        relations: BTreeSet::new(),
        left_out: inputs.catalog.left_out.clone(),
        steps: draft.steps,
        existing: Some(draft.existing),
        sequences: Vec::new(),
    };
    plan.id = PlanId::of(&plan)?;
    Ok((plan, draft.report))
}

/// Plans the load, and the policy's own SQL around it. The tables are there, so that its moments lie around what is set
/// aside: keys and triggers are in place before `before-tables` and behind `after-keys` and `finally`, and out of the
/// way in between.
fn plan_steps(draft: &mut Draft<'_>, pairs: &[Pair<'_>]) -> Result<()> {
    let policy = draft.inputs.policy;
    draft.steps.extend(scripts::steps(policy, Moment::BeforeTables)?);
    let references = references::of_existing(policy, draft.target)?;
    rights_for_references(draft, &references);
    draft.steps.extend(references);
    let (order, kept) = plan_aside(draft, pairs);
    for moment in [Moment::AfterTables, Moment::AfterData, Moment::AfterKeys] {
        draft.steps.extend(scripts::steps(policy, moment)?);
    }
    plan_load(draft, pairs, (&order, kept));
    plan_sequences(draft, pairs);
    draft.steps.extend(scripts::steps(policy, Moment::Finally)?);
    Ok(())
}

/// The virtual tables that have no table of their name in the target.
fn skipped(catalog: &SourceCatalog, pairs: &[Pair<'_>]) -> Vec<SkippedVirtualTable> {
    let virtual_tables = catalog.virtual_tables.iter().filter(|table| !pairs.iter().any(|pair| pair.plan.source == table.name));
    virtual_tables
        .map(|table| SkippedVirtualTable {
            name: table.name.clone(),
            module: table.module.clone(),
            shadow_tables: table.shadow_tables.clone(),
            reason: "the application's own schema on PostgreSQL has no table of this name, and brings a search of its own".to_owned(),
            triggers: Vec::new(),
            original: table.sql.clone(),
        })
        .collect()
}

fn pair_tables<'a>(draft: &mut Draft<'a>) -> Result<Vec<Pair<'a>>> {
    let (catalog, target) = (draft.inputs.catalog, draft.target);
    let mut pairs: Vec<Pair<'a>> = Vec::new();
    for table in &catalog.tables {
        if is_left_alone(draft, table) {
            continue;
        }
        let found = matching::table(draft.inputs.policy, &table.name, target);
        let is_virtual = catalog.virtual_table(&table.name).is_some_and(|table| table.rows == VirtualRows::Own);
        match found {
            // Its rows can be made anew: the application's own tables bring a search of their own.
            found if is_virtual && !found.is_some_and(|found| table.columns.iter().all(|column| found.column(&column.name).is_some())) => {
                draft.existing.without_place.insert(table.name.clone());
            }
            Some(found) if !pairs.iter().any(|pair| pair.target.name == found.name) => {
                let pair = plan_table(draft, table, found)?;
                pairs.push(pair);
            }
            Some(_) | None => without_table(draft, table),
        }
    }
    Ok(pairs)
}

/// Whether the application's framework keeps its own books in the table, on both sides: what they say is compared by the
/// gate `migration-level`, or of no meaning elsewhere.
fn is_left_alone(draft: &mut Draft<'_>, table: &Table) -> bool {
    let role = draft.framework.and_then(|preset| preset.role(&table.name));
    if !role.is_some_and(Role::is_left_alone) {
        return false;
    }
    draft.existing.left_alone.insert(table.name.clone());
    draft.account.left_alone.push(table.name.clone());
    true
}

fn without_table(draft: &mut Draft<'_>, table: &Table) {
    let rows = draft.inputs.profile.tables.get(&table.name).map_or(0, |profile| profile.rows);
    draft.existing.without_place.insert(table.name.clone());
    let counts = draft.inputs.policy.target.counters.iter().any(|counter| counter.table.eq_ignore_ascii_case(&table.name));
    let (reason, advice) = if counts {
        ("the target has sequences in its place, which get its numbers", "Nothing.")
    } else if rows > 0 {
        ("the target has no such table", "Have the application's migrations make it, or leave the table out in the policy.")
    } else {
        ("the target has no such table", "Nothing: the table holds no row.")
    };
    draft.account.no_place.push(NoPlace {
        place: table.name.clone(),
        reason: reason.to_owned(),
        advice: advice.to_owned(),
        rows,
        stops: rows > 0 && !counts,
    });
}

/// What the role has to be able to do with a table: load it, and read it for the comparison.
fn rights(draft: &mut Draft<'_>, pair: &Pair<'_>) {
    let table = pair.target;
    let lacking: Vec<&str> = [(table.rights.select, "SELECT"), (table.rights.insert, "INSERT")]
        .into_iter()
        .filter_map(|(has, right)| (!has).then_some(right))
        .collect();
    if !lacking.is_empty() {
        let lacking = lacking.join(", ");
        draft.account.missing_rights.push(MissingRight {
            place: table.name.clone(),
            reason: format!("the role lacks {lacking}: rows are loaded with INSERT and compared with SELECT"),
            advice: format!("GRANT {lacking} ON {}.{} to this role.", quoted(&draft.target.schema), quoted(&table.name)),
        });
    }
    if table.row_security {
        draft.account.missing_rights.push(MissingRight {
            place: table.name.clone(),
            reason: "row security holds for this role, under which PostgreSQL takes no COPY".to_owned(),
            advice: "Load as the table's owner (without FORCE ROW LEVEL SECURITY), or as a role with BYPASSRLS.".to_owned(),
        });
    }
}

/// What the role has to be able to do with a table that gets reference data.
fn rights_for_references(draft: &mut Draft<'_>, references: &[Step]) {
    let tables: BTreeSet<&str> = references.iter().filter_map(Step::reference).map(|load| load.table.as_str()).collect();
    let lacks = |table: &&TargetTable| !(table.rights.select && table.rights.insert);
    for table in tables.iter().filter_map(|name| draft.target.table(name)).filter(lacks) {
        draft.account.missing_rights.push(MissingRight {
            place: table.name.clone(),
            reason: "the role lacks SELECT or INSERT: rows of reference data are added to it".to_owned(),
            advice: format!("GRANT SELECT, INSERT ON {}.{} to this role.", quoted(&draft.target.schema), quoted(&table.name)),
        });
    }
}

/// Rows that stand in a table that is to be loaded.
fn seeded(draft: &mut Draft<'_>, pair: &Pair<'_>) {
    let (table, source) = (pair.target, &pair.source.name);
    let rows = table.rows.filter(|rows| *rows > 0);
    let Some(rows) = rows else { return };
    let identical = draft.settlement.is_some_and(|settlement| settlement.identical.contains(source));
    let referring = table.referred_to_by.iter().find(|reference| reference.has_rows);
    let in_the_way = if !table.rights.delete {
        Some("the role lacks DELETE on it".to_owned())
    } else if let Some(rule) = table.delete_rules.first() {
        Some(format!("the rule {rule} does something else than a DELETE on it says"))
    } else {
        referring.map(|reference| format!("rows of {}.{} refer to it, in another schema", reference.schema, reference.table))
    };
    let replaced = !identical && in_the_way.is_none() && draft.inputs.policy.target.seeded == SeededRule::Replace;
    if identical {
        draft.existing.identical.insert(source.clone());
    } else if replaced {
        draft.existing.replaced.insert(source.clone(), rows);
    }
    draft.account.seeded.push(SeededTable { table: table.name.clone(), rows: Some(rows), identical, replaced, in_the_way });
}

fn plan_load(draft: &mut Draft<'_>, pairs: &[Pair<'_>], (order, kept): (&[String], bool)) {
    for pair in order.iter().filter_map(|name| pairs.iter().find(|pair| pair.target.name == *name)) {
        let target = format!("{}.{}", quoted(&draft.target.schema), quoted(&pair.target.name));
        if draft.is_loaded(pair) {
            // Where rows follow, the seeded ones go in the transaction of the first of them.
            if pair.plan.rows == 0 && draft.existing.replaced.contains_key(&pair.source.name) {
                let object = format!("{} without its seeded rows", pair.target.name);
                draft.run(Phase::Data, format!("clear:{}", pair.source.name), object, vec![format!("DELETE FROM {target}")], false);
            }
            draft.steps.push(Step {
                id: format!("copy:{}", pair.source.name),
                phase: Phase::Data,
                table: (!kept).then(|| pair.source.name.clone()),
                object: format!("rows of {}", pair.target.name),
                action: Action::Copy { table: pair.source.name.clone() },
            });
            if pair.target.rights.owner {
                let object = format!("statistics of {}", pair.target.name);
                draft.run(Phase::Statistics, format!("analyze:{}", pair.source.name), object, vec![format!("ANALYZE {target}")], false);
            }
        }
    }
}
