//! `outgrow inspect`.

use serde::Serialize;

use super::args::SourceArgs;
use super::progress::Progress;
use super::screen::Screen;
use super::settings::Settings;
use super::text::{bytes, clean, counted, keys, shorten};
use crate::budget::Budget;
use crate::catalog::{JournalMode, SourceCatalog};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::mapping::{Facts, Intent, choose};
use crate::migrate::{Survey, survey};
use crate::plan::Policy;
use crate::value::{RowKey, SourceProfile, TextRules, Zone};

/// What `inspect --json` prints.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Inspection<'a> {
    source: String,
    access: String,
    framework: Option<&'a str>,
    catalog: &'a SourceCatalog,
    profile: &'a SourceProfile,
}

pub(super) fn run(args: &SourceArgs, settings: &Settings, screen: &Screen) -> Result<Outcome> {
    let progress = Progress::new(settings, screen);
    let directory = tempfile::Builder::new()
        .prefix("outgrow-snapshot-")
        .tempdir()
        .map_err(|error| Error::new(ErrorKind::WorkDirectory, "make a directory for the snapshot", error.to_string()).because(error))?;
    // A snapshot is inspected, so that no lock is held on the file for as long as that takes.
    let Survey { catalog, profile, access, .. } = survey(
        settings.source(&args.source)?,
        &directory.path().join("snapshot.sqlite"),
        &Policy::default(),
        Budget::default(),
        &progress,
    )?;
    let framework = crate::preset::recognise(&catalog).map(|preset| preset.name);
    if screen.is_json() {
        let source = args.source.display().to_string();
        screen.document(&Inspection { source, access, framework, catalog: &catalog, profile: &profile })?;
    } else {
        head(args, &access, framework, &catalog, &profile, screen);
        tables(&catalog, &profile, screen)?;
        problems(&profile, screen);
    }
    Ok(Outcome::Done)
}

fn head(args: &SourceArgs, access: &str, framework: Option<&str>, catalog: &SourceCatalog, profile: &SourceProfile, screen: &Screen) {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let journal = match catalog.file.journal_mode {
        JournalMode::Wal => "WAL",
        JournalMode::Rollback => "rollback journal",
    };
    let rows = profile.tables.values().map(|table| table.rows).sum();
    let mut parts = vec![
        shorten(&args.source.display().to_string(), 60),
        bytes(catalog.file.bytes),
        counted(number(catalog.tables.len()), "table"),
        counted(rows, "row"),
        format!("SQLite {journal}"),
    ];
    parts.extend(framework.map(|name| format!("looks like {name}")));
    screen.line(parts.join(" · "));
    screen.line(format!(
        "{} · {} · {} · {access}",
        counted(number(catalog.views.len()), "view"),
        counted(number(catalog.triggers.len()), "trigger"),
        counted(number(catalog.virtual_tables.len()), "virtual table"),
    ));
}

fn tables(catalog: &SourceCatalog, profile: &SourceProfile, screen: &Screen) -> Result<()> {
    for table in &catalog.tables {
        let Some(cells) = profile.tables.get(&table.name) else { continue };
        screen.line(format!("\n{}  {}", shorten(&table.name, 60), counted(cells.rows, "row")));
        for column in &table.columns {
            let Some(profile) = cells.columns.get(&column.name) else { continue };
            let intent = Intent::of_declared(&column.declared);
            let facts = Facts {
                column,
                intent,
                profile,
                text_rules: TextRules::default(),
                keyed: false,
                numeric_infinity: true,
                zone: Zone::UTC,
                unit: None,
            };
            let (rule, proposal) = choose(&facts)?;
            let nulls = if profile.nulls > 0 { format!(", {}", counted(profile.nulls, "NULL")) } else { String::new() };
            let declared = if column.declared.is_empty() { "—" } else { &column.declared };
            screen.line(format!(
                "  {:<28} {:<18} {}{nulls}  [{}]",
                shorten(&column.name, 28),
                shorten(declared, 18),
                clean(&proposal.because),
                rule.id
            ));
            for example in &proposal.counter_examples {
                let rows: Vec<String> = example.evidence.samples.iter().map(RowKey::to_string).collect();
                screen.line(format!("  {:<28} {:<18} ! {} {}", "", "", clean(&example.what), keys(&rows, example.evidence.count)));
            }
        }
    }
    Ok(())
}

fn problems(profile: &SourceProfile, screen: &Screen) {
    for problem in &profile.integrity {
        screen.line(format!("\nintegrity: {}", shorten(problem, 160)));
    }
    for orphans in &profile.orphans {
        let rows: Vec<String> = orphans.rows.samples.iter().map(RowKey::to_string).collect();
        let place = format!("{}.{} → {}", orphans.table, orphans.columns.join("+"), orphans.parent);
        screen.line(format!(
            "\norphans: {}  {} {}",
            shorten(&place, 80),
            counted(orphans.rows.count, "row"),
            keys(&rows, orphans.rows.count)
        ));
    }
}
