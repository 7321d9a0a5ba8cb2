CREATE TABLE "__drizzle_migrations" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);
CREATE TABLE `boats` (`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL, `afloat` integer DEFAULT false NOT NULL, `seen` integer, `seen_ms` integer, `gear` text);
insert into __drizzle_migrations (hash, created_at) values ('1322ca3bce1d667e426171ee63ffbd7c0a6314e03bf3e7a001a3d3b802993093', 1726394400000);
insert into boats values (1, 1, 1726394400, 1726394400123, '{"oars":2}');
