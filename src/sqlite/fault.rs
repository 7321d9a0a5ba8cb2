//! What an error of SQLite means for the operator.
//!
//! Never copies a cell: SQLite's messages name objects and rules, not values.

use rusqlite::ErrorCode;

use crate::error::{Error, ErrorKind};

/// The error for `fault`, met while `doing` (completes "failed to …").
pub(super) fn fault(doing: impl Into<String>, fault: rusqlite::Error) -> Error {
    let message = message(&fault);
    match code(&fault) {
        Some(ErrorCode::DatabaseCorrupt) => damaged(doing, message).because(fault),
        Some(ErrorCode::NotADatabase) => Error::new(
            ErrorKind::SourceNotSqlite,
            doing,
            format!("SQLite does not take the file for a database ({message}), although it begins like one"),
        )
        .hint("the file may be encrypted, or written by a newer version of SQLite")
        .because(fault),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            Error::new(ErrorKind::SourceBusy, doing, format!("another program keeps the database locked ({message}); nothing was read"))
                .hint("wait until that program has ended its transaction, then run the same command again")
                .because(fault)
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure) => {
            Error::new(ErrorKind::SourceMissing, doing, format!("the operating system does not let the file be read ({message})"))
                .hint("check the rights of the file and of its directory, and the disk it lies on")
                .because(fault)
        }
        Some(ErrorCode::SchemaChanged) => Error::new(ErrorKind::SourceChanged, doing, "the schema was changed meanwhile")
            .hint("run the same command again")
            .because(fault),
        Some(ErrorCode::DiskFull) => Error::new(ErrorKind::WorkDirectory, doing, "the local disk is full").because(fault),
        Some(ErrorCode::TooBig | ErrorCode::OutOfMemory) => {
            Error::new(ErrorKind::Unforeseen, doing, format!("a row is too large for SQLite to read here ({message})")).because(fault)
        }
        Some(_) | None => Error::new(ErrorKind::Unforeseen, doing, format!("SQLite refused: {message}")).because(fault),
    }
}

/// The error for a damaged file.
pub(super) fn damaged(doing: impl Into<String>, detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::SourceCorrupt, doing, format!("the database is damaged: {}; nothing was changed", detail.into())).hint(
        "restore a backup, or save what can be read with `sqlite3 damaged.db .recover | sqlite3 mended.db`, and run this on the result",
    )
}

/// SQLite's code for an error, whether it met it in the text of a statement or elsewhere.
pub(super) fn code(fault: &rusqlite::Error) -> Option<ErrorCode> {
    native(fault).map(|error| error.code)
}

/// SQLite's extended code for an error; 0, which stands for success, where the error is not SQLite's.
pub(super) fn extended_code(fault: &rusqlite::Error) -> i32 {
    native(fault).map_or(0, |error| error.extended_code)
}

fn native(fault: &rusqlite::Error) -> Option<&rusqlite::ffi::Error> {
    if let rusqlite::Error::SqlInputError { error, .. } = fault { Some(error) } else { fault.sqlite_error() }
}

/// SQLite's own words.
pub(super) fn message(fault: &rusqlite::Error) -> String {
    // The text of this variant would repeat the whole statement.
    if let rusqlite::Error::SqlInputError { msg, .. } = fault { msg.clone() } else { fault.to_string() }
}
