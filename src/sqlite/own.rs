//! The objects that outgrow itself makes in a source: what each is called, and how it is told from the application's.
//!
//! All names begin with `_outgrow_`. The catalog leaves these objects out, so that a source is the same source with them
//! and without. Only names that are really given are left out: a table of the application's that begins alike is moved.

use rusqlite::Connection;

use crate::catalog::quoted;

/// What a trigger that refuses writes says to the application.
pub(super) const REFUSAL: &str = "this database was moved to PostgreSQL by outgrow and takes no writes";

/// The table that says how far the move is, as seen from the source.
pub(super) const META: &str = "_outgrow_meta";

/// The tables that outgrow makes in a source.
const TABLES: [&str; 4] = [META, "_outgrow_log", "_outgrow_rprog", "_outgrow_extra"];

/// Whether an object of this kind, name and table is outgrow's own.
pub(super) fn is_ours(kind: &str, name: &str, table: &str) -> bool {
    let is_table = |name: &str| TABLES.iter().any(|own| own.eq_ignore_ascii_case(name));
    match kind {
        "trigger" => is_trigger(name),
        "table" => is_table(name),
        // Their automatic indexes too.
        "index" => is_table(table),
        _ => false,
    }
}

/// `_outgrow_freeze_3_i`, which refuses writes, and `_outgrow_3_k`, `_outgrow_3_v1`, which note them.
fn is_trigger(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("_outgrow_") else { return false };
    let rest = rest.strip_prefix("freeze_").unwrap_or(rest);
    let Some((number, kind)) = rest.split_once('_') else { return false };
    let letters = kind.trim_end_matches(|last: char| last.is_ascii_digit());
    is_number(number) && letters.len() == 1 && letters.chars().all(|letter| letter.is_ascii_lowercase())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit())
}

/// Whether a trigger is one of those that refuse writes.
pub(super) fn is_guard(name: &str, sql: &str) -> bool {
    name.starts_with("_outgrow_freeze_") && is_trigger(name) && sql.contains(REFUSAL)
}

/// Takes all of it out of a copy.
pub(super) fn remove(copy: &Connection) -> rusqlite::Result<()> {
    let mut found = copy.prepare("select type, name, tbl_name from main.sqlite_schema where name like '%outgrow%'")?;
    let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let objects: Vec<(String, String, String)> = rows.collect::<rusqlite::Result<_>>()?;
    drop(found);
    for (kind, name, table) in objects {
        // An index goes with its table.
        if kind != "index" && is_ours(&kind, &name, &table) {
            copy.execute_batch(&format!("drop {kind} if exists main.{}", quoted(&name)))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_outgrow_makes_is_its_own() {
        for (kind, name, table, expected) in [
            ("table", "_outgrow_meta", "_outgrow_meta", true),
            ("table", "_OUTGROW_LOG", "_outgrow_log", true),
            ("index", "sqlite_autoindex__outgrow_extra_1", "_outgrow_extra", true),
            ("trigger", "_outgrow_freeze_12_u", "t", true),
            ("trigger", "_outgrow_3_v1", "t", true),
            ("trigger", "_outgrow_freeze_x_u", "t", false),
            ("trigger", "_outgrow_notes_u", "t", false),
            ("trigger", "_outgrow_3_", "t", false),
            ("trigger", "outgrow_freeze_1_i", "t", false),
            ("table", "_outgrow_customers", "_outgrow_customers", false),
            ("table", "meta", "meta", false),
            ("index", "i", "t", false),
            ("view", "_outgrow_meta", "_outgrow_meta", false),
        ] {
            assert_eq!(is_ours(kind, name, table), expected, "{kind} {name}");
        }
    }
}
