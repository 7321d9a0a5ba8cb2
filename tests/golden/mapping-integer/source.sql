-- Integers become bigint, whatever width they declare; also where something else was declared.
create table counts(
    id integer primary key, small smallint, largest bigint, undeclared, declared_text varchar(10), with_real integer);
insert into counts values (1, 1, 9223372036854775807, 5, 7, 1), (2, -32769, -9223372036854775808, 6, 8, 2.5);
