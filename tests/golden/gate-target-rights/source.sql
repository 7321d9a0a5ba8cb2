create table parent(id integer primary key);
create table child(id integer primary key, parent integer);
insert into child values(1, 1);
insert into parent values(1);
