CREATE TABLE `knex_migrations` (`id` integer not null primary key autoincrement, `name` varchar(255), `batch` integer, `migration_time` datetime);
CREATE TABLE `knex_migrations_lock` (`index` integer not null primary key autoincrement, `is_locked` integer);
CREATE TABLE `boats` (`id` char(36), `name` varchar(40), `afloat` boolean, `kind` text check (`kind` in ('sail', 'oar')), `seen` datetime, `created_at` datetime not null default CURRENT_TIMESTAMP, primary key (`id`));
insert into knex_migrations values (1, '20240915100000_boats.js', 1, 1726394400123);
insert into knex_migrations_lock values (1, 0);
insert into boats values ('3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'Petrel', 1, 'sail', 1726394400123, '2024-09-15 10:00:00');
-- Written by the application this time: the column has two forms now.
insert into boats values ('3f2504e0-4f89-11d3-9a0c-0305e82c3302', 'Tern', 0, 'oar', 1726394400456, 1726394400456);
