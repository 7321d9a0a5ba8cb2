-- A pupil of a school that is gone takes his grades with him; his buddies only lose the reference to him.
create table schools(id integer primary key, name text);
create table pupils(id integer primary key, school_id integer not null references schools(id), buddy integer references pupils(id));
create table grades(pupil_id integer not null references pupils(id), subject text, mark real);
create table notes(pupil_id integer references pupils(id), shout text generated always as (pupil_id || '!') virtual);
insert into schools values (1, 'A');
insert into pupils values (1, 1, null), (2, 9, 1), (3, 1, 2), (4, 1, 77);
insert into grades values (1, 'art', 1.5), (2, 'art', 2.5), (2, 'maths', 3.5);
insert into notes(pupil_id) values (1), (2);
