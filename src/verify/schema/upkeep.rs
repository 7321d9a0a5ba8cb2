//! What keeps a schema going: room in the sequences, next values that are free, statistics, the framework's migrations.

use std::path::Path;

use super::super::report::CheckResult;
use super::super::sequences;
use super::report::{AuditBooks, AuditKind, Standing};
use crate::catalog::quoted;
use crate::error::{ErrorKind, Result};
use crate::plan::Plan;
use crate::postgres::{Session, applied_migrations, failed};
use crate::preset::{Level, PRESETS};
use crate::sqlite::SourceReader;

/// From how many percent used a sequence is warned of.
const NEARLY_USED_UP: f64 = 75.0;

/// A sequence ends where its column's type does, if that is earlier.
const SEQUENCES: &str = "\
    select c.relname::text, s.seqincrement, s.seqmin, least(s.seqmax, min(case a.atttypid when 'int2'::regtype then 32767 \
    when 'int4'::regtype then 2147483647 else s.seqmax end)) \
    from pg_catalog.pg_sequence s join pg_catalog.pg_class c on c.oid = s.seqrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
    left join pg_catalog.pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass \
    and d.refobjsubid > 0 and d.deptype in ('a', 'i') \
    left join pg_catalog.pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid \
    where n.nspname = $1 and not s.seqcycle group by c.relname, s.seqincrement, s.seqmin, s.seqmax order by c.relname collate \"C\"";

/// Before version 14 a table that was never analysed and one that was empty then are told apart by the date alone.
const STATISTICS: &str = "\
    select c.relname::text, case when current_setting('server_version_num')::int >= 140000 then c.reltuples >= 0 else c.reltuples > 0 end \
    or pg_stat_get_last_analyze_time(c.oid) is not null or pg_stat_get_last_autoanalyze_time(c.oid) is not null \
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind in ('r', 'p')";

/// Warns of every sequence that is nearly used up.
pub(super) async fn headroom(session: &Session, plan: &Plan, books: &mut AuditBooks) -> Result<()> {
    let doing = "look how much of the sequences is used";
    for row in session.client().query(SEQUENCES, &[&plan.schema]).await.map_err(|error| failed(doing, error))? {
        let fields = || -> Result<(String, i64, i64, i64), tokio_postgres::Error> {
            Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?))
        };
        let (name, increment, least, greatest) = fields().map_err(|error| failed(doing, error))?;
        let (from, to) = if increment > 0 { (least, greatest) } else { (greatest, least) };
        let sql = format!(
            "select ((abs(last_value::numeric - $1::bigint) + is_called::int) * 100 / (abs($2::bigint::numeric - $1::bigint) + 1))::float8 from {}.{}",
            quoted(&plan.schema),
            quoted(&name)
        );
        let used: f64 = match session.client().query_one(&sql, &[&from, &to]).await.and_then(|row| row.try_get(0)) {
            Ok(used) => used,
            Err(error) => {
                let error = failed(doing, error);
                if ![ErrorKind::TargetRefused, ErrorKind::TargetRights].contains(&error.kind()) {
                    return Err(error);
                }
                books.say(
                    AuditKind::Sequence,
                    &name,
                    Standing::Warning,
                    None,
                    Some(&format!("how much is used can't be told: {}", error.detail())),
                );
                continue;
            }
        };
        if used > NEARLY_USED_UP {
            let found = format!("{used:.1} % used: give the column and the sequence a larger type before inserts fail");
            books.say(AuditKind::Sequence, &name, Standing::Warning, None, Some(&found));
        }
    }
    Ok(())
}

/// Looks whether the next value of every column that numbers its rows is free.
pub(super) async fn next_values(session: &Session, plan: &Plan, books: &mut AuditBooks) -> Result<()> {
    let CheckResult { looked_at, problems, .. } = (sequences::CHECK.run)(session, plan).await?;
    let mut bad = std::collections::BTreeMap::<&str, Vec<&str>>::new();
    for problem in &problems {
        let (name, why) = problem.split_once(": ").unwrap_or((problem, ""));
        bad.entry(name).or_default().push(why);
    }
    books.fits(AuditKind::NextValue, looked_at.saturating_sub(u64::try_from(bad.len()).unwrap_or(u64::MAX)));
    for (name, why) in bad {
        books.differs(AuditKind::NextValue, name, Standing::Changed, Some("above every value that was given"), Some(&why.join("; ")));
    }
    Ok(())
}

/// Looks whether every table that the plan analyses has statistics.
pub(super) async fn statistics(session: &Session, plan: &Plan, books: &mut AuditBooks) -> Result<()> {
    let doing = "look for the statistics of the tables";
    let rows = session.client().query(STATISTICS, &[&plan.schema]).await.map_err(|error| failed(doing, error))?;
    let fields = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    let known: std::collections::BTreeMap<String, bool> =
        rows.iter().map(fields).collect::<Result<_, tokio_postgres::Error>>().map_err(|error| failed(doing, error))?;
    for table in &plan.tables {
        let is_analysed = plan.steps.iter().any(|step| step.id == format!("analyze:{}", table.source));
        // A table that is gone is told as such.
        let Some(known) = known.get(&table.target).filter(|_| is_analysed) else { continue };
        let found = if *known { "analysed" } else { "never analysed: run ANALYZE, or queries are planned by guess" };
        books.compare(AuditKind::Statistics, &table.target, "analysed", Some(found));
    }
    Ok(())
}

/// Compares the migrations that both sides have behind them, for every framework that keeps a ledger in the source.
pub(super) async fn migrations(session: &Session, plan: &Plan, source: &Path, books: &mut AuditBooks) -> Result<()> {
    for preset in PRESETS {
        let Some(ledger) = &preset.ledger else { continue };
        let applied = tokio::task::block_in_place(|| {
            let reader = SourceReader::open(source)?;
            let catalog = reader.catalog()?;
            let there = catalog.table(ledger.table).is_some_and(|table| ledger.columns().all(|column| table.column(column).is_some()));
            let applied = if there { reader.applied_migrations(ledger)? } else { None };
            reader.finish()?;
            Ok::<_, crate::error::Error>(applied)
        })?;
        let Some(applied) = applied else { continue };
        let Some(there) = applied_migrations(session, &plan.schema, ledger).await? else {
            // Where the table is not moved, the framework has its own way to make it.
            books.say(AuditKind::Migrations, preset.id, Standing::Note, None, Some("the target has no table of applied migrations"));
            continue;
        };
        let found = match Level::of(&applied, &there) {
            Level::InStep => {
                books.fits(AuditKind::Migrations, 1);
                continue;
            }
            Level::SourceAhead(names) => format!("the source alone has {}", names.join(", ")),
            Level::TargetAhead(names) => format!("the target alone has {}", names.join(", ")),
            Level::Diverged { source_only, target_only } => {
                format!("the source alone has {}; the target alone has {}", source_only.join(", "), target_only.join(", "))
            }
        };
        books.differs(AuditKind::Migrations, preset.id, Standing::Changed, Some("the same migrations on both sides"), Some(&found));
    }
    Ok(())
}
