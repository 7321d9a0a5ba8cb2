-- One of everything that a SQLite file can hold, and of what goes wrong in one. Made for the test beside it.
PRAGMA foreign_keys = OFF;
-- Declared types and affinities, with values that fit and values that don't.
CREATE TABLE declared(id INTEGER PRIMARY KEY, yes BOOLEAN DEFAULT 1, made DATETIME, day DATE, at TIME, weight REAL, size DOUBLE PRECISION,
    price DECIMAL(12,3), amount NUMERIC, doc JSON, ref UUID, short VARCHAR(4), wide CHARACTER(20), tiny TINYINT, big UNSIGNED BIG INT, odd POINT, bare);
INSERT INTO declared VALUES(1, 1, '2023-11-05 08:09:10', '2023-11-05', '08:09:10', 0.3, -0.0, 99.125, 7, '{"k": [1, 2]}', 'c56a4180-65aa-42ec-a945-5fd21dec0538', 'four', 'padded', 1, 9007199254740993, 'p', NULL);
INSERT INTO declared VALUES(2, 0, '2023-11-05T08:09:10.5+02:00', '2023-13-45', '25:99', 'heavy', 1e-310, 1234567890123456789, 'seven', '{broken', 'no uuid', 'far too long', '', 100000, -1, x'0102', 2.5);
INSERT INTO declared VALUES(3, 7, 1699171750, 19666, NULL, 9e999, -9e999, 0.1, 1e300, 'null', x'00112233445566778899aabbccddeeff', NULL, NULL, NULL, NULL, NULL, x'');
-- Instants in every usual form, one to a column.
CREATE TABLE instants(id INTEGER PRIMARY KEY, s DATETIME, ms DATETIME, iso DATETIME, zulu DATETIME, mixed DATETIME);
INSERT INTO instants VALUES(1, 1699171750, 1699171750123, '2023-11-05T08:09:10', '2023-11-05T08:09:10.000Z', 1699171750),
    (2, 0, 0, '1969-12-31T23:59:59', '2000-02-29T00:00:00.000Z', '2023-11-05 08:09:10'), (3, NULL, NULL, NULL, NULL, 'soon');
-- Storage classes mixed where one was meant.
CREATE TABLE classes(id INTEGER PRIMARY KEY, n INTEGER, r REAL, t TEXT, b BLOB, x);
INSERT INTO classes VALUES(1, 5, 1.5, 'a', x'01', 1), (2, 'five', 'one', x'c328', 'text', 1.0), (3, 2.75, 3, '', 7, '1'),
    (4, -9223372036854775808, -1e-320, 'x' || char(0) || 'y', NULL, x'31'), (5, 9223372036854775807, NULL, CAST(x'e28228' AS TEXT), x'', NULL),
    (6, NULL, 0.1, '\N', x'5c4e', '\x31'), (7, '', 5e-324, char(9) || char(13, 10) || '\', x'ff', 'null');
-- Keys of every kind.
CREATE TABLE wr(code TEXT PRIMARY KEY, v INTEGER) WITHOUT ROWID;
INSERT INTO wr VALUES('é', 1), ('E', 2), ('e', 3), ('', 4);
CREATE TABLE wr2(b INTEGER, a TEXT, v BLOB, PRIMARY KEY(a DESC, b)) WITHOUT ROWID;
INSERT INTO wr2 VALUES(2, 'x', NULL), (1, 'x', x'00');
CREATE TABLE null_key(code TEXT PRIMARY KEY, v INTEGER);
INSERT INTO null_key VALUES('a', 1), (NULL, 2), (NULL, 2);
CREATE TABLE no_key(a INTEGER, b TEXT);
INSERT INTO no_key VALUES(1, 'twice'), (1, 'twice'), (NULL, NULL), (NULL, NULL), (2, NULL);
CREATE TABLE composite(y INTEGER, x INTEGER, v TEXT, PRIMARY KEY(x, y));
INSERT INTO composite VALUES(10, 1, 'v'), (20, 1, 'w'), (NULL, 2, 'u');
CREATE TABLE counted(id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);
INSERT INTO counted(v) VALUES('a'), ('b'), ('c'); DELETE FROM counted WHERE id > 1;
CREATE TABLE counted_empty(id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);
CREATE TABLE below_zero(id INTEGER PRIMARY KEY, v TEXT);
INSERT INTO below_zero VALUES(-40, 'a'), (0, 'b'), (3, 'c');
CREATE TABLE not_alias(id INT PRIMARY KEY, v TEXT);
INSERT INTO not_alias VALUES(1, 'a'), ('one', 'b');
CREATE TABLE strict_one(id INTEGER PRIMARY KEY, any_value ANY, b BLOB, n INT, r REAL, t TEXT) STRICT;
INSERT INTO strict_one VALUES(1, 'x', x'01', 1, 1, 'a'), (2, 2, NULL, NULL, 2.5, NULL), (3, x'03', x'', 3, 9e999, '');
-- Foreign keys: implicit parent key, composite, orphans, cycles, itself, a parent that is not there, a parent that is not unique.
CREATE TABLE parent(id INTEGER PRIMARY KEY, code TEXT UNIQUE, loose TEXT);
INSERT INTO parent VALUES(1, 'one', 'l'), (2, 'two', 'l');
CREATE TABLE kids(id INTEGER PRIMARY KEY, implicit INTEGER REFERENCES parent ON DELETE SET NULL, named INTEGER REFERENCES parent(id) ON UPDATE CASCADE,
    code TEXT REFERENCES parent(code), loose TEXT REFERENCES parent(loose), gone INTEGER REFERENCES nowhere(id));
INSERT INTO kids VALUES(1, 1, 2, 'one', 'l', 5), (2, 77, NULL, 'three', NULL, NULL);
CREATE TABLE grandkids(id INTEGER PRIMARY KEY, kid INTEGER NOT NULL REFERENCES kids(id) ON DELETE CASCADE);
INSERT INTO grandkids VALUES(1, 2), (2, 88);
CREATE TABLE pairs(id INTEGER PRIMARY KEY, px INTEGER, py INTEGER, FOREIGN KEY(px, py) REFERENCES composite(x, y) ON DELETE RESTRICT);
INSERT INTO pairs VALUES(1, 1, 10), (2, NULL, 10), (3, 9, 9);
CREATE TABLE chicken(id INTEGER PRIMARY KEY, egg INTEGER REFERENCES egg(id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE egg(id INTEGER PRIMARY KEY, chicken INTEGER REFERENCES chicken(id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO chicken VALUES(1, 1); INSERT INTO egg VALUES(1, 1);
CREATE TABLE boss(id INTEGER PRIMARY KEY, boss INTEGER REFERENCES boss(id) ON DELETE SET DEFAULT);
INSERT INTO boss VALUES(1, 2), (2, 1), (3, NULL);
-- Checks, defaults, generated columns, conflict clauses.
CREATE TABLE checked(id INTEGER PRIMARY KEY, q INTEGER CHECK(q BETWEEN 0 AND 9), s TEXT CONSTRAINT spelled CHECK(length(s) < 20 AND s LIKE 'a%'),
    g TEXT CHECK(g GLOB '[a-z]*'), m TEXT, CONSTRAINT whole CHECK(q IS NOT NULL OR m IS NOT NULL), CHECK(typeof(q) IN ('integer', 'null')));
INSERT INTO checked VALUES(1, 3, 'abc', 'xyz', 'm');
CREATE TABLE defaults(id INTEGER PRIMARY KEY, q TEXT DEFAULT 'o''clock', d TEXT DEFAULT "double", n INTEGER DEFAULT -5, f REAL DEFAULT 1e3, x BLOB DEFAULT x'0aff',
    e INTEGER DEFAULT (2 * 21), now1 DATETIME DEFAULT CURRENT_TIMESTAMP, now2 TEXT DEFAULT (datetime('now', '+1 day')), day DATE DEFAULT CURRENT_DATE,
    r TEXT DEFAULT (hex(randomblob(8))), u TEXT DEFAULT (strftime('%s', 'now')), y BOOLEAN DEFAULT TRUE, nil TEXT DEFAULT NULL, word TEXT DEFAULT 'NULL');
INSERT INTO defaults(id) VALUES(1);
CREATE TABLE computed(id INTEGER PRIMARY KEY, a INTEGER, b TEXT, twice INTEGER AS (a * 2), label TEXT GENERATED ALWAYS AS (b || ':' || a) STORED, odd INTEGER AS (a % 2 = 1) VIRTUAL,
    hard TEXT AS (printf('%05d', a)));
INSERT INTO computed(id, a, b) VALUES(1, 3, 'x'), (2, NULL, 'y'), (3, -4, NULL);
CREATE TABLE stubborn(id INTEGER PRIMARY KEY, u TEXT UNIQUE ON CONFLICT REPLACE, n TEXT NOT NULL ON CONFLICT IGNORE, UNIQUE(u, n) ON CONFLICT FAIL);
INSERT INTO stubborn VALUES(1, 'a', 'b');
-- Indexes: unique, partial, over expressions, with order and collation.
CREATE TABLE indexed(id INTEGER PRIMARY KEY, mail TEXT COLLATE NOCASE UNIQUE, trimmed TEXT COLLATE RTRIM, a INTEGER, b INTEGER, gone INTEGER DEFAULT 0, doc TEXT, UNIQUE(a, mail));
INSERT INTO indexed VALUES(1, 'Ann@x.org', 'a', 1, 2, 0, '{"t": 1}'), (2, 'bob@x.org', 'a ', 1, 2, 1, '{}'), (3, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE UNIQUE INDEX indexed_active ON indexed(a, b) WHERE gone = 0;
CREATE INDEX indexed_lower ON indexed(lower(mail), a DESC);
CREATE INDEX indexed_json ON indexed(json_extract(doc, '$.t'));
CREATE INDEX indexed_trim ON indexed(trimmed);
CREATE INDEX indexed_nocase ON indexed(doc COLLATE NOCASE);
CREATE INDEX "index of odd name" ON indexed(b) WHERE a IS NOT NULL AND b > 1;
-- Names that PostgreSQL reads otherwise.
CREATE TABLE "Group"("Order" INTEGER PRIMARY KEY, "from" TEXT, "FROM2" TEXT, "with space" TEXT, "quo""te" TEXT, [brackets] TEXT, `ticks` TEXT, "ctid" TEXT, "ünï" TEXT);
INSERT INTO "Group" VALUES(1, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
CREATE TABLE long_names(id INTEGER PRIMARY KEY, "the_same_sixty_three_bytes_at_the_beginning_of_both_of_these_names_first" INTEGER, "the_same_sixty_three_bytes_at_the_beginning_of_both_of_these_names_second" INTEGER);
INSERT INTO long_names VALUES(1, 2, 3);
CREATE TABLE sqlite1(a INTEGER); INSERT INTO sqlite1 VALUES(1);
CREATE TABLE outgrow(id INTEGER PRIMARY KEY, v TEXT); INSERT INTO outgrow VALUES(1, 'a table of our own name');
CREATE TABLE nobody(id INTEGER PRIMARY KEY, v TEXT NOT NULL);
-- Views and triggers, translatable and not.
CREATE VIEW plain_view AS SELECT p.id, p.code, count(k.id) AS kids FROM parent p LEFT JOIN kids k ON k.implicit = p.id GROUP BY p.id, p.code;
CREATE VIEW odd_view(a, b) AS SELECT group_concat(code, ';'), total(id) FROM parent;
CREATE VIEW harder_view AS SELECT rowid AS r, printf('%x', a) AS hexed FROM no_key WHERE a MATCH 'x';
CREATE VIEW view_of_view AS SELECT id FROM plain_view WHERE kids > 0;
CREATE VIEW broken_view AS SELECT missing FROM nowhere;
CREATE TABLE log(id INTEGER PRIMARY KEY, m TEXT);
CREATE TRIGGER logged AFTER INSERT ON counted BEGIN INSERT INTO log(m) VALUES('new ' || new.id); END;
CREATE TRIGGER guarded BEFORE UPDATE OF v ON counted WHEN new.v IS NULL BEGIN SELECT RAISE(ABORT, 'v is needed'); END;
CREATE TRIGGER ignored BEFORE DELETE ON log BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER through INSTEAD OF INSERT ON plain_view BEGIN INSERT INTO parent(id, code) VALUES(new.id, new.code); END;
-- Virtual tables with their shadows.
CREATE VIRTUAL TABLE search USING fts5(title, body);
INSERT INTO search VALUES('t', 'some words');
CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1, y0, y1);
INSERT INTO boxes VALUES(1, 0, 1, 0, 1);
PRAGMA user_version = 7;
