-- A row may be as long as it likes where it has few columns.
create table readings(id integer primary key, a text, b blob);
insert into readings values (1, hex(zeroblob(100000)), zeroblob(100000));
