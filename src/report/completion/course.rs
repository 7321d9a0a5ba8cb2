//! What the steps of a course tell.

use jiff::Timestamp;

use super::detail::{
    AppliedDetail, BackupDetail, BaselineDetail, ChangeSetDetail, HookDetail, MachineDetail, MeasuredDetail, RevertedDetail, SentDetail,
    SmokeDetail, read,
};
use super::facts::{
    BackupLine, ChangeLine, CourseLine, HealthLine, HookLine, LatencyLine, MachineLine, NoticeLine, RevertedLine, SmokeLine, StepLine,
    Timing, WayBack, WrittenTable,
};
use super::masked;
use crate::plan::{BackupPolicy, Side};
use crate::runbook::{Course, StepRecord, StepState};

/// The course itself.
pub(super) fn line(course: &Course) -> CourseLine {
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string());
    CourseLine {
        id: course.id.clone(),
        kind: course.kind,
        by: course.by.clone(),
        began_at: course.began_at.to_string(),
        ended_at: moment(course.ended_at),
        ending: course.ending,
        down_at: moment(course.down_at),
        up_at: moment(course.up_at),
        seconds: course.ended_at.map(|ended| ended.duration_since(course.began_at).as_secs_f64()),
        resumed: course.resumed,
        steps: course.steps.iter().map(|step| step_line(course, step)).collect(),
    }
}

fn step_line(course: &Course, step: &StepRecord) -> StepLine {
    let is_down = course.down_at.is_some_and(|down| step.began_at >= down);
    StepLine {
        id: step.id.clone(),
        title: step.title.clone(),
        state: step.state,
        began_at: step.began_at.to_string(),
        seconds: step.seconds,
        frozen: is_down && course.up_at.is_none_or(|up| step.began_at < up),
        what: step.what.clone(),
    }
}

/// The answers of the smoke tests.
pub(super) fn smoke(course: &Course) -> Vec<SmokeLine> {
    let answers = course.step("smoke").and_then(read::<SmokeDetail>).map(|smoke| smoke.answers).unwrap_or_default();
    let line = |answer: super::detail::AnswerDetail| SmokeLine {
        course: course.kind,
        name: answer.name,
        passed: answer.passed,
        attempts: answer.attempts,
        seconds: answer.seconds,
        what: answer.what,
    };
    answers.into_iter().map(line).collect()
}

fn measured(course: &Course, step: &str) -> Option<BaselineDetail> {
    course.step(step).and_then(read)
}

fn timing(measured: &MeasuredDetail) -> Timing {
    let MeasuredDetail { samples, errors, median_ms, p95_ms, max_ms, fault, .. } = measured.clone();
    Timing { samples, errors, median_ms, p95_ms, max_ms, fault }
}

/// How fast the application answered, before and after.
pub(super) fn latency(course: &Course) -> Vec<LatencyLine> {
    let probes = |step: &str| measured(course, step).map(|baseline| baseline.probes).unwrap_or_default();
    let (before, after) = (probes("baseline-before"), probes("baseline-after"));
    let mut names: Vec<&str> = before.iter().chain(&after).map(|probe| probe.name.as_str()).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let of = |probes: &[MeasuredDetail], name: &str| probes.iter().find(|probe| probe.name == name).map(timing);
    let line = |name: &&str| LatencyLine { name: (*name).to_owned(), before: of(&before, name), after: of(&after, name) };
    names.iter().map(line).collect()
}

/// What the machine had to do, before and after.
pub(super) fn health(course: &Course) -> Vec<HealthLine> {
    let machine = |machine: MachineDetail| MachineLine {
        processors: machine.processors,
        busy: machine.busy,
        load: machine.load_1min,
        memory_bytes: machine.memory_bytes,
        available_bytes: machine.available_bytes,
    };
    let sides = [("baseline-before", Side::Source), ("baseline-after", Side::Target)];
    let line = |(step, side): (&str, Side)| measured(course, step).map(|baseline| HealthLine { side, machine: machine(baseline.machine) });
    sides.into_iter().filter_map(line).collect()
}

/// The policy's commands.
pub(super) fn hooks(course: &Course) -> Vec<HookLine> {
    // The steps of hooks are numbered; no other step has a colon in its id.
    let of_hooks = course.steps.iter().filter(|step| step.id.contains(':'));
    let line = |step: &StepRecord| {
        let HookDetail { command, exit_code, timed_out } = read(step)?;
        let command = masked::command(&command);
        Some(HookLine { course: course.kind, step: step.id.clone(), command, exit_code, timed_out, seconds: step.seconds })
    };
    of_hooks.filter_map(line).collect()
}

/// What was changed in the environment.
pub(super) fn changes(course: &Course) -> Vec<ChangeLine> {
    let changes = course.step("switch").and_then(read::<AppliedDetail>).map(|applied| applied.changes).unwrap_or_default();
    changes.into_iter().map(|change| ChangeLine { place: change.place, lines: change.lines, notes: change.notes }).collect()
}

/// The final copy of the source.
pub(super) fn backups(course: &Course, policy: &BackupPolicy) -> Vec<BackupLine> {
    let Some(BackupDetail { file, backup, second }) = course.step("backup").and_then(read) else { return Vec::new() };
    let (test, test_detail) = backup.test.map(|test| (test.verdict, test.detail)).unzip();
    vec![BackupLine {
        kept: kept(policy, &backup.taken_at),
        file,
        side: Side::Source,
        taken_at: backup.taken_at,
        bytes: backup.bytes,
        content_bytes: backup.content_bytes,
        compression: backup.compression,
        sha256: backup.sha256,
        rows: backup.rows,
        test,
        test_detail,
        second_copied: second.as_ref().map(|second| second.copied),
        second_other_disk: second.as_ref().map(|second| second.other_disk),
        second_why_not: second.as_ref().and_then(|second| second.why_not.clone()),
        second: second.map(|second| second.directory),
    }]
}

/// Until when a backup of this moment is kept.
fn kept(policy: &BackupPolicy, taken_at: &str) -> String {
    let until = policy.keep_days.and_then(|days| {
        let hours = i64::from(days.get()).checked_mul(24)?;
        taken_at.parse::<Timestamp>().ok()?.checked_add(jiff::SignedDuration::from_hours(hours)).ok()
    });
    let until = until.map(|until| format!("until {}", until.strftime("%Y-%m-%d")));
    let newest = policy.keep.map(|keep| format!("as long as it is one of the newest {keep}"));
    match (until, newest) {
        (Some(until), Some(newest)) => format!("{until}, and {newest}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "until somebody removes it".to_owned(),
    }
}

/// Who was told what.
pub(super) fn notices(course: &Course) -> Vec<NoticeLine> {
    let sent = course.steps.iter().filter(|step| step.id.starts_with("notice-")).filter_map(read::<SentDetail>);
    let lines = sent.flat_map(|SentDetail { notice, at, deliveries }| {
        deliveries.into_iter().map(move |delivery| NoticeLine {
            notice: notice.clone(),
            at: at.clone(),
            channel: delivery.channel,
            by: delivery.kind,
            ok: delivery.ok,
            why: delivery.why,
        })
    });
    lines.collect()
}

/// The way back.
pub(super) fn way_back(course: &Course) -> WayBack {
    let exported: Option<ChangeSetDetail> = course.step("export").and_then(read);
    let done = |step: &StepRecord| step.state == StepState::Done;
    let mut way = WayBack {
        cause: course.cause.clone(),
        by: course.by.clone(),
        exported: course.step("export").map(|step| done(step) && exported.is_some()),
        since: None,
        until: None,
        directory: None,
        apply: None,
        written: Vec::new(),
        notes: Vec::new(),
        reverted: reverted(course),
        target: course.step("target").map(|step| step.what.clone()),
    };
    if let Some(set) = exported {
        (way.since, way.until) = (Some(set.since), Some(set.until));
        (way.directory, way.apply) = (Some(set.directory), Some(set.apply));
        way.notes = set.notes.into_iter().map(|note| format!("{}: {}", note.place, note.what)).collect();
        way.written = set.tables.into_iter().map(written).filter(|table| table.rows() > 0 || !table.exact).collect();
    }
    way
}

fn written(table: super::detail::TableChangesDetail) -> WrittenTable {
    WrittenTable {
        table: table.table,
        inserted: table.inserted,
        updated: table.updated,
        deleted: table.deleted,
        exact: table.exact,
        beside: table.beside,
        unwritten: table.unwritten,
    }
}

fn reverted(course: &Course) -> Vec<RevertedLine> {
    let restored = course.step("revert").and_then(read::<RevertedDetail>).map(|reverted| reverted.restored).unwrap_or_default();
    restored.into_iter().map(|line| RevertedLine { place: line.place, how: line.how, edited: line.edited }).collect()
}

impl WrittenTable {
    /// Rows that came, changed or went.
    pub(super) fn rows(&self) -> u64 {
        self.inserted.saturating_add(self.updated).saturating_add(self.deleted)
    }
}

impl WayBack {
    /// Rows that came, changed or went, in all tables.
    pub(super) fn rows(&self) -> u64 {
        self.written.iter().map(WrittenTable::rows).fold(0, u64::saturating_add)
    }
}
