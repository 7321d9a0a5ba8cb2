-- Rows that break a CHECK of their table, as `PRAGMA ignore_check_constraints` lets through: the file is not damaged.
create table orders(id integer primary key, amount integer check (amount > 0), made text, constraint known check (made is null or "made" like '20%' -- our years
));
create table lines(number integer, part integer, size integer check (lines.size <> 0), primary key (number, part)) without rowid;
pragma ignore_check_constraints = on;
insert into orders values (1, 5, '2024'), (2, -5, '2025'), (3, 0, 'soon'), (4, null, null);
insert into lines values (1, 1, 5), (1, 2, 0);
