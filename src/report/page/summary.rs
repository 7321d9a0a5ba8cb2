//! What the page says in one sentence, what stands in the way, and whether the books add up.

use minijinja::context;
use minijinja::value::Value;

use super::harmless;
use crate::gate::{Finding, Severity, State};
use crate::mapping::counted;
use crate::report::MoveReport;
use crate::report::judgement::{Judgement, Tone, judge};
use crate::value::CellCounts;
use crate::verify::{Difference, Verdict};

/// The verdict: its tone (for the colour), a word and a sentence.
pub(in crate::report) fn verdict(report: &MoveReport) -> Value {
    let Judgement { tone, word, sentence } = judge(report);
    let tone = match tone {
        Tone::Good => "good",
        Tone::Open => "open",
        Tone::Bad => "bad",
    };
    context! { tone, word, sentence }
}

/// What stands in the way, each with the place on the page that says more.
pub(in crate::report) fn obstacles(report: &MoveReport) -> Vec<Value> {
    let of = |wanted: Group| count(report.findings.iter().filter(|finding| Group::of(finding) == wanted).count());
    let differences = report.verification.as_ref().map_or(0, crate::verify::VerifyReport::differences);
    let surprises = report.probes.as_ref().map_or(0, |probes| count(probes.surprises.len()));
    let failed = report.tests.as_ref().is_some_and(|tests| tests.exit_code != Some(0));
    let unbalanced = report.verification.is_some() && imbalance(report).is_some();
    let inconclusive = report.verification.as_ref().is_some_and(|verification| verification.verdict == Verdict::Inconclusive);
    let list = [
        ("in-the-way", of(Group::InTheWay) > 0, counted(of(Group::InTheWay), "finding") + " in the way"),
        ("to-decide", of(Group::ToDecide) > 0, counted(of(Group::ToDecide), "finding") + " to decide"),
        ("books", unbalanced, "books that don't add up".to_owned()),
        ("verification", differences > 0, counted(differences, "difference")),
        ("verification", inconclusive, "an inconclusive comparison".to_owned()),
        ("refused", report.open_refusals() > 0, counted(report.open_refusals(), "object") + " refused by the server"),
        ("probes", surprises > 0, counted(surprises, "surprise") + " in behaviour"),
        ("tests", failed, "failed tests of the application".to_owned()),
    ];
    list.into_iter().filter(|(_, is, _)| *is).map(|(place, _, text)| context! { place, text }).collect()
}

/// The groups in which findings are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    InTheWay,
    ToDecide,
    Waived,
    WorthKnowing,
}

impl Group {
    const ALL: [Self; 4] = [Self::InTheWay, Self::ToDecide, Self::Waived, Self::WorthKnowing];

    fn of(finding: &Finding) -> Self {
        match (finding.severity, &finding.state) {
            (Severity::Stop, _) => Self::InTheWay,
            (Severity::Note, _) => Self::WorthKnowing,
            (Severity::Decide, State::Open) => Self::ToDecide,
            (Severity::Decide, State::Waived { .. }) => Self::Waived,
        }
    }

    const fn title(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::InTheWay => ("in-the-way", "In the way", "The move can't begin while these stand."),
            Self::ToDecide => ("to-decide", "To decide before the move", "Each needs a rule of the policy, or a waiver with a reason."),
            Self::Waived => ("waived", "Waived", "Somebody answers for these."),
            Self::WorthKnowing => ("worth-knowing", "Worth knowing", "Nothing needs to be done."),
        }
    }
}

/// The findings by group; groups without any are left out.
pub(in crate::report) fn groups(report: &MoveReport) -> serde_json::Result<Vec<Value>> {
    let mut groups = Vec::new();
    for group in Group::ALL {
        let mut findings = Vec::new();
        for finding in report.findings.iter().filter(|finding| Group::of(finding) == group) {
            let waiver = match &finding.state {
                State::Open => Value::from(()),
                State::Waived { reason, by } => context! { reason => harmless::text(reason), by => harmless::line(by) },
            };
            findings.push(context! { finding => harmless::value(&serde_json::to_value(finding)?), waiver });
        }
        let (id, title, means) = group.title();
        if !findings.is_empty() {
            groups.push(context! { id, title, means, findings });
        }
    }
    Ok(groups)
}

/// The books of promise 1: what the load and the comparison counted, and whether that is what the source has.
pub(in crate::report) fn books(report: &MoveReport) -> Value {
    let compared = report.verification.as_ref().map(crate::verify::VerifyReport::cells);
    let line = |name: &str, of: &dyn Fn(&CellCounts) -> u64| {
        context! { name => harmless::line(name), loaded => of(&report.cells), compared => compared.as_ref().map(of) }
    };
    let lines = |of: &dyn Fn(&CellCounts) -> &std::collections::BTreeMap<String, u64>| -> Vec<Value> {
        let mut ids: Vec<&String> = of(&report.cells).keys().collect();
        ids.extend(compared.iter().flat_map(|cells| of(cells).keys()));
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().map(|id| line(id, &|cells| of(cells).get(id).copied().unwrap_or_default())).collect()
    };
    context! {
        exact => line("exact", &|cells| cells.exact),
        normalised => lines(&|cells| &cells.normalised),
        quarantined => lines(&|cells| &cells.quarantined),
        total => line("total", &CellCounts::total),
        source => report.source.cells,
        imbalance => imbalance(report),
        unaccounted => if imbalance(report).is_some() { 0 } else { compared.as_ref().map_or(0, |cells| report.source.cells.abs_diff(cells.total())) },
    }
}

/// What doesn't add up, in a sentence.
fn imbalance(report: &MoveReport) -> Option<String> {
    let loaded = report.cells.total();
    if loaded != report.source.cells {
        let (more, less) = (loaded.max(report.source.cells), loaded.min(report.source.cells));
        return Some(format!(
            "The source has {}, the load accounts for {}: {} apart.",
            counted(report.source.cells, "cell"),
            counted(loaded, "cell"),
            counted(more - less, "cell"),
        ));
    }
    // Where the sides differ, the comparison says so itself.
    let compared = report.verification.as_ref().filter(|verification| verification.verdict == Verdict::Match)?.cells();
    (compared != report.cells).then(|| "The load and the comparison count the cells differently.".to_owned())
}

/// What differs, table by table, as `-` and `+` lines.
pub(in crate::report) fn differences(report: &MoveReport) -> Vec<Value> {
    let Some(verification) = &report.verification else { return Vec::new() };
    let unequal = verification.tables.iter().filter(|(_, table)| table.verdict != Verdict::Match);
    unequal
        .map(|(name, table)| {
            let lines: Vec<Value> = table.shown.iter().flat_map(lines).collect();
            let hidden = table.differences.saturating_sub(count(table.shown.len()));
            let reason = table.reason.as_deref().map(harmless::text);
            context! { table => harmless::line(name), reason, differences => table.differences, lines, hidden }
        })
        .collect()
}

/// The lines of a difference, each with its side. A line break in a name must not make a line of its own.
fn lines(difference: &Difference) -> Vec<Value> {
    let tame = Difference { column: difference.column.as_deref().map(harmless::line), ..difference.clone() };
    let side = |line: &str| if line.starts_with('-') { "source" } else { "target" };
    tame.to_string().lines().map(|line| context! { side => side(line), text => harmless::line(line) }).collect()
}

fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}
