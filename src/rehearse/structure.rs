//! The application's own tables on the disposable server: made as they are in another database, or as a file says.
//!
//! The other database is only read: its structure, and the rows of the tables that are to be loaded, that the framework
//! keeps its books in, and that either refers to. Those are what migrations put there. A table with more rows than
//! migrations write is taken for one in use; its rows stay where they are.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use super::replay::{Replayed, replay};
use crate::catalog::{TargetCatalog, TargetTable, quoted};
use crate::copy::{Before, Ledger};
use crate::dialect::text_sql;
use crate::error::{Error, ErrorKind, Result};
use crate::inspect;
use crate::mapping::counted;
use crate::migrate::{Event, Observer, Survey, phase};
use crate::plan::{self, Inputs, Policy};
use crate::postgres::{ConnectionSettings, DisposableOptions, Session, copy_over, dump_structure, failed};
use crate::preset::{PRESETS, Role};

/// The most rows that are taken for what migrations put into a table.
const SEEDS_MAX: u64 = 100_000;

/// Where the application's own tables are described.
#[derive(Debug, Clone)]
pub enum Structure {
    /// A database that has them, which is only read.
    Database(Box<ConnectionSettings>),
    /// A file of SQL.
    File {
        /// The file.
        path: PathBuf,
        /// What it says.
        sql: String,
    },
}

/// What is known of the other database once it was looked into.
#[derive(Debug)]
pub(super) struct Likeness {
    settings: ConnectionSettings,
    session: Session,
    catalog: TargetCatalog,
}

impl Likeness {
    /// Looks into the other database.
    pub(super) async fn of(settings: &ConnectionSettings, policy: &Policy) -> Result<Self> {
        let mut session = Session::connect(settings).await?;
        session.client().batch_execute("set default_transaction_read_only = on").await.map_err(|error| failed("only read", error))?;
        let catalog = inspect::target(&mut session, &policy.target.schema).await?;
        if matches!(Ledger::before(&session, &policy.target.schema).await?, Before::Existing { finished: false, .. }) {
            let detail = "a load was begun there and not finished, so that its foreign keys and triggers are out of their place";
            return Err(Error::new(ErrorKind::TargetUnfit, format!("take the structure of {}", settings.describe()), detail)
                .hint("finish that load or undo it (outgrow migrate … --fresh), or name another database of the same structure"));
        }
        Ok(Self { settings: settings.clone(), session, catalog })
    }

    /// The tables whose rows come along, each with its columns that take one; and those that are left out, with why.
    fn seeded(&self, found: &Survey, policy: &Policy) -> Result<(Vec<&TargetTable>, Vec<String>)> {
        let inputs = Inputs { catalog: &found.catalog, profile: &found.profile, policy, server_major: self.catalog.major() };
        let (provisional, _) = plan::build_existing(inputs, &self.catalog, None)?;
        let mut wanted: BTreeSet<&str> = provisional.tables.iter().map(|table| table.target.as_str()).collect();
        let of_framework = |name: &str| PRESETS.iter().any(|preset| preset.role(name).is_some_and(Role::is_left_alone));
        let by_name: BTreeMap<&str, &TargetTable> = self.catalog.tables.iter().map(|table| (table.name.as_str(), table)).collect();
        wanted.extend(by_name.keys().filter(|name| of_framework(name)));
        // What they refer to, as far as that goes.
        let mut left: Vec<&str> = wanted.iter().copied().collect();
        while let Some(name) = left.pop() {
            let keys = by_name.get(name).into_iter().flat_map(|table| &table.foreign_keys);
            let parents = keys.filter(|key| key.parent_schema == self.catalog.schema).map(|key| key.parent.as_str());
            left.extend(parents.filter(|parent| wanted.insert(parent)));
        }
        let mut tables: Vec<&TargetTable> = wanted.iter().filter_map(|name| by_name.get(name).copied()).collect();
        tables.retain(|table| table.rows != Some(0));
        Ok(settled(tables, &self.catalog.schema))
    }
}

/// Drops the tables whose rows can't come along, and with them those that refer to such rows.
fn settled<'a>(mut tables: Vec<&'a TargetTable>, schema: &str) -> (Vec<&'a TargetTable>, Vec<String>) {
    let mut left_out: BTreeMap<&str, String> = BTreeMap::new();
    loop {
        let before = left_out.len();
        for table in &tables {
            let refers = table.foreign_keys.iter().find(|key| key.parent_schema != schema || left_out.contains_key(key.parent.as_str()));
            let why = match (table.rows, refers) {
                (None, _) => Some("the role may not read it".to_owned()),
                (Some(rows), _) if rows > SEEDS_MAX => Some(format!("{rows} rows are no seeds")),
                (Some(_), Some(key)) => Some(format!("it refers to {}", key.parent)),
                (Some(_), None) => None,
            };
            left_out.extend(why.map(|why| (table.name.as_str(), why)));
        }
        if left_out.len() == before {
            break;
        }
        tables.retain(|table| !left_out.contains_key(table.name.as_str()));
    }
    (tables, left_out.into_iter().map(|(name, why)| format!("{name} ({why})")).collect())
}

/// Makes the structure on the server that is rehearsed on, and says what came of it.
pub(super) async fn make(
    structure: &Structure,
    likeness: Option<&Likeness>,
    found: &mut Survey,
    policy: &Policy,
    (server, target): (&DisposableOptions, &ConnectionSettings),
    observer: &dyn Observer,
) -> Result<()> {
    observer.event(Event::Begins("structure"));
    let began = Instant::now();
    let mut session = Session::connect(target).await?;
    let mut done = Replayed::default();
    let origin = match (structure, likeness) {
        (Structure::File { path, sql }, _) => {
            let name = path.display().to_string();
            replay(&session, sql, &name, &mut done).await?;
            name
        }
        (Structure::Database(_), Some(likeness)) => {
            like(likeness, found, policy, &session, server, &mut done, observer).await?;
            likeness.settings.describe()
        }
        (Structure::Database(settings), None) => {
            return Err(Error::bug("take a structure", format!("nobody looked into {}", settings.describe())));
        }
    };
    if !done.missing.is_empty() {
        let missing = done.missing.iter().cloned().collect::<Vec<_>>().join(", ");
        observer.event(Event::Said(&format!(
            "the server that is rehearsed on lacks the extensions {missing}; nothing that was made needs them"
        )));
    }
    // The replay has set the session up for itself.
    session = Session::connect(target).await?;
    let tables = inspect::target(&mut session, &policy.target.schema).await?.tables.len();
    let result = format!("from {origin} · {}", counted(done.rows, "seeded row"));
    let took = phase("structure", counted(u64::try_from(tables).unwrap_or(u64::MAX), "table"), result, began, false);
    observer.event(Event::Ended(&took));
    found.phases.push(took);
    Ok(())
}

async fn like(
    likeness: &Likeness,
    found: &Survey,
    policy: &Policy,
    session: &Session,
    server: &DisposableOptions,
    done: &mut Replayed,
    observer: &dyn Observer,
) -> Result<()> {
    let there = likeness.catalog.major();
    let dump = tokio::task::block_in_place(|| dump_structure(server, &likeness.settings, there))?;
    tell_versions(session, there, observer).await?;
    replay(session, &dump.before_rows, &format!("the structure that {} wrote before the rows", dump.by), done).await?;
    let (tables, left_out) = likeness.seeded(found, policy)?;
    for table in tables {
        let columns =
            table.columns.iter().filter(|column| !column.generated).map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ");
        let name = format!("{}.{}", quoted(&likeness.catalog.schema), quoted(&table.name));
        let (out_of, into) = (format!("copy (select {columns} from {name}) to stdout"), format!("copy {name} ({columns}) from stdin"));
        done.rows += copy_over(&likeness.session, &out_of, session, &into, &format!("bring the seeded rows of {}", table.name)).await?;
    }
    if !left_out.is_empty() {
        observer.event(Event::Said(&format!(
            "the rows of these tables stay where they are, and the rehearsal goes on as if there were none: {}",
            left_out.join(", ")
        )));
    }
    replay(session, &dump.behind_rows, &format!("the structure that {} wrote behind the rows", dump.by), done).await?;
    sequences(&likeness.catalog, session).await
}

/// Puts every sequence where it stands in the other database.
async fn sequences(catalog: &TargetCatalog, session: &Session) -> Result<()> {
    for sequence in catalog.tables.iter().flat_map(|table| &table.sequences).chain(&catalog.sequences) {
        let Some(next) = sequence.next.filter(|next| (sequence.min..=sequence.max).contains(next)) else { continue };
        let name = text_sql(&format!("{}.{}", quoted(&sequence.schema), quoted(&sequence.name)));
        let set = session.client().batch_execute(&format!("select setval({name}, {next}, false)")).await;
        set.map_err(|error| failed(format!("set the sequence {}", sequence.name), error))?;
    }
    Ok(())
}

async fn tell_versions(session: &Session, there: u32, observer: &dyn Observer) -> Result<()> {
    let row = session.client().query_one("select current_setting('server_version_num')::int / 10000", &[]).await;
    let here: i32 = row.and_then(|row| row.try_get(0)).map_err(|error| failed("ask for the server's version", error))?;
    if u32::try_from(here) != Ok(there) {
        observer.event(Event::Said(&format!(
            "the structure comes from PostgreSQL {there}, and this server is PostgreSQL {here}: what they do differently is not rehearsed \
             (--target names another server)"
        )));
    }
    Ok(())
}
