CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
CREATE TABLE boats (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
insert into goose_db_version values (1, 0, 1, '2024-09-15 10:00:00'), (2, 20240915100000, 1, '2024-09-15 10:00:01');
insert into boats values (1, 'Petrel');
