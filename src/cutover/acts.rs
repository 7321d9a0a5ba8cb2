//! What the steps of a cutover do.

use serde_json::json;

use crate::backup;
use crate::budget::Budget;
use crate::error::{Error, Outcome, Result};
use crate::mapping::counted;
use crate::migrate::{MigrateOptions, Observer, migrate};
use crate::plan::Freeze;
use crate::postgres::Session;
use crate::report::{MoveReport, keep};
use crate::rollback::{BackActs, Mark, Scene, value};
use crate::runbook::{Act, Acted, Acts, Record, Step};
use crate::sqlite;
use crate::switch;

/// The steps of a cutover.
pub(super) struct CutoverActs<'a> {
    /// Those that a rollback has too.
    pub(super) back: BackActs<'a>,
    pub(super) budget: Budget,
    pub(super) observer: &'a dyn Observer,
}

impl Acts for CutoverActs<'_> {
    async fn act(&mut self, step: &Step, record: &Record) -> Result<Acted> {
        match &step.act {
            Act::Freeze(freeze) => tokio::task::block_in_place(|| self.freeze(*freeze)),
            Act::Backup => self.backup().await,
            Act::Migrate => Box::pin(self.migrate()).await,
            Act::Mark => self.mark().await,
            Act::Switch => self.switch(),
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

impl CutoverActs<'_> {
    fn scene(&self) -> &Scene<'_> {
        &self.back.scene
    }
}
