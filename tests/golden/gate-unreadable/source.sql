-- A column that is computed by a function which only the application has.
create table readings(id integer primary key, celsius real, shown text generated always as (abs(celsius)) virtual);
insert into readings(celsius) values (21.5);
pragma writable_schema = on;
update sqlite_schema set sql = replace(sql, 'abs(', 'as_shown_by_the_application(') where name = 'readings';
