//! JSON that is made or changed: pieces of new documents, json_set and its kin, json_patch, json_pretty, and the rows of
//! json_each and json_tree.

use super::{Helper, expression, procedural};

pub(super) const HELPERS: &[Helper] = &[
    expression("json_quoted", "(t text) RETURNS text", "SELECT to_json(t)::text"),
    expression(
        "json_quoted_real",
        "(x float8, infinity text) RETURNS text",
        "SELECT CASE WHEN x = 'Infinity' THEN infinity WHEN x = '-Infinity' THEN '-' || infinity ELSE outgrow_sqlite.real_text(x) END",
    ),
    expression(
        "json_quoted_number",
        "(x numeric, infinity text) RETURNS text",
        "SELECT CASE WHEN scale(x) = 0 THEN x::text ELSE outgrow_sqlite.json_quoted_real(x::float8, infinity) END",
    ),
    expression("json_requoted", "(e text, nested boolean, infinity text) RETURNS text", REQUOTED),
    Helper { name: "json_name", signature: "(t text) RETURNS text", language: "plpgsql", strict: false, body: NAME },
    procedural("json_edited", "(e text, path text, mode text, piece text) RETURNS text", EDITED),
    Helper {
        name: "json_changed",
        signature: "(t text, mode text, paths text[], pieces text[]) RETURNS text",
        language: "plpgsql",
        strict: true,
        body: CHANGED,
    },
    procedural("json_removed", "(t text, paths text[]) RETURNS text", REMOVED),
    procedural("json_merged", "(e text, patch text) RETURNS text", MERGED),
    expression(
        "json_patched",
        "(t text, patch text) RETURNS text",
        "SELECT outgrow_sqlite.json_merged(outgrow_sqlite.json(t), outgrow_sqlite.json(patch))",
    ),
    procedural("json_spread", "(e text, step text, before text) RETURNS text", SPREAD),
    expression("json_pretty", "(t text, step text) RETURNS text", "SELECT outgrow_sqlite.json_spread(outgrow_sqlite.json(t), step, '')"),
    expression("json_joined", "(path text, e text, n bigint, label text) RETURNS text", JOINED),
    expression("json_rows", "(e text, at text) RETURNS TABLE (n bigint, key text, value text, fullkey text, path text)", ROWS),
    expression("json_each", "(t text, at text) RETURNS TABLE (key text, value text, type text, atom text, fullkey text, path text)", EACH),
    expression("json_tree", "(t text) RETURNS TABLE (key text, value text, type text, atom text, fullkey text, path text)", TREE),
];

/// An element as the part of a new document: what SQLite makes of its value.
const REQUOTED: &str = r"
SELECT CASE WHEN nested AND left(e, 1) IN ('{', '[') THEN e
            WHEN e ~ '^[-0-9tf]' THEN outgrow_sqlite.json_quoted_number(outgrow_sqlite.json_number(e), infinity)
            WHEN e = 'null' THEN e
            ELSE outgrow_sqlite.json_quoted(outgrow_sqlite.json_text(e)) END";

/// The label of an object that is made; there is none without a text.
const NAME: &str = r"
BEGIN
  IF t IS NULL THEN RAISE EXCEPTION 'json_object() labels must be TEXT' USING ERRCODE = 'null_value_not_allowed'; END IF;
  RETURN outgrow_sqlite.json_quoted(t);
END";

/// The element with one part set, inserted, replaced or removed; NULL where it is removed itself.
const EDITED: &str = r"
DECLARE
  step record;
  found bigint;
  part text;
  size bigint;
  place numeric;
BEGIN
  IF path = '' THEN RETURN CASE mode WHEN 'insert' THEN e WHEN 'remove' THEN NULL ELSE piece END; END IF;
  IF left(path, 1) = '[' AND left(e, 1) <> '[' THEN RETURN e; END IF;
  step := outgrow_sqlite.json_step(path);
  IF step.place IS NULL THEN
    IF left(e, 1) <> '{' THEN RETURN e; END IF;
    SELECT m.n, m.value INTO found, part FROM outgrow_sqlite.json_members(e) m
      WHERE outgrow_sqlite.json_unquoted(m.label) = CASE WHEN step.plain THEN step.key ELSE outgrow_sqlite.json_unquoted(step.key) END
      ORDER BY m.n LIMIT 1;
  ELSE
    size := outgrow_sqlite.json_length(e);
    place := CASE WHEN step.place = '#' THEN size WHEN left(step.place, 1) = '#' THEN size - substr(step.place, 3)::numeric
      ELSE step.place::numeric END;
    IF place < 0 OR place > size THEN RETURN e; END IF;
    SELECT m.n, m.value INTO found, part FROM outgrow_sqlite.json_members(e) m WHERE m.n = place;
  END IF;
  IF found IS NULL THEN
    IF mode NOT IN ('set', 'insert') THEN RETURN e; END IF;
    part := piece;
    IF step.rest <> '' THEN
      part := CASE WHEN left(step.rest, 1) = '.' THEN '{}' ELSE '[]' END;
      IF left(step.rest, 1) NOT IN ('.', '[') THEN RAISE EXCEPTION 'bad JSON path' USING ERRCODE = 'invalid_sql_json_subscript'; END IF;
      piece := outgrow_sqlite.json_edited(part, step.rest, mode, piece);
      IF piece = part THEN RETURN e; END IF;
      part := piece;
    END IF;
    IF step.place IS NULL THEN
      part := CASE WHEN step.plain THEN outgrow_sqlite.json_quoted(step.key) ELSE step.key END || ':' || part;
    END IF;
    RETURN left(e, -1) || CASE WHEN length(e) > 2 THEN ',' ELSE '' END || part || right(e, 1);
  END IF;
  part := outgrow_sqlite.json_edited(part, step.rest, mode, piece);
  RETURN (SELECT left(e, 1) || coalesce(string_agg(coalesce(m.label || ':', '') || CASE WHEN m.n = found THEN part ELSE m.value END, ','
    ORDER BY m.n) FILTER (WHERE m.n <> found OR part IS NOT NULL), '') || right(e, 1) FROM outgrow_sqlite.json_members(e) m);
END";

/// `json_set`, `json_insert` and `json_replace`; a pair whose path is NULL changes nothing.
const CHANGED: &str = r"
DECLARE
  e text := outgrow_sqlite.json(t);
BEGIN
  FOR at IN 1 .. coalesce(array_length(paths, 1), 0) LOOP
    CONTINUE WHEN paths[at] IS NULL;
    IF left(paths[at], 1) <> '$' OR paths[at] = '' THEN
      RAISE EXCEPTION 'bad JSON path' USING ERRCODE = 'invalid_sql_json_subscript';
    END IF;
    e := outgrow_sqlite.json_edited(e, substr(paths[at], 2), mode, pieces[at]);
  END LOOP;
  RETURN e;
END";

/// `json_remove`; NULL where a path is NULL, or is the whole document.
const REMOVED: &str = r"
DECLARE
  e text := outgrow_sqlite.json(t);
BEGIN
  FOR at IN 1 .. coalesce(array_length(paths, 1), 0) LOOP
    IF paths[at] IS NULL THEN RETURN NULL; END IF;
    IF left(paths[at], 1) <> '$' OR paths[at] = '' THEN
      RAISE EXCEPTION 'bad JSON path' USING ERRCODE = 'invalid_sql_json_subscript';
    END IF;
    IF paths[at] = '$' THEN RETURN NULL; END IF;
    e := outgrow_sqlite.json_edited(e, substr(paths[at], 2), 'remove', '');
  END LOOP;
  RETURN e;
END";

/// RFC 7396, in the order in which SQLite changes the members.
const MERGED: &str = r"
DECLARE
  labels text[] := '{}';
  contents text[] := '{}';
  at int;
  member record;
BEGIN
  IF left(patch, 1) <> '{' THEN RETURN patch; END IF;
  IF left(e, 1) = '{' THEN
    SELECT coalesce(array_agg(m.label ORDER BY m.n), '{}'), coalesce(array_agg(m.value ORDER BY m.n), '{}') INTO labels, contents
      FROM outgrow_sqlite.json_members(e) m;
  END IF;
  FOR member IN SELECT m.label, m.value FROM outgrow_sqlite.json_members(patch) m ORDER BY m.n LOOP
    SELECT min(l.o) INTO at FROM unnest(labels) WITH ORDINALITY AS l(label, o)
      WHERE outgrow_sqlite.json_unquoted(l.label) = outgrow_sqlite.json_unquoted(member.label);
    IF at IS NOT NULL AND member.value = 'null' THEN
      labels := labels[:at - 1] || labels[at + 1:];
      contents := contents[:at - 1] || contents[at + 1:];
    ELSIF at IS NOT NULL THEN
      contents[at] := outgrow_sqlite.json_merged(contents[at], member.value);
    ELSIF member.value <> 'null' THEN
      labels := labels || member.label;
      contents := contents || outgrow_sqlite.json_merged('null', member.value);
    END IF;
  END LOOP;
  RETURN (SELECT '{' || coalesce(string_agg(l.label || ':' || l.value, ',' ORDER BY l.o), '') || '}'
    FROM unnest(labels, contents) WITH ORDINALITY AS l(label, value, o));
END";

/// The element over several lines.
const SPREAD: &str = r"
BEGIN
  IF left(e, 1) NOT IN ('{', '[') OR length(e) = 2 THEN RETURN e; END IF;
  RETURN (SELECT left(e, 1) || chr(10) || string_agg(before || step || coalesce(m.label || ': ', '')
    || outgrow_sqlite.json_spread(m.value, step, before || step), ',' || chr(10) ORDER BY m.n) || chr(10) || before || right(e, 1)
    FROM outgrow_sqlite.json_members(e) m);
END";

/// The path of a member.
const JOINED: &str = r#"
SELECT path || CASE WHEN left(e, 1) = '[' THEN '[' || n || ']'
  ELSE (SELECT CASE WHEN l ~ '^[A-Za-z][A-Za-z0-9]*$' THEN '.' || l ELSE '."' || l || '"' END
        FROM (SELECT substr(label, 2, length(label) - 2) AS l) s) END"#;

/// The members of an element with their keys and paths, or the element itself if it has none to have.
const ROWS: &str = r"
SELECT m.n, coalesce(m.label, m.n::text), m.value, outgrow_sqlite.json_joined(at, e, m.n, coalesce(m.label, '')), at
  FROM outgrow_sqlite.json_members(e) m
UNION ALL SELECT 0, NULL, e, at, at WHERE left(e, 1) NOT IN ('{', '[')
ORDER BY 1";

const EACH: &str = r"
SELECT r.key, nullif(r.value, 'null'), outgrow_sqlite.json_type(r.value),
  CASE WHEN left(r.value, 1) NOT IN ('{', '[') THEN nullif(r.value, 'null') END, r.fullkey, r.path
FROM outgrow_sqlite.json_rows(outgrow_sqlite.json_part(t, at), at) r ORDER BY r.n";

/// The element, and below each array and object its members.
const TREE: &str = r"
WITH RECURSIVE tree AS (
  SELECT ARRAY[0::bigint] AS o, NULL::text AS key, outgrow_sqlite.json(t) AS value, '$' AS fullkey, '$' AS path
  UNION ALL
  SELECT tree.o || r.n, r.key, r.value, r.fullkey, r.path
  FROM tree, outgrow_sqlite.json_rows(tree.value, tree.fullkey) r WHERE left(tree.value, 1) IN ('{', '[')
)
SELECT tree.key, nullif(tree.value, 'null'), outgrow_sqlite.json_type(tree.value),
  CASE WHEN left(tree.value, 1) NOT IN ('{', '[') THEN nullif(tree.value, 'null') END, tree.fullkey, tree.path
FROM tree ORDER BY tree.o";
