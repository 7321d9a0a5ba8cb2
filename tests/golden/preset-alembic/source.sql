CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
CREATE TABLE users (id INTEGER NOT NULL, name VARCHAR(80), active BOOLEAN, created DATETIME, PRIMARY KEY (id), CHECK (active IN (0, 1)));
insert into alembic_version values ('ae1027a6acf');
insert into users values (1, 'ada', 1, '2024-09-15 10:00:00.000000'), (2, 'bo', 0, '2024-09-15 10:00:01.250000');
