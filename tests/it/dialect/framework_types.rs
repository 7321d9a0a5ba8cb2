//! Expressions over the types that an application makes for itself: checks, defaults, generated columns, indexes, views and
//! triggers give on PostgreSQL what they gave on SQLite.

use super::firing::Moved;

/// Columns of Django's types, and everything that computes with them.
const FLEET: &str = r#"
    CREATE TABLE "django_migrations" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL,
        "applied" datetime NOT NULL);
    CREATE TABLE "fleet_boat" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(20) NOT NULL DEFAULT 'nameless',
        "kind" varchar(8) NOT NULL DEFAULT 'sail' CHECK ("kind" IN ('sail', 'motor', 'Oar')),
        "berths" integer unsigned NOT NULL DEFAULT 3 CHECK ("berths" >= 0), "masts" smallint unsigned NOT NULL CHECK ("masts" >= 0),
        "afloat" bool NOT NULL DEFAULT 1 CHECK ("afloat" IN (0, 1)), "price" decimal NULL CHECK ("price" IS NULL OR "price" > 0.5),
        "built" date NULL CHECK ("built" IS NULL OR "built" >= '1900-01-01'), "launched" datetime NULL, "length" real NULL,
        "label" text AS ("name" || ' (' || "kind" || ', ' || "berths" || ')') STORED, "beds" integer AS ("berths" * 70000 * 70000) STORED,
        CHECK ("berths" >= "masts"), CHECK (length("name") < 15 OR "kind" = 'motor'), CHECK ("launched" IS NULL OR "launched" >= '1950-01-01'));
    CREATE TABLE "fleet_log" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "what" varchar(40) NOT NULL, "boat" integer NULL, "sum" integer NULL);
    CREATE UNIQUE INDEX "fleet_kind_name" ON "fleet_boat" ("kind", "name");
    CREATE INDEX "fleet_lower" ON "fleet_boat" (lower("name")) WHERE "afloat" = 1 AND "kind" <> 'motor';
    CREATE VIEW "fleet_view" AS SELECT "id", upper("name") AS "name", substr("kind", 1, 2) AS "kind", "berths" * 40000 * 40000 AS "many",
        "berths" / 2 AS "half", "masts" - "berths" AS "less", CASE WHEN "afloat" THEN "kind" ELSE "name" END AS "either",
        "price" > 100 AS "dear", "built" < '2000-01-01' AS "old", length("kind") + "masts" AS "size", coalesce("built", 'never') AS "day",
        "kind" || "berths" AS "both", typeof("berths") AS "class", "name" LIKE '%E%' AS "with_e", min("kind", "name") AS "first"
        FROM "fleet_boat" WHERE "kind" > 'n' OR "name" >= 'a';
    CREATE VIEW "fleet_kinds" AS SELECT "kind", count(*) AS "boats", sum("berths") AS "berths", max("name") AS "last", sum("afloat") AS "afloat"
        FROM "fleet_boat" GROUP BY "kind";
    CREATE TRIGGER "added" AFTER INSERT ON "fleet_boat" WHEN new."kind" = 'sail' BEGIN
        INSERT INTO "fleet_log" ("what", "boat", "sum") VALUES ('new ' || new."name", new."id", new."berths" + new."masts"); END;
    CREATE TRIGGER "moved" AFTER UPDATE OF "berths", "kind" ON "fleet_boat" WHEN old."kind" <> new."kind" OR new."berths" > old."berths" * 2 BEGIN
        INSERT INTO "fleet_log" ("what", "boat") VALUES (old."kind" || ' > ' || new."kind", new."id");
        UPDATE "fleet_log" SET "sum" = new."berths" - old."berths" WHERE "boat" = new."id" AND "what" LIKE 'new %'; END;
    CREATE TRIGGER "kept" BEFORE DELETE ON "fleet_boat" WHEN old."afloat" AND old."kind" = 'Oar' BEGIN SELECT raise(abort, 'afloat'); END;
    INSERT INTO "django_migrations" ("app", "name", "applied") VALUES ('fleet', '0001_initial', '2024-09-15 10:00:00.123456');
    INSERT INTO "fleet_boat" ("name", "kind", "berths", "masts", "afloat", "price", "built", "launched", "length") VALUES
        ('Petrel', 'sail', 4, 1, 1, 12000.5, '1999-05-06', '2024-01-02 03:04:05', 11.5), ('Tern', 'motor', 2, 0, 0, NULL, NULL, NULL, NULL),
        ('Gull', 'Oar', 0, 0, 1, 99, '2001-01-01', '2024-01-02 03:04:05.000006', 3.25);
"#;

/// A numbered choice that is the same in every run.
fn pick<'a>(state: &mut u64, values: &[&'a str]) -> &'a str {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    values[usize::try_from(*state >> 33).unwrap() % values.len()]
}

fn statements(count: usize) -> Vec<String> {
    const NAMES: &[&str] = &["'Auk'", "'tern'", "'Gull'", "''", "'É'", "'eider  '", "'a name of fifteen'"];
    const KINDS: &[&str] = &["'sail'", "'sail'", "'motor'", "'Oar'", "'oar'", "'raft'"];
    const NUMBERS: &[&str] = &["0", "1", "2", "5", "9", "-1"];
    const DAYS: &[&str] = &["'2000-01-01'", "'1999-12-31'", "'1899-12-31'", "NULL"];
    let mut state = 7;
    let mut all = Vec::new();
    for number in 0..count {
        let id = 100 + number;
        let any = pick(&mut state, &["1", "2", "3", "100", "103", "110", "120"]);
        let mut one = |values| pick(&mut state, values);
        let (name, kind, berths, masts, day) = (one(NAMES), one(KINDS), one(NUMBERS), one(&["0", "0", "1", "3"]), one(DAYS));
        let price = one(&["NULL", "0.25", "0.75", "100", "100.01", "250"]);
        all.push(match one(&["i", "i", "i", "d", "k", "b", "n", "w", "x", "m"]) {
            "i" => format!("insert into fleet_boat (id, name, kind, berths, masts, price, built) values ({id}, {name}, {kind}, {berths}, {masts}, {price}, {day})"),
            "d" => format!("insert into fleet_boat (id, name, masts) values ({id}, {name} || {id}, 1)"),
            "k" => format!("update fleet_boat set kind = {kind} where id >= {any}"),
            "b" => format!("update fleet_boat set berths = berths + {berths}, built = {day} where id <= {any}"),
            "n" => format!("update fleet_boat set name = {name} where id = {any}"),
            "w" => format!("update fleet_boat set berths = berths * 3 where kind = {kind}"),
            "x" => format!("delete from fleet_boat where id = {any} or kind = {kind} and masts = {masts}"),
            _ => format!("update fleet_boat set masts = {masts} where kind = {kind} and id > {any}"),
        });
    }
    all
}

#[tokio::test]
async fn what_computes_with_an_applications_own_types_gives_the_same() {
    let policy = "[source]\nframework = \"django\"\n\n[rules]\ntypes = \"framework\"\n";
    let moved = Moved::of("dialect_framework_types", FLEET, policy);
    assert_eq!(moved.manual(), Vec::<String>::new());
    let columns = |names: &str| format!("(select {names} from fleet_boat) t");
    let tables = [
        columns("id, name, kind, berths, masts, label, beds, built"),
        "(select id, name, kind, many, half, less, either, size, day, \"both\", class, first from fleet_view) v".to_owned(),
        "fleet_kinds".to_owned(),
        "(select what, boat, sum from fleet_log) l".to_owned(),
    ];
    let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
    moved.agree(&statements(220), &tables).await;
}
