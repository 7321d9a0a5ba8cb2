create table surveys(id integer primary key, capacity integer, seats integer);
insert into surveys values (1, 20, 1), (2, '', '');
