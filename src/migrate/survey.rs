//! What only reads the source: the snapshot, the catalog, the profile.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::account::phase;
use super::observer::{Event, Observer};
use crate::budget::Budget;
use crate::catalog::SourceCatalog;
use crate::error::{Error, ErrorKind, Result};
use crate::inspect::{self, InspectProgress};
use crate::mapping::counted;
use crate::plan::{self, Policy};
use crate::report::PhaseReport;
use crate::sqlite::SourceReader;
use crate::value::SourceProfile;

/// What was found in the source.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The file as named.
    pub source: PathBuf,
    /// The consistent copy that everything after is made from.
    pub snapshot: PathBuf,
    /// How the file was opened.
    pub access: String,
    /// What it contains.
    pub catalog: SourceCatalog,
    /// What its cells are.
    pub profile: SourceProfile,
    /// How long it took.
    pub phases: Vec<PhaseReport>,
}

/// What is known of a source once its snapshot is taken.
#[derive(Debug, Clone)]
pub struct SnapshotFacts {
    /// How the file was opened.
    pub access: String,
    /// What it contains, and facts about the file, which the snapshot does not share.
    pub catalog: SourceCatalog,
}

/// Takes a consistent copy of the source, committed frames of its `-wal` included.
pub fn take_snapshot(source: &Path, snapshot: &Path, observer: &dyn Observer) -> Result<SnapshotFacts> {
    observer.event(Event::Begins("snapshot"));
    let reader = SourceReader::open(source)?;
    let access = reader.access().to_string();
    reader.snapshot(snapshot, &mut |progress| {
        let (done, of) = (progress.bytes, progress.total_bytes);
        observer.event(Event::Advanced { done, of, unit: "bytes", work: Some((done, of)), at: "snapshot" });
    })?;
    let catalog = reader.catalog()?;
    reader.finish()?;
    Ok(SnapshotFacts { access, catalog })
}

/// Takes a snapshot of the source into `snapshot` (unless it is there already) and inspects that.
///
/// As many readers share the inspection as the budget has jobs.
pub fn survey(source: &Path, snapshot: &Path, policy: &Policy, budget: Budget, observer: &dyn Observer) -> Result<Survey> {
    let mut phases = Vec::new();
    let mut access = "snapshot of an earlier run".to_owned();
    let mut file = None;
    if !snapshot.exists() {
        let began = Instant::now();
        let facts = take_snapshot(source, snapshot, observer)?;
        access = facts.access;
        let took = phase("snapshot", size(facts.catalog.file.bytes), "consistent copy", began, true);
        observer.event(Event::Ended(&took));
        phases.push(took);
        file = Some(facts.catalog.file);
    }
    observer.event(Event::Begins("inspect"));
    let began = Instant::now();
    let reader = SourceReader::open(snapshot)?;
    let mut catalog = reader.catalog()?;
    // The snapshot is in no journal mode of its own: what is reported is the source's.
    catalog.file = file.unwrap_or(catalog.file);
    let (catalog, profile) = inspected(&reader, &catalog, policy, budget, &mut |progress| tell(observer, &progress))?;
    reader.finish()?;
    let cells = profile.tables.values().map(|table| table.cells).sum();
    let tables = u64::try_from(catalog.tables.len()).unwrap_or(u64::MAX);
    let took = phase("inspect", counted(cells, "cell"), counted(tables, "table"), began, true);
    observer.event(Event::Ended(&took));
    phases.push(took);
    Ok(Survey { source: source.to_owned(), snapshot: snapshot.to_owned(), access, catalog, profile, phases })
}

/// Inspects the part of a source that the policy lets be moved; gives that part, and what its cells are.
///
/// More than one job only of a snapshot, to which nobody writes.
pub fn inspected(
    reader: &SourceReader,
    catalog: &SourceCatalog,
    policy: &Policy,
    budget: Budget,
    progress: &mut dyn FnMut(InspectProgress<'_>),
) -> Result<(SourceCatalog, SourceProfile)> {
    let mut selected = policy.select(catalog)?;
    selected.framework = inspect::applied_to_source(reader, catalog)?;
    for table in &selected.tables {
        if let Some(why) = table.rows.as_ref().and_then(|rows| reader.misunderstood(&table.name, rows)) {
            let detail = format!("SQLite does not understand the condition for the rows of {}: {why}", table.name);
            return Err(Error::new(ErrorKind::Policy, "follow the policy", detail)
                .hint("write it as behind WHERE, with the table's columns by their bare names"));
        }
    }
    let mut profile = inspect::profile(reader, &selected, budget, progress)?;
    let linked = plan::linked_tables(policy, &selected, &profile);
    inspect::orphan_fates(reader, &linked, &mut profile)?;
    for sequence in &policy.sequences {
        let counted = sequence.counter.as_ref().map(|counter| {
            let table = catalog.table(&counter.table).map_or(counter.table.as_str(), |table| table.name.as_str());
            inspect::counters(reader, table, counter.name.as_deref(), &counter.next)
        });
        profile.counters.push(counted.transpose()?.unwrap_or_default());
    }
    for keys in plan::reference_keys(policy, &selected) {
        let of = keys.and_then(|keys| selected.table(&keys.table).map(|table| (table, keys)));
        let found = of.map(|(table, keys)| inspect::rows_with_keys(reader, table, &keys.columns, &keys.texts));
        profile.references.push(found.transpose()?.unwrap_or_default());
    }
    let trials = plan::trials(policy, &selected, &profile)?;
    profile.tried = inspect::try_conversions(reader, &selected, &trials)?;
    Ok((selected, profile))
}

/// Tells how far the inspection is.
pub fn tell(observer: &dyn Observer, progress: &InspectProgress<'_>) {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    match progress {
        InspectProgress::Table { name, number, of } => {
            observer.event(Event::Advanced { done: count(*number), of: count(*of), unit: "tables", work: None, at: name });
        }
        InspectProgress::Integrity
        | InspectProgress::Rows { .. }
        | InspectProgress::Checks { .. }
        | InspectProgress::ForeignKeys { .. } => {}
    }
}

/// `702 MB`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}
