create table students(id integer primary key, name text not null);
create table grades(id integer primary key, student_id integer not null references students(id), score integer);
create table appeals(id integer primary key, grade_id integer references grades(id));
insert into students values (1, 'Ada'), (2, 'Bo');
insert into grades values (1, 1, 5), (17, 9, 4), (18, 8, 3), (19, 2, null);
insert into appeals values (1, 17), (2, 1), (3, null);
