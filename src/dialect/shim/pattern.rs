//! LIKE and GLOB with patterns that are computed.

use super::{Helper, procedural};

pub(super) const HELPERS: &[Helper] = &[
    procedural("glob", "(pattern text, t text) RETURNS boolean", GLOB),
    procedural("one_sign", "(t text) RETURNS text", ONE_SIGN),
    procedural("matches_like", "(pattern text, t text, escape text) RETURNS boolean", LIKE),
];

/// `t GLOB pattern`: the pattern becomes a regular expression, each set an alternative of its signs and ranges.
const GLOB: &str = r#"
DECLARE
  size int := length(pattern);
  at int := 1;
  sign text;
  expression text := '';
  members text;
  negated boolean;
  prior text;
BEGIN
  WHILE at <= size LOOP
    sign := substr(pattern, at, 1);
    at := at + 1;
    IF sign = '*' THEN
      expression := expression || '.*';
    ELSIF sign = '?' THEN
      expression := expression || '.';
    ELSIF sign = '[' THEN
      members := '';
      negated := substr(pattern, at, 1) = '^';
      IF negated THEN at := at + 1; END IF;
      prior := NULL;
      IF substr(pattern, at, 1) = ']' THEN
        members := '\]';
        at := at + 1;
      END IF;
      LOOP
        -- A set that does not end matches nothing.
        IF at > size THEN RETURN false; END IF;
        sign := substr(pattern, at, 1);
        at := at + 1;
        EXIT WHEN sign = ']';
        IF sign = '-' AND prior IS NOT NULL AND at <= size AND substr(pattern, at, 1) <> ']' THEN
          IF ascii(prior) <= ascii(substr(pattern, at, 1)) THEN
            members := members || '\U' || lpad(to_hex(ascii(prior)), 8, '0') || '-\U' || lpad(to_hex(ascii(substr(pattern, at, 1))), 8, '0');
          END IF;
          prior := NULL;
          at := at + 1;
        ELSE
          members := members || '\U' || lpad(to_hex(ascii(sign)), 8, '0');
          prior := sign;
        END IF;
      END LOOP;
      expression := expression || CASE WHEN members = '' AND negated THEN '.' WHEN members = '' THEN '(?!.).'
        WHEN negated THEN '[^' || members || ']' ELSE '[' || members || ']' END;
    ELSE
      expression := expression || '\U' || lpad(to_hex(ascii(sign)), 8, '0');
    END IF;
  END LOOP;
  RETURN t COLLATE "C" ~ ('^(?:' || expression || ')$');
END"#;

/// `t LIKE pattern ESCAPE escape`, for both in lower case; an empty escape is none.
const LIKE: &str = r#"
DECLARE
  size int := length(pattern);
  at int := 1;
  sign text;
  plain text := '';
BEGIN
  WHILE at <= size LOOP
    sign := substr(pattern, at, 1);
    at := at + 1;
    IF sign = escape THEN
      -- A pattern that ends with the escape sign matches nothing.
      IF at > size THEN RETURN false; END IF;
      plain := plain || '\' || substr(pattern, at, 1);
      at := at + 1;
    ELSIF sign = '\' THEN
      plain := plain || '\\';
    ELSE
      plain := plain || sign;
    END IF;
  END LOOP;
  RETURN lower(t COLLATE "C") LIKE lower(plain COLLATE "C");
END"#;

/// What stands behind ESCAPE: SQLite reports an error, too, where it is not one character.
const ONE_SIGN: &str = r"
BEGIN
  IF length(t) <> 1 THEN RAISE EXCEPTION 'the expression behind ESCAPE is not a single character'; END IF;
  RETURN t;
END";
