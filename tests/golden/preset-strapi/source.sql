CREATE TABLE `strapi_migrations` (`id` integer not null primary key autoincrement, `name` varchar(255), `time` datetime);
CREATE TABLE `strapi_database_schema` (`id` integer not null primary key autoincrement, `schema` json, `time` datetime, `hash` varchar(255));
CREATE TABLE `boats` (`id` integer not null primary key autoincrement, `name` varchar(255) null, `afloat` boolean null, `created_at` datetime null);
insert into strapi_database_schema values (1, '{"tables": []}', 1726394400000, '0c1d2e3f');
insert into boats values (1, 'Petrel', 1, 1726394400123);
