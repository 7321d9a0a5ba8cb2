-- Keys keep room for what is yet to be given; columns that a foreign key ties together get one type.
create table parents(id integer primary key, small integer, wide integer, far integer, none integer);
create table children(parent_id integer references parents(id), level integer);
create table full(id integer primary key);
insert into parents values (1, -32768, 32768, 2147483648, null);
insert into children values (1, 7);
insert into full values (1), (900000000);
