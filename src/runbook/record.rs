//! What was done: the file that a move of the running application is gone on with, and its report is made of.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::plan::Side;

/// The format of the file; raised when a field changes its meaning or goes.
const FORMAT: u32 = 1;

/// Everything that was done about the running application, from one work directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    format: u32,
    /// The source.
    pub source: PathBuf,
    /// The target, described without secrets.
    pub target: String,
    /// The side that the application works on, as far as the last course has come.
    pub side: Side,
    /// Cutovers and rollbacks, oldest first.
    pub courses: Vec<Course>,
}

/// What a course is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CourseKind {
    /// From the source to the target.
    Cutover,
    /// Back to the source.
    Rollback,
}

/// One cutover or rollback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Course {
    /// Its name: the time at which it began, as it stands in the names of files.
    pub id: String,
    /// What it is for.
    pub kind: CourseKind,
    /// Who began it, where that was said.
    pub by: Option<String>,
    /// Why, where it takes a cutover back.
    pub cause: Option<String>,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended; none while it is not finished.
    pub ended_at: Option<Timestamp>,
    /// What it ended with.
    pub ending: Option<Ending>,
    /// When the application ceased to take writes.
    pub down_at: Option<Timestamp>,
    /// When it answered again.
    pub up_at: Option<Timestamp>,
    /// How often it was gone on with, after a kill or a failure.
    pub resumed: u32,
    /// Its steps so far.
    pub steps: Vec<StepRecord>,
}

/// What a course ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// All was done.
    Done,
    /// It failed before the application was touched.
    NothingChanged,
    /// It failed, and a rollback takes it back.
    TakenBack,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// It was begun.
    Intended,
    /// It is done.
    Done,
    /// It failed.
    Failed,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StepRecord {
    /// Its id.
    pub id: String,
    /// What it is called in reports.
    pub title: String,
    /// What became of it.
    pub state: StepState,
    /// When it was begun, the first time.
    pub began_at: Timestamp,
    /// When it was done, or failed.
    pub ended_at: Option<Timestamp>,
    /// How long its last attempt took, in seconds.
    pub seconds: f64,
    /// What came of it, in words.
    pub what: String,
    /// Evidence, for programs and for the report.
    pub detail: serde_json::Value,
}

impl Course {
    /// A course that begins now.
    pub fn begin(kind: CourseKind, by: Option<String>, cause: Option<String>) -> Self {
        let now = Timestamp::now();
        Self {
            id: now.strftime("%Y%m%dT%H%M%SZ").to_string(),
            kind,
            by,
            cause,
            began_at: now,
            ended_at: None,
            ending: None,
            down_at: None,
            up_at: None,
            resumed: 0,
            steps: Vec::new(),
        }
    }

    /// The record of a step.
    pub fn step(&self, id: &str) -> Option<&StepRecord> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// Whether a step is done.
    pub fn has_done(&self, id: &str) -> bool {
        self.step(id).is_some_and(|step| step.state == StepState::Done)
    }

    /// Whether a step was begun.
    pub fn has_begun(&self, id: &str) -> bool {
        self.step(id).is_some()
    }

    /// How long the application took no writes, in seconds: until now where it is still so; none where it never was.
    pub fn downtime(&self) -> Option<f64> {
        let down = self.down_at?;
        Some(self.up_at.unwrap_or_else(Timestamp::now).duration_since(down).as_secs_f64())
    }

    /// Ends it.
    pub fn end(&mut self, ending: Ending) {
        self.ended_at = Some(Timestamp::now());
        self.ending = Some(ending);
    }
}

impl StepRecord {
    /// Makes a step that failed one that was begun, so that it is done again.
    pub fn forget_failure(&mut self) {
        if self.state == StepState::Failed {
            self.state = StepState::Intended;
        }
    }
}

impl Record {
    /// The file in a work directory.
    pub fn file(directory: &Path) -> PathBuf {
        directory.join("runbook.json")
    }

    /// What a work directory remembers; nothing where no cutover was begun there.
    pub fn read(directory: &Path) -> Result<Option<Self>> {
        let file = Self::file(directory);
        let refused = |detail: String| Error::new(ErrorKind::WorkDirectory, format!("read {}", file.display()), detail);
        let text = match fs::read(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(error.to_string()).because(error)),
        };
        let record: Self =
            serde_json::from_slice(&text).map_err(|error| refused(format!("it is not what outgrow writes there: {error}")))?;
        if record.format > FORMAT {
            return Err(refused("a newer version of outgrow wrote it".to_owned()).hint("use that version"));
        }
        Ok(Some(record))
    }

    /// The record of a move that nothing was done for.
    pub fn new(source: &Path, target: &str) -> Self {
        // A path that can't be resolved is refused with a better message when it is opened.
        let source = fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
        Self { format: FORMAT, source, target: target.to_owned(), side: Side::Source, courses: Vec::new() }
    }

    /// Refuses another source or another target than those that the record is of.
    pub fn belongs_to(&self, source: &Path, target: &str) -> Result<()> {
        let source = fs::canonicalize(source).unwrap_or_else(|_| source.to_owned());
        if self.source == source && self.target == target {
            return Ok(());
        }
        let detail = format!("this work directory is that of the move of {} to {}", self.source.display(), self.target);
        Err(Error::new(ErrorKind::Usage, "go on with this move", detail).hint("name another directory with --work-dir"))
    }

    /// The course that is not finished.
    pub fn unfinished(&self) -> Option<&Course> {
        self.courses.last().filter(|course| course.ended_at.is_none())
    }

    /// The last course.
    pub fn last_mut(&mut self) -> Result<&mut Course> {
        self.courses.last_mut().ok_or_else(|| Error::bug("keep the record of the move", "it has no course"))
    }

    /// Writes it: whole or not at all, and on disk when this returns.
    pub fn keep(&self, directory: &Path) -> Result<()> {
        let file = Self::file(directory);
        let failed = |error: std::io::Error| {
            Error::new(ErrorKind::WorkDirectory, format!("keep {}", file.display()), error.to_string()).because(error)
        };
        let text = serde_json::to_vec_pretty(self).map_err(|error| Error::bug("keep the record of the move", error.to_string()))?;
        let draft = file.with_extension("partial");
        let mut out = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&draft).map_err(failed)?;
        out.write_all(&text).map_err(failed)?;
        out.sync_all().map_err(failed)?;
        fs::rename(&draft, &file).map_err(failed)?;
        File::open(directory).and_then(|directory| directory.sync_all()).map_err(failed)
    }
}
