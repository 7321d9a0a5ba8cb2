//! What the steps of a cutover do.

use std::time::Duration;

use serde_json::json;

use crate::backup::{self, Backups};
use crate::budget::Budget;
use crate::copy::Ledger;
use crate::error::{Outcome, Result};
use crate::mapping::counted;
use crate::migrate::{MigrateOptions, Observer, keep_report, migrate};
use crate::plan::{Freeze, Side};
use crate::postgres::Session;
use crate::report::judge;
use crate::rollback::{BackActs, Mark, Scene, clear, evidence};
use crate::runbook::{Act, Acted, Acts, Record, Step};
use crate::sqlite::{self, Holders};
use crate::switch;

/// The steps of a cutover.
pub(super) struct CutoverActs<'a> {
    /// Those that a rollback has too.
    pub(super) back: BackActs<'a>,
    pub(super) budget: Budget,
    pub(super) observer: &'a dyn Observer,
    /// Whether an earlier run of this very cutover had begun to load.
    pub(super) load_begun: bool,
}

impl Acts for CutoverActs<'_> {
    async fn act(&mut self, step: &Step, record: &Record) -> Result<Acted> {
        match &step.act {
            Act::Freeze(freeze) => tokio::task::block_in_place(|| self.freeze(*freeze)),
            Act::Backup => tokio::task::block_in_place(|| self.backup()),
            Act::Migrate => Box::pin(self.migrate()).await,
            Act::Mark => self.mark().await,
            Act::Switch => self.switch().await,
            Act::Tell(_)
            | Act::Hook(..)
            | Act::Measure(_)
            | Act::Smoke(_)
            | Act::FreezeTarget
            | Act::Export
            | Act::Revert
            | Act::Thaw
            | Act::Clear(_) => self.back.act(step, record).await,
        }
    }
}

/// How long nobody may stir for the source to count as quiet, where nothing but hooks keeps writers away.
const QUIET: Duration = Duration::from_secs(1);

impl CutoverActs<'_> {
    /// Freezes the source, and proves that nobody writes to it.
    fn freeze(&self, freeze: Freeze) -> Result<Acted> {
        let scene = self.back.scene;
        let frozen = match freeze {
            Freeze::Guard => Some(sqlite::freeze(scene.source, scene.policy.cutover.wait.0)?),
            Freeze::Stop => None,
        };
        // Under the guard nobody can write; what it does not reach (`open`) is watched like a source without one.
        let guarded = frozen.as_ref().is_some_and(|frozen| frozen.open.is_empty());
        let stir = if guarded { None } else { sqlite::stirs(scene.source, QUIET)? };
        let holders = Holders::of(scene.source)?;
        let others: Vec<String> = holders.others().map(|holder| format!("{} ({})", holder.command, holder.pid)).collect();
        let detail = json!({ "frozen": frozen, "stir": stir, "holders": holders });
        if stir.is_some() || holders.somebody_writes() {
            let who = if others.is_empty() { "a program that can't be seen from here".to_owned() } else { others.join(", ") };
            let what = format!("somebody still writes to the source: {who}; stop it by a [[hook]] at = \"stop\"");
            return Ok(Acted::ended(Outcome::Blocked, what, detail));
        }
        let tables = frozen.map(|frozen| format!("{} take no writes", counted(frozen.tables, "table")));
        let what = tables.unwrap_or_else(|| "nobody writes".to_owned());
        let open = if others.is_empty() { String::new() } else { format!("; open in {}", others.join(", ")) };
        Ok(Acted::done(format!("{what}{open}"), detail))
    }

    /// The final copy of the source.
    fn backup(&self) -> Result<Acted> {
        let scene = self.back.scene;
        let backups = Backups::of(&scene.policy.backup, scene.directory);
        let report = backup::source(&backups, scene.source, &|_| ())?;
        let what = format!("{} ({})", report.file, report.backup.bytes);
        let acted = Acted::done(what, evidence(&report)?);
        Ok(Acted { outcome: report.outcome, ..acted })
    }

    async fn migrate(&self) -> Result<Acted> {
        let scene = self.back.scene;
        if !self.load_begun {
            self.give_up_earlier().await?;
        }
        let options = MigrateOptions {
            source: scene.source,
            target: scene.target,
            policy: scene.policy,
            work: scene.work,
            budget: self.budget,
            // An earlier cutover's snapshot is of a source that was written to since.
            fresh: !self.load_begun,
        };
        let report = migrate(options, scene.journal, self.observer).await?;
        keep_report(&report, scene.work, scene.journal)?;
        let verdict = judge(&report);
        let detail = json!({
            "plan": report.plan.id, "tables": report.source.tables, "rows": report.source.rows, "cells": report.cells,
            "phases": report.phases, "outcome": report.outcome,
        });
        let acted = Acted::done(verdict.sentence, detail);
        Ok(Acted { outcome: report.outcome, ..acted })
    }

    /// Makes room where an earlier cutover was taken back in the middle of its load, and the server was not there to be cleared.
    async fn give_up_earlier(&self) -> Result<()> {
        let Scene { work, target, policy, journal, .. } = self.back.scene;
        if work.path().join("unfinished.json").exists() {
            let session = Session::connect(target).await?;
            // The application's own tables are emptied by the load itself.
            if Ledger::last_loaded(&session, &policy.target.schema).await?.is_some_and(|plan| plan.existing.is_some()) {
                return Ok(());
            }
            clear(&session, &policy.target.schema, policy.rollback.target, None, journal).await?;
        }
        Ok(())
    }

    async fn mark(&self) -> Result<Acted> {
        let session = Session::connect(self.back.scene.target).await?;
        let mark = Mark::take(&session, &self.back.scene.policy.target.schema).await?;
        Ok(Acted::done("what is written from here on will be known", evidence(&mark)?))
    }

    async fn switch(&self) -> Result<Acted> {
        let scene = self.back.scene;
        let applied = switch::apply(&scene.policy.switches, &scene.sides(Side::Target), &scene.kept()).await?;
        let places: Vec<&str> = applied.changes.iter().map(|change| change.place.as_str()).collect();
        let what = if places.is_empty() { "the policy names nothing to switch".to_owned() } else { places.join(", ") };
        Ok(Acted::done(what, evidence(&applied)?))
    }
}
