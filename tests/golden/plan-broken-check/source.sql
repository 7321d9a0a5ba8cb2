-- Rows that break a CHECK of their table, as `PRAGMA ignore_check_constraints` lets through: the file is not damaged.
create table orders(id integer primary key, amount integer check (amount > 0));
pragma ignore_check_constraints = on;
insert into orders values (1, 5), (2, -5);
