//! LIKE and GLOB.

use super::constant::text_sql;
use super::fault::{Translated, refuse};
use super::shim::call;
use super::typed::{Class, Typed};

/// `value [NOT] LIKE pattern [ESCAPE escape]`: SQLite's takes ASCII letters of either case as the same.
pub(super) fn like(value: &Typed, not: bool, pattern: &Typed, escape: Option<&Typed>) -> Translated<Typed> {
    if value.class == Class::Null || pattern.class == Class::Null {
        return Ok(Typed::computed("NULL::boolean", Class::Condition));
    }
    if escape.is_some_and(|escape| escape.class == Class::Null) {
        return Ok(Typed::computed("NULL::boolean", Class::Condition));
    }
    let escape_operand = escape.map_or(Ok(String::new()), |escape| escape.text("LIKE … ESCAPE"))?;
    let escape = match escape.map(|escape| escape.constant_text().map(str::to_owned)) {
        None => String::new(),
        Some(Some(text)) if text.chars().count() == 1 => match pattern.constant_text() {
            Some(whole) if !dangles(whole, &text) && !text.contains(|c: char| c.is_ascii_alphabetic() || "%_".contains(c)) => text,
            Some(_) | None => {
                let sql = call("matches_like", &[&pattern.text("LIKE")?, &value.text("LIKE")?, &text_sql(&text)]);
                return Ok(Typed::computed(if not { format!("(NOT {sql})") } else { sql }, Class::Condition));
            }
        },
        Some(Some(_)) => return refuse("LIKE … ESCAPE", "the escape is not one character, which SQLite refuses, too"),
        Some(None) => {
            let sql = call("matches_like", &[&pattern.text("LIKE")?, &value.text("LIKE")?, &call("one_sign", &[&escape_operand])]);
            return Ok(Typed::computed(if not { format!("(NOT {sql})") } else { sql }, Class::Condition));
        }
    };
    let operand = |side: &Typed| match side.constant_text() {
        Some(text) => Ok(text_sql(&text.to_ascii_lowercase())),
        None => Ok(format!("lower({} collate \"C\")", side.text("LIKE")?)),
    };
    let value = match &value.constant {
        Some(_) => format!("{}::text", operand(value)?),
        None => operand(value)?,
    };
    let operator = if not { "NOT LIKE" } else { "LIKE" };
    Ok(Typed::computed(format!("({value} {operator} {} ESCAPE {})", operand(pattern)?, text_sql(&escape)), Class::Condition))
}

/// Whether an escape character stands where PostgreSQL and SQLite disagree: at the end.
fn dangles(pattern: &str, escape: &str) -> bool {
    let mut rest = pattern.chars();
    while let Some(sign) = rest.next() {
        if escape.starts_with(sign) && rest.next().is_none() {
            return true;
        }
    }
    false
}

/// `value [NOT] GLOB pattern`.
pub(super) fn glob(value: &Typed, not: bool, pattern: &Typed) -> Translated<Typed> {
    if value.class == Class::Null || pattern.class == Class::Null {
        return Ok(Typed::computed("NULL::boolean", Class::Condition));
    }
    let text = value.text("GLOB")?;
    let computed = |pattern: &str| {
        let sql = call("glob", &[pattern, &text]);
        Ok(Typed::computed(if not { format!("(NOT {sql})") } else { sql }, Class::Condition))
    };
    let Some(literal) = pattern.constant_text() else { return computed(&pattern.text("GLOB")?) };
    let sets = if literal.contains('[') { regex(literal).map(Some) } else { Ok(None) };
    let Ok(sets) = sets else { return computed(&pattern.value()) };
    let sql = if let Some(sets) = sets {
        let operator = if not { "!~" } else { "~" };
        format!("({text} collate \"C\" {operator} {})", text_sql(&sets))
    } else {
        let operator = if not { "NOT LIKE" } else { "LIKE" };
        format!("({text} {operator} {} ESCAPE '\\')", text_sql(&like_pattern(literal)))
    };
    Ok(Typed::computed(sql, Class::Condition))
}

fn like_pattern(glob: &str) -> String {
    let mut pattern = String::new();
    for sign in glob.chars() {
        match sign {
            '*' => pattern.push('%'),
            '?' => pattern.push('_'),
            '%' | '_' | '\\' => pattern.extend(['\\', sign]),
            other => pattern.push(other),
        }
    }
    pattern
}

/// A POSIX expression for a pattern with sets.
fn regex(glob: &str) -> Translated<String> {
    let mut regex = "^".to_owned();
    let mut rest = glob.chars().peekable();
    while let Some(sign) = rest.next() {
        match sign {
            '*' => regex.push_str(".*"),
            '?' => regex.push('.'),
            '[' => {
                regex.push('[');
                if rest.next_if_eq(&'^').is_some() {
                    regex.push('^');
                }
                let set: String = std::iter::from_fn(|| rest.next_if(|sign| *sign != ']')).collect();
                // Whatever a bracket expression could mean otherwise is left to people.
                if rest.next().is_none() || set.is_empty() || !ranges_only(&set) {
                    return refuse("GLOB", "the set in the pattern has signs with a meaning of their own");
                }
                regex.push_str(&set);
                regex.push(']');
            }
            other if other.is_alphanumeric() || other == '_' || other == ' ' => regex.push(other),
            other if other.is_ascii() && !other.is_ascii_control() => regex.extend(['\\', other]),
            other => regex.push(other),
        }
    }
    regex.push('$');
    Ok(regex)
}

/// Whether a set consists of single letters, digits and underscores, and of rising ranges of them.
fn ranges_only(set: &str) -> bool {
    let mut rest = set.chars().peekable();
    while let Some(low) = rest.next() {
        if !low.is_ascii_alphanumeric() && !"_ @/,".contains(low) {
            return false;
        }
        if rest.next_if_eq(&'-').is_some() {
            match rest.next() {
                Some(high) if high.is_ascii_alphanumeric() && high >= low => {}
                Some(_) | None => return false,
            }
        }
    }
    true
}
