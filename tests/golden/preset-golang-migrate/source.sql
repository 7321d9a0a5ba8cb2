CREATE TABLE schema_migrations (version uint64,dirty bool);
CREATE UNIQUE INDEX version_unique ON schema_migrations (version);
CREATE TABLE boats (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
insert into schema_migrations values (20240915100000, 0);
insert into boats values (1, 'Petrel');
