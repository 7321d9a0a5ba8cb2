create table __EFMigrationsHistory(MigrationId text primary key);
insert into __EFMigrationsHistory values ('20240915100000_First');
