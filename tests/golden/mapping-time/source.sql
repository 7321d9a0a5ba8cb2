-- One form of the time of day; two forms stay text.
create table lessons(id integer primary key, begins time not null, to_the_minute time, two_forms time, declared_text text);
insert into lessons values (1, '08:00:00', '08:00', '08:00:00', '08:00:00'), (2, '09:45:30', '23:59', '9 o''clock', '09:45:30');
