CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE boats (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, afloat BOOLEAN NOT NULL);
insert into __diesel_schema_migrations values ('20240915100000', '2024-09-15 10:00:00');
insert into boats values (1, 'Petrel', 1);
