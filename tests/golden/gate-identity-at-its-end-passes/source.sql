-- A row with a great number, but not the greatest.
create table tickets(id integer primary key, holder text);
insert into tickets values (1, 'Ada'), (9223372036854775805, 'Grace');
