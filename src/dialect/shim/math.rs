//! The mathematical functions: NULL where the C library's result is not a number, infinite where it is too large.
//!
//! Sines, logarithms and the like are computed by the C library of the server's machine, as SQLite's are by that of
//! the application's: another library may give another last digit. The rest is exact.

use super::{Helper, expression, procedural};

pub(super) const HELPERS: &[Helper] = &[
    procedural("math_operand", "(t text) RETURNS float8", OPERAND),
    procedural("math_number", "(t text) RETURNS numeric", NUMBER),
    expression(
        "ceil",
        "(x numeric) RETURNS numeric",
        "SELECT CASE WHEN scale(x) = 0 THEN x ELSE outgrow_sqlite.number_of_real(ceil(x::float8)) END",
    ),
    expression(
        "floor",
        "(x numeric) RETURNS numeric",
        "SELECT CASE WHEN scale(x) = 0 THEN x ELSE outgrow_sqlite.number_of_real(floor(x::float8)) END",
    ),
    expression(
        "trunc",
        "(x numeric) RETURNS numeric",
        "SELECT CASE WHEN scale(x) = 0 THEN x ELSE outgrow_sqlite.number_of_real(trunc(x::float8)) END",
    ),
    procedural("exact", "(x float8) RETURNS numeric", EXACT),
    expression("sqrt", "(x float8) RETURNS float8", "SELECT CASE WHEN x >= 0 THEN sqrt(x) END"),
    procedural("mod", "(x float8, y float8) RETURNS float8", MOD),
    expression("degrees", "(x float8) RETURNS float8", DEGREES),
    expression("radians", "(x float8) RETURNS float8", RADIANS),
    expression("ln", "(x float8) RETURNS float8", "SELECT CASE WHEN x > 0 THEN ln(x) END"),
    expression("log10", "(x float8) RETURNS float8", "SELECT CASE WHEN x > 0 THEN log(x) END"),
    procedural("log2", "(x float8) RETURNS float8", LOG2),
    expression(
        "log",
        "(base float8, x float8) RETURNS float8",
        "SELECT CASE WHEN base > 1 AND x > 0 THEN nullif(ln(x) / ln(base), 'NaN') END",
    ),
    expression("exp", "(x float8) RETURNS float8", EXP),
    procedural("power", "(x float8, y float8) RETURNS float8", POWER),
    expression("acos", "(x float8) RETURNS float8", "SELECT CASE WHEN abs(x) <= 1 THEN acos(x) END"),
    expression("asin", "(x float8) RETURNS float8", "SELECT CASE WHEN abs(x) <= 1 THEN asin(x) END"),
    expression("atanh", "(x float8) RETURNS float8", "SELECT CASE WHEN abs(x) <= 1 THEN atanh(x) END"),
    expression("acosh", "(x float8) RETURNS float8", "SELECT CASE WHEN x >= 1 THEN acosh(x) END"),
    expression("cos", "(x float8) RETURNS float8", "SELECT CASE WHEN abs(x) < 'Infinity' THEN cos(x) END"),
    expression("sin", "(x float8) RETURNS float8", "SELECT CASE WHEN abs(x) < 'Infinity' THEN sin(x) END"),
    expression("tan", "(x float8) RETURNS float8", "SELECT CASE WHEN abs(x) < 'Infinity' THEN tan(x) END"),
];

/// A text as an operand: a number only if all of it is one.
const OPERAND: &str = r"
BEGIN
  IF t !~ '^[\t\n\v\f\r ]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[\t\n\v\f\r ]*$' THEN RETURN NULL; END IF;
  RETURN outgrow_sqlite.real_of_text(t);
END";

/// The same with its class.
const NUMBER: &str = r"
BEGIN
  IF t !~ '^[\t\n\v\f\r ]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[\t\n\v\f\r ]*$' THEN RETURN NULL; END IF;
  RETURN outgrow_sqlite.number_of_text(t);
END";

/// All digits of a finite number.
const EXACT: &str = r"
DECLARE
  bits bigint := ('x' || encode(float8send(abs(x)), 'hex'))::bit(64)::bigint;
  mantissa numeric := bits & 4503599627370495;
  exponent int := (bits >> 52)::int;
  base numeric;
  n int;
BEGIN
  IF exponent = 0 THEN
    exponent := -1074;
  ELSE
    mantissa := mantissa + 4503599627370496;
    exponent := exponent - 1075;
  END IF;
  base := CASE WHEN exponent < 0 THEN 5 ELSE 2 END;
  n := abs(exponent);
  WHILE n > 0 LOOP
    IF n % 2 = 1 THEN mantissa := mantissa * base; END IF;
    base := base * base;
    n := n / 2;
  END LOOP;
  IF exponent < 0 THEN mantissa := (mantissa::text || 'e' || exponent)::numeric; END IF;
  RETURN CASE WHEN x < 0 THEN -mantissa ELSE mantissa END;
END";

/// C's `fmod`, whose result has the sign of x.
const MOD: &str = r"
DECLARE
  rest float8;
BEGIN
  IF y = 0 OR abs(x) = 'Infinity' THEN RETURN NULL; END IF;
  IF abs(y) = 'Infinity' THEN RETURN x; END IF;
  rest := mod(outgrow_sqlite.exact(x), outgrow_sqlite.exact(y))::text::float8;
  RETURN CASE WHEN rest = 0 THEN x * 0 ELSE rest END;
END";

const DEGREES: &str = r"
SELECT CASE WHEN abs(x) > 3.1376e306 THEN sign(x) * 'Infinity'::float8 ELSE x * '57.29577951308232'::float8 END";

const RADIANS: &str = r"
SELECT CASE WHEN abs(x) < 1.4e-322::float8 THEN x * 0 ELSE x * '0.017453292519943295'::float8 END";

/// The exponent and the logarithm of the digits.
const LOG2: &str = r"
DECLARE
  bits bigint := ('x' || encode(float8send(x), 'hex'))::bit(64)::bigint;
  mantissa bigint := bits & 4503599627370495;
  exponent int := (bits >> 52)::int;
BEGIN
  IF x <= 0 THEN RETURN NULL; END IF;
  IF x = 'Infinity' THEN RETURN x; END IF;
  IF exponent = 0 THEN
    exponent := -1074;
  ELSE
    mantissa := mantissa + 4503599627370496;
    exponent := exponent - 1075;
  END IF;
  WHILE mantissa % 2 = 0 LOOP
    mantissa := mantissa / 2;
    exponent := exponent + 1;
  END LOOP;
  RETURN (exponent + ln(mantissa::numeric(60, 40)) / ln(2::numeric(60, 40)))::text::float8;
END";

const EXP: &str = r"
SELECT CASE WHEN x >= 709.782712893385::float8 THEN 'Infinity' WHEN x < -745.1332191019413::float8 THEN 0 ELSE exp(x) END";

/// C's `pow`. Near the ends of the range the server decides, with an error.
const POWER: &str = r"
DECLARE
  size float8;
  whole boolean := abs(y) = 'Infinity' OR trunc(y) = y;
  odd boolean := abs(y) < 9007199254740992 AND trunc(y) = y AND mod(trunc(y)::text::numeric, 2) <> 0;
  minus float8 := CASE WHEN odd AND (x < 0 OR x::text = '-0') THEN -1 ELSE 1 END;
BEGIN
  IF y = 0 OR x = 1 OR x = -1 AND abs(y) = 'Infinity' THEN RETURN 1; END IF;
  IF x = 0 THEN RETURN minus * CASE WHEN y < 0 THEN 'Infinity'::float8 ELSE 0 END; END IF;
  IF x < 0 AND x <> '-Infinity' AND NOT whole THEN RETURN NULL; END IF;
  size := CASE WHEN abs(y) < 1e-290 AND abs(x) < 'Infinity' THEN 0
    ELSE ln(abs(x)) * CASE WHEN abs(y) = 'Infinity' THEN y ELSE least(greatest(y, -1e300), 1e300) END END;
  IF size > 709.7828 THEN RETURN minus * 'Infinity'::float8; END IF;
  IF size < -745.14 THEN RETURN minus * 0; END IF;
  RETURN CASE WHEN abs(y) < 1e-290 THEN 1 ELSE power(x, y) END;
END";
