create table __drizzle_migrations(id integer primary key, created_at numeric);
insert into __drizzle_migrations values (1, 1726394400000);
