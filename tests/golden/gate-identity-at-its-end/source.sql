-- A row with the greatest number there is.
create table tickets(id integer primary key, holder text);
insert into tickets values (1, 'Ada'), (9223372036854775807, 'Grace');
