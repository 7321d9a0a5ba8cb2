//! Catalogs + profile + policy → [`Plan`] and [`PlanReport`].
//!
//! The planner decides everything and does nothing: execution has no choices left. A plan is immutable, complete and
//! hashed; the report says why it is as it is. The same inputs give the same bytes.
//!
//! Never does I/O, never reads a clock, never guesses: what has no exact translation is reported with its text.

mod as_framework;
mod build;
mod chains;
mod columns;
mod decided;
mod decider;
mod decisions;
mod existing;
mod expected;
mod fingerprint;
mod foreign_keys;
mod full_text;
mod installed;
mod keys;
mod left_out;
mod long_keys;
mod names;
mod narrow;
mod orphans;
mod policy;
mod programs;
mod references;
mod refined;
mod report;
mod scripts;
mod sequences;
mod spatial;
mod statements;
mod step;
mod table;
mod tied_columns;
mod virtual_tables;

pub use as_framework::FRAMEWORK_TYPE;
pub use build::{Inputs, Plan, build};
pub use decided::trials;
pub use decider::{DECIDERS, Decider};
pub use decisions::Decisions;
pub use existing::{
    CounterValue, ExistingReport, ExistingSchema, Misfit, MisfitKind, MissingRight, NoPlace, SeededTable, SequenceAtItsEnd, SequencePlan,
    Settlement, build_existing, is_existing,
};
pub use fingerprint::{PlanId, SourceFingerprint};
pub use installed::installed_helpers;
pub use narrow::NARROW_TYPE;
pub use orphans::{linked_tables, orphan_fate};
pub use policy::{
    BackupPolicy, Channel, CheckRule, ColumnName, ColumnPolicy, Command, CommandSwitch, Compression, Counter, CounterTable, CutoverPolicy,
    Email, EmptyText, ExpectedServer, FileSwitch, ForeignKeyPolicy, Freeze, FromTarget, Hook, HttpQuestion, MailTls, MigrationFile,
    MigrationVersion, MigrationsPolicy, Misfits, Mode, Moment, NameRule, Notice, NoticesPolicy, OnConflict, OrphanRule, Period, Policy,
    Probe, Question, REFUSED_OBJECT, ReferenceContent, ReferencePolicy, RolesPolicy, RollbackPolicy, Rules, RunQuestion, Said, SeededRule,
    SequencePolicy, Side, SignOffsPolicy, SourcePolicy, SqlFile, SqlPolicy, SqlQuestion, Stated, Statement, Switch, SwitchPolicy,
    TablePolicy, TargetAfter, TargetPart, TargetPolicy, TextPiece, TriggerRule, TypeRule, Unmapped, Waiver, Way, Window, moment,
    statements,
};
pub use references::{ReferenceConflict, ReferenceKeys, reference_keys};
pub use refined::REFINED_TYPE;
pub use report::{
    ColumnDecision, ComputedColumn, ConflictClause, ForeignKeyProblem, FrameworkReport, GeometryDecision, Inexact, LeftOut, LongKey,
    MappedColumn, NullKey, PlanReport, Rename, ReplacedVirtualTable, SingleRowTrigger, SkippedVirtualTable, Untranslated, WideRow,
};
pub use step::{Action, Phase, ReferenceLoad, Step};
pub use table::{ColumnPlan, Compare, IdentityPlan, ScanColumns, TablePlan};
