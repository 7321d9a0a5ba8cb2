-- A missing value refers to nothing, and a part of a composite key that is missing refers to nothing too.
create table students(school integer, number integer, name text, primary key (school, number));
create table grades(id integer primary key, school integer, number integer, foreign key (school, number) references students);
insert into students values (1, 1, 'Ada');
insert into grades values (1, 1, 1), (2, null, 7), (3, 9, null), (4, null, null);
