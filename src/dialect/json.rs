//! The JSON functions and operators, through helpers that read, keep and write JSON as SQLite does.
//!
//! What stands at a path has a class of its own in each row. Its value is an *element* here: the minified JSON text,
//! from which each context takes what SQLite takes (see [`super::json_value`]).

use crate::value::Conversion;

use super::constant::text_sql;
use super::fault::{Translated, refuse};
use super::shim::call as helper;
use super::typed::{Class, Subtype, Typed};

/// How `json_array` and its kin write an infinite number, and how `json_set` and its kin do.
const IN_NEW: &str = "'9.0e+999'";
const IN_OLD: &str = "'9e999'";

/// Translates a call of a JSON function; none for any other function.
pub(super) fn call(name: &str, args: &[Typed]) -> Option<Translated<Typed>> {
    Some(match (name, args) {
        ("json", [document]) => whole(document),
        ("json_valid", [text]) => valid(text, 1),
        ("json_valid", [text, flags]) => match flags.constant_integer() {
            Some(flags @ 1..=15) => valid(text, flags),
            Some(_) | None => refuse("json_valid()", "its flags are not a literal number from 1 to 15"),
        },
        ("json_type", [document, path @ ..]) if path.len() < 2 => part(name, document, path, "json_type", Class::Text),
        ("json_array_length", [document, path @ ..]) if path.len() < 2 => part(name, document, path, "json_length", Class::Integer),
        ("json_extract", [document, path]) => extract(document, path),
        ("json_extract", [document, paths @ ..]) if !paths.is_empty() => extract_several(document, paths),
        ("json_quote", [value]) => piece(value, name).map(made),
        ("json_array", values) => array(values),
        ("json_object", pairs) => object(pairs),
        ("json_set", [document, pairs @ ..]) => changed("set", document, pairs),
        ("json_insert", [document, pairs @ ..]) => changed("insert", document, pairs),
        ("json_replace", [document, pairs @ ..]) => changed("replace", document, pairs),
        ("json_remove", [document, paths @ ..]) => removed(document, paths),
        ("json_patch", [document, patch]) => patched(document, patch),
        ("json_pretty", [document, step @ ..]) if step.len() < 2 => pretty(document, step),
        ("json_error_position", _) => refuse(name, "it depends on how SQLite reads what is no JSON"),
        _ if name.starts_with("jsonb") => refuse(format!("{name}()"), "SQLite's binary form of JSON is a blob that PostgreSQL can't read"),
        _ => return None,
    })
}

/// `left -> right`, or `left ->> right`.
pub(super) fn arrow(left: &Typed, right: &Typed, as_value: bool) -> Translated<Typed> {
    let construct = if as_value { "->>" } else { "->" };
    let Some(document) = document(left, construct)? else { return Ok(Typed::null()) };
    let path = match (right.constant_text(), right.constant_integer(), right.class) {
        (Some(text), _, _) => text_sql(&abbreviated(text)),
        (_, Some(place), _) => format!("'$[{}{place}]'", if place < 0 { "#" } else { "" }),
        (None, None, Class::Text) => helper("json_arrow", &[&right.value()]),
        (None, None, Class::Integer) => {
            format!("('$[' || CASE WHEN {0} < 0 THEN '#' ELSE '' END || {0} || ']')", right.sql)
        }
        (
            None,
            None,
            Class::Null | Class::Condition | Class::Real | Class::NumberDouble | Class::NumberNumeric | Class::Blob | Class::Opaque,
        ) => return refuse(construct, "its right side is not certainly a text or an integer"),
    };
    if as_value {
        let native = native(left, &path);
        return Ok(Typed { native, ..Typed::element(helper("json_value", &[&document, &path]), Subtype::None) });
    }
    Ok(Typed { subtype: Subtype::Json, ..Typed::computed(helper("json_part", &[&document, &path]), Class::Text) })
}

/// The path that a literal on the right of an arrow stands for.
fn abbreviated(text: &str) -> String {
    if text.starts_with('$') {
        text.to_owned()
    } else if text.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_') {
        format!("$.{text}")
    } else if text.len() >= 3 && text.starts_with('[') && text.ends_with(']') {
        format!("${text}")
    } else {
        format!("$.\"{text}\"")
    }
}

/// The text that a function reads as JSON; none of NULL.
pub(super) fn document(value: &Typed, construct: &str) -> Translated<Option<String>> {
    match (value.class, value.conversion(), &value.stored) {
        (Class::Null, ..) => Ok(None),
        (_, Some(Conversion::TextToJson), Some(stored)) => Ok(Some(helper("json_source", &[&stored.sql]))),
        (_, Some(Conversion::AnyToJson { .. }), _) => {
            refuse(construct, "the column may have held numbers in other spellings, keys that come twice, or JSON in SQLite's binary form")
        }
        (Class::Blob, ..) => refuse(construct, "a blob is JSON in SQLite's binary form, or the bytes of a text"),
        _ => value.text(construct).map(Some),
    }
}

/// A path as a text; NULL is not taken.
pub(super) fn path_of(value: &Typed, construct: &str) -> Translated<String> {
    match value.class {
        Class::Text => Ok(value.constant_text().map_or_else(|| value.value(), text_sql)),
        Class::Null
        | Class::Condition
        | Class::Integer
        | Class::Real
        | Class::NumberDouble
        | Class::NumberNumeric
        | Class::Blob
        | Class::Opaque => refuse(construct, "a path is not certainly a text"),
    }
}

fn json_text(sql: String) -> Typed {
    Typed { subtype: Subtype::Json, ..Typed::computed(sql, Class::Text) }
}

/// JSON that is certainly not NULL.
fn made(sql: String) -> Typed {
    Typed { never_null: true, ..json_text(sql) }
}

fn whole(value: &Typed) -> Translated<Typed> {
    Ok(document(value, "json()")?.map_or_else(Typed::null, |text| json_text(helper("json", &[&text]))))
}

fn valid(value: &Typed, flags: i64) -> Translated<Typed> {
    if let (Some(Conversion::TextToJson), Some(stored), true) = (value.conversion(), &value.stored, flags & 3 != 0) {
        // The type itself lets nothing else in.
        return Ok(Typed::computed(format!("(CASE WHEN {} IS NOT NULL THEN true END)", stored.sql), Class::Condition));
    }
    let Some(text) = document(value, "json_valid()")? else { return Ok(Typed::null()) };
    let sql = match flags & 3 {
        0 => format!("(CASE WHEN {text} IS NOT NULL THEN false END)"),
        1 => helper("json_is_strict", &[&text]),
        _ => helper("json_is_lax", &[&text]),
    };
    Ok(Typed::computed(sql, Class::Condition))
}

/// A function of the document or of what stands at a path.
fn part(name: &str, value: &Typed, path: &[Typed], function: &str, class: Class) -> Translated<Typed> {
    let Some(text) = document(value, name)? else { return Ok(Typed::null()) };
    let element = match path.first() {
        Some(path) => helper("json_part", &[&text, &path_of(path, name)?]),
        None => helper("json", &[&text]),
    };
    Ok(Typed::computed(helper(function, &[&element]), class))
}

fn extract(value: &Typed, path: &Typed) -> Translated<Typed> {
    let Some(text) = document(value, "json_extract()")? else { return Ok(Typed::null()) };
    let path = path_of(path, "json_extract()")?;
    let native = native(value, &path);
    Ok(Typed { native, ..Typed::element(helper("json_value", &[&text, &path]), Subtype::Nested) })
}

/// What people write on PostgreSQL for a path of plain keys in a `json` column: an index over it serves their queries.
fn native(value: &Typed, path: &str) -> Option<String> {
    let stored = value.stored.as_ref().filter(|stored| stored.conversion == Some(Conversion::TextToJson))?;
    let keys: Vec<&str> = path.strip_prefix("'$.")?.strip_suffix('\'')?.split('.').collect();
    let plain = |key: &&str| {
        key.starts_with(|sign: char| sign.is_ascii_alphabetic()) && key.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_')
    };
    let (last, before) = keys.split_last().filter(|_| keys.iter().all(plain))?;
    let steps: Vec<String> = before.iter().map(|key| format!(" -> '{key}'")).collect();
    Some(format!("{}{} ->> '{last}'", stored.sql, steps.concat()))
}

fn extract_several(value: &Typed, paths: &[Typed]) -> Translated<Typed> {
    let Some(text) = document(value, "json_extract()")? else { return Ok(Typed::null()) };
    Ok(json_text(helper("json_values", &[&text, &path_list(paths, "json_extract()")?])))
}

fn path_list(paths: &[Typed], construct: &str) -> Translated<String> {
    let paths = paths.iter().map(|path| path_of(path, construct)).collect::<Translated<Vec<_>>>()?;
    Ok(format!("ARRAY[{}]::text[]", paths.join(", ")))
}

/// A value as the part of a new document; it is never NULL.
pub(super) fn piece(value: &Typed, construct: &str) -> Translated<String> {
    written(value, construct, IN_NEW)
}

fn written(value: &Typed, construct: &str, infinity: &str) -> Translated<String> {
    let sql = match (value.class, value.subtype) {
        (Class::Null, _) => return Ok("'null'::text".to_owned()),
        (_, Subtype::Unknown) => {
            return refuse(construct, "whether SQLite takes a text for JSON depends on where it comes from, and here that is not known");
        }
        (Class::Text, Subtype::Json) => value.value(),
        (Class::Opaque, subtype) if value.element => {
            let nested = if subtype == Subtype::Nested { "true" } else { "false" };
            helper("json_requoted", &[&value.sql, nested, infinity])
        }
        (Class::Text, _) => helper("json_quoted", &[&value.value()]),
        (Class::Condition | Class::Integer, _) => value.text(construct)?,
        (Class::Real, _) => helper("json_quoted_real", &[&value.sql, infinity]),
        (Class::NumberDouble | Class::NumberNumeric, _) => helper("json_quoted_number", &[&value.number(construct)?, infinity]),
        (Class::Blob, _) => return refuse(construct, "JSON can't hold a blob"),
        (Class::Opaque, _) => return refuse(construct, "the class of a value is not known"),
    };
    Ok(format!("coalesce({sql}, 'null')"))
}

/// A value of any class as an element; NULL stays NULL.
pub(super) fn as_element(value: &Typed, construct: &str) -> Translated<String> {
    if value.element {
        return Ok(value.sql.clone());
    }
    let plain = Typed { subtype: Subtype::None, ..value.clone() };
    match plain.class {
        Class::Null => Ok("NULL::text".to_owned()),
        Class::Condition
        | Class::Integer
        | Class::Real
        | Class::NumberDouble
        | Class::NumberNumeric
        | Class::Text
        | Class::Blob
        | Class::Opaque => Ok(format!("nullif({}, 'null')", written(&plain, construct, IN_OLD)?)),
    }
}

fn array(values: &[Typed]) -> Translated<Typed> {
    let pieces = values.iter().map(|value| piece(value, "json_array()")).collect::<Translated<Vec<_>>>()?;
    Ok(made(between("[", &pieces, "]")))
}

fn object(pairs: &[Typed]) -> Translated<Typed> {
    let mut pieces = Vec::new();
    for pair in pairs.chunks(2) {
        let [label, value] = pair else { return refuse("json_object()", "it has a label without a value") };
        pieces.push(format!("{} || ':' || {}", label_of(label, "json_object()")?, piece(value, "json_object()")?));
    }
    Ok(made(between("{", &pieces, "}")))
}

/// The label of a member as it is written.
pub(super) fn label_of(label: &Typed, construct: &str) -> Translated<String> {
    match label.class {
        Class::Text => Ok(helper("json_name", &[&label.value()])),
        Class::Null
        | Class::Condition
        | Class::Integer
        | Class::Real
        | Class::NumberDouble
        | Class::NumberNumeric
        | Class::Blob
        | Class::Opaque => refuse(construct, "a label is not certainly a text"),
    }
}

fn between(open: &str, pieces: &[String], close: &str) -> String {
    if pieces.is_empty() {
        return format!("'{open}{close}'::text");
    }
    format!("('{open}' || {} || '{close}')", pieces.join(" || ',' || "))
}

fn changed(mode: &str, value: &Typed, pairs: &[Typed]) -> Translated<Typed> {
    let construct = format!("json_{mode}()");
    let Some(text) = document(value, &construct)? else { return Ok(Typed::null()) };
    let (mut paths, mut pieces) = (Vec::new(), Vec::new());
    for pair in pairs.chunks(2) {
        let [path, value] = pair else { return refuse(construct, "it has a path without a value") };
        paths.push(path_of(path, &construct)?);
        pieces.push(written(value, &construct, IN_OLD)?);
    }
    let (paths, pieces) = (format!("ARRAY[{}]::text[]", paths.join(", ")), format!("ARRAY[{}]::text[]", pieces.join(", ")));
    Ok(json_text(helper("json_changed", &[&text, &format!("'{mode}'"), &paths, &pieces])))
}

fn removed(value: &Typed, paths: &[Typed]) -> Translated<Typed> {
    let Some(text) = document(value, "json_remove()")? else { return Ok(Typed::null()) };
    Ok(json_text(helper("json_removed", &[&text, &path_list(paths, "json_remove()")?])))
}

fn patched(value: &Typed, patch: &Typed) -> Translated<Typed> {
    match (document(value, "json_patch()")?, document(patch, "json_patch()")?) {
        (Some(text), Some(patch)) => Ok(json_text(helper("json_patched", &[&text, &patch]))),
        (None, _) | (_, None) => Ok(Typed::null()),
    }
}

fn pretty(value: &Typed, step: &[Typed]) -> Translated<Typed> {
    let Some(text) = document(value, "json_pretty()")? else { return Ok(Typed::null()) };
    let step = match step.first() {
        Some(step) if step.class != Class::Null => format!("coalesce({}, '    ')", step.text("json_pretty()")?),
        Some(_) | None => "'    '".to_owned(),
    };
    Ok(Typed::computed(helper("json_pretty", &[&text, &step]), Class::Text))
}
