create table django_migrations(id integer primary key, app text, name text);
insert into django_migrations values (1, 'a', 'b');
