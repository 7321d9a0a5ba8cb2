-- Without the lock it is a copy that somebody made of the list.
create table knex_migrations(id integer primary key, name varchar(255), batch integer);
insert into knex_migrations values (1, '20240915100000_boats.js', 1);
