create table alembic_version(version text);
insert into alembic_version values ('ae1027a6acf');
