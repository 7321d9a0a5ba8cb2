-- What is NULL is not false, a text that begins with a number is as true as that number, and a check that SQLite can't evaluate here breaks nothing.
create table orders(id integer primary key, amount integer check (amount > 0), note text check (note), json text check (json_valid(json) or json = 'none'));
insert into orders values (1, 5, '1 piece', '{}'), (2, null, null, 'none');
