//! Row values, and the rows that a query picks of each group.

use super::both::Both;
use super::queries::differing;
use super::values::{both, differences, over};
use crate::fixture::Database;

#[tokio::test]
async fn row_values_compare_as_in_sqlite() {
    let database = Database::new("dialect_rows");
    let both = Both::crowded(&database).await;
    let rows = ["(i, s)", "(n, j)", "(j, r)", "(flag, i)", "(s, 'ab')", "(2, 1.5)", "('x', 2)", "(NULL, 2)", "(dt, d)", "((i), n)"];
    let mut queries = Vec::new();
    for left in rows {
        for right in rows {
            for operator in ["=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT"] {
                queries.push(format!("SELECT id, {left} {operator} {right} AS x FROM items ORDER BY id"));
            }
            queries.push(format!("SELECT id, {left} BETWEEN {right} AND {left} AS x FROM items ORDER BY id"));
        }
        for query in [
            "SELECT i, s FROM items WHERE id % 2",
            "SELECT j, r FROM items",
            "SELECT n, j FROM items WHERE j > 0",
            "SELECT 2, 1.5",
            "VALUES ('x', 2), ('b', 3)",
            "SELECT dt, d FROM items LIMIT 9",
            "SELECT s, n FROM items WHERE 0",
        ] {
            queries.push(format!("SELECT id, {left} IN ({query}) AS x FROM items ORDER BY id"));
            queries.push(format!("SELECT id, {left} NOT IN ({query}) AS x FROM items ORDER BY id"));
            for operator in ["=", "<", ">=", "<>"] {
                queries.push(format!("SELECT id, {left} {operator} ({query} LIMIT 1) AS x FROM items WHERE id < 9 ORDER BY id"));
                queries.push(format!("SELECT id, ({query} LIMIT 1) {operator} {left} AS x FROM items WHERE id < 9 ORDER BY id"));
            }
        }
        queries.push(format!("SELECT id, {left} IN ((2, 1.5), ('x', 2), (NULL, 3)) AS x FROM items ORDER BY id"));
        queries.push(format!("SELECT id, {left} NOT IN ((1, 'a'), (5, 'b')) AS x FROM items ORDER BY id"));
    }
    // A query without ORDER BY gives its first row, which is the same here: both sides read the rows in order.
    queries.retain(|query| !query.contains("LIMIT 9 LIMIT") && !query.contains("('b', 3) LIMIT"));
    let all = queries.len();
    let (translated, wrong) = differing(&both, &queries, true).await;
    assert!(wrong.is_empty(), "{} of {translated} differ:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
    assert!(translated > 700, "{translated} of {all} translated");
}

#[tokio::test]
async fn in_takes_whole_tables_and_collated_items() {
    let database = Database::new("dialect_in");
    let mut both = Both::crowded(&database).await;
    for client in ["create table words (w text collate nocase)", "insert into words values ('ab'), ('X'), (NULL)"] {
        both.source.execute_batch(client).unwrap();
        both.session.client().batch_execute(&client.replace("nocase", "\"C\"")).await.unwrap();
    }
    let mut words = super::both::items();
    words.columns = vec![super::both::column("w", super::both::text(), outgrow::catalog::Affinity::Text)];
    "NOCASE".clone_into(&mut words.columns[0].collation);
    for name in [&mut words.source, &mut words.target] {
        "words".clone_into(name);
    }
    words.primary_key.clear();
    both.scope.add(words);
    let mut queries = Vec::new();
    for value in ["s", "n", "i", "'AB'", "s COLLATE NOCASE", "NULL || s"] {
        for list in [
            "words",
            "('AB' COLLATE NOCASE)",
            "('AB' COLLATE NOCASE, 'x')",
            "(n COLLATE BINARY)",
            "(s COLLATE NOCASE, n)",
            "('x', n COLLATE RTRIM)",
        ] {
            queries.push(format!("SELECT id, {value} IN {list} AS x, {value} NOT IN {list} AS y FROM items ORDER BY id"));
        }
    }
    let (translated, wrong) = differing(&both, &queries, true).await;
    assert!(wrong.is_empty(), "{} of {translated} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(translated > 28, "{translated} of {} translated", queries.len());
}

/// Queries with columns outside of GROUP BY beside one min() or max(), and groups under NOCASE.
const GROUPS: &[&str] = &[
    "SELECT flag, max(id) AS m, s, n, dt, b FROM items GROUP BY flag ORDER BY flag",
    "SELECT j, min(i) AS m, id, s || '!' AS t FROM items GROUP BY j ORDER BY j",
    "SELECT j, min(s), id FROM items GROUP BY j ORDER BY j",
    "SELECT max(r) AS m, * FROM items GROUP BY j ORDER BY 3",
    "SELECT max(dt) AS m, id, s FROM items",
    "SELECT min(i) AS m, id FROM items WHERE i > 100000",
    "SELECT id, max(i) AS m FROM items WHERE id <> 5 GROUP BY s HAVING id > 3 ORDER BY id",
    "SELECT s, id FROM items GROUP BY s HAVING i = max(i) ORDER BY id DESC",
    "SELECT coalesce(s, 'none') AS k, d, min(d) FROM items GROUP BY coalesce(s, 'none') ORDER BY k",
    "SELECT s AS k, id AS x, min(id) FROM items GROUP BY k ORDER BY x",
    "SELECT j, count(*) AS c, max(id) AS m, sum(j) AS t, s FROM items GROUP BY j ORDER BY s, j",
    "SELECT j, max(n COLLATE BINARY), max(n COLLATE BINARY) AS m, id FROM items GROUP BY j ORDER BY j",
    "SELECT a.j, max(a.id) AS m, b.s FROM items a JOIN items b ON b.id = a.id GROUP BY a.j ORDER BY a.j",
    "SELECT (SELECT q.s FROM items q WHERE q.id = items.id) AS t, max(id) FROM items GROUP BY j ORDER BY 2",
    "SELECT count(*) AS c, sum(j) AS t FROM items GROUP BY n ORDER BY c, t",
    "SELECT lower(n) AS k, count(*) AS c FROM items GROUP BY n ORDER BY n",
    "SELECT count(*) AS c FROM items GROUP BY s COLLATE NOCASE ORDER BY s COLLATE NOCASE",
    "SELECT id, count(*) OVER (PARTITION BY n) AS c FROM items ORDER BY id",
    "SELECT x FROM (SELECT j AS x, max(id), s FROM items GROUP BY j) ORDER BY x",
];

#[tokio::test]
async fn groups_show_the_row_of_their_least_or_greatest_value() {
    let database = Database::new("dialect_groups");
    let both = Both::crowded(&database).await;
    let queries: Vec<String> = GROUPS.iter().map(|query| (*query).to_owned()).collect();
    let (translated, wrong) = differing(&both, &queries, true).await;
    assert!(wrong.is_empty(), "{} of {translated} differ:\n{}", wrong.len(), wrong.join("\n"));
    for query in &queries {
        assert!(both.run(query).await.is_some(), "not translated: {query}");
    }
    for arbitrary in [
        "SELECT j, s FROM items GROUP BY j",
        "SELECT j, s, min(i), max(i) FROM items GROUP BY j",
        "SELECT n, count(*) FROM items GROUP BY n",
        "SELECT s, min(i) FILTER (WHERE flag) FROM items GROUP BY j",
    ] {
        assert!(both.run(arbitrary).await.is_none(), "{arbitrary}");
    }
}

#[tokio::test]
async fn printf_writes_every_field_alike() {
    let database = Database::new("dialect_printf");
    let both = both(&database).await;
    let mut expressions = Vec::new();
    for flags in ["", "+", "-", "0", " ", "!", "#", ",", "-0", "+0", ",0", "!#", "+,"] {
        for extent in ["", "12", ".3", "9.0", "15.5", "30.20"] {
            for letter in ["d", "u", "x", "X"] {
                expressions.push(format!("printf('%{flags}{extent}{letter}|', i)"));
            }
            for letter in ["e", "f", "g", "G", "E"] {
                expressions.push(format!("printf('%{flags}{extent}{letter}|', r)"));
            }
        }
        expressions.push(format!("printf('%{flags}*d|%{flags}.*f|%{flags}*.*g', id % 20 - 5, i, id % 6, r, 12, 3, r)"));
        expressions.push(format!("printf('%{flags}9s|%{flags}-9s|%{flags}9Q|%{flags}9w', t, t, t, t)"));
    }
    expressions.extend(over(
        &["r", "t", "i", "d", "n"],
        &[
            "printf('%e %g %G %10.2e', {}, {}, {}, {})",
            "printf('%lld %ld %li', {}, {}, {})",
            "printf('%s %d %f %Q', {})",
            "printf('%!5.2s|%!9s|', {}, {})",
            "printf('100%', {})",
            "printf('%,d %,.2f', {}, {})",
            "quote({})",
        ],
    ));
    expressions.extend(["printf('%.2s|', CAST(i AS TEXT))".to_owned(), "printf('%d%%')".to_owned()]);
    differences(&both, &expressions, 660).await;
}
