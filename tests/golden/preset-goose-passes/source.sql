-- About geese.
create table goose_db_version(id integer primary key, version_id integer);
insert into goose_db_version values (1, 7);
