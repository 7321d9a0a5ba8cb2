//! The four data sets: their tables, keys and indexes, and how their files are written.
//!
//! `mix` is an application's database (1 M users, 5 M events, 200,000 orders), `many` has 158 small tables that refer to each other,
//! `blobs` 20,000 files of 1 to 64 KiB, `narrow` 10 M rows of three integers. Every count is multiplied by the scale. The same
//! name and scale give the same rows.

use std::path::Path;

use rusqlite::{Connection, params_from_iter};

use super::cells::{Make, Maker};

const SEED: u64 = 20_261_121;
const SMALL_TABLES: usize = 158;

/// All of them, by name.
pub(super) const NAMES: [&str; 4] = ["mix", "many", "blobs", "narrow"];

#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) make: Make,
    declared: String,
}

#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The names of the primary key's columns: one, or two of which the second alone is unique.
    pub(super) key: Vec<String>,
    pub(super) rows: u64,
    pub(super) foreign_keys: usize,
    /// Behind the columns.
    constraint: Option<String>,
}

#[derive(Debug)]
pub(super) struct Dataset {
    pub(super) tables: Vec<Table>,
    indexes: Vec<String>,
    /// Constraints that are unique beside the primary keys.
    uniques: usize,
}

/// How many objects there are beside the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Objects {
    pub(super) primary_keys: usize,
    pub(super) indexes: usize,
    pub(super) foreign_keys: usize,
}

impl Dataset {
    pub(super) fn of(name: &str, scale: f64) -> Result<Self, String> {
        let rows = |full: u32| format!("{:.0}", (f64::from(full) * scale).floor().max(1.0)).parse::<u64>().unwrap_or(1);
        match name {
            "mix" => Ok(mix(rows(1_000_000), rows(5_000_000), rows(200_000))),
            "many" => Ok(many(&rows)),
            "blobs" => Ok(Self::single("files", rows(20_000), FILES)),
            "narrow" => Ok(Self::single("points", rows(10_000_000), POINTS)),
            _ => Err(format!("there is no data set `{name}`; there are {}", NAMES.join(", "))),
        }
    }

    fn single(name: &str, rows: u64, columns: &[(&str, &str, Make)]) -> Self {
        Self { tables: vec![table(name, rows, columns, 0)], indexes: Vec::new(), uniques: 0 }
    }

    pub(super) fn objects(&self) -> Objects {
        Objects {
            primary_keys: self.tables.len(),
            indexes: self.indexes.len() + self.uniques,
            foreign_keys: self.tables.iter().map(|table| table.foreign_keys).sum(),
        }
    }

    /// Writes the file. What is half written is never taken for whole: it gets its name in the end.
    pub(super) fn write(&self, file: &Path) -> Result<(), String> {
        let half = file.with_added_extension("half");
        if half.exists() {
            std::fs::remove_file(&half).map_err(|cause| format!("{}: {cause}", half.display()))?;
        }
        self.fill(&half).map_err(|cause| format!("write {}: {cause}", half.display()))?;
        std::fs::rename(&half, file).map_err(|cause| format!("{}: {cause}", file.display()))
    }

    fn fill(&self, file: &Path) -> rusqlite::Result<()> {
        let connection = Connection::open(file)?;
        connection.execute_batch(
            "pragma journal_mode = off; pragma synchronous = off; pragma foreign_keys = off; pragma cache_size = -200000; begin",
        )?;
        let mut maker = Maker::new(SEED);
        for table in &self.tables {
            connection.execute_batch(&table.ddl())?;
            let places = vec!["?"; table.columns.len()].join(", ");
            let mut insert = connection.prepare(&format!("insert into {} values ({places})", table.name))?;
            for row in 1..=table.rows {
                insert.execute(params_from_iter(table.columns.iter().map(|column| maker.cell(column.make, row))))?;
            }
        }
        for index in &self.indexes {
            connection.execute_batch(index)?;
        }
        connection.execute_batch("commit")?;
        connection.close().map_err(|(_, error)| error)
    }
}

impl Table {
    fn ddl(&self) -> String {
        let columns = self.columns.iter().map(|column| format!("{} {}", column.name, column.declared));
        let lines: Vec<String> = columns.chain(self.constraint.clone()).collect();
        format!("create table {} ({})", self.name, lines.join(", "))
    }
}

fn column(name: &str, declared: &str, make: Make) -> Column {
    Column { name: name.to_owned(), declared: declared.to_owned(), make }
}

/// A table with the primary key `id`.
fn table(name: &str, rows: u64, columns: &[(&str, &str, Make)], foreign_keys: usize) -> Table {
    let columns = columns.iter().map(|(name, declared, make)| column(name, declared, *make)).collect();
    Table { name: name.to_owned(), columns, key: vec!["id".to_owned()], rows, foreign_keys, constraint: None }
}

const FILES: &[(&str, &str, Make)] = &[
    ("id", "INTEGER PRIMARY KEY", Make::Number),
    ("filename", "VARCHAR(200) NOT NULL", Make::FileName),
    ("mime", "TEXT", Make::Mime),
    ("size", "INTEGER NOT NULL", Make::Size),
    ("data", "BLOB", Make::Blob),
];

const POINTS: &[(&str, &str, Make)] = &[
    ("id", "INTEGER PRIMARY KEY", Make::Number),
    ("a", "INTEGER NOT NULL", Make::Below(1 << 20)),
    ("b", "INTEGER NOT NULL", Make::Below(1 << 31)),
];

fn mix(users: u64, events: u64, orders: u64) -> Dataset {
    let user = Make::Reference { of: users, nulls: 0 };
    let event = Make::Reference { of: events, nulls: 10 };
    let users_columns = [
        ("id", "INTEGER PRIMARY KEY AUTOINCREMENT", Make::Number),
        ("email", "VARCHAR(255) NOT NULL UNIQUE", Make::Email),
        ("full_name", "TEXT NOT NULL", Make::Name),
        ("is_admin", "BOOLEAN NOT NULL DEFAULT 0", Make::Flag { percent: 2 }),
        ("balance", "REAL", Make::Real(10_000.0)),
        ("created_at", "DATETIME NOT NULL", Make::Moment),
        ("country", "CHAR(2)", Make::Country),
    ];
    let events_columns = [
        ("id", "INTEGER PRIMARY KEY", Make::Number),
        ("user_id", "INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE", user),
        ("title", "TEXT NOT NULL", Make::Title),
        ("amount", "REAL", Make::Real(1e6)),
        ("created_at", "DATETIME NOT NULL", Make::Moment),
        ("active", "BOOLEAN NOT NULL", Make::Flag { percent: 50 }),
        ("payload", "JSON", Make::Payload),
        ("note", "TEXT", Make::Note { nulls: 70 }),
        ("score", "INTEGER", Make::Score),
    ];
    let orders_columns = [
        ("id", "INTEGER PRIMARY KEY AUTOINCREMENT", Make::Number),
        ("user_id", "INTEGER NOT NULL REFERENCES users(id)", user),
        ("event_id", "INTEGER REFERENCES events(id) ON DELETE SET NULL", event),
        ("status", "VARCHAR(20) NOT NULL DEFAULT 'new'", Make::Status),
        ("total", "DECIMAL(10,2) NOT NULL", Make::Price),
        ("placed_at", "DATETIME NOT NULL", Make::Moment),
    ];
    let indexes = [
        "create index ix_orders_user on orders(user_id)",
        "create index ix_orders_event on orders(event_id)",
        "create index ix_orders_status_placed on orders(status, placed_at)",
        "create index ix_events_user on events(user_id)",
    ];
    Dataset {
        tables: vec![
            table("users", users, &users_columns, 0),
            table("events", events, &events_columns, 1),
            table("orders", orders, &orders_columns, 2),
        ],
        indexes: indexes.map(str::to_owned).to_vec(),
        uniques: 1,
    }
}

/// Tables of 100 to 5,000 rows, as many small ones as large. Every one but the first refers to an earlier one, every third to two,
/// every tenth also to itself; every seventh has a key of two columns.
fn many(rows: &dyn Fn(u32) -> u64) -> Dataset {
    let mut maker = Maker::new(SEED ^ 1);
    let (mut tables, mut indexes) = (Vec::<Table>::new(), Vec::new());
    for number in 0..SMALL_TABLES {
        let name = format!("app_table_{number:03}");
        let two = number % 7 == 6;
        let size = 100.0 * 50.0_f64.powf(maker.dice.unit());
        let mut columns = if two {
            vec![column("tenant", "INTEGER NOT NULL", Make::Tenant), column("seq", "INTEGER NOT NULL", Make::Number)]
        } else {
            vec![column("id", "INTEGER PRIMARY KEY AUTOINCREMENT", Make::Number)]
        };
        let others: Vec<&Table> = tables.iter().filter(|table| table.key.len() == 1).collect();
        let mut foreign_keys = if others.is_empty() { 0 } else { 1 + usize::from(number % 3 == 0 && others.len() > 1) };
        for reference in 0..foreign_keys {
            let other = *maker.dice.pick(&others);
            let declared = format!("INTEGER NOT NULL REFERENCES {}(id)", other.name);
            columns.push(column(&format!("ref{reference}_id"), &declared, Make::Reference { of: other.rows, nulls: 0 }));
            indexes.push(format!("create index ix_{number:03}_ref{reference} on {name}(ref{reference}_id)"));
        }
        if number % 10 == 9 && !two {
            foreign_keys += 1;
            columns.push(column("parent_id", &format!("INTEGER REFERENCES {name}(id)"), Make::Parent));
        }
        columns.extend([
            column("name", "VARCHAR(120) NOT NULL", Make::Unique),
            column("body", "TEXT", Make::Body { nulls: 20 }),
            column("flag", "BOOLEAN NOT NULL DEFAULT 0", Make::Flag { percent: 50 }),
            column("price", "REAL", Make::Real(1000.0)),
            column("created_at", "DATETIME", Make::Moment),
        ]);
        if number % 4 == 0 {
            indexes.push(format!("create unique index ux_{number:03}_name on {name}(name)"));
        }
        let key = if two { vec!["tenant".to_owned(), "seq".to_owned()] } else { vec!["id".to_owned()] };
        let constraint = two.then(|| "PRIMARY KEY (tenant, seq)".to_owned());
        let rows = rows(format!("{size:.0}").parse().unwrap_or(100));
        tables.push(Table { name, columns, key, rows, foreign_keys, constraint });
    }
    Dataset { tables, indexes, uniques: 0 }
}
