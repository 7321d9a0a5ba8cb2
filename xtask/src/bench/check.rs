//! Whether what came out is what was in the source: rows, a checksum of every column, and the objects beside the tables.
//!
//! A column's checksum is the sum of a hash of each cell under its row's key as the seed, so that a cell in another's place shows.
//! PostgreSQL computes its side itself. A text's hash is of its bytes, a real's of its bits, a moment's of its text in UTC.

use std::fmt;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::cells::Kind;
use super::dataset::{Dataset, Objects, Table};
use super::{hash, psql};

/// What each table should be, in the order of the data set.
#[derive(Debug)]
pub(super) struct Expected {
    tables: Vec<Sums>,
    objects: Objects,
}

#[derive(Debug, PartialEq, Eq)]
struct Sums {
    rows: u64,
    columns: Vec<i128>,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judgement {
    /// Tables that are missing or have another number of rows, and columns that are missing or differ.
    pub(super) wrong: Vec<String>,
    pub(super) objects: Objects,
    pub(super) all_objects: bool,
}

impl Expected {
    /// Reads the source.
    pub(super) fn of(dataset: &Dataset, file: &Path) -> Result<Self, String> {
        let failed = |cause: rusqlite::Error| format!("{}: {cause}", file.display());
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
        let tables = dataset.tables.iter().map(|table| sums_in_source(&connection, table).map_err(failed)).collect::<Result<_, _>>()?;
        Ok(Self { tables, objects: dataset.objects() })
    }

    /// Asks for everything in one session. What the server can't compute has no line in its answer: a value that no longer has the form
    /// of what it was.
    pub(super) fn judge(&self, dataset: &Dataset, url: &str, script: &Path) -> Result<Judgement, String> {
        let types =
            psql::ask(url, "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public'")?;
        let types: Vec<Vec<&str>> = types.lines().map(|line| line.split('|').collect()).collect();
        let type_of = |table: &str, column: &str| {
            types.iter().find_map(|found| match found.as_slice() {
                [there, name, kind] if *there == table && *name == column => Some(*kind),
                _ => None,
            })
        };
        let queries: String = dataset.tables.iter().map(|table| sums_in_target(table, &type_of)).collect();
        std::fs::write(script, format!("\\set ON_ERROR_STOP off\n{queries}")).map_err(|cause| format!("{}: {cause}", script.display()))?;
        let said = psql::finish(&mut psql::script(url, script))?;
        let mut wrong = Vec::new();
        for (table, expected) in dataset.tables.iter().zip(&self.tables) {
            let missing = table.columns.iter().filter(|column| type_of(&table.name, &column.name).is_none());
            let missing: Vec<&str> = missing.map(|column| column.name.as_str()).collect();
            let sums = said.lines().find_map(|line| line.strip_prefix(&format!("{}|", table.name)));
            match sums {
                _ if !missing.is_empty() => wrong.push(format!("{}: no {}", table.name, missing.join(", "))),
                Some(sums) => wrong.extend(differences(table, expected, sums)),
                None => wrong.push(format!("{}: can't be read as what it was", table.name)),
            }
        }
        let objects = objects(url)?;
        Ok(Judgement { wrong, objects, all_objects: objects == self.objects })
    }
}

fn sums_in_source(connection: &Connection, table: &Table) -> rusqlite::Result<Sums> {
    let key: Vec<usize> =
        table.columns.iter().enumerate().filter(|(_, column)| table.key.contains(&column.name)).map(|(at, _)| at).collect();
    let mut sums = Sums { rows: 0, columns: vec![0; table.columns.len()] };
    let mut statement = connection.prepare(&format!("select * from {}", table.name))?;
    let mut rows = statement.query([])?;
    let mut text = String::new();
    while let Some(row) = rows.next()? {
        // The last column of the key alone is unique.
        let seed: i64 = row.get(key.last().copied().unwrap_or(0))?;
        for ((at, column), sum) in table.columns.iter().enumerate().zip(&mut sums.columns) {
            *sum += i128::from(cell(row.get_ref(at)?, column.make.kind(), seed.cast_unsigned(), &mut text));
        }
        sums.rows += 1;
    }
    Ok(sums)
}

fn cell(value: ValueRef<'_>, kind: Kind, seed: u64, text: &mut String) -> i64 {
    use fmt::Write as _;

    text.clear();
    let written = match value {
        ValueRef::Null => return 0,
        // DECIMAL turns reals without a fraction into integers, which are the same number.
        ValueRef::Integer(number) if kind == Kind::Real => {
            return number.to_string().parse().map_or(0, |number| hash::of_real(number, seed));
        }
        ValueRef::Integer(number) => write!(text, "{number}"),
        ValueRef::Real(number) => return hash::of_real(number, seed),
        ValueRef::Text(bytes) => return hash::extended(bytes, seed),
        ValueRef::Blob(bytes) => bytes.iter().try_for_each(|byte| write!(text, "{byte:02x}")),
    };
    written.map_or(0, |()| hash::extended(text.as_bytes(), seed))
}

/// The query that gives the number of rows and the sums.
fn sums_in_target<'t>(table: &Table, type_of: &dyn Fn(&str, &str) -> Option<&'t str>) -> String {
    let seed = table.key.last().map_or("id", String::as_str);
    let sums = table.columns.iter().map(|column| {
        let name = &column.name;
        let found = type_of(&table.name, name).unwrap_or_default();
        let text = match column.make.kind() {
            Kind::Real => return format!("coalesce(sum(hashfloat8extended({name}::float8, {seed}::bigint)), 0)"),
            Kind::Integer if found == "boolean" => format!("{name}::int::text"),
            Kind::Integer => format!("{name}::bigint::text"),
            Kind::Moment if found.starts_with("timestamp") => format!("to_char({name}, 'YYYY-MM-DD HH24:MI:SS.US')"),
            Kind::Blob if found == "bytea" => format!("encode({name}, 'hex')"),
            Kind::Text | Kind::Moment | Kind::Blob => format!("{name}::text"),
        };
        format!("coalesce(sum(hashtextextended({text}, {seed}::bigint)), 0)")
    });
    format!("select '{0}', count(*), {1} from public.{0};\n", table.name, sums.collect::<Vec<_>>().join(", "))
}

fn differences(table: &Table, expected: &Sums, said: &str) -> Vec<String> {
    let mut numbers = said.split('|');
    let rows = numbers.next().unwrap_or_default();
    if rows != expected.rows.to_string() {
        return vec![format!("{}: {rows} rows instead of {}", table.name, expected.rows)];
    }
    let differ = |((column, sum), found): ((&super::dataset::Column, &i128), &str)| {
        (sum.to_string() != found).then(|| format!("{}.{}", table.name, column.name))
    };
    table.columns.iter().zip(&expected.columns).zip(numbers).filter_map(differ).collect()
}

fn objects(url: &str) -> Result<Objects, String> {
    let said = psql::ask(
        url,
        "select (select count(*) from pg_constraint where contype = 'p' and connamespace = 'public'::regnamespace), \
         (select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid \
          where not i.indisprimary and c.relnamespace = 'public'::regnamespace and i.indisvalid), \
         (select count(*) from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace and convalidated)",
    )?;
    let numbers: Vec<usize> = said.split('|').filter_map(|number| number.parse().ok()).collect();
    let [primary_keys, indexes, foreign_keys] = numbers[..] else { return Err(format!("the numbers of objects are `{said}`")) };
    Ok(Objects { primary_keys, indexes, foreign_keys })
}

/// In a cell of a table.
impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Objects { primary_keys, indexes, foreign_keys } = self.objects;
        match self.wrong.as_slice() {
            [] if self.all_objects => f.write_str("equal"),
            [] => write!(f, "rows equal; {primary_keys} pk, {indexes} idx, {foreign_keys} fk"),
            [first] => write!(f, "WRONG: {first}"),
            [first, others @ ..] => write!(f, "WRONG: {first} and {} more", others.len()),
        }
    }
}
