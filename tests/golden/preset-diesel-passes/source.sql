create table __diesel_schema_migrations(version text primary key);
insert into __diesel_schema_migrations values ('20240915100000');
