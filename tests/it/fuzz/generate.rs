//! Schemas and rows made of a seed: declared types × storage classes × constraints × names.

use std::path::Path;

/// A small generator of numbers (SplitMix64): the same seed gives the same database anywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(limit).unwrap()).unwrap()
    }

    fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == 0
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const TYPES: &[&str] = &[
    "INTEGER",
    "INT",
    "BIGINT",
    "SMALLINT",
    "TINYINT(1)",
    "UNSIGNED BIG INT",
    "TEXT",
    "VARCHAR(10)",
    "NVARCHAR(255)",
    "CHAR(3)",
    "CLOB",
    "REAL",
    "DOUBLE PRECISION",
    "FLOAT",
    "NUMERIC",
    "DECIMAL(10,2)",
    "DECIMAL(5,0)",
    "MONEY",
    "BOOLEAN",
    "BOOL",
    "DATE",
    "TIME",
    "DATETIME",
    "TIMESTAMP",
    "timestamp with time zone",
    "BLOB",
    "VARBINARY(16)",
    "JSON",
    "UUID",
    "",
    "TEXT[]",
    "POINT",
    "ANY",
    "strange type (1,2)",
];

const STRICT_TYPES: &[&str] = &["INTEGER", "INT", "REAL", "TEXT", "BLOB", "ANY"];

const NAMES: &[&str] = &[
    "id",
    "name",
    "Order",
    "select",
    "user",
    "ünïcode",
    "a b",
    "x\"y",
    "semi;colon",
    "it's",
    "created_at",
    "isAdmin",
    "ID2",
    "_",
    "1st",
    "oid",
    "ctid",
    "xmin",
    "tableoid",
    "rowid2",
    "group",
    "percent%s",
    "back\\slash",
    "$1",
    "new\nline",
    "日本語",
    "_rowid",
    "a_name_that_is_longer_than_the_sixty_three_bytes_that_postgresql_has_for_names_1",
    "a_name_that_is_longer_than_the_sixty_three_bytes_that_postgresql_has_for_names_2",
];

const INTEGERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "2",
    "42",
    "127",
    "32768",
    "2147483647",
    "2147483648",
    "-2147483649",
    "9007199254740993",
    "2251799813685248",
    "9223372036854775807",
    "-9223372036854775808",
    "1627303906",
    "1627303906122",
    "1627303906122000",
    "20240229",
];

const REALS: &[&str] = &[
    "0.0",
    "-0.0",
    "0.1",
    "1.5",
    "2.0",
    "-2.5",
    "1e16",
    "1e15",
    "123456789012345680.0",
    "0.30000000000000004",
    "1e308",
    "5e-324",
    "9e999",
    "-9e999",
    "1731888000.5",
    "2459336.5",
    "12.30",
    "1230.99",
];

const TEXTS: &[&str] = &[
    "''",
    "' '",
    "'a'",
    "'A'",
    "'abc'",
    "'toto'",
    "'12'",
    "'012'",
    "'12.50'",
    "'1e3'",
    "' 7'",
    "'NULL'",
    "'\\N'",
    "'\\x00ff'",
    "'true'",
    "'t'",
    "'it''s'",
    "'ünïcödé'",
    "'日本'",
    "'😀'",
    "'a' || char(10) || 'b'",
    "'tab' || char(9)",
    "'x' || char(0) || 'y'",
    "char(0)",
    "CAST(X'ff00fe' AS TEXT)",
    "CAST(X'61ff62' AS TEXT)",
    "'2024-02-29'",
    "'2024-02-30'",
    "'0000-00-00'",
    "'9999-12-31'",
    "'2024-02-29 12:34:56'",
    "'2024-02-29 12:34:56.789'",
    "'2024-02-29T12:34:56Z'",
    "'2024-02-29T12:34:56.5+02:00'",
    "'2024-02-29 24:00:00'",
    "'12:34:56'",
    "'12:34'",
    "'{\"a\":1}'",
    "'{\"a\":\"\\u0000\"}'",
    "'[1,2'",
    "'\"\\ud800\"'",
    "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'",
    "'6BA7B810-9DAD-11D1-80B4-00C04FD430C8'",
    "'Infinity'",
    "'-Infinity'",
    "'nan'",
    "'5.0'",
    "printf('%.3000c', 'x')",
    "'trailing '",
    "'%_'",
    "'$$'",
];

const BLOBS: &[&str] =
    &["X''", "X'00'", "X'ff'", "X'616263'", "X'6ba7b8109dad11d180b400c04fd430c8'", "zeroblob(300)", "X'0501'", "randomblob(0)"];

/// A column of a table being made.
struct Column {
    name: String,
    declared: &'static str,
    /// Whether it is given a value by INSERT.
    loaded: bool,
    /// The table and column that it refers to.
    parent: Option<(String, String)>,
}

/// A table being made.
struct Table {
    name: String,
    columns: Vec<Column>,
    strict: bool,
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Makes the database of a seed, and returns the statements that SQLite took.
pub(super) fn database(seed: u64, path: &Path) -> Vec<String> {
    let mut dice = Dice(seed);
    let mut script: Vec<String> = Vec::new();
    if dice.one_in(12) {
        script.push("PRAGMA encoding = 'UTF-16le'".to_owned());
    }
    if dice.one_in(8) {
        script.push("PRAGMA journal_mode = wal".to_owned());
    }
    let mut tables: Vec<Table> = Vec::new();
    for _ in 0..=dice.below(4) {
        let table = table(&mut dice, &tables, &mut script);
        rows(&mut dice, &table, &mut script);
        tables.push(table);
    }
    for table in &tables {
        indexes(&mut dice, table, &mut script);
    }
    programs(&mut dice, &tables, &mut script);
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = off; PRAGMA synchronous = off").unwrap();
    // A rule of SQLite's that the dice don't know is no reason to throw the rest away.
    script.retain(|statement| connection.execute_batch(statement).is_ok());
    // An empty file is no database yet.
    connection.execute_batch("CREATE TABLE IF NOT EXISTS at_least_one (id INTEGER PRIMARY KEY)").unwrap();
    script
}

fn table(dice: &mut Dice, earlier: &[Table], script: &mut Vec<String>) -> Table {
    let base = dice.pick(NAMES);
    let name = format!("{base}{}", if dice.one_in(2) { earlier.len().to_string() } else { format!("T{}", earlier.len()) });
    let strict = dice.one_in(8);
    let mut table = Table { name, columns: Vec::new(), strict };
    let mut parts = Vec::new();
    let mut keyed = false;
    for position in 0..=dice.below(8) {
        let column = column(dice, &mut table, earlier, position, &mut keyed);
        parts.push(column);
    }
    let names: Vec<String> = table.columns.iter().filter(|column| column.loaded).map(|column| quoted(&column.name)).collect();
    if !keyed && dice.one_in(3) && names.len() > 1 {
        parts.push(format!("PRIMARY KEY ({}, {})", names[0], names[1]));
        keyed = true;
    }
    if dice.one_in(6) {
        parts.push(format!("UNIQUE ({})", names.join(", ")));
    }
    let mut options = Vec::new();
    if keyed && dice.one_in(5) {
        options.push("WITHOUT ROWID");
    }
    if strict {
        options.push("STRICT");
    }
    script.push(format!("CREATE TABLE {} ({}) {}", quoted(&table.name), parts.join(", "), options.join(", ")));
    table
}

fn column(dice: &mut Dice, table: &mut Table, earlier: &[Table], position: usize, keyed: &mut bool) -> String {
    let name = loop {
        let name = dice.pick(NAMES);
        if !table.columns.iter().any(|column| column.name.to_lowercase() == name.to_lowercase()) {
            break name.to_owned();
        }
    };
    let mut declared = if table.strict { dice.pick(STRICT_TYPES) } else { dice.pick(TYPES) };
    let mut extra = String::new();
    let (mut loaded, mut parent) = (true, None);
    if position == 0 && dice.one_in(2) {
        declared = "INTEGER";
        extra.push_str(if dice.one_in(3) { " PRIMARY KEY AUTOINCREMENT" } else { " PRIMARY KEY" });
        *keyed = true;
    } else if !*keyed && dice.one_in(8) {
        extra.push_str(" PRIMARY KEY");
        *keyed = true;
    } else {
        constraints(dice, &name, table, &mut extra);
        if dice.one_in(12) && position > 0 {
            extra = generated(dice, &quoted(&table.columns[0].name));
            loaded = false;
        } else if let Some(other) = (!earlier.is_empty() && dice.one_in(4)).then(|| &earlier[dice.below(earlier.len())]) {
            let key = other.columns[0].name.clone();
            let action = dice.pick(&["", " ON DELETE CASCADE", " ON DELETE SET NULL ON UPDATE CASCADE", " DEFERRABLE INITIALLY DEFERRED"]);
            extra.push_str(&format!(" REFERENCES {} ({}){action}", quoted(&other.name), quoted(&key)));
            parent = Some((other.name.clone(), key));
        }
    }
    let part = format!("{} {declared}{extra}", quoted(&name));
    table.columns.push(Column { name, declared, loaded, parent });
    part
}

fn constraints(dice: &mut Dice, name: &str, table: &Table, extra: &mut String) {
    let name = quoted(name);
    if dice.one_in(5) {
        extra.push_str(" NOT NULL");
    }
    if dice.one_in(10) {
        extra.push_str(" UNIQUE");
    }
    if dice.one_in(4) {
        let default = dice.pick(&[
            "0",
            "1",
            "-5",
            "1.5",
            "''",
            "'new'",
            "NULL",
            "TRUE",
            "CURRENT_TIMESTAMP",
            "CURRENT_DATE",
            "(1 + 1)",
            "(datetime('now'))",
            "X'00'",
            "(lower(hex(randomblob(8))))",
            "\"dq\"",
            "'{}'",
        ]);
        extra.push_str(&format!(" DEFAULT {default}"));
    }
    if dice.one_in(8) {
        let check = match dice.below(7) {
            0 => format!("{name} > 0"),
            1 => format!("length({name}) < 5000"),
            2 => format!("{name} IN ('a', 'abc', 1, 0, NULL)"),
            3 => format!("{name} IS NOT NULL OR {name} IS NULL"),
            4 => format!("typeof({name}) <> 'blob'"),
            5 => format!("{name} BETWEEN -1 AND 100"),
            _ => table
                .columns
                .first()
                .map_or_else(|| format!("{name} <> 7"), |first| format!("{name} <> {} OR {name} = 0", quoted(&first.name))),
        };
        extra.push_str(&format!(" CHECK ({check})"));
    }
    if dice.one_in(8) {
        extra.push_str(dice.pick(&[" COLLATE NOCASE", " COLLATE RTRIM", " COLLATE BINARY"]));
    }
}

fn generated(dice: &mut Dice, of: &str) -> String {
    let expression = match dice.below(5) {
        0 => format!("{of} || '-x'"),
        1 => format!("{of} + 1"),
        2 => format!("upper({of})"),
        3 => format!("coalesce({of}, 0)"),
        _ => format!("length({of})"),
    };
    format!(" GENERATED ALWAYS AS ({expression}) {}", dice.pick(&["STORED", "VIRTUAL"]))
}

fn rows(dice: &mut Dice, table: &Table, script: &mut Vec<String>) {
    let loaded: Vec<&Column> = table.columns.iter().filter(|column| column.loaded).collect();
    let names: Vec<String> = loaded.iter().map(|column| quoted(&column.name)).collect();
    // Most columns of most tables are clean; some of some are not.
    let messy = dice.one_in(2);
    for _ in 0..dice.below(25) {
        let values: Vec<String> = loaded.iter().map(|column| cell(dice, column, messy)).collect();
        script.push(format!("INSERT OR IGNORE INTO {} ({}) VALUES ({})", quoted(&table.name), names.join(", "), values.join(", ")));
    }
    if dice.one_in(6) {
        script.push(format!(
            "DELETE FROM {} WHERE {} IN (SELECT max({}) FROM {})",
            quoted(&table.name),
            names[0],
            names[0],
            quoted(&table.name)
        ));
    }
}

fn cell(dice: &mut Dice, column: &Column, messy: bool) -> String {
    if dice.one_in(7) {
        return "NULL".to_owned();
    }
    if messy && dice.one_in(6) {
        let kind = [INTEGERS, REALS, TEXTS, BLOBS][dice.below(4)];
        return dice.pick(kind).to_owned();
    }
    if let Some((table, key)) = column.parent.as_ref().filter(|_| !dice.one_in(6)) {
        return format!("(SELECT {0} FROM {1} ORDER BY {0} LIMIT 1 OFFSET {2})", quoted(key), quoted(table), dice.below(5));
    }
    fitting(dice, column.declared)
}

/// A cell of the kind that the declaration means.
fn fitting(dice: &mut Dice, declared: &str) -> String {
    let upper = declared.to_uppercase();
    let from = |dice: &mut Dice, from: &[&str]| dice.pick(from).to_owned();
    if upper.starts_with("BOOL") || upper == "TINYINT(1)" {
        from(dice, &["0", "1"])
    } else if upper.contains("INT") && upper != "POINT" {
        if dice.one_in(3) { from(dice, INTEGERS) } else { dice.below(1000).to_string() }
    } else if upper.contains("CHAR") || upper.contains("TEXT") || upper == "CLOB" {
        if dice.one_in(2) { from(dice, TEXTS) } else { format!("'text {}'", dice.below(1000)) }
    } else if upper.contains("BLOB") || upper.contains("BINARY") {
        from(dice, BLOBS)
    } else if upper == "DATE" {
        format!("date('2020-01-01', '+{} days')", dice.below(3000))
    } else if upper == "TIME" {
        format!("time('00:00', '+{} seconds')", dice.below(86_400))
    } else if upper.starts_with("DATETIME") || upper.starts_with("TIMESTAMP") {
        format!("datetime('2020-01-01', '+{} seconds')", dice.below(100_000_000))
    } else if upper == "JSON" {
        from(dice, &["'{}'", "'[1, 2.50, null]'", "'\"text\"'", "'{\"b\": 1, \"a\": {\"c\": []}}'"])
    } else if upper == "UUID" {
        format!("'6ba7b810-9dad-11d1-80b4-00c04fd4{:04x}'", dice.below(65_536))
    } else if upper.starts_with("DECIMAL") {
        format!("{}.{:02}", dice.below(900), dice.below(100))
    } else if ["REAL", "FLOAT", "NUMERIC", "MONEY"].contains(&upper.as_str()) || upper.starts_with("DOUBLE") {
        from(dice, REALS)
    } else {
        let all = [INTEGERS, REALS, TEXTS, BLOBS];
        let kind = dice.below(4);
        from(dice, all[kind])
    }
}

fn indexes(dice: &mut Dice, table: &Table, script: &mut Vec<String>) {
    for number in 0..dice.below(3) {
        let column = quoted(&table.columns[dice.below(table.columns.len())].name);
        let part = match dice.below(6) {
            0 => format!("{column} DESC"),
            1 => format!("lower({column})"),
            2 => format!("{column} COLLATE NOCASE"),
            3 => format!("{column}, {}", quoted(&table.columns[0].name)),
            _ => column.clone(),
        };
        let unique = if dice.one_in(4) { "UNIQUE " } else { "" };
        let only = if dice.one_in(4) { format!(" WHERE {column} IS NOT NULL") } else { String::new() };
        let name = quoted(&format!("{} idx {number}", table.name));
        script.push(format!("CREATE {unique}INDEX {name} ON {} ({part}){only}", quoted(&table.name)));
    }
}

fn programs(dice: &mut Dice, tables: &[Table], script: &mut Vec<String>) {
    for (number, table) in tables.iter().enumerate() {
        let (name, first) = (quoted(&table.name), quoted(&table.columns[0].name));
        if dice.one_in(3) {
            let columns: Vec<String> = table.columns.iter().take(3).map(|column| quoted(&column.name)).collect();
            script.push(format!("CREATE VIEW \"view {number}\" AS SELECT {} FROM {name} WHERE {first} IS NOT NULL", columns.join(", ")));
        }
        if dice.one_in(6) {
            script.push(format!("CREATE VIEW \"count {number}\" AS SELECT count(*) AS n, max({first}) AS top FROM {name}"));
        }
        if dice.one_in(5) {
            script.push(format!("CREATE TABLE IF NOT EXISTS \"log {number}\" (at TEXT, what TEXT)"));
            script.push(format!(
                "CREATE TRIGGER \"log {number} of\" AFTER {} ON {name} BEGIN INSERT INTO \"log {number}\" VALUES (datetime('now'), 'seen'); END",
                dice.pick(&["INSERT", "DELETE", "UPDATE"])
            ));
        }
    }
}
