//! Columns outside of GROUP BY that follow from what is grouped by, and recursive queries that end by LIMIT.

use super::both::Both;
use crate::fixture::Database;

/// Queries whose bare columns have one value in each group, by unique keys and equalities.
const DETERMINED: &[&str] = &[
    "SELECT a.id, b.s AS t, count(*) AS c, max(x.i) AS m FROM items a JOIN items b ON b.id = a.i JOIN items x ON x.j = a.j \
     GROUP BY a.id ORDER BY a.id",
    "SELECT a.id, b.n || '-' || b.id AS t, sum(x.i) AS m FROM items a LEFT JOIN items b ON b.id = a.j LEFT JOIN items x ON x.j = a.j \
     GROUP BY a.id HAVING coalesce(b.s, '') <> 'ab' ORDER BY b.s, a.id",
    "SELECT a.id, c.s AS t, c.flag AS f, b.dt AS d, c.b AS bytes, c.r AS r, count(x.id) AS n FROM items AS a, items AS b, items AS c \
     LEFT JOIN items AS x ON x.i = a.i WHERE b.id = a.i AND (c.id = b.j) GROUP BY a.id ORDER BY 1",
    "SELECT b.id, a.i AS same, count(*) AS n FROM items a JOIN items b ON a.i = b.id GROUP BY b.id ORDER BY b.id",
    "SELECT a.flag, b.s AS t, count(*) AS n FROM items a JOIN items b ON b.id = 2 GROUP BY a.flag ORDER BY a.flag",
    "SELECT a.j, b.s, b.d, count(DISTINCT a.s) AS n FROM items a JOIN items b ON b.id = a.j AND b.id < 3 GROUP BY a.j ORDER BY a.j",
    "SELECT a.i, g.n AS n, count(*) AS c FROM items a JOIN (SELECT j, count(*) AS n FROM items GROUP BY j) g ON g.j = a.i \
     GROUP BY a.i ORDER BY a.i",
    "SELECT a.i, g.m AS m, count(*) AS c FROM items a, (SELECT max(j) AS m FROM items) g GROUP BY a.i ORDER BY a.i",
    "WITH g AS (SELECT j AS k, min(i) AS least FROM items GROUP BY j) SELECT a.i, least, count(*) AS c FROM items a \
     LEFT JOIN g ON a.i = g.k GROUP BY a.i ORDER BY a.i",
    "SELECT a.id, CASE WHEN b.flag THEN b.s ELSE 'no' END AS t, (SELECT q.s FROM items q WHERE q.id = b.j) AS q, count(*) AS n \
     FROM items a JOIN items b ON b.id = a.i JOIN items x ON x.j = a.j GROUP BY a.id ORDER BY a.id",
    "SELECT a.d, b.s, c.s AS t, count(*) AS n FROM items a LEFT JOIN items b ON b.id = a.i AND (a.i > 2) LEFT JOIN items c ON c.id = b.j \
     GROUP BY a.d, a.i ORDER BY a.d, a.i",
];

/// The same form, with nothing that determines them.
const OPEN: &[&str] = &[
    "SELECT a.id, x.s, count(*) FROM items a JOIN items x ON x.j = a.j GROUP BY a.id",
    "SELECT a.s, count(*) FROM items a LEFT JOIN items b ON a.id = b.i GROUP BY b.i",
    "SELECT a.i, b.s, count(*) FROM items a JOIN items b ON b.id = a.i OR b.id = a.j GROUP BY a.i",
    "SELECT a.i, b.s, count(*) FROM items a JOIN items b ON b.id = a.j GROUP BY a.i",
    "SELECT a.i, b.s, count(*) FROM items a LEFT JOIN items b ON b.id > a.i GROUP BY a.i",
    "SELECT a.n, b.s, count(*) FROM items a JOIN (SELECT n, max(s) AS s FROM items GROUP BY n) b ON b.n = a.n GROUP BY a.n",
    // Whether there is a row of `b` depends on more than the key.
    "SELECT a.i, b.s, count(*) FROM items a LEFT JOIN items b ON b.id = a.i AND a.j > 1 GROUP BY a.i",
    "SELECT a.i, b.s, count(*) FROM items a LEFT JOIN items b ON b.id = a.i AND b.id = length(a.s) GROUP BY a.i",
    "SELECT a.i, g.m, count(*) FROM items a LEFT JOIN (SELECT max(j) AS m FROM items) g ON a.j = 2 GROUP BY a.i",
    "SELECT a.i, b.s, count(*) FROM items a RIGHT JOIN items b ON b.id = a.i GROUP BY a.i",
    "SELECT a.s, count(*) FROM items a LEFT JOIN items b ON a.id = b.id GROUP BY b.id",
];

#[tokio::test]
async fn columns_that_follow_from_the_key_are_those_of_any_row() {
    let database = Database::new("dialect_determined");
    let both = Both::crowded(&database).await;
    for select in DETERMINED {
        let (expected, found, sql) = both.run(select).await.unwrap_or_else(|| panic!("not translated: {select}"));
        assert!(!expected.is_empty(), "{select}");
        assert_eq!(expected, found, "{select}\n{sql}");
    }
    for select in OPEN {
        let translated = both.run(select).await;
        assert!(translated.is_none(), "{select}: {translated:?}");
    }
}

#[tokio::test]
async fn a_recursion_of_single_rows_ends_by_its_limit() {
    let database = Database::new("dialect_recursion");
    let both = Both::new(&database).await;
    for select in [
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 7) SELECT x FROM c",
        "WITH RECURSIVE c(x, d) AS (VALUES (1, '2024-01-30') UNION ALL SELECT x + 1, date(d, '+1 day') FROM c LIMIT 5 OFFSET 2) SELECT x, d FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 5 UNION ALL SELECT x - 1 FROM c WHERE x > 0 ORDER BY 1 DESC) SELECT x FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT (x * 3) % 7 FROM c ORDER BY 1 LIMIT 10) SELECT x, (SELECT count(*) FROM items WHERE id = c.x) AS n FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 0) SELECT x FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 3), d(y) AS (SELECT 9 UNION ALL SELECT y - 1 FROM d LIMIT 2) \
         SELECT x, y FROM c, d ORDER BY x, y",
    ] {
        let (expected, found, sql) = both.run(select).await.unwrap_or_else(|| panic!("not translated: {select}"));
        assert_eq!(expected, found, "{select}\n{sql}");
    }
    for select in [
        "WITH RECURSIVE c(x) AS (SELECT id FROM items UNION ALL SELECT x + 1 FROM c LIMIT 7) SELECT x FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT items.id FROM items JOIN c ON items.j = c.x ORDER BY 1) SELECT x FROM c",
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT q.id FROM items q, c WHERE c.x < 3 LIMIT 4) SELECT x FROM c",
    ] {
        assert!(both.run(select).await.is_none(), "{select}");
    }
}
