CREATE TABLE `directus_migrations` (`version` varchar(255) not null, `name` varchar(255) not null, `timestamp` datetime default CURRENT_TIMESTAMP, primary key (`version`));
CREATE TABLE `boats` (`id` char(36) not null, `name` varchar(255) null, `afloat` boolean null default '1', primary key (`id`));
insert into directus_migrations values ('20201028A', 'Remove Collection Foreign Keys', '2024-09-15 10:00:00');
insert into boats values ('3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'Petrel', 1);
