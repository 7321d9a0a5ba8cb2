//! Texts and blobs: parts, quoting, hexadecimal digits.

use super::{Helper, expression, procedural};

pub(super) const HELPERS: &[Helper] = &[
    procedural("span", "(size bigint, start bigint, count bigint, OUT skipped bigint, OUT taken bigint)", SPAN),
    expression("substr", "(t text, start bigint, count bigint) RETURNS text", SUBSTR),
    expression("substr_blob", "(b bytea, start bigint, count bigint) RETURNS bytea", SUBSTR_BLOB),
    expression("quote", "(t text) RETURNS text", "SELECT '''' || replace(t, '''', '''''') || ''''"),
    expression("utf8", "(t text) RETURNS bytea", "SELECT convert_to(t, 'UTF8')"),
    expression("quote_blob", "(b bytea) RETURNS text", "SELECT 'X''' || upper(encode(b, 'hex')) || ''''"),
    expression("joined", "(separator text, texts text[]) RETURNS text", "SELECT array_to_string(texts, separator)"),
    expression("zeros", "(t text, width int) RETURNS text", ZEROS),
    expression("filled_left", "(t text, width int) RETURNS text", "SELECT repeat(' ', width - length(t)) || t"),
    expression("filled_right", "(t text, width int) RETURNS text", "SELECT t || repeat(' ', width - length(t))"),
    expression("formatted", "(t timestamp, form text) RETURNS text", "SELECT to_char(t, form)"),
    expression("formatted", "(t interval, form text) RETURNS text", "SELECT to_char(t, form)"),
    expression(
        "sign_of_code",
        "(code bigint) RETURNS text",
        "SELECT CASE WHEN code BETWEEN 0 AND 1114111 THEN chr(code::int) ELSE chr(65533) END",
    ),
    procedural("soundex", "(t text) RETURNS text", SOUNDEX),
    procedural("unhex", "(t text) RETURNS bytea", UNHEX),
];

/// What `substr` leaves out at the beginning, and how much it takes.
const SPAN: &str = r"
BEGIN
  skipped := start;
  taken := count;
  IF skipped < 0 THEN
    skipped := skipped + size;
    IF skipped < 0 THEN
      taken := CASE WHEN taken < 0 THEN 0 ELSE taken + skipped END;
      skipped := 0;
    END IF;
  ELSIF skipped > 0 THEN
    skipped := skipped - 1;
  ELSIF taken > 0 THEN
    taken := taken - 1;
  END IF;
  IF taken < 0 THEN
    taken := CASE WHEN taken < -skipped THEN skipped ELSE -taken END;
    skipped := skipped - taken;
  END IF;
  taken := greatest(least(taken, size - skipped), 0);
  skipped := least(skipped, size);
END";

const SUBSTR: &str = r"
SELECT substr(t, s.skipped::int + 1, s.taken::int) FROM outgrow_sqlite.span(length(t), start, count) s";

/// A part of no bytes at all is NULL.
const SUBSTR_BLOB: &str = r"
SELECT CASE WHEN length(b) > 0 THEN substr(b, s.skipped::int + 1, s.taken::int) END FROM outgrow_sqlite.span(length(b), start, count) s";

/// A number with zeros behind its sign.
const ZEROS: &str = r"
SELECT CASE WHEN left(t, 1) = '-' THEN '-' || repeat('0', width - length(t)) || substr(t, 2) ELSE repeat('0', width - length(t)) || t END";

/// The bytes of a text of hexadecimal digits; NULL if it is another text.
const UNHEX: &str = r"
BEGIN
  IF t ~ '^([0-9A-Fa-f]{2})*$' THEN RETURN decode(t, 'hex'); END IF;
  RETURN NULL;
END";

/// The first letter and three digits; `?000` of a text without letters. SQLite goes over the bytes, and takes those
/// beyond ASCII without their highest bit.
const SOUNDEX: &str = r#"
DECLARE
  bytes bytea := convert_to(substring(t from '[A-Za-z].*'), 'UTF8');
  result text := upper(chr(get_byte(bytes, 0)) COLLATE "C");
  prior text := '';
  code text;
BEGIN
  IF bytes IS NULL THEN RETURN '?000'; END IF;
  FOR at IN 0 .. length(bytes) - 1 LOOP
    EXIT WHEN length(result) = 4;
    code := CASE WHEN get_byte(bytes, at) % 128 < 65 THEN ''
      ELSE substring(translate(lower(chr(get_byte(bytes, at) % 128) COLLATE "C"), 'bfpvcgjkqsxzdtlmnr', '111122222222334556') from '[1-6]') END;
    IF code IS NULL OR code = '' THEN
      prior := '';
    ELSE
      IF code <> prior AND at > 0 THEN result := result || code; END IF;
      prior := code;
    END IF;
  END LOOP;
  RETURN rpad(result, 4, '0');
END"#;
