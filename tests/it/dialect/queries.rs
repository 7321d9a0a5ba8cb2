//! Queries on generated rows: the same rows on both sides, and in the same order where the query says one.

use super::both::Both;
use crate::fixture::Database;

/// Windows with a total order, over which each function is tried.
const WINDOWS: &[&str] = &[
    "ORDER BY i, id",
    "PARTITION BY flag ORDER BY i DESC, id",
    "PARTITION BY s, flag ORDER BY j NULLS LAST, id DESC",
    "ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING",
    "ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
    "ORDER BY i, id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING",
    "ORDER BY i, id ROWS 3 PRECEDING EXCLUDE CURRENT ROW",
    "ORDER BY id ROWS BETWEEN CURRENT ROW AND 4 FOLLOWING EXCLUDE NO OTHERS",
];

/// Windows with ties: only what does not depend on the order within them is tried.
const TIED: &[&str] = &[
    "",
    "PARTITION BY flag",
    "ORDER BY i",
    "ORDER BY j DESC",
    "PARTITION BY flag ORDER BY j",
    "ORDER BY i RANGE BETWEEN 2 PRECEDING AND 1 FOLLOWING",
    "ORDER BY j DESC RANGE BETWEEN 1 PRECEDING AND CURRENT ROW",
    "ORDER BY j NULLS LAST RANGE BETWEEN CURRENT ROW AND 1 FOLLOWING",
    "ORDER BY i RANGE BETWEEN 1 FOLLOWING AND 3 FOLLOWING",
    "ORDER BY j GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    "ORDER BY j, flag GROUPS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES",
    "ORDER BY j GROUPS BETWEEN CURRENT ROW AND 2 FOLLOWING EXCLUDE GROUP",
    "ORDER BY i RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES",
    "ORDER BY s RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
    "PARTITION BY d ORDER BY dt, flag RANGE UNBOUNDED PRECEDING",
];

const ORDERED_CALLS: &[&str] = &[
    "row_number()",
    "ntile(4)",
    "lag(i)",
    "lag(s, 2)",
    "lead(flag, 1, 0)",
    "lead(dt, 0)",
    "lag(i, 3, -1)",
    "first_value(s)",
    "last_value(d)",
    "nth_value(j, 2)",
    "group_concat(s, '/')",
    "first_value(n)",
    "lag(i > 2, 1, 7)",
];

const TIED_CALLS: &[&str] = &[
    "rank()",
    "dense_rank()",
    "percent_rank()",
    "cume_dist()",
    "count(*)",
    "count(s)",
    "sum(j)",
    "min(i)",
    "max(s)",
    "max(dt)",
    "min(flag)",
    "avg(j)",
    "total(j)",
    "count(*) FILTER (WHERE flag)",
    "sum(j) FILTER (WHERE s <> 'a')",
];

/// Runs each query on both sides; gives how many were translated and what differs.
pub(super) async fn differing(both: &Both, queries: &[String], in_order: bool) -> (usize, Vec<String>) {
    let (mut translated, mut wrong) = (0, Vec::new());
    for select in queries {
        let Some((mut expected, mut found, sql)) = both.run(select).await else { continue };
        translated += 1;
        if !in_order {
            expected.sort();
            found.sort();
        }
        if expected != found {
            wrong.push(format!("{select}\n  {sql}\n  {expected:?}\n  {found:?}"));
        }
    }
    (translated, wrong)
}

#[tokio::test]
async fn windows_give_the_same_on_both_sides() {
    // A sum of integers near 2^63 is an error on one side only, and nothing but `items` 5 has one that large.
    let database = Database::new("dialect_windows");
    let both = Both::crowded(&database).await;
    let mut queries = Vec::new();
    for (windows, calls) in [(WINDOWS, ORDERED_CALLS), (WINDOWS, TIED_CALLS), (TIED, TIED_CALLS)] {
        for window in windows {
            for call in calls {
                if call.starts_with("group_concat")
                    && (window.contains("EXCLUDE") || window.contains("ROWS") && !window.contains("UNBOUNDED P"))
                {
                    continue;
                }
                queries.push(format!("SELECT id, {call} OVER ({window}) AS x FROM items ORDER BY id"));
            }
        }
    }
    queries.extend(
        [
            "SELECT id, sum(j) OVER w AS a, rank() OVER w AS b FROM items WINDOW w AS (PARTITION BY flag ORDER BY i) ORDER BY id",
            "SELECT id, count(*) OVER (w ORDER BY i, id ROWS 1 PRECEDING) AS a FROM items WINDOW w AS (PARTITION BY flag) ORDER BY id",
            "SELECT id, lag(id) OVER v AS a FROM items WINDOW w AS (PARTITION BY flag), v AS (w ORDER BY id) ORDER BY id",
            "SELECT flag, sum(count(*)) OVER (ORDER BY flag) AS a FROM items GROUP BY flag ORDER BY flag",
            "SELECT s, rank() OVER (ORDER BY count(*) DESC, s) AS a FROM items GROUP BY s ORDER BY a",
            "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY s ORDER BY i, id) AS k FROM items) WHERE k = 1 ORDER BY id",
        ]
        .map(str::to_owned),
    );
    let all = queries.len();
    let (translated, wrong) = differing(&both, &queries, true).await;
    assert!(wrong.is_empty(), "{} of {translated} differ:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    assert!(translated == all, "{translated} of {all} translated");
}

/// Queries whose rows come in a total order.
const QUERIES: &[&str] = &[
    "WITH RECURSIVE c(x, p) AS (SELECT id, s FROM items WHERE id < 4 UNION ALL SELECT x + 10, p || '/' || x FROM c WHERE x < 40) SELECT x, p FROM c ORDER BY x",
    "WITH RECURSIVE c(x, p) AS (SELECT 1, 'a' UNION ALL SELECT x + 1, p || 'b' FROM c WHERE x < 5) SELECT p, x FROM c ORDER BY x",
    "WITH RECURSIVE c(x, p) AS (SELECT id, '' FROM items WHERE id = 1 UNION SELECT items.id, p || items.s FROM c JOIN items ON items.i = c.x WHERE c.x < 5) SELECT x, p FROM c ORDER BY x, p",
    "SELECT i FROM items UNION SELECT j FROM items INTERSECT SELECT 2 ORDER BY 1",
    "SELECT i FROM items INTERSECT SELECT j FROM items UNION SELECT 77 EXCEPT SELECT 2 ORDER BY 1",
    "SELECT i FROM items EXCEPT SELECT j FROM items INTERSECT SELECT id FROM items ORDER BY 1 LIMIT 2 * 5 - 1",
    "SELECT q.id, \"id:1\" AS other FROM (SELECT a.id, b.id FROM items a JOIN items b ON a.id = b.id + 1) q ORDER BY 1",
    "SELECT id FROM items ORDER BY id LIMIT 2 + 3 OFFSET (2 * 4)",
    "SELECT id FROM items a LEFT JOIN (SELECT i AS k, count(*) AS c FROM items GROUP BY i) b ON a.j = b.k WHERE c > 1 ORDER BY id",
    "SELECT a.id, b.id AS other FROM items a RIGHT JOIN items b ON a.id = b.i AND a.flag ORDER BY b.id, a.id",
    "SELECT a.id, b.id AS other FROM items a FULL JOIN items b ON a.id = b.i + 60 ORDER BY a.id, b.id",
    "SELECT DISTINCT s, flag FROM items ORDER BY flag DESC, s",
    "SELECT count(*) AS c FROM items HAVING count(*) > 3",
    "SELECT id, j, a.i AS k, b.i AS l FROM items a RIGHT JOIN (SELECT id + 3 AS id, i FROM items) b USING (id) ORDER BY id",
    "SELECT id, a.i AS k, b.i AS l FROM items a FULL JOIN (SELECT id + 3 AS id, i FROM items) b USING (id) ORDER BY id",
    "SELECT * FROM (SELECT id, i FROM items) a NATURAL FULL JOIN (SELECT id + 3 AS id, j FROM items) b ORDER BY id, j",
    "SELECT * FROM (SELECT id, i FROM items) a RIGHT JOIN (SELECT id + 3 AS id, j FROM items) b USING (id) ORDER BY 1",
    "SELECT id, count(*) AS c FROM (SELECT id FROM items) a FULL JOIN (SELECT id + 3 AS id, j FROM items) b USING (id) GROUP BY id ORDER BY id",
    "SELECT id FROM (SELECT id FROM items) a FULL JOIN (SELECT id + 3 AS id FROM items) b USING (id) FULL JOIN (SELECT id + 5 AS id FROM items) c USING (id) ORDER BY id",
    "SELECT n, 1 AS k FROM items UNION ALL SELECT s, 2 FROM items ORDER BY n, k, n COLLATE BINARY",
    "SELECT s AS t, 'x' || id AS k FROM items UNION ALL SELECT 'Z' || id, s FROM items ORDER BY t DESC, 2",
    "SELECT 'b' AS k, id FROM items UNION ALL SELECT 'a', j FROM items ORDER BY k, 2 LIMIT 80 OFFSET 3",
    "SELECT id, s AS t FROM items UNION SELECT id + 1, lower(s) FROM items ORDER BY t COLLATE NOCASE, t, id",
    "SELECT id, typeof(i) AS t FROM items WHERE id < 5 UNION SELECT j, typeof(s) FROM items ORDER BY t DESC, id",
    "SELECT t FROM (SELECT typeof(s) || id AS t FROM items) WHERE t > 'text' ORDER BY t",
    "SELECT max(t) AS m, min(t) AS l FROM (SELECT typeof(s) || id AS t FROM items)",
    "SELECT id FROM items WHERE i IN (SELECT max(j) FROM items GROUP BY flag) ORDER BY id DESC LIMIT 7",
];

#[tokio::test]
async fn queries_of_every_form_give_the_same_on_both_sides() {
    let database = Database::new("dialect_forms");
    let both = Both::crowded(&database).await;
    let queries: Vec<String> = QUERIES.iter().map(|query| (*query).to_owned()).collect();
    let (translated, wrong) = differing(&both, &queries, true).await;
    assert!(wrong.is_empty(), "{} of {translated} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(translated, queries.len(), "some are not translated");
}
