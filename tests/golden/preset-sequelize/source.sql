CREATE TABLE `SequelizeMeta` (`name` VARCHAR(255) NOT NULL UNIQUE PRIMARY KEY);
CREATE TABLE `Boats` (`id` UUID PRIMARY KEY, `name` VARCHAR(255), `afloat` TINYINT(1), `kind` TEXT, `gear` JSON, `price` DECIMAL(10,2), `createdAt` DATETIME NOT NULL);
insert into SequelizeMeta values ('20240915100000-boats.js');
insert into Boats values ('3f2504e0-4f89-11d3-9a0c-0305e82c3301', 'Petrel', 1, 'sail', '{"oars":2}', 12.5, '2024-09-15 10:00:00.678 +00:00');
