//! A backup of the target: what `pg_dump` writes, and beside it what the server counts and digests in the same snapshot.
//!
//! The application goes on meanwhile. The password reaches `pg_dump` through its environment alone.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Instant;

use jiff::Timestamp;
use tokio::task::block_in_place;
use tokio_postgres::IsolationLevel;

use super::content::Content;
use super::manifest::{MANIFEST_FORMAT, Manifest, RestoreTest};
use super::name::Side;
use super::place::{Place, Unfinished, unwritable};
use super::report::BackupReport;
use super::run::{Backups, Published};
use super::stream::{self, Digested};
use super::trial::{Finding, noted};
use crate::error::{Error, ErrorKind, Result, failpoint};
use crate::plan::Compression;
use crate::postgres::{Archiver, ConnectionSettings, Disposable, DisposableOptions, RestoreManner, Session, failed};
use crate::verify::Verdict;

/// Says what is being done.
pub type Say<'a> = &'a (dyn Fn(&str) + Sync);

/// What is known of the server.
struct Server {
    major: u32,
    version: String,
    bytes: u64,
}

/// Makes a backup of a PostgreSQL database. `programs` says where `pg_dump` may be, and where a disposable server for the test.
pub async fn target(backups: &Backups, target: &ConnectionSettings, programs: &DisposableOptions, say: Say<'_>) -> Result<BackupReport> {
    let began = Instant::now();
    let mut session = Session::connect(target).await?;
    let server = asked(&session).await?;
    let archiver = block_in_place(|| Archiver::find(programs, server.major))?;
    let place = Place::make(&backups.directory)?;
    let cleared = place.clear()?;
    let unfinished = Unfinished(&place);

    let at = Timestamp::now();
    let name = place.free_name(target.database(), Side::Target, backups.compression, at);
    say(&format!("dumping {} with pg_dump {}, and digesting it", target.describe(), archiver.version()));
    let (file, content) = dumped(&mut session, target, &archiver, &place, name.as_str(), backups.compression).await?;
    let manifest = Manifest {
        format: MANIFEST_FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        name,
        side: Side::Target,
        of: target.describe(),
        taken_at: at,
        seconds: began.elapsed().as_secs_f64(),
        by: format!("pg_dump {}, of PostgreSQL {}", archiver.version(), server.version),
        server_major: Some(server.major),
        program_major: Some(archiver.major()),
        compression: backups.compression,
        bytes: file.bytes,
        sha256: file.sha256,
        content_bytes: server.bytes,
        content: content.digest()?,
        schema: Some(content.schema()?),
        journal_mode: None,
        tables: content.tables,
        objects: content.objects,
        other_disk: None,
        second: None,
        test: None,
    };
    block_in_place(|| place.publish(&manifest))?;
    drop(unfinished);
    let mut published = Published { backups, place, manifest, began, cleared, remarks: Vec::new() };
    published.remarks.extend(left_databases(&session).await);
    let doubled = block_in_place(|| published.double());
    let test = if backups.test {
        say("restoring it into a scratch database, to see whether it can be");
        Some(tested(&doubled.published, target, &archiver, programs, server.major).await)
    } else {
        None
    };
    block_in_place(|| doubled.end(test))
}

async fn asked(session: &Session) -> Result<Server> {
    let sql = "select current_setting('server_version_num')::int / 10000, current_setting('server_version'), pg_database_size(current_database())";
    let row = session.client().query_one(sql, &[]).await;
    let fields = row.and_then(|row| Ok((row.try_get::<_, i32>(0)?, row.try_get::<_, String>(1)?, row.try_get::<_, i64>(2)?)));
    let (major, version, bytes) = fields.map_err(|error| failed("ask for the server's version", error))?;
    let version = version.split_whitespace().next().unwrap_or_default().to_owned();
    Ok(Server { major: u32::try_from(major).unwrap_or_default(), version, bytes: u64::try_from(bytes).unwrap_or_default() })
}

/// Dumps and digests the database in one snapshot, at the same time.
async fn dumped(
    session: &mut Session,
    target: &ConnectionSettings,
    archiver: &Archiver,
    place: &Place,
    name: &str,
    compression: Compression,
) -> Result<(Digested, Content)> {
    let doing = "hold a snapshot of the database";
    let partial = place.partial(name, "");
    let failed_to_write = |error: std::io::Error| unwritable(place.path(), &error);
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial).map_err(failed_to_write)?;
    let transaction =
        session.client_mut().build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start().await;
    let transaction = transaction.map_err(|error| failed(doing, error))?;
    let snapshot = transaction.query_one("select pg_catalog.pg_export_snapshot()", &[]).await;
    let snapshot: String = snapshot.and_then(|row| row.try_get(0)).map_err(|error| failed(doing, error))?;
    let handle = file.try_clone().map_err(failed_to_write)?;
    let dump = archiver.dump(target, &snapshot, compression != Compression::None, handle);
    let (dump, content) = tokio::join!(dump, Content::read(&transaction));
    dump?;
    let content = content?;
    transaction.rollback().await.map_err(|error| failed(doing, error))?;
    let digested = block_in_place(|| file.sync_all().and_then(|()| stream::digest(&partial))).map_err(failed_to_write)?;
    failpoint::pass("backup.dumped")?;
    Ok((digested, content))
}

/// Scratch databases of runs that were killed: they hold the user's data, and nobody but a person can say that they may go.
async fn left_databases(session: &Session) -> Option<String> {
    let sql = "select string_agg(quote_ident(datname), ', ' order by datname) from pg_catalog.pg_database where datname like 'outgrow\\_restore\\_%'";
    let row = session.client().query_one(sql, &[]).await.ok()?;
    let names: String = row.try_get::<_, Option<String>>(0).ok()??;
    Some(format!("scratch databases of restore tests that run now or were killed are on the server: {names}; DROP DATABASE removes one"))
}

/// Restores the dump beside the database or, where that may not be, on a disposable server, and compares.
async fn tested(
    published: &Published<'_>,
    target: &ConnectionSettings,
    archiver: &Archiver,
    programs: &DisposableOptions,
    major: u32,
) -> RestoreTest {
    let began = Instant::now();
    let manifest = &published.manifest;
    let (scratch, on) = match Disposable::like(target).await {
        Ok(scratch) => (Ok(scratch), "a scratch database on the same server".to_owned()),
        Err(refusal) => {
            let private = DisposableOptions { target: None, fetch: false, ..programs.clone() };
            let server = Disposable::start(&private, &mut |_| {}).await;
            let described = server.as_ref().map(Disposable::describe).unwrap_or_default();
            (server.map_err(|error| format!("{refusal}; {error}")), described)
        }
    };
    let scratch = match scratch {
        Ok(scratch) => scratch,
        Err(why) => return noted(began, (Verdict::Inconclusive, format!("there is no place to restore it to: {why}"))),
    };
    let file = published.place.file(manifest.name.as_str());
    let (mut verdict, found) = restored(&scratch, &file, manifest, archiver, major).await;
    let mut detail = format!("restored into {on}: {found}");
    if let Err(error) = scratch.stop().await {
        verdict = verdict.max(Verdict::Inconclusive);
        detail = format!("{detail} (and the scratch database could not be removed: {error})");
    }
    noted(began, (verdict, detail))
}

async fn restored(scratch: &Disposable, file: &std::path::Path, manifest: &Manifest, archiver: &Archiver, major: u32) -> Finding {
    match restored_and_compared(scratch, file, manifest, archiver, major).await {
        Ok(finding) => finding,
        Err(error) => (Verdict::Inconclusive, error.to_string()),
    }
}

async fn restored_and_compared(
    scratch: &Disposable,
    file: &std::path::Path,
    manifest: &Manifest,
    archiver: &Archiver,
    major: u32,
) -> Result<Finding> {
    let mut session = Session::connect(scratch.settings()).await?;
    let server = asked(&session).await?;
    if server.major < major {
        let detail = format!("PostgreSQL {} can't take what PostgreSQL {major} wrote", server.version);
        return Err(Error::new(ErrorKind::TargetUnfit, "test the backup", detail));
    }
    archiver.restore(file, scratch.settings(), RestoreManner::Trial).await?;
    compared(&mut session, manifest, false).await
}

/// Compares a restored database with the manifest.
pub(super) async fn compared(session: &mut Session, manifest: &Manifest, may_hold_more: bool) -> Result<Finding> {
    let doing = "compare what was restored";
    // Another version writes some objects otherwise.
    let same_words = Some(asked(session).await?.major) == manifest.server_major;
    let transaction =
        session.client_mut().build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start().await;
    let transaction = transaction.map_err(|error| failed(doing, error))?;
    let content = Content::read(&transaction).await?;
    transaction.rollback().await.map_err(|error| failed(doing, error))?;
    Ok(content.compared(manifest, same_words, may_hold_more))
}
