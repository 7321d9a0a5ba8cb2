create table _sqlx_migrations(version bigint primary key, success boolean);
insert into _sqlx_migrations values (20240915100000, 1);
