create table flyway_schema_history(installed_rank int primary key, version varchar(50));
insert into flyway_schema_history values (1, '1');
