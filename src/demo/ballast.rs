//! Rows that bring the demo up to a size asked for: half of it log entries full of text, half of it blobs.
//!
//! Deterministic; adds to `audit_logs` and `attachments` only, both of which nothing refers to.

use rusqlite::{Connection, params};

use super::content::{START_SECONDS, json, moment, sentences};
use super::dice::Dice;

/// Bytes of one padding blob.
const BLOB_BYTES: usize = 16 * 1024;
/// Bytes of file that one entry of the log takes, about.
const ENTRY_BYTES: u64 = 2 * 1024;
/// How often the caller hears of it.
const REPORT_EVERY: u64 = 4_096;

/// Adds about `bytes`; `tell` hears how many rows there are so far. Gives the number of rows.
pub(super) fn add(file: &Connection, bytes: u64, tell: &mut dyn FnMut(u64)) -> rusqlite::Result<u64> {
    let mut dice = Dice::of("ballast");
    let mut rows = 0;
    let mut entry = file.prepare(
        r#"insert into "audit_logs" ("user_id", "action", "auditable_type", "auditable_id", "old_values", "new_values", "ip_address", "created_at")
           values (?1, 'dəyişdirilib', 'App\Models\Document', ?2, ?3, ?4, '192.0.2.77', ?5)"#,
    )?;
    for _ in 0..bytes / 2 / ENTRY_BYTES {
        let (before, after) = (long_json(&mut dice), long_json(&mut dice));
        let at = moment(START_SECONDS + dice.between(0, 650 * 86_400));
        entry.execute(params![dice.between(1, 418), dice.between(1, 390), before, after, at])?;
        rows += 1;
        if rows % REPORT_EVERY == 0 {
            tell(rows);
        }
    }
    let mut blob = file.prepare(
        r#"insert into "attachments" ("attachable_type", "attachable_id", "file_name", "mime", "size_bytes", "content", "created_at")
           values ('App\Models\Document', ?1, 'yaddash/arxiv.bin', 'application/octet-stream', ?2, ?3, ?4)"#,
    )?;
    let mut content = vec![0; BLOB_BYTES];
    let size = i64::try_from(BLOB_BYTES).unwrap_or(0);
    for _ in 0..bytes / 2 / u64::try_from(BLOB_BYTES).unwrap_or(1) {
        for piece in content.chunks_exact_mut(8) {
            piece.copy_from_slice(&dice.bits().to_le_bytes());
        }
        blob.execute(params![dice.between(1, 390), size, content, moment(START_SECONDS)])?;
        rows += 1;
        if rows % REPORT_EVERY == 0 {
            tell(rows);
        }
    }
    Ok(rows)
}

fn long_json(dice: &mut Dice) -> String {
    let mut text = String::with_capacity(1_000);
    text.push_str(r#"{"mətn":""#);
    while text.len() < 700 {
        text.push_str(&sentences(dice));
        text.push(' ');
    }
    text.push_str(r#"","əlavə":"#);
    text.push_str(&json(dice));
    text.push('}');
    text
}
