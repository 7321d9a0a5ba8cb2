//! Makes the plan.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::columns::{plan_comparison, plan_table};
use super::existing::{ExistingSchema, SequencePlan};
use super::fingerprint::{PlanId, SourceFingerprint};
use super::names::Names;
use super::policy::Policy;
use super::report::{ColumnDecision, FrameworkReport, Inexact, PlanReport, Rename, Untranslated};
use super::scripts::{self, Moment};
use super::step::{Action, Phase, Step};
use super::table::{ColumnPlan, TablePlan};
use super::{
    foreign_keys, installed, keys, left_out, narrow, orphans, programs, references, refined, sequences, statements, virtual_tables,
};
use crate::catalog::{Column, LinkedTable, SourceCatalog, Table};
use crate::dialect::{Scope, Untranslatable};
use crate::error::{Error, ErrorKind, Result};
use crate::preset::Preset;
use crate::value::{Conversion, SourceProfile};

/// The format of a plan: raised when its meaning changes.
pub(super) const FORMAT: u32 = 1;

/// All that the planner decides from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// What the source contains.
    pub catalog: &'a SourceCatalog,
    /// What its cells are.
    pub profile: &'a SourceProfile,
    /// What people decided.
    pub policy: &'a Policy,
    /// The server's major version, such as 15.
    pub server_major: u32,
}

/// What will be done: complete, immutable, hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Its name: the hash of everything below.
    pub id: PlanId,
    /// The format of this document.
    pub format: u32,
    /// The source it was made for.
    pub source: SourceFingerprint,
    /// The server's major version it was made for.
    pub server_major: u32,
    /// The PostgreSQL schema that gets the tables.
    pub schema: String,
    /// What becomes of each table.
    pub tables: Vec<TablePlan>,
    /// Tables of the source that are left out.
    pub left_out: Vec<String>,
    /// The names of all relations that the plan makes.
    pub relations: BTreeSet<String>,
    /// Everything that will be done, in order.
    pub steps: Vec<Step>,
    /// What is there already, where the application's own migrations made the tables.
    pub existing: Option<ExistingSchema>,
    /// Sequences that stand free, made because the policy names them.
    pub sequences: Vec<SequencePlan>,
}

impl Plan {
    /// Reads a plan back, and checks that it still is what its id says.
    pub fn read(document: &str) -> Result<Self> {
        let unfit = |detail: String| {
            Error::new(ErrorKind::Unforeseen, "read a plan", detail)
                .hint("it was made by another version of outgrow, or changed: make a new plan")
        };
        let plan: Self = serde_json::from_str(document).map_err(|error| unfit(error.to_string()))?;
        if plan.format != FORMAT {
            return Err(unfit(format!("it is of format {}, and this version of outgrow reads format {FORMAT}", plan.format)));
        }
        let unnamed = Self { id: PlanId::default(), ..plan.clone() };
        if PlanId::of(&unnamed)? != plan.id {
            return Err(unfit("its content does not have the hash that is its id".to_owned()));
        }
        Ok(plan)
    }

    /// The plan of the table of this source name.
    pub fn table(&self, source: &str) -> Option<&TablePlan> {
        self.tables.iter().find(|table| table.source == source)
    }

    /// What has to be known of the tables to follow their foreign keys; nothing where every row comes across as it is.
    pub fn linked_tables(&self) -> Vec<LinkedTable> {
        if self.tables.iter().all(|table| table.orphans.is_empty()) {
            return Vec::new();
        }
        self.tables.iter().map(TablePlan::linked).collect()
    }

    /// Rows and cells of the source that the plan moves: columns that the target computes are cells too.
    pub fn size(&self) -> (u64, u64) {
        let rows = self.tables.iter().map(|table| table.rows).sum();
        let cells = self.tables.iter().map(|table| table.rows.saturating_mul(u64::try_from(table.columns.len()).unwrap_or(u64::MAX))).sum();
        (rows, cells)
    }
}

/// What the planner keeps while it works.
pub(super) struct Draft<'a> {
    pub(super) inputs: Inputs<'a>,
    pub(super) relations: Names,
    pub(super) tables: Vec<TablePlan>,
    pub(super) steps: Vec<Step>,
    pub(super) scope: Scope,
    /// The same, for what is about the stored values alone and not about what they say: the columns of an index.
    pub(super) stored_scope: Scope,
    /// The names of each table's constraints that are not relations, by the table's source name.
    pub(super) constraints: BTreeMap<String, Names>,
    pub(super) report: PlanReport,
    /// The application's framework.
    pub(super) framework: Option<&'static Preset>,
}

impl Draft<'_> {
    /// Takes the name of a relation, and reports where it had to change.
    pub(super) fn name_relation(&mut self, what: &str, wanted: &str) -> String {
        let name = self.relations.take(wanted);
        if name != wanted {
            self.report.renames.push(Rename::forced(what, wanted, &name));
        }
        name
    }

    /// Takes the name that the policy gives a relation; the policy has been asked whether it is free.
    pub(super) fn rename_relation(&mut self, what: &str, source: &str, target: &str) -> String {
        self.report.renames.push(Rename::chosen(what, source, target));
        self.relations.take(target)
    }

    /// Adds a step that the move can go on without.
    pub(super) fn optional(&mut self, phase: Phase, id: String, object: String, sql: Vec<String>) {
        self.steps.push(Step { id, phase, table: None, object, action: Action::Run { sql, optional: true } });
    }

    /// Says of the steps added since there were `before` of them, those of the phase Tables apart, that they work on this
    /// table alone.
    pub(super) fn only_of(&mut self, table: &str, before: usize) {
        for step in self.steps.iter_mut().skip(before).filter(|step| step.phase != Phase::Tables) {
            step.table = Some(table.to_owned());
        }
    }

    /// Adds a step that everything after it needs.
    pub(super) fn required(&mut self, phase: Phase, id: String, object: String, sql: Vec<String>) {
        self.steps.push(Step { id, phase, table: None, object, action: Action::Run { sql, optional: false } });
    }

    /// Reports an object that has no exact translation.
    pub(super) fn untranslated(&mut self, kind: &str, name: &str, why: Untranslatable, original: &str) {
        self.report.untranslated.push(Untranslated {
            kind: kind.to_owned(),
            name: name.to_owned(),
            construct: why.construct,
            reason: why.reason,
            original: original.to_owned(),
        });
    }

    /// The plan and the source table, by the table's source name.
    pub(super) fn table(&self, source: &str) -> Option<(&TablePlan, &Table)> {
        let table = self.inputs.catalog.table(source)?;
        let plan = self.tables.iter().find(|plan| plan.source == table.name)?;
        Some((plan, table))
    }

    /// What is planned for a column.
    pub(super) fn column(&self, table: &Table, column: &Column) -> Option<&ColumnPlan> {
        let plan = self.tables.iter().find(|plan| plan.source == table.name)?;
        plan.columns.iter().find(|plan| plan.source == column.name)
    }

    /// Gives a column another conversion than was decided first, and says why.
    pub(super) fn convert(
        &mut self,
        (table, column): &(&Table, &Column),
        conversion: Conversion,
        rule: &str,
        because: String,
        inexact: Vec<Inexact>,
    ) {
        let plan = self.tables.iter_mut().find(|plan| plan.source == table.name);
        if let Some(plan) = plan.and_then(|plan| plan.columns.iter_mut().find(|plan| plan.source == column.name)) {
            plan.conversion = conversion;
        }
        if let Some(decision) = self.decision(&table.name, &column.name) {
            decision.conversion = conversion;
            rule.clone_into(&mut decision.rule);
            decision.because = because;
            decision.inexact = inexact;
        }
    }

    /// The decision for a column.
    pub(super) fn decision(&mut self, table: &str, column: &str) -> Option<&mut ColumnDecision> {
        self.report.columns.iter_mut().find(|decision| decision.table == table && decision.column == column)
    }
}

/// Makes the plan and the account of it.
pub fn build(inputs: Inputs<'_>) -> Result<(Plan, PlanReport)> {
    let framework = inputs.policy.framework(inputs.catalog);
    let mut draft = Draft {
        inputs,
        relations: Names::of_relations(relation_names(inputs)),
        tables: Vec::new(),
        steps: Vec::new(),
        scope: Scope::new(),
        stored_scope: Scope::new(),
        constraints: BTreeMap::new(),
        report: PlanReport { framework: framework.map(|preset| FrameworkReport::of(inputs.policy, preset, true)), ..PlanReport::default() },
        framework,
    };
    let catalog = inputs.catalog;
    for table in &catalog.tables {
        let plan = plan_table(&mut draft, table)?;
        draft.tables.push(plan);
    }
    refined::refine(&mut draft);
    narrow::narrow(&mut draft);
    foreign_keys::agree_on_types(&mut draft);
    plan_comparison(&mut draft);
    for plan in &draft.tables {
        orphans::note_nulled(inputs.profile, plan, &mut draft.report.columns);
    }
    programs::open_scope(&mut draft);
    draft.steps.extend(scripts::steps(inputs.policy, Moment::BeforeTables)?);
    for table in &catalog.tables {
        let before = draft.steps.len();
        statements::create_table(&mut draft, table)?;
        draft.only_of(&table.name, before);
    }
    let free = sequences::plan_sequences(&mut draft)?;
    draft.steps.extend(scripts::steps(inputs.policy, Moment::AfterTables)?);
    draft.steps.extend(scripts::steps(inputs.policy, Moment::AfterData)?);
    for table in &catalog.tables {
        let before = draft.steps.len();
        keys::plan_keys(&mut draft, table);
        statements::visibility_map(&mut draft, table);
        draft.only_of(&table.name, before);
    }
    virtual_tables::plan_virtual_tables(&mut draft);
    references::plan_references(&mut draft)?;
    foreign_keys::plan_foreign_keys(&mut draft);
    draft.steps.extend(scripts::steps(inputs.policy, Moment::AfterKeys)?);
    statements::sequences_and_statistics(&mut draft);
    programs::plan_views(&mut draft);
    programs::plan_triggers(&mut draft);
    draft.steps.extend(scripts::steps(inputs.policy, Moment::Finally)?);
    left_out::report(&mut draft);
    finish(draft, free)
}

/// The names of everything that has one in the source and shares a namespace in the target.
fn relation_names(inputs: Inputs<'_>) -> impl Iterator<Item = String> {
    let Inputs { catalog, policy, .. } = inputs;
    let indexes = catalog.tables.iter().flat_map(|table| &table.indexes).filter(|index| index.sql.is_some());
    let tables = catalog.tables.iter().map(|table| policy.name_of_table(&table.name));
    let views = catalog.views.iter().map(|view| &view.name).chain(catalog.virtual_tables.iter().map(|table| &table.name));
    tables.chain(views.map(String::as_str)).chain(indexes.map(|index| index.name.as_str())).map(str::to_owned)
}

fn finish(mut draft: Draft<'_>, sequences: Vec<SequencePlan>) -> Result<(Plan, PlanReport)> {
    draft.steps.sort_by_key(|step| step.phase);
    installed::install_helpers(&mut draft.steps);
    let inputs = draft.inputs;
    let mut plan = Plan {
        id: PlanId::default(),
        format: FORMAT,
        source: SourceFingerprint::of(inputs.catalog, inputs.profile)?,
        server_major: inputs.server_major,
        schema: inputs.policy.target.schema.clone(),
        tables: draft.tables,
        left_out: inputs.catalog.left_out.clone(),
        relations: draft.relations.into_taken(),
        steps: draft.steps,
        existing: None,
        sequences,
    };
    plan.id = PlanId::of(&plan)?;
    Ok((plan, draft.report))
}
