//! The few facts of a schema that stand in no pragma: read from the statement's tokens.
//!
//! Not a parser: it tells words from strings, quoted names and comments, and looks for the reserved words that can only
//! mean one thing. SQLite has parsed the statement before.

use crate::catalog::{Deferral, ModuleArgument};

/// A token: a bare word, or anything else as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Quoted(&'a str),
    Other(&'a str),
}

impl Token<'_> {
    fn is(self, word: &str) -> bool {
        matches!(self, Token::Word(text) if text.eq_ignore_ascii_case(word))
    }
}

/// The module of a CREATE VIRTUAL TABLE statement, in lower case; none for any other statement.
pub(super) fn module(sql: &str) -> Option<String> {
    let tokens = tokens(sql);
    let mut rest = tokens.iter().copied();
    if !(rest.next()?.is("create") && rest.next()?.is("virtual")) {
        return None;
    }
    // USING is reserved: it can't be the table's name unless quoted.
    let _ = rest.find(|token| token.is("using"))?;
    match rest.next()? {
        Token::Word(name) => Some(name.to_ascii_lowercase()),
        Token::Quoted(text) => Some(unquoted(text).to_ascii_lowercase()),
        Token::Other(_) => None,
    }
}

/// The arguments of a CREATE VIRTUAL TABLE statement's module.
pub(super) fn arguments(sql: &str) -> Vec<ModuleArgument> {
    let tokens = tokens(sql);
    let begin = tokens.iter().position(|token| token.is("using")).map_or(tokens.len(), |using| using + 3);
    let mut arguments = Vec::new();
    let mut open = ModuleArgument { words: Vec::new(), value: None };
    let mut depth = 0_u32;
    for token in tokens.get(begin..).unwrap_or_default() {
        match (*token, depth) {
            (Token::Other(")"), 0) => break,
            (Token::Other(","), 0) => arguments.push(std::mem::replace(&mut open, ModuleArgument { words: Vec::new(), value: None })),
            (Token::Other("="), 0) if open.value.is_none() => open.value = Some(Vec::new()),
            (token, _) => {
                let text = match token {
                    Token::Word(text) => text.to_owned(),
                    Token::Quoted(text) => unquoted(text),
                    Token::Other(text) => {
                        depth = depth.saturating_add(u32::from(text == "(")).saturating_sub(u32::from(text == ")"));
                        text.to_owned()
                    }
                };
                open.value.as_mut().unwrap_or(&mut open.words).push(text);
            }
        }
    }
    if !open.words.is_empty() {
        arguments.push(open);
    }
    arguments
}

/// The deferral of each foreign key of a CREATE TABLE statement, in the order of their declaration.
///
/// REFERENCES and DEFERRABLE are reserved, so every bare REFERENCES begins a foreign key, and a DEFERRABLE belongs to
/// the last one before it.
pub(super) fn deferrals(sql: &str) -> Vec<Deferral> {
    let tokens = tokens(sql);
    let mut deferrals = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let near = |distance: isize, word: &str| {
            index.checked_add_signed(distance).and_then(|index| tokens.get(index)).is_some_and(|token| token.is(word))
        };
        if token.is("references") {
            deferrals.push(Deferral::Immediate);
        } else if token.is("deferrable")
            && let Some(last) = deferrals.last_mut()
        {
            let deferred = !near(-1, "not") && near(1, "initially") && near(2, "deferred");
            *last = if deferred { Deferral::Deferred } else { Deferral::Immediate };
        }
    }
    deferrals
}

fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.get(2..).and_then(|body| body.find("*/")).map_or(rest.len(), |end| end + 4),
            '\'' | '"' | '`' => end_of_quoted(rest, first),
            '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
            _ if is_word(first) => rest.find(|character| !is_word(character)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        match first {
            '-' | '/' if token.len() > 1 => {}
            '\'' | '"' | '`' | '[' => tokens.push(Token::Quoted(token)),
            _ if is_word(first) => tokens.push(Token::Word(token)),
            _ if first.is_ascii_whitespace() => {}
            _ => tokens.push(Token::Other(token)),
        }
        rest = after;
    }
    tokens
}

/// Where the quoted text that stands at the beginning ends; a doubled quote stands for one.
fn end_of_quoted(text: &str, quote: char) -> usize {
    let mut inside = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = inside.next() {
        if character == quote && inside.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    text.len()
}

/// As SQLite's tokenizer has it: every character beyond ASCII belongs to a word.
fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '$') || !character.is_ascii()
}

fn unquoted(text: &str) -> String {
    let mut inner = text.chars();
    let opening = inner.next();
    inner.next_back();
    match opening {
        Some(quote @ ('"' | '\'' | '`')) => inner.as_str().replace(&format!("{quote}{quote}"), &quote.to_string()),
        Some(_) | None => inner.as_str().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Deferral::{Deferred, Immediate};

    #[test]
    fn finds_the_module() {
        for (sql, expected) in [
            ("CREATE VIRTUAL TABLE t USING fts5(a, b)", Some("fts5")),
            ("create /* using x */ virtual table \"using\" -- using y\n using[RTree](id)", Some("rtree")),
            ("CREATE VIRTUAL TABLE x USING \"odd\"\"one\"", Some("odd\"one")),
            ("CREATE TABLE virtual(a)", None),
            ("CREATE VIRTUAL TABLE", None),
        ] {
            assert_eq!(module(sql).as_deref(), expected, "{sql}");
        }
    }

    #[test]
    fn finds_the_arguments() {
        let sql = "create virtual table t using fts5(\"a b\", [body] unindexed, content='', -- no, comment\n tokenize = \"unicode61 x 'y'\", \
                   p=porter 'k=v', +c text check (c in (1, 2)))";
        let found: Vec<_> = arguments(sql).into_iter().map(|argument| (argument.words.join("|"), argument.value)).collect();
        let value = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
        let expected: [(&str, Option<Vec<String>>); 6] = [
            ("a b", None),
            ("body|unindexed", None),
            ("content", value(&[""])),
            ("tokenize", value(&["unicode61 x 'y'"])),
            ("p", value(&["porter", "k=v"])),
            ("+|c|text|check|(|c|in|(|1|,|2|)|)", None),
        ];
        assert_eq!(found, expected.map(|(words, value)| (words.to_owned(), value)));
        assert_eq!(arguments("create virtual table t using dbstat"), []);
        assert_eq!(arguments("create virtual table t using x("), []);
    }

    #[test]
    fn finds_deferred_keys() {
        let sql = "create table c(a references p deferrable initially deferred, \"deferrable\" text default ' references ', \
                   b references p not deferrable initially deferred, c references p(x) -- deferrable initially deferred\n, \
                   d references p on delete cascade /* x */ not null DEFERRABLE INITIALLY DEFERRED, \
                   e, foreign key (e) references p deferrable, foreign key (e) references p deferrable initially immediate)";
        assert_eq!(deferrals(sql), [Deferred, Immediate, Immediate, Deferred, Immediate, Immediate]);
    }

    #[test]
    fn survives_what_never_ends() {
        for sql in ["create table 'a", "create table t(a /* b", "x--", "[", "`a``", "é", "-", "/"] {
            assert_eq!(deferrals(sql), []);
        }
    }
}
