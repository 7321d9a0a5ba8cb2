create table orders(id integer primary key, status text not null);
insert into orders values (1, 'aktiv'), (2, 'gözləyir'), (3, 'Aktiv');
