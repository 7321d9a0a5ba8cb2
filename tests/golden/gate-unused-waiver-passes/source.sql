create table surveys(id integer primary key, capacity integer);
insert into surveys values (1, 30), (2, '');
