//! The mathematical functions.
//!
//! An operand that is no number, a blob or a text that is not wholly a number, makes the result NULL.

use super::fault::{Translated, refuse};
use super::shim::call as call_helper;
use super::typed::{Class, Typed};

/// Translates a call, if the function is one of these.
pub(super) fn call(name: &str, args: &[Typed]) -> Option<Translated<Typed>> {
    let result = match (name, args) {
        ("pi", []) => Ok(Typed::computed("'3.141592653589793'::float8", Class::Real)),
        ("ceil" | "ceiling", [value]) => rounded("ceil", value),
        ("floor" | "trunc", [value]) => rounded(name, value),
        (
            "sqrt" | "degrees" | "radians" | "ln" | "log10" | "log2" | "exp" | "acos" | "asin" | "atanh" | "acosh" | "cos" | "sin" | "tan",
            [_],
        ) => of_operands(name, args, |texts| call_helper(name, texts)),
        // These have a result for every number, and PostgreSQL calls the same function of the C library.
        ("atan" | "asinh" | "sinh" | "cosh" | "tanh", [_]) | ("atan2", [_, _]) => {
            of_operands(name, args, |texts| format!("{name}({})", texts.join(", ")))
        }
        ("log", [_]) => of_operands(name, args, |texts| call_helper("log10", texts)),
        ("log", [base, value]) => logarithm(base, value),
        ("mod", [_, _]) => of_operands(name, args, |texts| call_helper(name, texts)),
        ("pow" | "power", [_, _]) => of_operands(name, args, |texts| call_helper("power", texts)),
        _ => return None,
    };
    Some(result)
}

/// An argument as a real number; none where it is always NULL.
fn operand(name: &str, value: &Typed) -> Translated<Option<String>> {
    match value.class {
        Class::Null | Class::Blob => Ok(None),
        Class::Text => Ok(Some(call_helper("math_operand", &[&value.value()]))),
        Class::Condition | Class::Integer | Class::Real | Class::NumberDouble | Class::NumberNumeric | Class::Opaque => {
            value.real(&format!("{name}()")).map(Some)
        }
    }
}

fn of_operands(name: &str, args: &[Typed], build: impl Fn(&[&str]) -> String) -> Translated<Typed> {
    let operands = args.iter().map(|arg| operand(name, arg)).collect::<Translated<Option<Vec<_>>>>()?;
    let Some(operands) = operands else { return Ok(Typed::null()) };
    let texts: Vec<&str> = operands.iter().map(String::as_str).collect();
    Ok(Typed::computed(build(&texts), Class::Real))
}

/// `log(base, x)`: SQLite asks only the base whether it is a number.
fn logarithm(base: &Typed, value: &Typed) -> Translated<Typed> {
    let (Some(base), false) = (operand("log", base)?, value.class == Class::Null) else { return Ok(Typed::null()) };
    Ok(Typed::computed(call_helper("log", &[&base, &value.real("log()")?]), Class::Real))
}

/// An integer stays what it is, a real number stays one.
fn rounded(name: &str, value: &Typed) -> Translated<Typed> {
    let construct = format!("{name}()");
    match value.class {
        Class::Null | Class::Blob => Ok(Typed::null()),
        Class::Condition | Class::Integer => Ok(Typed::computed(value.value(), Class::Integer)),
        Class::Real => Ok(Typed::computed(format!("{name}({})", value.sql), Class::Real)),
        Class::NumberDouble | Class::NumberNumeric => {
            Ok(Typed::computed(call_helper(name, &[&value.number(&construct)?]), Class::NumberNumeric))
        }
        Class::Text => {
            let number = call_helper("math_number", &[&value.value()]);
            Ok(Typed::computed(call_helper(name, &[&number]), Class::NumberNumeric))
        }
        Class::Opaque => refuse(construct, "the class of its argument differs from cell to cell"),
    }
}

/// The helpers whose last digit is the C library's.
const BY_THE_LIBRARY: &[&str] = &[
    "outgrow_sqlite.ln(",
    "outgrow_sqlite.log10(",
    "outgrow_sqlite.log2(",
    "outgrow_sqlite.log(",
    "outgrow_sqlite.exp(",
    "outgrow_sqlite.power(",
    "outgrow_sqlite.acos(",
    "outgrow_sqlite.asin(",
    "outgrow_sqlite.atanh(",
    "outgrow_sqlite.acosh(",
    "outgrow_sqlite.cos(",
    "outgrow_sqlite.sin(",
    "outgrow_sqlite.tan(",
    "atan(",
    "asinh(",
    "sinh(",
    "cosh(",
    "tanh(",
    "atan2(",
];

/// Whether the last digit of the result may be another one on another machine.
pub(super) fn is_by_the_library(sql: &str) -> bool {
    BY_THE_LIBRARY.iter().any(|part| sql.contains(part))
}
