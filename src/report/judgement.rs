//! What a move comes to, in one word and one sentence: the same on the screen and on the page.

use serde::{Deserialize, Serialize};

use super::MoveReport;
use crate::error::Outcome;
use crate::mapping::counted;
use crate::verify::Verdict;

/// How good it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Nothing is left to do.
    Good,
    /// Somebody has something to do or to decide.
    Open,
    /// Don't go on.
    Bad,
}

/// What a move comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// How good it is.
    pub tone: Tone,
    /// In a word.
    pub word: &'static str,
    /// In a sentence.
    pub sentence: String,
}

/// Judges a move. What is no cell of a table, and so in no class, is named.
pub fn judge(report: &MoveReport) -> Judgement {
    let mut judgement = judge_cells(report);
    let virtual_tables = report.findings.iter().filter(|finding| finding.id == "virtual-table").count();
    if judgement.tone != Tone::Bad && virtual_tables > 0 {
        let tables = counted(u64::try_from(virtual_tables).unwrap_or(u64::MAX), "virtual table");
        judgement.sentence.push_str(&format!(" What {tables} may hold of its own is not copied."));
    }
    let left_out = report.findings.iter().filter(|finding| finding.id == "left-out").count();
    if judgement.tone != Tone::Bad && left_out > 0 {
        let things = counted(u64::try_from(left_out).unwrap_or(u64::MAX), "thing");
        judgement.sentence.push_str(&format!(" Left out by the policy: {things} (left-out)."));
    }
    judgement
}

fn judge_cells(report: &MoveReport) -> Judgement {
    let says = |tone: Tone, word: &'static str, sentence: &str| Judgement { tone, word, sentence: sentence.to_owned() };
    let rehearsed = report.verb == "rehearse";
    let loaded = report.verification.is_some();
    if loaded && report.cells.total() != report.source.cells {
        return says(Tone::Bad, "Books don't add up", "Some cells are not accounted for. Don't switch to the target.");
    }
    match report.outcome {
        Outcome::Done if rehearsed => {
            says(Tone::Good, "Ready", "Everything comes across, every cell is accounted for, and nothing is left to decide.")
        }
        Outcome::Done => says(Tone::Good, "Moved", "Every cell of the source is accounted for in the target."),
        Outcome::Blocked if !loaded && rehearsed => says(Tone::Bad, "Not rehearsed", "Something stands in the way, so nothing was loaded."),
        Outcome::Blocked if !loaded => says(Tone::Bad, "Not moved", "Something has to be decided first. Nothing was changed."),
        Outcome::Blocked if rehearsed => {
            says(Tone::Open, "To decide", "Every cell is accounted for; some things are to be decided before the move.")
        }
        Outcome::Blocked if report.migrations.as_ref().is_some_and(|migrations| migrations.failed.is_some()) => {
            says(Tone::Open, "Incomplete", "The rows are moved and equal, but a migration failed.")
        }
        Outcome::Blocked => {
            let refused = counted(report.open_refusals(), "object");
            says(Tone::Open, "Incomplete", &format!("The rows are moved and equal, but the server refused {refused}."))
        }
        Outcome::Inconclusive if report.source_moved_on => says(
            Tone::Bad,
            "Out of date",
            "The rows of the snapshot are moved and equal, but the source has been written to since. Don't switch to the target: stop \
             the application, and move once more into an empty database.",
        ),
        Outcome::Inconclusive => says(Tone::Bad, "Inconclusive", "Not everything could be compared. Don't switch to the target."),
        Outcome::Mismatch if !compared_equal(report) => says(Tone::Bad, "Mismatch", "The two sides differ. Don't switch to the target."),
        Outcome::Mismatch if report.probes.as_ref().is_some_and(|probes| !probes.surprises.is_empty()) => {
            says(Tone::Bad, "Behaves differently", "Every cell is accounted for, but the two sides don't behave alike.")
        }
        Outcome::Mismatch => says(Tone::Bad, "Tests failed", "Every cell is accounted for, but the application's own tests failed."),
    }
}

fn compared_equal(report: &MoveReport) -> bool {
    report.verification.as_ref().is_some_and(|verification| verification.verdict == Verdict::Match)
}
