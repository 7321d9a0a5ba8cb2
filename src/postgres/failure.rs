//! From the client library's errors to ours.
//!
//! Never lets a cell value through: the server's detail and context are left out, and so is what a message quotes
//! of a value. What is left out stands in the server's own log.

use std::error::Error as StdError;

use tokio_postgres::error::{DbError, SqlState};

use super::tls;
use crate::error::{Error, ErrorKind};

/// Says what went wrong with a statement or a connection; `doing` completes "failed to …".
pub fn failed(doing: impl Into<String>, error: tokio_postgres::Error) -> Error {
    if let Some(refusal) = error.as_db_error() {
        return refused(doing, refusal);
    }
    if let Some(fault) = tls::fault(&error) {
        return fault.into_error(doing);
    }
    if error.is_closed() || caused_by_io(&error) {
        let detail = "the connection to the server was lost; what was not yet committed is undone by the server";
        return Error::new(ErrorKind::TargetLost, doing, detail).because(error);
    }
    Error::bug(doing, "the server and outgrow did not understand each other").because(error)
}

/// Whether the transport failed, rather than server or client.
fn caused_by_io(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(<dyn StdError>::is::<std::io::Error>)
}

/// The server's refusal; the error itself is not attached, because its text holds the detail.
pub(super) fn refused(doing: impl Into<String>, refusal: &DbError) -> Error {
    let code = refusal.code();
    let said = format!("the server said: {} (SQLSTATE {})", safe_message(refusal), code.code());
    let error = |kind, detail| Error::new(kind, doing, detail).at_line(copied_line(refusal));
    match code.code() {
        "28P01" => error(ErrorKind::TargetAuth, said).hint("check user and password; a password file counts only with mode 0600"),
        "28000" => error(ErrorKind::TargetAuth, said)
            .hint("the server's pg_hba.conf decides who may log in, from where, and whether TLS is needed"),
        "3D000" => error(ErrorKind::TargetRefused, said).hint("make the database first (`createdb`), or name another"),
        "42501" => error(ErrorKind::TargetRights, said).hint("`outgrow check` says which rights are needed and which are there"),
        // Not the statement's fault: the same one may be taken another time.
        "55P03" | "57014" | "40001" | "40P01" | "53000" | "53200" | "53400" | "55006" => error(ErrorKind::TargetBusy, said),
        "53100" => error(ErrorKind::TargetFull, said),
        "53300" => error(ErrorKind::TargetUnreachable, said).hint("end other connections or raise max_connections"),
        "57P03" => error(ErrorKind::TargetUnreachable, said),
        "57P01" | "57P02" | "57P04" | "57P05" => error(ErrorKind::TargetLost, said),
        class if class.starts_with("08") => error(ErrorKind::TargetLost, said),
        class if class.starts_with("28") => error(ErrorKind::TargetAuth, said),
        _ => error(ErrorKind::TargetRefused, said),
    }
}

/// The server's primary message without any value of a cell.
fn safe_message(refusal: &DbError) -> String {
    let code = refusal.code();
    let class = code.code().get(..2).unwrap_or_default();
    let message = match class {
        "22" => without_quotes(refusal.message()),
        // A trigger's or function's own words: no telling what stands in them.
        "P0" => "(the message of a trigger or function is in the server's log; it may hold values)".to_owned(),
        _ => refusal.message().to_owned(),
    };
    match copied_line(refusal) {
        Some(line) if *code != SqlState::QUERY_CANCELED => format!("{message}, at row {line} of this COPY"),
        Some(_) | None => message,
    }
}

/// The message with what it quotes cut out.
///
/// Quotation marks differ by the server's language, so from the first mark or foreign character on only what can't
/// be part of a quotation is kept.
fn without_quotes(message: &str) -> String {
    let is_mark = |character: char| character == '"' || !character.is_ascii();
    let (start, end) = match (message.find(is_mark), message.rfind(is_mark)) {
        (Some(start), Some(end)) => (start, end),
        (None, _) | (_, None) => (message.len(), message.len()),
    };
    let head = &message[..start];
    let tail = message.get(end + 1..).filter(|_| message.is_ascii()).unwrap_or_default();
    let cut = if start < message.len() { format!("{head}\"…\"{tail}") } else { message.to_owned() };
    // `invalid byte sequence for encoding "UTF8": 0xc3 0x28` and `invalid hexadecimal digit` show bytes unquoted.
    cut.find("0x").map_or(cut.clone(), |bytes| format!("{}…", &cut[..bytes]))
}

/// The row of a COPY that the server stumbled over.
fn copied_line(refusal: &DbError) -> Option<u64> {
    let context = refusal.where_()?.strip_prefix("COPY ")?;
    let (_, after) = context.split_once(", line ")?;
    let digits = after.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::without_quotes;

    #[test]
    fn a_message_keeps_no_value() {
        for (message, expected) in [
            ("invalid input syntax for type integer: \"secret\"", "invalid input syntax for type integer: \"…\""),
            ("value \"secret\" is out of range for type integer", "value \"…\" is out of range for type integer"),
            ("invalid input syntax for type integer: \"a\"secret\"b\"", "invalid input syntax for type integer: \"…\""),
            ("ungültige Eingabesyntax für Typ integer: »secret«", "ung\"…\""),
            ("invalid byte sequence for encoding \"UTF8\": 0xc3 0x28", "invalid byte sequence for encoding \"…\": …"),
            ("value too long for type character varying(3)", "value too long for type character varying(3)"),
            ("syntaxe en entrée invalide : « secret »", "syntaxe en entr\"…\""),
        ] {
            assert_eq!(without_quotes(message), expected);
        }
    }
}
