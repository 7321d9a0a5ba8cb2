CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL);
CREATE TABLE boats (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL);
insert into _sqlx_migrations values (20240915100000, 'boats', '2024-09-15 10:00:00', 1, x'0c1d2e3f', 123456);
insert into boats values (1, 'Petrel');
