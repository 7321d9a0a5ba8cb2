create table orders(id integer primary key, amount integer check (amount > 0));
pragma ignore_check_constraints = on;
insert into orders values (1, 5), (2, -5);
