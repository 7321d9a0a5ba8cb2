//! Makes the structure that a dump describes, statement by statement.
//!
//! Takes what `pg_dump`, Rails (`structure.sql`) and the frameworks' own tools write: statements, and rows behind
//! `COPY … FROM stdin;`. Owners, rights and what concerns the whole server are no part of a rehearsal and are passed
//! over. Whatever else the server refuses ends the rehearsal, with the line that it stands in.

use std::collections::BTreeSet;

use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Statement, statements};
use crate::postgres::{Session, copy_text, failed};

/// What became of a dump.
#[derive(Debug, Default)]
pub(super) struct Replayed {
    /// Statements that were carried out.
    pub(super) statements: u64,
    /// Rows that the dump holds itself.
    pub(super) rows: u64,
    /// Extensions that the server does not have, as the dump names them.
    pub(super) missing: BTreeSet<String>,
}

/// A part of a dump.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    /// Statements, and the number of lines before them.
    Sql(&'a str, usize),
    /// A COPY, the number of lines before it, and its rows.
    Rows(&'a str, usize, &'a str),
}

/// What becomes of a statement that the server refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// It is not even sent: it is about the whole server, or about transactions.
    Never,
    /// It may fail: it is about owners, rights and settings.
    Light,
    /// It brings an extension.
    Extension,
    /// It may name what is there already.
    Schema,
    /// It must work.
    Needed,
}

/// Carries out a dump; `what` names it in errors.
pub(super) async fn replay(session: &Session, dump: &str, what: &str, done: &mut Replayed) -> Result<()> {
    for part in parts(dump) {
        match part {
            Part::Sql(sql, before) => {
                for statement in statements(sql) {
                    make(session, &statement, before, what, done).await?;
                }
            }
            Part::Rows(copy, before, rows) => {
                let doing = format!("replay {what}, line {}", before + 1);
                done.rows += copy_text(session, copy, rows, &doing).await?;
            }
        }
    }
    Ok(())
}

async fn make(session: &Session, statement: &Statement<'_>, before: usize, what: &str, done: &mut Replayed) -> Result<()> {
    let words = statement.words();
    let weight = weight(statement, &words);
    if weight == Weight::Never {
        return Ok(());
    }
    let Err(error) = session.client().batch_execute(statement.text).await else {
        done.statements += 1;
        return Ok(());
    };
    let code = error.code().map(|code| code.code().to_owned()).unwrap_or_default();
    match weight {
        // The connection may be what failed.
        Weight::Light if !code.is_empty() => return Ok(()),
        Weight::Extension if !code.is_empty() => {
            done.missing.extend(extension(statement.text));
            return Ok(());
        }
        // It exists.
        Weight::Schema if code == "42P06" => return Ok(()),
        Weight::Never | Weight::Light | Weight::Extension | Weight::Schema | Weight::Needed => {}
    }
    let refused = failed(format!("replay {what}, line {} ({} …)", before + statement.line, opening(&words)), error);
    if done.missing.is_empty() {
        return Err(refused);
    }
    let missing = done.missing.iter().cloned().collect::<Vec<_>>().join(", ");
    let detail = format!("{}; the server that it is rehearsed on lacks the extensions {missing}", refused.detail());
    Err(Error::new(ErrorKind::TargetRefused, refused.doing().to_owned(), detail)
        .hint("install them beside that server's binaries, or name a server that has them with --target"))
}

/// The first words of a statement; never a value.
fn opening(words: &[String]) -> String {
    words.iter().take(4).map(|word| word.to_uppercase()).collect::<Vec<_>>().join(" ")
}

fn weight(statement: &Statement<'_>, words: &[String]) -> Weight {
    let words: Vec<&str> = words.iter().take(6).map(String::as_str).collect();
    match words.as_slice() {
        _ if statement.is_of_transactions() => Weight::Never,
        [
            "create" | "alter" | "drop",
            "database" | "role" | "user" | "group" | "tablespace" | "system" | "publication" | "subscription",
            ..,
        ]
        | ["create" | "alter" | "drop", "event", "trigger", ..] => Weight::Never,
        ["set" | "reset" | "comment" | "grant" | "revoke" | "security", ..]
        | ["alter", "default", "privileges", ..]
        | ["create" | "alter", "policy", ..] => Weight::Light,
        ["alter", ..] if gives_away(statement) => Weight::Light,
        ["create", "extension", ..] => Weight::Extension,
        ["create", "schema", ..] => Weight::Schema,
        _ => Weight::Needed,
    }
}

/// Whether it does nothing but name an owner.
fn gives_away(statement: &Statement<'_>) -> bool {
    let words = statement.words();
    words.windows(2).any(|pair| pair == ["owner", "to"])
}

/// The name behind `CREATE EXTENSION [IF NOT EXISTS]`.
fn extension(text: &str) -> Option<String> {
    let name =
        text.split_whitespace().find(|word| !["create", "extension", "if", "not", "exists"].contains(&word.to_lowercase().as_str()))?;
    Some(name.trim_matches(['"', ';']).to_owned())
}

/// Cuts a dump into statements and rows. Commands of PostgreSQL's own shell, as `pg_dump` writes them, are left out.
fn parts(dump: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    // Where the piece at hand begins, and how many lines stand before it.
    let (mut begins, mut before) = (0, 0);
    let mut at = 0;
    let mut copy: Option<(&str, usize)> = None;
    for (number, line) in dump.split_inclusive('\n').enumerate() {
        let (here, bare) = (at, line.trim_end());
        at += line.len();
        let piece = dump.get(begins..here).unwrap_or_default();
        match copy {
            Some((statement, line)) if bare == "\\." => {
                parts.push(Part::Rows(statement, line, piece));
                copy = None;
            }
            None if is_of_shell(bare) || is_copy(bare) => {
                parts.push(Part::Sql(piece, before));
                copy = is_copy(bare).then_some((bare.trim_end_matches(';'), number));
            }
            Some(_) | None => continue,
        }
        (begins, before) = (at, number + 1);
    }
    let rest = dump.get(begins..).unwrap_or_default();
    parts.push(copy.map_or(Part::Sql(rest, before), |(statement, line)| Part::Rows(statement, line, rest)));
    parts.retain(|part| !matches!(part, Part::Sql(text, _) if text.trim().is_empty()));
    parts
}

fn is_of_shell(line: &str) -> bool {
    ["\\restrict ", "\\unrestrict ", "\\connect ", "\\set ", "\\encoding "].iter().any(|command| line.starts_with(command))
}

/// Whether rows follow the line.
fn is_copy(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.starts_with("copy ") && line.ends_with(" from stdin;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_commands_of_the_shell_are_told_from_statements() {
        let dump = "\\restrict abc\nSET a = 1;\ncreate table t(a text);\nCOPY public.t (a) FROM stdin;\none;\n\\N\n\\.\n\nselect 1;\n\\unrestrict abc\n";
        assert_eq!(
            parts(dump),
            [
                Part::Sql("SET a = 1;\ncreate table t(a text);\n", 1),
                Part::Rows("COPY public.t (a) FROM stdin", 3, "one;\n\\N\n"),
                Part::Sql("\nselect 1;\n", 7)
            ]
        );
        assert_eq!(parts("COPY t FROM stdin;\na"), [Part::Rows("COPY t FROM stdin", 0, "a")]);
        assert!(parts("\n").is_empty());
    }

    #[test]
    fn what_is_about_owners_or_the_whole_server_does_not_weigh() {
        for (sql, expected) in [
            ("CREATE DATABASE app", Weight::Never),
            ("drop role app", Weight::Never),
            ("COMMIT", Weight::Never),
            ("SET transaction_timeout = 0", Weight::Light),
            ("GRANT SELECT ON t TO app", Weight::Light),
            ("ALTER TABLE ONLY public.t OWNER TO app", Weight::Light),
            ("ALTER TABLE ONLY public.t ADD CONSTRAINT \"owner to\" CHECK (true)", Weight::Needed),
            ("CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA public", Weight::Extension),
            ("CREATE SCHEMA public", Weight::Schema),
            ("CREATE TABLE t(id int)", Weight::Needed),
            ("SELECT pg_catalog.set_config('search_path', '', false)", Weight::Needed),
        ] {
            let found = statements(sql);
            assert_eq!(weight(&found[0], &found[0].words()), expected, "{sql}");
        }
        assert_eq!(extension("CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA public").as_deref(), Some("uuid-ossp"));
    }
}
