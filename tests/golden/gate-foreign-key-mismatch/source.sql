-- A parent that is not there, a column that is not there, columns that are not unique, types that differ, a view.
create table parents(id integer primary key, code text, name text);
create unique index parents_some_names on parents(name) where name <> '';
create view people as select id from parents;
create table children(
    id integer primary key,
    gone_id integer references nobody(id),
    column_id integer references parents(number),
    code text references parents(code),
    name text references parents(name),
    typed text references parents(id),
    person_id integer references people(id));
insert into parents values (1, 'a', 'Ada');
insert into children values (1, null, null, 'a', 'Ada', 'one', null);
