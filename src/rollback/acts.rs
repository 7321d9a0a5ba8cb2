//! What the steps of a rollback do.

use serde_json::json;

use super::changes::{ChangeSet, Mark, export};
use super::scene::{Scene, evidence};
use super::target::clear;
use crate::copy::Ledger;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::counted;
use crate::plan::{Plan, TargetAfter};
use crate::postgres::{Session, freeze_target, thaw_target};
use crate::runbook::{Act, Acted, Acts, Course, CourseKind, Record, Step};
use crate::sqlite;
use crate::switch;

/// The steps of a rollback, and those that a cutover has in common with it.
pub struct BackActs<'a> {
    /// Where it is played.
    pub scene: Scene<'a>,
}

impl Acts for BackActs<'_> {
    async fn act(&mut self, step: &Step, record: &Record) -> Result<Acted> {
        let scene = &self.scene;
        let course = record.courses.last().ok_or_else(|| Error::bug("take a step", "no course was begun"))?;
        match &step.act {
            Act::Tell(notice) => scene.tell(*notice, record).await,
            Act::Hook(place, moment) => scene.hook(*place, *moment, course).await,
            Act::Measure(side) => scene.measure(*side).await,
            Act::Smoke(side) => scene.smoke(*side).await,
            Act::FreezeTarget => self.freeze_target().await,
            Act::Export => self.export(record, course).await,
            Act::Revert => self.revert().await,
            Act::Thaw => tokio::task::block_in_place(|| self.thaw()),
            Act::Clear(after) => self.clear(*after, record).await,
            Act::Freeze(_) | Act::Backup | Act::Migrate | Act::Mark | Act::Switch => {
                Err(Error::bug("take a step back", "it is a step of a cutover"))
            }
        }
    }
}

impl BackActs<'_> {
    async fn freeze_target(&self) -> Result<Acted> {
        let scene = &self.scene;
        let session = Session::connect(scene.target).await?;
        let tables = freeze_target(&session, &scene.policy.target.schema, scene.policy.cutover.wait.0).await?;
        Ok(Acted::done(format!("{} take no writes", counted(tables, "table")), json!({ "tables": tables })))
    }

    async fn export(&self, record: &Record, course: &Course) -> Result<Acted> {
        let scene = &self.scene;
        let mut session = Session::connect(scene.target).await?;
        let plan = loaded(&session, scene).await?;
        let directory = scene.work.path().join(format!("changes-{}", course.id));
        // A run that died here has left what it had written so far; the target is frozen, so that nothing of it can be other now.
        match std::fs::remove_dir_all(&directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let doing = format!("write the change set to {}", directory.display());
                return Err(Error::new(ErrorKind::WorkDirectory, doing, error.to_string()).because(error));
            }
            Ok(()) | Err(_) => {}
        }
        let changes = export(&mut session, &plan, &mark(record)?, scene.source, &directory).await?;
        let what = if changes.rows() == 0 && changes.notes.is_empty() {
            "nothing was written to PostgreSQL since the cutover".to_owned()
        } else {
            format!("{} written to PostgreSQL since the cutover: {}", counted(changes.rows(), "row"), directory.display())
        };
        Ok(Acted::done(what, evidence(&changes)?))
    }

    async fn revert(&self) -> Result<Acted> {
        let reverted = switch::revert(&self.scene.kept(), switch::Edits::Keep).await?;
        let places: Vec<String> = reverted.restored.iter().map(|restored| format!("{} {}", restored.place, restored.how.told())).collect();
        let what = if places.is_empty() { "nothing was switched".to_owned() } else { places.join(", ") };
        Ok(Acted::done(what, evidence(&reverted)?))
    }

    fn thaw(&self) -> Result<Acted> {
        let scene = &self.scene;
        let taken = sqlite::thaw(scene.source, scene.policy.cutover.wait.0)?;
        let what = if taken == 0 { "it was not frozen".to_owned() } else { "it takes writes again".to_owned() };
        Ok(Acted::done(what, json!({ "triggers-taken-away": taken })))
    }

    async fn clear(&self, after: TargetAfter, record: &Record) -> Result<Acted> {
        let scene = &self.scene;
        let session = Session::connect(scene.target).await?;
        let since = record.courses.iter().rev().take_while(|course| course.kind == CourseKind::Rollback);
        let export = since.into_iter().find_map(|course| course.step("export"));
        let exported: Option<ChangeSet> = export.and_then(|step| serde_json::from_value(step.detail.clone()).ok());
        let schema = &scene.policy.target.schema;
        thaw_target(&session, schema).await?;
        let cleared = match clear(&session, schema, after, exported.as_ref(), scene.journal).await {
            Ok(cleared) => cleared,
            // What stays in its place takes no writes, as before: nobody would find them again.
            Err(error) => {
                return Err(match freeze_target(&session, schema, scene.policy.cutover.wait.0).await {
                    Ok(_) => error,
                    Err(_) => error.hint("the target could not be frozen again and takes writes: let nothing connect to it"),
                });
            }
        };
        let mut what = format!("{}: {}", cleared.what.told(), cleared.names.join(", "));
        for left in &cleared.left {
            what = format!("{what}; {left}");
        }
        Ok(Acted::done(what, evidence(&cleared)?))
    }
}

/// The plan that the target was loaded by.
pub(super) async fn loaded(session: &Session, scene: &Scene<'_>) -> Result<Plan> {
    Ledger::last_loaded(session, &scene.policy.target.schema).await?.ok_or_else(|| {
        let detail = format!("the ledger in {} knows of no load", session.describe());
        Error::new(ErrorKind::TargetUnfit, "find what was loaded", detail)
    })
}

/// Where the target stood when the last cutover had loaded it.
pub(super) fn mark(record: &Record) -> Result<Mark> {
    let cutover = record.courses.iter().rev().find(|course| course.kind == CourseKind::Cutover);
    let detail = cutover.and_then(|course| course.step("mark")).map(|step| step.detail.clone());
    let mark = detail.and_then(|detail| serde_json::from_value(detail).ok());
    mark.ok_or_else(|| {
        Error::new(ErrorKind::WorkDirectory, "find where the target stood", "the record of the cutover holds no mark")
            .hint("it stands in runbook.json in the work directory of the cutover")
    })
}
