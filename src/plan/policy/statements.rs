//! Statements in a text of PostgreSQL's SQL: where each begins, and whether it leaves the transaction that it is run in.
//!
//! Splits as PostgreSQL's own shell does: strings, quoted names, dollar quotes, comments and bodies of functions are
//! passed over. Never judges whether the SQL is right; that is the server's.

/// A statement of a text, without its semicolon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement<'a> {
    /// What it says, from its first word on.
    pub text: &'a str,
    /// The line of the text that it begins in, from one.
    pub line: usize,
}

/// A piece of SQL that holds no end of a statement within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// Space or a comment.
    Nothing,
    Word,
    Opens,
    Closes,
    Semicolon,
    Other,
}

/// The statements of a text, in order.
pub fn statements(sql: &str) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    let (mut at, mut begins) = (0, None);
    let (mut parentheses, mut bodies) = (0_usize, 0_usize);
    let mut words: Vec<String> = Vec::new();
    while let Some(rest) = sql.get(at..).filter(|rest| !rest.is_empty()) {
        let (piece, length) = first_piece(rest);
        if piece != Piece::Nothing && piece != Piece::Semicolon {
            begins.get_or_insert(at);
        }
        match piece {
            Piece::Opens => parentheses += 1,
            Piece::Closes => parentheses = parentheses.saturating_sub(1),
            Piece::Word => {
                words.push(rest.get(..length).unwrap_or_default().to_ascii_lowercase());
                bodies = within_body(&words, bodies);
            }
            Piece::Semicolon if parentheses == 0 && bodies == 0 => {
                found.extend(begins.take().and_then(|begins| statement(sql, begins, at)));
                words.clear();
            }
            Piece::Semicolon | Piece::Nothing | Piece::Other => {}
        }
        at += length;
    }
    found.extend(begins.and_then(|begins| statement(sql, begins, sql.len())));
    found
}

fn statement(sql: &str, begins: usize, ends: usize) -> Option<Statement<'_>> {
    let line = sql.get(..begins)?.matches('\n').count() + 1;
    Some(Statement { text: sql.get(begins..ends)?.trim_end(), line })
}

/// How deep in `BEGIN ATOMIC … END`, the body of a function in SQL, after the last of these words.
fn within_body(words: &[String], bodies: usize) -> usize {
    let makes_function =
        words.first().is_some_and(|word| word == "create") && words.iter().take(4).any(|word| word == "function" || word == "procedure");
    match words.last().map(String::as_str) {
        Some("begin") if makes_function => bodies + 1,
        Some("case") if bodies > 0 => bodies + 1,
        Some("end") => bodies.saturating_sub(1),
        Some(_) | None => bodies,
    }
}

/// The first piece of a text that is not empty, and its length in bytes.
fn first_piece(rest: &str) -> (Piece, usize) {
    let letter = rest.chars().next().unwrap_or_default();
    let is_of_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '$' || !letter.is_ascii();
    match letter {
        ';' => (Piece::Semicolon, 1),
        '(' => (Piece::Opens, 1),
        ')' => (Piece::Closes, 1),
        '\'' => (Piece::Other, quoted(rest, '\'', false)),
        '"' => (Piece::Other, quoted(rest, '"', false)),
        '$' => (Piece::Other, dollar_quoted(rest)),
        '-' if rest.starts_with("--") => (Piece::Nothing, rest.find('\n').unwrap_or(rest.len())),
        '/' if rest.starts_with("/*") => (Piece::Nothing, comment(rest)),
        _ if letter.is_whitespace() => (Piece::Nothing, letter.len_utf8()),
        _ if letter.is_ascii_digit() => (Piece::Other, rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len())),
        _ if is_of_word(letter) => {
            let length = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len());
            let escaped = rest.get(1..).filter(|after| length == 1 && letter.eq_ignore_ascii_case(&'e') && after.starts_with('\''));
            escaped.map_or((Piece::Word, length), |after| (Piece::Other, 1 + quoted(after, '\'', true)))
        }
        _ => (Piece::Other, letter.len_utf8()),
    }
}

/// The length of a quotation; a doubled mark is two of them in a row, which comes to the same.
fn quoted(rest: &str, mark: char, escapes: bool) -> usize {
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        if escapes && letter == '\\' {
            letters.next();
        } else if letter == mark {
            // In a string with escapes, what follows the doubled mark has them, too.
            if !(escapes && rest.get(at + 1..).is_some_and(|after| after.starts_with(mark))) {
                return at + 1;
            }
            letters.next();
        }
    }
    rest.len()
}

/// The length of `$tag$ … $tag$`; one where the dollar begins no quotation.
fn dollar_quoted(rest: &str) -> usize {
    let Some((tag, _)) = rest.get(1..).and_then(|after| after.split_once('$')) else { return 1 };
    let is_tag =
        tag.chars().all(|letter| letter.is_alphanumeric() || letter == '_') && !tag.starts_with(|letter: char| letter.is_ascii_digit());
    if !is_tag {
        return 1;
    }
    let mark = format!("${tag}$");
    let body = rest.get(mark.len()..).unwrap_or_default();
    body.find(&mark).map_or(rest.len(), |at| at + 2 * mark.len())
}

/// The length of a comment, in which comments may stand.
fn comment(rest: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

impl Statement<'_> {
    /// Its words, in small letters; quoted names are none.
    pub fn words(&self) -> Vec<String> {
        let (mut words, mut at) = (Vec::new(), 0);
        while let Some(rest) = self.text.get(at..).filter(|rest| !rest.is_empty()) {
            let (piece, length) = first_piece(rest);
            if piece == Piece::Word {
                words.push(rest.get(..length).unwrap_or_default().to_ascii_lowercase());
            }
            at += length;
        }
        words
    }

    /// Whether it begins or ends a transaction.
    pub fn is_of_transactions(&self) -> bool {
        let words = self.words();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let to_savepoint = matches!(words.as_slice(), ["rollback", "to", ..] | ["rollback", "work" | "transaction", "to", ..]);
        let begins_or_ends =
            matches!(words.as_slice(), ["begin" | "commit" | "end" | "abort" | "rollback", ..] | ["start" | "prepare", "transaction", ..]);
        begins_or_ends && !to_savepoint
    }

    /// Whether it waits for data that only PostgreSQL's own shell would send.
    pub(super) fn is_copy_from_input(&self) -> bool {
        let words = self.words();
        words.first().is_some_and(|word| word == "copy") && words.iter().any(|word| word == "stdin" || word == "stdout")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<(&str, usize)> {
        statements(sql).into_iter().map(|statement| (statement.text, statement.line)).collect()
    }

    #[test]
    fn statements_end_where_the_server_ends_them() {
        assert_eq!(texts("  -- one;\nselect ';';\n\n/* two; /* ; */ */ select \"a;b\" ; ;"), [("select ';'", 2), ("select \"a;b\"", 4)]);
        assert_eq!(texts("do $$ begin; end $$; select $a$ ; $$ ; $a$"), [("do $$ begin; end $$", 1), ("select $a$ ; $$ ; $a$", 1)]);
        assert_eq!(texts("select e'\\';', E'''\\'' ; select 'it''s;'"), [("select e'\\';', E'''\\''", 1), ("select 'it''s;'", 1)]);
        assert_eq!(
            texts("create rule r as on insert to t do (select 1; select 2); ä;"),
            [("create rule r as on insert to t do (select 1; select 2)", 1), ("ä", 1)]
        );
        let body = "create or replace function f() returns int begin atomic select 1; select case when true then 1 end; end";
        assert_eq!(texts(&format!("{body};\nselect 2")), [(body, 1), ("select 2", 2)]);
        assert_eq!(texts("select $1, a$b; select 'never ends; /*"), [("select $1, a$b", 1), ("select 'never ends; /*", 1)]);
        assert!(texts(" -- nothing\n ; /* at all").is_empty());
    }

    #[test]
    fn statements_that_leave_the_transaction_are_seen() {
        let leaves = |sql: &str| statements(sql).iter().any(Statement::is_of_transactions);
        for sql in [
            "commit",
            "BEGIN ;",
            "start transaction isolation level serializable",
            "Rollback work; -- no",
            "select 1; /* */ commit and chain",
            "end",
            "abort",
        ] {
            assert!(leaves(sql), "{sql}");
        }
        for sql in [
            "-- commit;",
            "update t set commit = 1",
            "commit_all()",
            "do $$ begin end $$",
            "rollback to savepoint a",
            "savepoint a",
            "select 'a\ncommit;'",
        ] {
            assert!(!leaves(sql), "{sql}");
        }
        assert!(statements("copy t from stdin").iter().all(Statement::is_copy_from_input));
    }
}
