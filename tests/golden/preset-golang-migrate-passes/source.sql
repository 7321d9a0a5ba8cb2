-- Other tools keep a schema_migrations too; none of them calls it dirty.
create table schema_migrations(version varchar(255) primary key);
insert into schema_migrations values ('20240915100000');
