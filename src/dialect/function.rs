//! The scalar functions: one line in the table each.

use super::compare::{comparison, null_test};
use super::constant::Constant;
use super::expr::case_sql;
use super::fault::{Translated, refuse};
use super::shim::call as call_helper;
use super::typed::{Class, Collation, Subtype, Typed};
use super::unify::unify;
use super::walk::Place;

type Build = fn(&[Typed], Place) -> Translated<Typed>;

/// A function: its name, the least and the most arguments, and how to write a call.
struct Function(&'static str, usize, usize, Build);

/// Every scalar function that can be translated, by name.
const FUNCTIONS: &[Function] = &[
    Function("abs", 1, 1, abs),
    Function("char", 1, 16, char_of),
    Function("coalesce", 2, 100, coalesce),
    Function("concat", 1, 100, concat),
    Function("concat_ws", 2, 100, concat_ws),
    Function("format", 1, 100, super::format::format),
    Function("hex", 1, 1, hex),
    Function("if", 2, 3, iif),
    Function("ifnull", 2, 2, coalesce),
    Function("iif", 2, 3, iif),
    Function("instr", 2, 2, instr),
    Function("length", 1, 1, length),
    Function("likelihood", 2, 2, itself),
    Function("likely", 1, 1, itself),
    Function("lower", 1, 1, |args, _| letters("lower", args)),
    Function("ltrim", 1, 2, |args, _| trim("ltrim", args)),
    Function("max", 2, 100, |args, _| extreme("greatest", args)),
    Function("min", 2, 100, |args, _| extreme("least", args)),
    Function("nullif", 2, 2, nullif),
    Function("printf", 1, 100, super::format::format),
    Function("quote", 1, 1, quote),
    Function("random", 0, 0, random),
    Function("randomblob", 1, 1, randomblob),
    Function("replace", 3, 3, replace),
    Function("round", 1, 2, round),
    Function("rtrim", 1, 2, |args, _| trim("rtrim", args)),
    Function("sign", 1, 1, sign),
    Function("soundex", 1, 1, soundex),
    Function("substr", 2, 3, substr),
    Function("substring", 2, 3, substr),
    Function("trim", 1, 2, |args, _| trim("btrim", args)),
    Function("typeof", 1, 1, type_of),
    Function("unhex", 1, 1, unhex),
    Function("unicode", 1, 1, unicode),
    Function("unlikely", 1, 1, itself),
    Function("upper", 1, 1, |args, _| letters("upper", args)),
    Function("zeroblob", 1, 1, zeroblob),
];

/// Translates a call.
pub(super) fn call(place: Place, name: &str, args: &[Typed]) -> Translated<Typed> {
    if let Some(result) = super::math::call(name, args) {
        return result;
    }
    let Some(function) = FUNCTIONS.iter().find(|function| function.0 == name) else {
        return refuse(format!("{name}()"), "PostgreSQL has no function that is known to give the same result");
    };
    if args.len() < function.1 || args.len() > function.2 {
        return refuse(format!("{name}()"), "it is called with this number of arguments");
    }
    (function.3)(args, place)
}

/// The arguments as texts; none if one of them is always NULL.
fn texts<const N: usize>(name: &str, args: &[Typed]) -> Translated<Option<[String; N]>> {
    if args.iter().any(|arg| arg.class == Class::Null) {
        return Ok(None);
    }
    let texts = args.iter().map(|arg| arg.text(name)).collect::<Translated<Vec<_>>>()?;
    match texts.try_into() {
        Ok(texts) => Ok(Some(texts)),
        Err(_) => refuse(name, "it is called with this number of arguments"),
    }
}

fn text_or_null(sql: Option<String>) -> Typed {
    sql.map_or_else(Typed::null, |sql| Typed::computed(sql, Class::Text))
}

fn first<'a>(args: &'a [Typed], name: &str) -> Translated<&'a Typed> {
    args.first().map_or_else(|| refuse(name, "it is called without an argument"), Ok)
}

fn itself(args: &[Typed], _: Place) -> Translated<Typed> {
    // A function's result has neither the affinity nor the collation of its argument.
    let value = first(args, "likely()")?.clone();
    Ok(Typed { affinity: None, collation: None, ..value })
}

fn abs(args: &[Typed], _: Place) -> Translated<Typed> {
    let value = first(args, "abs()")?;
    match value.class {
        Class::Null => Ok(Typed::null()),
        Class::Condition | Class::Integer => Ok(Typed::computed(format!("abs({})", value.value()), Class::Integer)),
        Class::Real | Class::NumberDouble => Ok(Typed::computed(format!("abs({})", value.sql), value.class)),
        Class::NumberNumeric => Ok(Typed::computed(format!("abs({})", value.number("abs()")?), value.class)),
        Class::Text | Class::Blob => Ok(Typed::computed(format!("abs({})", value.real("abs()")?), Class::Real)),
        Class::Opaque => refuse("abs()", "its argument is not certainly a number or a text"),
    }
}

/// Code 0, and NULL with it, is an error in PostgreSQL: its texts have no such character.
fn char_of(args: &[Typed], _: Place) -> Translated<Typed> {
    if args.iter().any(|arg| arg.constant.is_none()) {
        let sign = |arg: &Typed| Ok(call_helper("sign_of_code", &[&format!("coalesce({}, 0)", arg.whole("char()")?)]));
        let signs = args.iter().map(sign).collect::<Translated<Vec<_>>>()?;
        return Ok(Typed { never_null: true, ..Typed::computed(format!("({})", signs.join(" || ")), Class::Text) });
    }
    let mut text = String::new();
    for arg in args {
        let sign = arg.constant_integer().and_then(|code| u32::try_from(code).ok()).filter(|code| *code > 0).and_then(char::from_u32);
        match sign {
            Some(sign) => text.push(sign),
            None => return refuse("char()", "an argument is not the literal number of a character"),
        }
    }
    Ok(Typed::constant(Constant::Text(text)))
}

/// The texts one after the other; NULL is nothing.
fn concat(args: &[Typed], _: Place) -> Translated<Typed> {
    let texts = args.iter().map(|arg| Ok(format!("coalesce({}, '')", arg.text("concat()")?))).collect::<Translated<Vec<_>>>()?;
    Ok(Typed { never_null: true, ..Typed::computed(format!("({})", texts.join(" || ")), Class::Text) })
}

fn concat_ws(args: &[Typed], _: Place) -> Translated<Typed> {
    let texts = args.iter().map(|arg| arg.text("concat_ws()")).collect::<Translated<Vec<_>>>()?;
    let Some((separator, texts)) = texts.split_first() else { return refuse("concat_ws()", "it is called without an argument") };
    Ok(Typed::computed(call_helper("joined", &[separator, &format!("ARRAY[{}]", texts.join(", "))]), Class::Text))
}

fn coalesce(args: &[Typed], _: Place) -> Translated<Typed> {
    let (texts, kind) = unify(args, "coalesce()")?;
    let never_null = args.iter().any(|arg| arg.never_null);
    Ok(Typed { never_null, ..kind.typed(format!("coalesce({})", texts.join(", "))) })
}

fn hex(args: &[Typed], place: Place) -> Translated<Typed> {
    let value = first(args, "hex()")?;
    let bytes = if value.class == Class::Blob {
        value.sql.clone()
    } else if matches!(place, Place::Index | Place::Generated) {
        call_helper("utf8", &[&value.text("hex()")?])
    } else {
        format!("convert_to({}, 'UTF8')", value.text("hex()")?)
    };
    // SQLite's hex(NULL) is the empty text.
    Ok(Typed::computed(format!("coalesce(upper(encode({bytes}, 'hex')), '')"), Class::Text))
}

fn iif(args: &[Typed], _: Place) -> Translated<Typed> {
    let mut values = args.iter().skip(1).cloned().collect::<Vec<_>>();
    if values.len() == 1 {
        values.push(Typed::null());
    }
    case_sql(&[first(args, "iif()")?.condition()?], &values, "iif()")
}

fn instr(args: &[Typed], _: Place) -> Translated<Typed> {
    if let [value, part] = args
        && (value.class, part.class) == (Class::Blob, Class::Blob)
    {
        return Ok(Typed::computed(format!("position({} in {})::bigint", part.sql, value.sql), Class::Integer));
    }
    let texts = texts::<2>("instr()", args)?;
    Ok(texts.map_or_else(Typed::null, |[text, part]| Typed::computed(format!("strpos({text}, {part})::bigint"), Class::Integer)))
}

fn length(args: &[Typed], _: Place) -> Translated<Typed> {
    let value = first(args, "length()")?;
    let sql = match value.class {
        Class::Null => return Ok(Typed::null()),
        Class::Blob => value.sql.clone(),
        Class::Condition | Class::Integer | Class::Real | Class::NumberDouble | Class::NumberNumeric | Class::Text | Class::Opaque => {
            value.text("length()")?
        }
    };
    Ok(Typed::computed(format!("length({sql})::bigint"), Class::Integer))
}

/// SQLite changes the case of ASCII letters only, as the collation "C" does.
fn letters(name: &str, args: &[Typed]) -> Translated<Typed> {
    Ok(text_or_null(texts::<1>(name, args)?.map(|[text]| format!("{name}({text} collate \"C\")"))))
}

fn trim(name: &str, args: &[Typed]) -> Translated<Typed> {
    if args.len() == 1 {
        return Ok(text_or_null(texts::<1>(name, args)?.map(|[text]| format!("{name}({text}, ' ')"))));
    }
    Ok(text_or_null(texts::<2>(name, args)?.map(|[text, signs]| format!("{name}({text}, {signs})"))))
}

fn extreme(name: &str, args: &[Typed]) -> Translated<Typed> {
    if args.iter().any(|arg| arg.class == Class::Null) {
        return Ok(Typed::null());
    }
    if args.iter().any(|arg| arg.subtype != Subtype::None) {
        return refuse("min() or max() of several values", "one of them is JSON");
    }
    let all = |class: Class| args.iter().all(|arg| arg.class == class);
    let (items, class) = if let Some(items) = args.iter().map(Typed::integer).collect::<Option<Vec<_>>>() {
        (items, Class::Integer)
    } else if all(Class::Real) {
        (args.iter().map(|arg| arg.sql.clone()).collect(), Class::Real)
    } else if all(Class::Text) {
        if args.iter().find_map(|arg| arg.collation).is_some_and(|collation| collation != Collation::Binary) {
            return best(name, args);
        }
        (args.iter().map(|arg| format!("({} collate \"C\")", arg.value())).collect(), Class::Text)
    } else {
        return best(name, args);
    };
    // SQLite's is NULL if one argument is; PostgreSQL leaves it out.
    let nulls: Vec<String> = items.iter().map(|item| format!("{item} IS NOT NULL")).collect();
    let sql = format!("(CASE WHEN {} THEN {name}({}) END)", nulls.join(" AND "), items.join(", "));
    Ok(Typed::computed(sql, class))
}

/// The best of few values of different classes, or under a collation: one comparison after the other, as SQLite does it.
/// Of equal ones the last is the least, and the first is the greatest.
fn best(name: &str, args: &[Typed]) -> Translated<Typed> {
    let construct = "min() or max() of several values";
    if args.len() > 4 {
        return refuse(construct, "there are more than four, and they are not all integers, all real numbers or all texts");
    }
    // A function's arguments are compared without their columns' affinities, and under the first collation among them.
    let collation = args.iter().find_map(|arg| arg.collation);
    let values: Vec<Typed> = args.iter().map(|arg| Typed { affinity: None, collation, explicit_collation: false, ..arg.clone() }).collect();
    let Some((first, others)) = values.split_first() else { return refuse(construct, "there are none") };
    let mut best = first.clone();
    let op = if name == "least" { ">=" } else { "<" };
    for other in others {
        let replaced = comparison(&best, op, other)?.sql;
        let (texts, kind) = unify(&[other.clone(), best.clone()], construct)?;
        let [then, otherwise] = texts.as_slice() else { return refuse(construct, "there are none") };
        best = Typed { collation, ..kind.typed(format!("(CASE WHEN {replaced} THEN {then} ELSE {otherwise} END)")) };
    }
    let nulls: Vec<String> = values.iter().map(|value| null_test(value, true).sql).collect();
    let (texts, kind) = unify(std::slice::from_ref(&best), construct)?;
    Ok(kind.typed(format!("(CASE WHEN {} THEN {} END)", nulls.join(" AND "), texts.concat())))
}

fn nullif(args: &[Typed], _: Place) -> Translated<Typed> {
    let [value, other] = args else { return refuse("nullif()", "it is called with this number of arguments") };
    // A function's arguments are compared without their columns' affinities.
    let plain = |side: &Typed| Typed { affinity: None, ..side.clone() };
    let equal = comparison(&plain(value), "=", &plain(other))?;
    let (texts, kind) = unify(std::slice::from_ref(value), "nullif()")?;
    Ok(kind.typed(format!("(CASE WHEN {} THEN NULL ELSE {} END)", equal.sql, texts.join(""))))
}

/// This many random bytes: a hash, so that the fixed bits of a UUID do not show.
fn random_bytes(count: i64) -> String {
    const PIECE: &str = "sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))";
    let pieces = usize::try_from((count + 31) / 32).unwrap_or(1);
    format!("substring({} from 1 for {count})", vec![PIECE; pieces].join(" || "))
}

fn random(_: &[Typed], place: Place) -> Translated<Typed> {
    if !matches!(place, Place::Default | Place::Trigger) {
        return refuse("random()", "how often it is called depends on how the server runs the query");
    }
    let sql = format!("('x' || encode({}, 'hex'))::bit(64)::bigint", random_bytes(8));
    Ok(Typed::computed(sql, Class::Integer))
}

fn randomblob(args: &[Typed], place: Place) -> Translated<Typed> {
    if !matches!(place, Place::Default | Place::Trigger) {
        return refuse("randomblob()", "how often it is called depends on how the server runs the query");
    }
    match first(args, "randomblob()")?.constant_integer() {
        Some(count @ 1..=1024) => Ok(Typed::computed(random_bytes(count), Class::Blob)),
        Some(_) | None => refuse("randomblob()", "the number of bytes is not a literal from 1 to 1024"),
    }
}

fn replace(args: &[Typed], _: Place) -> Translated<Typed> {
    Ok(text_or_null(texts::<3>("replace()", args)?.map(|[text, old, new]| format!("replace({text}, {old}, {new})"))))
}

fn round(args: &[Typed], _: Place) -> Translated<Typed> {
    let value = first(args, "round()")?;
    let places = args.get(1);
    if value.class == Class::Null || places.is_some_and(|places| places.class == Class::Null) {
        return Ok(Typed::null());
    }
    let sql = match (value.integer(), places) {
        (Some(sql), None) => format!("{sql}::float8"),
        (_, None) => call_helper("rounded", &[&value.real("round()")?]),
        (_, Some(places)) => call_helper("rounded_to", &[&value.real("round()")?, &places.whole("round()")?]),
    };
    Ok(Typed::computed(sql, Class::Real))
}

/// The value as a literal of SQL.
fn quote(args: &[Typed], _: Place) -> Translated<Typed> {
    let value = first(args, "quote()")?;
    let sql = match value.class {
        Class::Null => "NULL::text".to_owned(),
        Class::Condition | Class::Integer => value.text("quote()")?,
        Class::Text => call_helper("quote", &[&value.value()]),
        Class::Blob => call_helper("quote_blob", &[&value.sql]),
        Class::Real => call_helper("quote_real", &[&value.sql]),
        Class::NumberDouble | Class::NumberNumeric => call_helper("quote_number", &[&value.number("quote()")?]),
        Class::Opaque => {
            return refuse("quote()", "the class of its argument differs from cell to cell");
        }
    };
    Ok(Typed { never_null: true, ..Typed::computed(format!("coalesce({sql}, 'NULL')"), Class::Text) })
}

fn sign(args: &[Typed], _: Place) -> Translated<Typed> {
    let value = first(args, "sign()")?;
    match value.class {
        Class::Null | Class::Blob => Ok(Typed::null()),
        Class::Condition | Class::Integer | Class::Real | Class::NumberDouble | Class::NumberNumeric => {
            Ok(Typed::computed(format!("sign({})::bigint", value.real("sign()")?), Class::Integer))
        }
        Class::Text => Ok(Typed::computed(format!("sign({})::bigint", call_helper("math_operand", &[&value.value()])), Class::Integer)),
        Class::Opaque => refuse("sign()", "its argument is not certainly a number"),
    }
}

fn soundex(args: &[Typed], _: Place) -> Translated<Typed> {
    let text = first(args, "soundex()")?.text("soundex()")?;
    Ok(Typed { never_null: true, ..Typed::computed(format!("coalesce({}, '?000')", call_helper("soundex", &[&text])), Class::Text) })
}

fn substr(args: &[Typed], _: Place) -> Translated<Typed> {
    let (Some(value), Some(start)) = (args.first(), args.get(1)) else {
        return refuse("substr()", "it is called with this number of arguments");
    };
    if args.iter().any(|arg| arg.class == Class::Null) {
        return Ok(Typed::null());
    }
    let (text, class, helper) = if value.class == Class::Blob {
        (value.sql.clone(), Class::Blob, "substr_blob")
    } else {
        (value.text("substr()")?, Class::Text, "substr")
    };
    let sql = match (start.constant_integer(), args.get(2).map(Typed::constant_integer)) {
        (Some(start @ 1..=1_000_000_000), None) if class == Class::Text => format!("substr({text}, {start})"),
        (Some(start @ 1..=1_000_000_000), Some(Some(count @ 0..=1_000_000_000))) if class == Class::Text => {
            format!("substr({text}, {start}, {count})")
        }
        (Some(start @ -1_000_000_000..=-1), None) if class == Class::Text => format!("right({text}, {})", start.abs()),
        _ => {
            let count = args.get(2).map_or(Ok("9223372036854775807".to_owned()), |count| count.whole("substr()"))?;
            call_helper(helper, &[&text, &start.whole("substr()")?, &count])
        }
    };
    Ok(Typed::computed(sql, class))
}

fn unhex(args: &[Typed], _: Place) -> Translated<Typed> {
    let text = texts::<1>("unhex()", args)?;
    Ok(text.map_or_else(Typed::null, |[text]| Typed::computed(call_helper("unhex", &[&text]), Class::Blob)))
}

fn zeroblob(args: &[Typed], _: Place) -> Translated<Typed> {
    match first(args, "zeroblob()")?.constant_integer() {
        Some(count @ 0..=1_000_000) => Ok(Typed::computed(format!("decode(repeat('00', {count}), 'hex')"), Class::Blob)),
        Some(_) | None => refuse("zeroblob()", "the number of bytes is not a literal up to 1000000"),
    }
}

fn type_of(args: &[Typed], _: Place) -> Translated<Typed> {
    let value = first(args, "typeof()")?;
    let class = match value.class {
        Class::Null => return Ok(Typed::constant(Constant::Text("null".to_owned()))),
        Class::Condition | Class::Integer => "integer",
        Class::Real => "real",
        Class::Text => "text",
        Class::Blob => "blob",
        Class::NumberDouble | Class::NumberNumeric => {
            let number = value.number("typeof()")?;
            let sql = format!(
                "(CASE scale({number}) WHEN 0 THEN 'integer'::text ELSE (CASE WHEN {number} IS NULL THEN 'null' ELSE 'real' END) END)"
            );
            return Ok(Typed::computed(sql, Class::Text));
        }
        Class::Opaque if value.element => {
            return Ok(Typed::computed(format!("coalesce({}, 'null')", call_helper("json_class", &[&value.sql])), Class::Text));
        }
        Class::Opaque => return refuse("typeof()", "the class differs from cell to cell"),
    };
    let sql = value.stored.as_ref().map_or(&value.sql, |stored| &stored.sql);
    Ok(Typed::computed(format!("(CASE WHEN {sql} IS NULL THEN 'null'::text ELSE '{class}'::text END)"), Class::Text))
}

fn unicode(args: &[Typed], _: Place) -> Translated<Typed> {
    let text = texts::<1>("unicode()", args)?;
    Ok(text.map_or_else(Typed::null, |[text]| Typed::computed(format!("nullif(ascii({text}), 0)::bigint"), Class::Integer)))
}
