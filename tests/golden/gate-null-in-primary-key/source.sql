create table codes(code text primary key, label text);
create table pairs(a integer, b text, primary key (a, b));
insert into codes values ('a', 'one'), (null, 'two'), (null, 'three');
insert into pairs values (1, null), (1, 'x'), (null, null);
