-- Half of the marks is no mark.
create table directus_migrations(version text primary key);
insert into directus_migrations values ('20201028A');
