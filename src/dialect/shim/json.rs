//! JSON as SQLite reads it: what is JSON or JSON5, its minified text, and the elements at a path.
//!
//! An element is the minified text of a part of a document, so that classes, spellings, the order of keys and keys
//! that come twice are kept. Nothing here goes through `jsonb`, which keeps none of these.

use super::{Helper, expression, procedural};

pub(super) const HELPERS: &[Helper] = &[
    expression("json_source", "(j json) RETURNS text", "SELECT j::text"),
    procedural("json_is_nested", "(s text) RETURNS boolean", IS_NESTED),
    procedural("json_is_strict", "(t text) RETURNS boolean", IS_STRICT),
    expression("json5_string", "(t text) RETURNS text", JSON5_STRING),
    procedural("json5_number", "(t text) RETURNS text", JSON5_NUMBER),
    expression("json5", "(t text) RETURNS text", JSON5),
    expression("json_is_lax", "(t text) RETURNS boolean", "SELECT outgrow_sqlite.json_is_strict(t) OR outgrow_sqlite.json5(t) IS NOT NULL"),
    procedural("json", "(t text) RETURNS text", JSON),
    procedural("json_unquoted", "(e text) RETURNS text", UNQUOTED),
    expression("json_members", "(e text) RETURNS TABLE (n bigint, label text, value text)", MEMBERS),
    procedural("json_step", "(path text, OUT key text, OUT place text, OUT rest text, OUT plain boolean)", STEP),
    procedural("json_member", "(e text, key text) RETURNS text", MEMBER),
    procedural("json_length", "(e text) RETURNS bigint", LENGTH),
    procedural("json_item", "(e text, place text) RETURNS text", ITEM),
    procedural("json_find", "(e text, path text) RETURNS text", FIND),
    procedural("json_part", "(t text, path text) RETURNS text", "BEGIN RETURN outgrow_sqlite.json_find(outgrow_sqlite.json(t), path); END"),
    procedural(
        "json_value",
        "(t text, path text) RETURNS text",
        "BEGIN RETURN nullif(outgrow_sqlite.json_find(outgrow_sqlite.json(t), path), 'null'); END",
    ),
    expression("json_values", "(t text, paths text[]) RETURNS text", VALUES),
    expression("json_arrow", "(path text) RETURNS text", ARROW),
    expression("json_type", "(e text) RETURNS text", TYPE),
    procedural("json_number", "(e text) RETURNS numeric", NUMBER),
    procedural("json_text", "(e text) RETURNS text", TEXT),
    expression(
        "json_real",
        "(e text) RETURNS float8",
        "SELECT CASE WHEN e ~ '^[-0-9tf]' THEN outgrow_sqlite.json_number(e)::float8
         ELSE outgrow_sqlite.real_of_text(outgrow_sqlite.json_text(e)) END",
    ),
    expression(
        "json_integer",
        "(e text) RETURNS bigint",
        "SELECT CASE WHEN e ~ '^[-0-9tf]' THEN outgrow_sqlite.integer_of_number(outgrow_sqlite.json_number(e))
         ELSE outgrow_sqlite.integer_of_text(outgrow_sqlite.json_text(e)) END",
    ),
    expression(
        "json_cast_numeric",
        "(e text) RETURNS numeric",
        "SELECT CASE WHEN e ~ '^[-0-9tf]' THEN outgrow_sqlite.json_number(e)
         ELSE outgrow_sqlite.cast_numeric(outgrow_sqlite.json_text(e)) END",
    ),
    expression("json_class", "(e text) RETURNS text", CLASS),
    expression(
        "json_ranked",
        "(e text) RETURNS text",
        "SELECT CASE WHEN e ~ '^[-0-9tf]' THEN '0' ELSE '1' || outgrow_sqlite.json_text(e) END",
    ),
    expression(
        "json_comparable",
        "(e text) RETURNS numeric",
        "SELECT CASE WHEN e ~ '^[-0-9tf]' THEN outgrow_sqlite.comparable_number(outgrow_sqlite.json_number(e)) ELSE 'NaN' END",
    ),
    expression(
        "json_comparable_affine",
        "(e text) RETURNS numeric",
        "SELECT CASE WHEN e ~ '^[-0-9tf]' THEN outgrow_sqlite.comparable_number(outgrow_sqlite.json_number(e))
         ELSE outgrow_sqlite.comparable_text(outgrow_sqlite.json_text(e)) END",
    ),
    expression(
        "json_key",
        "(e text) RETURNS text",
        "SELECT CASE WHEN e ~ '^[-0-9tf]' THEN '0' || trim_scale(outgrow_sqlite.json_comparable(e))
         ELSE '1' || outgrow_sqlite.json_text(e) END",
    ),
    procedural("json_stored", "(t text, numeric_affinity boolean) RETURNS json", STORED),
    procedural("json_into", "(e text, affinity text, class text) RETURNS text", INTO),
];

/// Whether the skeleton of a document, in which each string is the character 1 and each other value the character 2, is
/// nested as it should be: the innermost arrays and objects become values, again and again.
const IS_NESTED: &str = r"
DECLARE
  before text;
BEGIN
  FOR depth IN 0 .. 1000 LOOP
    before := s;
    s := regexp_replace(s,
      '\[(?:[\u0001\u0002](?:,[\u0001\u0002])*)?\]|\{(?:\u0001:[\u0001\u0002](?:,\u0001:[\u0001\u0002])*)?\}', chr(2), 'g');
    IF s = before THEN RETURN s = chr(1) OR s = chr(2); END IF;
  END LOOP;
  RETURN false;
END";

/// Whether a text is JSON as RFC 8259 has it.
const IS_STRICT: &str = r#"
BEGIN
  RETURN t !~ '[\u0001\u0002]' AND outgrow_sqlite.json_is_nested(translate(regexp_replace(regexp_replace(t,
  '"(?:[^"\\\u0001-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"', chr(1), 'g'),
  '-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null', chr(2), 'g'), E' \t\n\r', ''));
END"#;

/// The inside of a JSON5 string, as SQLite writes it into a JSON string.
const JSON5_STRING: &str = r#"
SELECT '"' || coalesce(string_agg(CASE
    WHEN m[1] IS NOT NULL THEN '\u00' || m[1]
    WHEN m[2] = '''' THEN ''''
    WHEN m[2] = 'v' THEN '\u000b'
    WHEN m[2] = '0' THEN '\u0000'
    WHEN m[2] ~ '^[\r\n\u2028\u2029]' THEN ''
    WHEN m[2] IS NOT NULL THEN '\' || m[2]
    WHEN m[3] = '"' THEN '\"'
    WHEN m[3] IS NOT NULL THEN substr(to_json(m[3])::text, 2, length(to_json(m[3])::text) - 2)
    ELSE m[4] END, '' ORDER BY o), '') || '"'
FROM regexp_matches(t, '\\(?:x([0-9a-fA-F]{2})|(\r\n|.))|(["\u0001-\u001f])|([^\\"\u0001-\u001f]+)', 'g') WITH ORDINALITY AS r(m, o)"#;

/// A JSON5 number, as SQLite writes it.
const JSON5_NUMBER: &str = r"
DECLARE
  sign text := CASE WHEN left(t, 1) = '-' THEN '-' ELSE '' END;
  digits text := ltrim(t, '+-');
  x numeric;
BEGIN
  IF digits ~* '^inf' THEN RETURN sign || '9e999'; END IF;
  IF digits ~* '^0x' THEN
    digits := ltrim(substr(digits, 3), '0');
    IF length(digits) > 16 THEN
      RAISE EXCEPTION 'a hexadecimal number of JSON5 has more than 64 bits' USING ERRCODE = 'invalid_json_text';
    END IF;
    x := ('x' || lpad(digits, 16, '0'))::bit(64)::bigint;
    RETURN sign || CASE WHEN x < 0 THEN x + 18446744073709551616 ELSE x END;
  END IF;
  RETURN sign || regexp_replace(regexp_replace(digits, '^\.', '0.'), '\.(?![0-9])', '.0');
END";

/// The minified JSON of a JSON5 text; NULL if it is none.
const JSON5: &str = r#"
SELECT CASE WHEN outgrow_sqlite.json_is_nested(string_agg(kind, '' ORDER BY o)) THEN string_agg(CASE kind
    WHEN chr(1) THEN CASE WHEN token ~ '^["'']' THEN outgrow_sqlite.json5_string(substr(token, 2, length(token) - 2))
      ELSE '"' || token || '"' END
    WHEN chr(2) THEN CASE WHEN token IN ('true', 'false', 'null') THEN token WHEN token ~* 'nan$' THEN 'null'
      ELSE outgrow_sqlite.json5_number(token) END
    ELSE token END, '' ORDER BY o) END
FROM (
  SELECT o, token, CASE
      WHEN token ~ '^[][{},:]$' THEN token
      WHEN token ~ '^["'']' AND length(token) > 1 THEN chr(1)
      WHEN token IN ('true', 'false', 'null') OR token ~* '^(?:[-+]?(?:inf|infinity)|[qs]?nan|[-+]?\.?[0-9].*)$' THEN chr(2)
      WHEN next = ':' AND token ~ '^(?:[A-Za-z_$]|[^\u0001-\u007f]|\\u)'
        AND token !~ '^(?:true|false|null)(?![A-Za-z0-9])' AND token !~* '^(?:inf|infinity|[qs]?nan)(?![a-z0-9])' THEN chr(1)
      ELSE '?' END AS kind
  FROM (
    SELECT m[1] AS token, o, lag(m[1]) OVER (ORDER BY o) AS last, lead(m[1]) OVER (ORDER BY o) AS next
    FROM regexp_matches(t, '([\u0009-\u000d\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+'
      '|//[^\n\r\u2028\u2029]*|/\*(?:[^*]|\*+[^*/])*\*+/'
      '|"(?:[^"\\]|\\(?:["''\\/bfnrtv\n\u2028\u2029]|\r\n?|0(?![0-9])|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}))*"'
      '|''(?:[^''\\]|\\(?:["''\\/bfnrtv\n\u2028\u2029]|\r\n?|0(?![0-9])|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}))*'''
      '|[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?0[xX][0-9a-fA-F]+|[-+][iI][nN][fF](?:[iI][nN][iI][tT][yY])?'
      '|(?:[A-Za-z_$]|[^\u0001-\u007f\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|\\u[0-9a-fA-F]{4})'
      '(?:[A-Za-z_$0-9]|[^\u0001-\u007f\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|\\u[0-9a-fA-F]{4})*|.)', 'g')
      WITH ORDINALITY AS r(m, o)
    WHERE m[1] !~ '^(?:[\u0009-\u000d\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|/[/*])'
  ) tokens
  WHERE NOT (token = ',' AND next IN (']', '}') AND last NOT IN ('[', '{', ','))
) kinds"#;

/// The minified document.
const JSON: &str = r#"
DECLARE
  s text;
BEGIN
  IF outgrow_sqlite.json_is_strict(t) THEN
    IF t !~ '[ \t\n\r]' THEN RETURN t; END IF;
    RETURN regexp_replace(t, '("(?:[^"\\]|\\.)*")|[ \t\n\r]+', '\1', 'g');
  END IF;
  s := outgrow_sqlite.json5(t);
  IF s IS NULL THEN RAISE EXCEPTION 'malformed JSON' USING ERRCODE = 'invalid_json_text'; END IF;
  RETURN s;
END"#;

/// The text of a string. One with a NUL character or half of a surrogate pair is no text in PostgreSQL, and an error.
const UNQUOTED: &str = r"
BEGIN
  IF strpos(e, '\') = 0 THEN RETURN substr(e, 2, length(e) - 2); END IF;
  RETURN (SELECT string_agg(CASE
      WHEN m[1] IS NOT NULL THEN chr((((('x' || m[1])::bit(16)::int & 1023) << 10) + (('x' || m[2])::bit(16)::int & 1023) + 65536))
      WHEN m[3] IS NOT NULL THEN chr(('x' || m[3])::bit(16)::int)
      WHEN m[4] IS NOT NULL THEN CASE m[4] WHEN 'b' THEN chr(8) WHEN 'f' THEN chr(12) WHEN 'n' THEN chr(10) WHEN 'r' THEN chr(13)
        WHEN 't' THEN chr(9) ELSE m[4] END
      ELSE m[5] END, '' ORDER BY o)
  FROM regexp_matches(substr(e, 2, length(e) - 2),
    '\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\([^u])|([^\\]+)', 'g')
    WITH ORDINALITY AS r(m, o));
END";

/// What an array or an object is made of, as it is written; labels with their quotes.
const MEMBERS: &str = r#"
SELECT commas, CASE WHEN left(e, 1) = '{' THEN parts[1] END,
  CASE WHEN left(e, 1) = '{' THEN array_to_string(parts[3:], '') ELSE array_to_string(parts, '') END
FROM (
  SELECT commas, array_agg(token ORDER BY o) FILTER (WHERE NOT (token = ',' AND depth = 0)) AS parts
  FROM (
    SELECT token, o, depth, count(*) FILTER (WHERE token = ',' AND depth = 0) OVER (ORDER BY o) AS commas
    FROM (
      SELECT m[1] AS token, o, sum(CASE WHEN m[1] IN ('[', '{') THEN 1 WHEN m[1] IN (']', '}') THEN -1 ELSE 0 END) OVER (ORDER BY o) AS depth
      FROM regexp_matches(substr(e, 2, length(e) - 2), '("(?:[^"\\]|\\.)*"|[][{},:]|[^][{},:"]+)', 'g') WITH ORDINALITY AS r(m, o)
    ) tokens
  ) marked
  GROUP BY commas
) members
WHERE left(e, 1) IN ('{', '[')
ORDER BY commas"#;

/// The first step of a path and what follows it: a key, or a place in an array. NULL of both is no path.
const STEP: &str = r#"
DECLARE
  m text[];
BEGIN
  IF left(path, 2) = '."' THEN
    m := regexp_match(path, '^\."((?:[^"\\]|\\.)*)"(.*)$');
    key := m[1];
    rest := m[2];
    plain := strpos(key, '\') = 0;
    IF NOT plain THEN key := outgrow_sqlite.json5_string(key); END IF;
  ELSIF left(path, 1) = '.' THEN
    m := regexp_match(path, '^\.([^.[]+)(.*)$');
    key := m[1];
    rest := m[2];
    plain := true;
  ELSE
    m := regexp_match(path, '^\[([0-9]+|#(?:-[0-9]+)?)\](.*)$');
    place := m[1];
    rest := m[2];
  END IF;
  IF m IS NULL THEN RAISE EXCEPTION 'bad JSON path' USING ERRCODE = 'invalid_sql_json_subscript'; END IF;
END"#;

/// The first value under this key. Where no string has a code for a character, the server's own reader is the faster one.
const MEMBER: &str = r"
BEGIN
  IF strpos(e, '\u') = 0 THEN
    RETURN (SELECT r.value::text FROM json_each(e::json) WITH ORDINALITY AS r(label, value, n) WHERE r.label = json_member.key ORDER BY n LIMIT 1);
  END IF;
  RETURN (SELECT r.value FROM outgrow_sqlite.json_members(e) r WHERE outgrow_sqlite.json_unquoted(r.label) = json_member.key ORDER BY n LIMIT 1);
END";

/// The value at this place of an array: from its beginning, or with # from its end.
const ITEM: &str = r"
DECLARE
  size bigint;
  number numeric := CASE WHEN place = '#' THEN 0 ELSE ltrim(place, '#-')::numeric END;
BEGIN
  IF left(place, 1) = '#' THEN
    size := outgrow_sqlite.json_length(e);
    number := size - number;
    IF number < 0 OR number >= size THEN RETURN NULL; END IF;
  END IF;
  IF number > 2147483646 THEN RETURN NULL; END IF;
  RETURN (SELECT r.value FROM outgrow_sqlite.json_members(e) r WHERE r.n = number);
END";

/// The element at a path, written from `$` on; NULL if there is none.
const FIND: &str = r"
DECLARE
  step record;
BEGIN
  IF left(path, 1) <> '$' OR path = '' THEN RAISE EXCEPTION 'bad JSON path' USING ERRCODE = 'invalid_sql_json_subscript'; END IF;
  path := substr(path, 2);
  WHILE path <> '' AND e IS NOT NULL LOOP
    IF left(path, 1) = '[' AND left(e, 1) <> '[' THEN RETURN NULL; END IF;
    step := outgrow_sqlite.json_step(path);
    IF step.place IS NULL THEN
      IF left(e, 1) <> '{' THEN RETURN NULL; END IF;
      e := outgrow_sqlite.json_member(e, CASE WHEN step.plain THEN step.key ELSE outgrow_sqlite.json_unquoted(step.key) END);
    ELSE
      e := outgrow_sqlite.json_item(e, step.place);
    END IF;
    path := step.rest;
  END LOOP;
  RETURN e;
END";

/// An array of what is at several paths.
const VALUES: &str = r"
SELECT CASE WHEN array_position(paths, NULL) IS NULL THEN
  (SELECT '[' || string_agg(coalesce(outgrow_sqlite.json_find(d.e, p), 'null'), ',' ORDER BY o) || ']'
   FROM (SELECT outgrow_sqlite.json(t) AS e) d, unnest(paths) WITH ORDINALITY AS r(p, o)) END";

/// The path that a text on the right of an arrow stands for.
const ARROW: &str = r#"
SELECT CASE WHEN left(path, 1) = '$' THEN path
            WHEN path ~ '^[A-Za-z0-9_]*$' THEN '$.' || path
            WHEN path ~ '^\[.+\]$' THEN '$' || path
            ELSE '$."' || path || '"' END"#;

const TYPE: &str = r#"
SELECT CASE left(e, 1) WHEN '"' THEN 'text' WHEN '{' THEN 'object' WHEN '[' THEN 'array' WHEN 't' THEN 'true' WHEN 'f' THEN 'false'
  WHEN 'n' THEN 'null' ELSE CASE WHEN e ~ '[.eE]' THEN 'real' ELSE 'integer' END END"#;

/// The number of items of an array; 0 for what is none.
const LENGTH: &str = r"
BEGIN
  IF left(e, 1) <> '[' THEN RETURN 0; END IF;
  IF strpos(e, '\u') = 0 THEN RETURN json_array_length(e::json); END IF;
  RETURN (SELECT count(*) FROM outgrow_sqlite.json_members(e));
END";

/// The number that an element is, or that arithmetic takes its text for.
const NUMBER: &str = r#"
DECLARE
  x numeric;
BEGIN
  IF e = 'true' THEN RETURN 1; END IF;
  IF e = 'false' THEN RETURN 0; END IF;
  IF e ~ '^-?[0-9]+$' THEN
    x := e::numeric;
    IF x BETWEEN -9223372036854775808 AND 9223372036854775807 THEN RETURN x; END IF;
  END IF;
  IF e ~ '^[-0-9]' THEN RETURN outgrow_sqlite.number_of_real(outgrow_sqlite.real_of_text(e)); END IF;
  RETURN outgrow_sqlite.number_of_text(CASE WHEN left(e, 1) = '"' THEN outgrow_sqlite.json_unquoted(e) ELSE e END);
END"#;

/// The text that SQLite makes of an element.
const TEXT: &str = r#"
BEGIN
  IF left(e, 1) = '"' THEN RETURN outgrow_sqlite.json_unquoted(e); END IF;
  IF left(e, 1) IN ('{', '[') THEN RETURN e; END IF;
  IF e = 'null' THEN RETURN NULL; END IF;
  IF e ~ '[.eE]' AND left(e, 1) NOT IN ('t', 'f') THEN RETURN outgrow_sqlite.real_text(outgrow_sqlite.real_of_text(e)); END IF;
  RETURN outgrow_sqlite.number_text(outgrow_sqlite.json_number(e));
END"#;

/// `typeof` of an element.
const CLASS: &str = r"
SELECT CASE WHEN e ~ '^[-0-9tf]' THEN CASE WHEN e ~ '^-?[0-9]+$' AND e::numeric NOT BETWEEN -9223372036854775808 AND 9223372036854775807
    OR e ~ '^[-0-9].*[.eE]' THEN 'real' ELSE 'integer' END ELSE 'text' END";

/// JSON for a column of it; where the column's affinity would make a number of the text, it is an error.
const STORED: &str = r"
BEGIN
  IF numeric_affinity AND outgrow_sqlite.affine(t) IS NOT NULL THEN
    RAISE EXCEPTION 'the JSON is a number, which SQLite keeps as one in this column' USING ERRCODE = 'datatype_mismatch';
  END IF;
  RETURN t::json;
END";

/// The value for a column of this affinity that holds one class only; another class is an error.
const INTO: &str = r"
DECLARE
  number boolean := e ~ '^[-0-9tf]';
  x numeric;
BEGIN
  IF affinity = 'TEXT' THEN
    IF class = 'text' THEN RETURN outgrow_sqlite.json_text(e); END IF;
  ELSE
    x := CASE WHEN number THEN outgrow_sqlite.json_number(e) WHEN affinity <> 'BLOB' THEN outgrow_sqlite.affine(outgrow_sqlite.json_text(e)) END;
    IF x IS NULL AND class = 'text' THEN RETURN outgrow_sqlite.json_text(e); END IF;
    IF number AND scale(x) > 0 AND affinity IN ('INTEGER', 'NUMERIC') THEN x := outgrow_sqlite.number_of_double(x::float8); END IF;
    IF scale(x) = 0 AND affinity = 'REAL' THEN x := x + 0.0; END IF;
    IF x IS NOT NULL AND class = (CASE WHEN scale(x) = 0 THEN 'integer' ELSE 'real' END) THEN RETURN x::text; END IF;
  END IF;
  RAISE EXCEPTION 'a value of JSON is of another class than the column holds' USING ERRCODE = 'datatype_mismatch';
END";
