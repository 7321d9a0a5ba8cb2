-- Half of the marks is no mark: other tools keep a schema_migrations too.
create table schema_migrations(version varchar(255) primary key);
insert into schema_migrations values ('1');
