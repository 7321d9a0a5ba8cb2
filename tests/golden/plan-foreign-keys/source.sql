create table schools(id integer primary key, head_id integer references people(id) deferrable initially deferred);
create table people(
    id integer primary key, school_id integer not null references schools(id) on delete cascade on update restrict,
    mentor_id integer references people(id) on delete set null);
create table marks(school integer, person integer, primary key (school, person)) without rowid;
create table remarks(id integer primary key, school integer, person integer, foreign key (school, person) references marks on delete set default);
insert into schools values (1, 1);
insert into people values (1, 1, null), (2, 1, 1), (3, 9, 2);
insert into marks values (1, 1);
insert into remarks values (1, 1, 1);
