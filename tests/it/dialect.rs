//! The dialect against both databases: what is translated gives on PostgreSQL what it gave on SQLite.

mod bodies;
mod both;
mod ddl;
mod firing;
mod framework_types;
mod grouped;
mod json;
mod maths;
mod moments;
mod queries;
mod rows;
mod values;

use both::Both;
use outgrow::catalog::Trigger;
use outgrow::dialect::Translator;

use crate::fixture::Database;

const OPERANDS: &[&str] = &[
    "i",
    "j",
    "r",
    "s",
    "n",
    "flag",
    "dt",
    "d",
    "b",
    "5",
    "0",
    "1",
    "-3",
    "2.5",
    "'abc'",
    "'5'",
    "''",
    "'2024-03-01'",
    "NULL",
    "x'00'",
    "(i > 2)",
    "dt || ''",
];

const OPERATORS: &[&str] =
    &["+", "-", "*", "/", "%", "||", "=", "<>", "<", ">=", "IS", "IS NOT", "AND", "OR", "&", "|", "<<", ">>", "LIKE", "GLOB", "NOT LIKE"];

const FUNCTIONS: &[&str] =
    &["abs", "length", "lower", "upper", "trim", "ltrim", "rtrim", "hex", "typeof", "unicode", "date", "datetime", "time", "round"];

/// Expressions of one operand.
const UNARY: &[&str] = &[
    "substr({}, 2)",
    "substr({}, 1, 2)",
    "substr({}, -2)",
    "- {}",
    "~ {}",
    "NOT {}",
    "+{}",
    "{} IS NULL",
    "{} NOTNULL",
    "{} IS TRUE",
    "{} IS NOT FALSE",
    "CAST({} AS TEXT)",
    "CAST({} AS INTEGER)",
    "CAST({} AS REAL)",
    "{} COLLATE NOCASE = 'ABC'",
    "{} COLLATE RTRIM = 'abc  '",
    "{} GLOB '*[a-c]?'",
    "{} GLOB '[^a]*'",
    "{} LIKE 'A^%%' ESCAPE '^'",
    "trim({}, 'ac')",
    "strftime('%Y', {})",
    "strftime('%s', {})",
    "strftime('%Y-%m', {})",
    "strftime('%H:%M %j %w', {})",
    "strftime('%w', {})",
    "strftime('%d.%m.%Y %H:%M:%S', {})",
    "unixepoch({})",
    "julianday({})",
    "date({}, '+1 day')",
    "date({}, 'start of month')",
    "datetime({}, '-90 minutes')",
    "(SELECT {})",
    "EXISTS (SELECT 1 FROM items q WHERE q.i = {})",
];

/// Expressions of two operands.
const BINARY: &[&str] = &[
    "coalesce(<, >)",
    "nullif(<, >)",
    "CASE WHEN < THEN > END",
    "CASE < WHEN > THEN 1 ELSE 0 END",
    "< IN (>, 1)",
    "< NOT IN (>)",
    "< BETWEEN > AND 42",
    "< IN (SELECT > FROM items)",
    "max(<, >)",
    "instr(<, >)",
    "replace(<, >, 'q')",
];

/// Expressions made of columns, literals, operators and functions.
fn expressions() -> Vec<String> {
    let mut all = Vec::new();
    for left in OPERANDS {
        for right in OPERANDS {
            all.extend(OPERATORS.iter().map(|operator| format!("{left} {operator} {right}")));
            // The marks go through letters, as operands have comparison signs of their own.
            all.extend(BINARY.iter().map(|form| form.replace('<', "LEFT").replace('>', right).replace("LEFT", left)));
        }
        all.extend(FUNCTIONS.iter().map(|function| format!("{function}({left})")));
        all.extend(UNARY.iter().map(|form| form.replace("{}", left)));
    }
    all
}

#[tokio::test]
async fn what_is_translated_gives_the_same_on_both_sides() {
    let database = Database::new("dialect_expressions");
    let both = Both::new(&database).await;
    let (mut translated, mut refused) = (0, 0);
    let mut wrong = Vec::new();
    for expression in expressions() {
        // Bytes that are no text of PostgreSQL's are an error there.
        if matches!(expression.as_str(), "CAST(b AS TEXT)" | "CAST(x'00' AS TEXT)") {
            continue;
        }
        let overflows = expression.contains('*') && !expression.contains("GLOB");
        let filter = if overflows || expression.contains("<<") { " where id <> 5" } else { "" };
        let select = format!("SELECT id, {expression} AS x FROM items{filter}");
        match both.run(&select).await {
            None => refused += 1,
            Some((mut expected, mut found, sql)) => {
                translated += 1;
                expected.sort();
                found.sort();
                if expected != found {
                    wrong.push(format!("{expression}\n  {sql}\n  {expected:?}\n  {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {translated} differ:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(translated > 2000, "{translated} translated, {refused} refused");
}

/// Texts that keep the collation of a column, lose it, or take that of a COLLATE operator within.
const COLLATED: &[&str] = &[
    "n",
    "+n",
    "(n)",
    "CAST(n AS TEXT)",
    "likely(n)",
    "unlikely(n)",
    "coalesce(n, '')",
    "ifnull(n, s)",
    "nullif(n, 'q')",
    "iif(id > 0, n, '')",
    "CASE WHEN id > 0 THEN n END",
    "CASE WHEN s COLLATE NOCASE = 'abc' THEN n ELSE s END",
    "(SELECT n)",
    "(SELECT q.n FROM items q WHERE q.id = items.id)",
    "(SELECT n COLLATE NOCASE)",
    "n || ''",
    "s COLLATE NOCASE",
    "likely(s COLLATE NOCASE)",
    "coalesce(s, n COLLATE NOCASE)",
    "CAST(s COLLATE NOCASE AS TEXT)",
    "(s COLLATE NOCASE) || ''",
    "substr(s COLLATE NOCASE, 1)",
    "lower(s) COLLATE RTRIM",
];

#[tokio::test]
async fn collations_go_as_far_as_in_sqlite() {
    let database = Database::new("dialect_collations");
    let both = Both::new(&database).await;
    let mut wrong = Vec::new();
    let mut translated = 0;
    for text in COLLATED {
        for form in [
            "SELECT id, {} = 'aBC' AS x FROM items",
            "SELECT id, 'aBC' <> {} AS x FROM items",
            "SELECT id, {} IS 'aBC' AS x FROM items",
            "SELECT id, {} < 'AZ' AS x FROM items",
            "SELECT id, {} BETWEEN 'aBA' AND 'aBD' AS x FROM items",
            "SELECT id, {} IN ('aBC', 'q') AS x FROM items",
            "SELECT id, 'aBC' IN ({}, 'q') AS x FROM items",
            "SELECT id, 'aBC' IN ({}) AS x FROM items",
            "SELECT id, {} IN ('aBC' COLLATE NOCASE) AS x FROM items",
            "SELECT id, 'aBC' IN (SELECT {}) AS x FROM items",
            "SELECT id, s = {} AS x FROM items",
            "SELECT id, {} = s AS x FROM items",
            "SELECT id, CASE {} WHEN 'aBC' THEN 1 ELSE 0 END AS x FROM items",
            "SELECT id, nullif({}, 'aBC') IS NULL AS x FROM items",
            "SELECT id, x = 'aBC' AS y FROM (SELECT id, {} AS x FROM items)",
            "SELECT count(DISTINCT {}) AS x FROM items",
        ] {
            let select = form.replace("{}", text);
            let Some((mut expected, mut found, sql)) = both.run(&select).await else { continue };
            translated += 1;
            expected.sort();
            found.sort();
            if expected != found {
                wrong.push(format!("{select}\n  {sql}\n  {expected:?}\n  {found:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {translated} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(translated > 280, "{translated} translated");
}

#[tokio::test]
async fn queries_give_the_same_rows_in_the_same_order() {
    let database = Database::new("dialect_queries");
    let both = Both::new(&database).await;
    for select in [
        "SELECT * FROM items ORDER BY i DESC, id",
        "SELECT id, s FROM items ORDER BY s, 1",
        "SELECT id, n FROM items ORDER BY n DESC, id LIMIT 2, 3",
        "SELECT id AS k, flag FROM items WHERE flag AND k > 1 ORDER BY k",
        "SELECT flag, count(*) AS c, count(i) AS ci, sum(j) AS sj, max(dt) AS m, min(s) AS ms, total(r) AS t FROM items GROUP BY flag ORDER BY flag",
        "SELECT flag = 1 AS f, avg(j) AS a FROM items GROUP BY 1 ORDER BY 1",
        "SELECT s, i, count(*) AS c FROM items GROUP BY id ORDER BY id",
        "SELECT count(DISTINCT n) AS c, max(flag) AS m, min(i) AS i FROM items",
        "SELECT group_concat(s, \"|\") AS g FROM (SELECT s FROM items WHERE id = 1)",
        "SELECT a.id, b.id AS other FROM items a LEFT JOIN items b ON b.i = a.j ORDER BY a.id, b.id",
        "SELECT a.id FROM items a, items b JOIN items c ON c.id = b.id WHERE a.id = b.id ORDER BY 1",
        "SELECT id FROM items a NATURAL JOIN (SELECT id, s FROM items WHERE s <> '') ORDER BY id",
        "SELECT a.id, b.j, c.j AS k FROM items a JOIN items b ON b.id = a.id JOIN items c USING (id) ORDER BY a.id",
        "SELECT group_concat(a.s) AS g FROM items a JOIN items b ON a.rowid = b.rowid WHERE b.id = 2",
        "SELECT i FROM items UNION SELECT j FROM items ORDER BY 1 DESC",
        "SELECT flag FROM items UNION ALL SELECT i > 3 FROM items ORDER BY 1",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 5) SELECT x FROM c ORDER BY x",
        "SELECT DISTINCT d FROM items WHERE d > '1990-01-01' ORDER BY d",
        "SELECT id FROM items WHERE dt BETWEEN '2001-01-01 12:30:00' AND '2024-03-01 00:00:00' ORDER BY dt",
        "SELECT id FROM items WHERE dt < '2024-03' ORDER BY rowid",
        "SELECT id, row_number() OVER (PARTITION BY flag ORDER BY i DESC) AS k FROM items ORDER BY id",
        "SELECT id, (SELECT max(q.i) FROM items q WHERE q.j = items.j) AS m FROM items ORDER BY id",
        "SELECT s, sum(i) AS t FROM items WHERE id <> 5 GROUP BY s HAVING sum(i) > 0 ORDER BY s",
        "VALUES (1, 'a'), (2, 'b')",
    ] {
        let result = both.run(select).await;
        let (expected, found, sql) = result.unwrap_or_else(|| panic!("not translated: {select}"));
        assert_eq!(expected, found, "{select}\n{sql}");
    }
}

/// The whole table on both sides.
async fn rows_of(both: &Both) -> (Vec<String>, Vec<String>) {
    let (expected, found, _) = both.run("SELECT * FROM items ORDER BY id").await.unwrap();
    (expected, found)
}

#[tokio::test]
async fn triggers_do_the_same_to_both_sides() {
    let database = Database::new("dialect_triggers");
    let both = Both::new(&database).await;
    for sql in [
        "create trigger touched after update of s on items when new.s is not old.s begin \
           update items set flag = (case when new.s = 'x' then 1 else 0 end), j = j + 1 where items.id = new.id; end",
        "create trigger no_negative before insert on items begin \
           select raise(abort, 'no negative i') where new.i < 0; \
           select case when new.j = 13 then raise(abort, 'unlucky') end; end",
        "create trigger echo after insert on items when new.i = 100 begin \
           insert into items (i, s, flag, dt) values (101, 'echo ' || new.id, not new.flag, datetime('now', 'start of year')); \
           delete from items where rowid = new.rowid and new.s = 'gone'; end",
    ] {
        both.source.execute_batch(sql).unwrap();
        let name = sql.split(' ').nth(2).unwrap().to_owned();
        let trigger = Trigger { name, table: "items".to_owned(), sql: sql.to_owned() };
        // The trigger that inserts into its own table is equal for the statements of one row below.
        let translated = Translator::new(&both.scope, 15).for_single_rows().trigger(&trigger).unwrap_or_else(|why| panic!("{sql}: {why}"));
        both.session.client().batch_execute(&format!("{};\n{}", translated.function, translated.trigger)).await.unwrap();
    }
    both.session.client().batch_execute("create sequence k start 8; alter table items alter id set default nextval('k')").await.unwrap();
    for statement in [
        "update items set s = 'x' where id < 3",
        "insert into items (i, s, flag) values (100, 'first', @1)",
        "insert into items (i, s, flag) values (100, 'gone', @0)",
        "update items set s = s, r = 1.25",
        "insert into items (i) values (-1)",
        "insert into items (j) values (13)",
    ] {
        let source = both.source.execute_batch(&statement.replace('@', ""));
        let target = both.session.client().batch_execute(&statement.replace("@1", "true").replace("@0", "false")).await;
        assert_eq!(source.is_ok(), target.is_ok(), "{statement}: {source:?} {target:?}");
        let (expected, found) = rows_of(&both).await;
        assert_eq!(expected, found, "{statement}");
    }
}
