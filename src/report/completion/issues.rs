//! What somebody should look at, gathered from all over the report.

use super::facts::{BackupLine, CompletionReport};
use crate::gate::{Severity, State};
use crate::mapping::counted;
use crate::runbook::StepState;
use crate::value::CellCounts;

/// One sentence each.
pub(super) fn of(report: &CompletionReport) -> Vec<String> {
    let mut issues = Vec::new();
    for step in report.courses.iter().flat_map(|course| &course.steps).filter(|step| step.state == StepState::Failed) {
        issues.push(format!("The step {} failed: {}", step.id, step.what));
    }
    of_move(report, &mut issues);
    for line in report.smoke.iter().filter(|line| !line.passed) {
        issues.push(format!("The smoke test {} failed: {}", line.name, line.what));
    }
    if report.smoke.is_empty() {
        issues.push("No smoke test was asked whether the application works.".to_owned());
    }
    for line in &report.latency {
        let errors = line.after.as_ref().filter(|after| after.errors > 0);
        if let Some(after) = errors {
            let fault = after.fault.as_deref().unwrap_or("no right answer");
            issues.push(format!("{} gave {} on PostgreSQL: {fault}", line.name, counted(u64::from(after.errors), "wrong answer")));
        }
    }
    report.backups.iter().for_each(|backup| of_backup(backup, &mut issues));
    for notice in report.notices.iter().filter(|notice| !notice.ok) {
        let why = notice.why.as_deref().unwrap_or("no reason is known");
        issues.push(format!("The notice {} did not reach the channel {}: {why}", notice.notice, notice.channel));
    }
    of_way_back(report, &mut issues);
    issues
}

fn of_move(report: &CompletionReport, issues: &mut Vec<String>) {
    let Some(moved) = report.moved.as_ref().map(|moved| &moved.report) else { return };
    for refused in moved.refused.iter().filter(|refused| refused.waived.is_none()) {
        issues.push(format!("The server refused {}: {}", refused.object, refused.message));
    }
    let quarantined = CellCounts::quarantined_total(&moved.cells);
    if quarantined > 0 {
        let cells = counted(quarantined, "cell");
        issues
            .push(format!("{cells} of SQLite stand in the quarantine (outgrow.quarantine in the target): their columns can't hold them."));
    }
    let open = moved.findings.iter().filter(|finding| finding.state == State::Open && finding.severity == Severity::Note).count();
    if open > 0 {
        let open = counted(u64::try_from(open).unwrap_or(u64::MAX), "finding");
        issues.push(format!("{open} worth knowing; nothing needs to be done about them, and they are listed below."));
    }
}

fn of_backup(backup: &BackupLine, issues: &mut Vec<String>) {
    match backup.test.as_deref() {
        Some("match") => {}
        Some(verdict) => issues.push(format!("Restoring {} was tried, and is {verdict}.", backup.file)),
        None => issues.push(format!("It was not tried whether {} can be restored.", backup.file)),
    }
    match (&backup.second, backup.second_copied) {
        (Some(second), Some(false)) => {
            let why = backup.second_why_not.as_deref().unwrap_or("no reason is known");
            issues.push(format!("{} is not copied to {second}: {why}", backup.file));
        }
        (None, _) => issues.push(format!("{} is in one place only: the policy names no second one.", backup.file)),
        (Some(_), _) => {}
    }
}

fn of_way_back(report: &CompletionReport, issues: &mut Vec<String>) {
    let Some(back) = &report.way_back else { return };
    let rows = back.rows();
    if rows > 0 {
        let place = back.directory.as_deref().unwrap_or("the work directory");
        issues.push(format!("{} written to PostgreSQL since the cutover: not in SQLite, but exported to {place}", counted(rows, "row")));
    }
    if back.exported == Some(false) {
        issues.push(
            "What was written to PostgreSQL since the cutover could not be exported: it is there still, and not in SQLite.".to_owned(),
        );
    }
    for table in back.written.iter().filter(|table| table.unwritten > 0) {
        let rows = counted(table.unwritten, "row");
        issues.push(format!("For {rows} of {} no statement could be written; they stand in a file beside.", table.table));
    }
    issues.extend(back.notes.iter().cloned());
    for line in &back.reverted {
        if let Some(edited) = &line.edited {
            issues.push(format!("{} was edited since the cutover; as it was edited, it is kept as {edited}", line.place));
        }
    }
}
