//! Numbers whose class is told cell by cell: a `numeric` of scale 0 is an integer, any other a real.

use super::{Helper, expression, procedural};

pub(super) const HELPERS: &[Helper] = &[
    expression(
        "number_of_real",
        "(x float8) RETURNS numeric",
        "SELECT CASE WHEN abs(x) = 'Infinity' THEN x::text::numeric ELSE x::text::numeric + 0.0 END",
    ),
    expression(
        "number_of_double",
        "(x float8) RETURNS numeric",
        "SELECT CASE WHEN abs(x) < 2251799813685248 AND trunc(x) = x THEN x::bigint::numeric ELSE outgrow_sqlite.number_of_real(x) END",
    ),
    expression("number_of_decimal", "(x numeric) RETURNS numeric", "SELECT CASE WHEN trunc(x) = x THEN trunc(x) ELSE x END"),
    procedural("number_of_text", "(t text) RETURNS numeric", NUMBER_OF_TEXT),
    procedural("cast_numeric", "(t text) RETURNS numeric", CAST_NUMERIC),
    procedural("summand", "(t text) RETURNS numeric", SUMMAND),
    expression(
        "total_of",
        "(x numeric) RETURNS numeric",
        "SELECT CASE WHEN scale(x) = 0 THEN x::bigint::numeric ELSE outgrow_sqlite.number_of_real(x::float8) END",
    ),
    procedural("affine", "(t text) RETURNS numeric", AFFINE),
    expression("integer_of_real", "(x float8) RETURNS bigint", INTEGER_OF_REAL),
    expression("integer_of_number", "(x numeric) RETURNS bigint", INTEGER_OF_NUMBER),
    procedural("integer_of_text", "(t text) RETURNS bigint", INTEGER_OF_TEXT),
    expression(
        "number_text",
        "(x numeric) RETURNS text",
        "SELECT CASE WHEN scale(x) = 0 THEN x::text ELSE outgrow_sqlite.real_text(x::float8) END",
    ),
    expression(
        "quote_real",
        "(x float8) RETURNS text",
        "SELECT CASE WHEN abs(x) = 'Infinity' THEN CASE WHEN x < 0 THEN '-' ELSE '' END || '9.0e+999' ELSE outgrow_sqlite.real_text(x) END",
    ),
    expression(
        "quote_number",
        "(x numeric) RETURNS text",
        "SELECT CASE WHEN scale(x) = 0 THEN x::text ELSE outgrow_sqlite.quote_real(x::float8) END",
    ),
    expression("comparable", "(x float8) RETURNS numeric", COMPARABLE),
    expression(
        "comparable_number",
        "(x numeric) RETURNS numeric",
        "SELECT CASE WHEN scale(x) = 0 THEN x ELSE outgrow_sqlite.comparable(x::float8) END",
    ),
    expression(
        "comparable_text",
        "(t text) RETURNS numeric",
        "SELECT coalesce(outgrow_sqlite.comparable_number(outgrow_sqlite.affine(t)), 'NaN')",
    ),
    procedural("add", "(a numeric, b numeric) RETURNS numeric", ADD),
    procedural("subtract", "(a numeric, b numeric) RETURNS numeric", SUBTRACT),
    procedural("multiply", "(a numeric, b numeric) RETURNS numeric", MULTIPLY),
    procedural("divide", "(a numeric, b numeric) RETURNS numeric", DIVIDE),
    expression("remainder", "(a numeric, b numeric, x bigint, y bigint) RETURNS numeric", REMAINDER),
    expression("shift_left", "(a bigint, n bigint) RETURNS bigint", SHIFT_LEFT),
    expression("shift_right", "(a bigint, n bigint) RETURNS bigint", SHIFT_RIGHT),
];

/// The number that arithmetic takes a text for: an integer where the text begins with one and nothing of a real
/// number follows.
const NUMBER_OF_TEXT: &str = r"
DECLARE
  whole text[] := regexp_match(t, '^[\t\n\v\f\r ]*([+-]?[0-9]+)(?!\.|[eE][+-]?[0-9]|[0-9])');
  x numeric;
BEGIN
  IF whole IS NOT NULL THEN
    x := whole[1]::numeric;
    IF x BETWEEN -9223372036854775808 AND 9223372036854775807 THEN RETURN x; END IF;
  ELSIF t !~ '^[\t\n\v\f\r ]*[+-]?(\.?[0-9])' THEN
    RETURN 0;
  END IF;
  RETURN outgrow_sqlite.number_of_real(outgrow_sqlite.real_of_text(t));
END";

/// `CAST(t AS NUMERIC)`: a small real number without a fraction is an integer, too.
const CAST_NUMERIC: &str = r"
DECLARE
  x numeric := outgrow_sqlite.number_of_text(t);
BEGIN
  IF scale(x) > 0 THEN RETURN outgrow_sqlite.number_of_double(x::float8); END IF;
  RETURN x;
END";

/// What `sum` adds of a text: an integer only where all of the text is one, else the real number that it begins with.
const SUMMAND: &str = r"
DECLARE
  x numeric;
BEGIN
  IF t ~ '^[\t\n\v\f\r ]*[+-]?[0-9]+[\t\n\v\f\r ]*$' THEN
    x := t::numeric;
    IF x BETWEEN -9223372036854775808 AND 9223372036854775807 THEN RETURN x; END IF;
  END IF;
  RETURN outgrow_sqlite.number_of_real(outgrow_sqlite.real_of_text(t));
END";

/// The number that numeric affinity makes of a text; NULL if it leaves the text alone.
const AFFINE: &str = r"
BEGIN
  IF t !~ '^[\t\n\v\f\r ]*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?[\t\n\v\f\r ]*$' THEN RETURN NULL; END IF;
  RETURN outgrow_sqlite.cast_numeric(t);
END";

/// Cut off, and the nearest integer where it is too large.
const INTEGER_OF_REAL: &str = r"
SELECT CASE WHEN x < -9223372036854774784 THEN -9223372036854775808
            WHEN x > 9223372036854774784 THEN 9223372036854775807
            ELSE trunc(x)::bigint END";

const INTEGER_OF_NUMBER: &str = r"
SELECT CASE WHEN scale(x) = 0 THEN x::bigint ELSE outgrow_sqlite.integer_of_real(x::float8) END";

/// The integer at the beginning of a text, 0 if there is none, the nearest one where it is too large.
const INTEGER_OF_TEXT: &str = r"
DECLARE
  whole text[] := regexp_match(t, '^[\t\n\v\f\r ]*([+-]?[0-9]+)');
BEGIN
  IF whole IS NULL THEN RETURN 0; END IF;
  RETURN least(greatest(whole[1]::numeric, -9223372036854775808), 9223372036854775807)::bigint;
END";

/// A decimal that compares with integers and with others of its kind as the real number does.
const COMPARABLE: &str = r"
SELECT CASE WHEN abs(x) >= 9007199254740992 AND abs(x) < 9223372036854775808 THEN x::bigint::numeric
            WHEN x = -9223372036854775808 THEN -9223372036854775808 ELSE x::text::numeric END";

const ADD: &str = r"
BEGIN
  IF scale(a) = 0 AND scale(b) = 0 AND a + b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN RETURN a + b; END IF;
  RETURN outgrow_sqlite.number_of_real(a::float8 + b::float8);
END";

const SUBTRACT: &str = r"
BEGIN
  IF scale(a) = 0 AND scale(b) = 0 AND a - b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN RETURN a - b; END IF;
  RETURN outgrow_sqlite.number_of_real(a::float8 - b::float8);
END";

const MULTIPLY: &str = r"
BEGIN
  IF scale(a) = 0 AND scale(b) = 0 AND a * b BETWEEN -9223372036854775808 AND 9223372036854775807 THEN RETURN a * b; END IF;
  RETURN outgrow_sqlite.number_of_real(a::float8 * b::float8);
END";

const DIVIDE: &str = r"
BEGIN
  IF b = 0 THEN RETURN NULL; END IF;
  IF scale(a) = 0 AND scale(b) = 0 AND NOT (b = -1 AND a = -9223372036854775808) THEN RETURN div(a, b); END IF;
  RETURN outgrow_sqlite.number_of_real(a::float8 / b::float8);
END";

/// The remainder of the integers x and y; a real number if one of the operands a and b, which they come from, is one.
const REMAINDER: &str = r"
SELECT CASE WHEN scale(a) = 0 AND scale(b) = 0 THEN (x % nullif(y, 0))::numeric
  ELSE outgrow_sqlite.number_of_real((x % nullif(y, 0))::float8) END";

/// A shift by any distance; a negative one goes the other way.
const SHIFT_LEFT: &str = r"
SELECT CASE WHEN n >= 64 THEN 0
            WHEN n >= 0 THEN a << n::int
            WHEN n > -64 THEN a >> (-n)::int
            WHEN a < 0 THEN -1 ELSE 0 END::bigint";

const SHIFT_RIGHT: &str = r"
SELECT CASE WHEN n <= -64 THEN 0
            WHEN n < 0 THEN a << (-n)::int
            WHEN n < 64 THEN a >> n::int
            WHEN a < 0 THEN -1 ELSE 0 END::bigint";
