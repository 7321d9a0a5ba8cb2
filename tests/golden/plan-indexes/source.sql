create table notes(id integer primary key, a text, b integer, c text collate nocase, unique (a, b), unique (c));
create index plain on notes(a, b desc);
create unique index some on notes(b) where a is not null;
create index expressed on notes(lower(a), b + 1);
create index folded on notes(a collate nocase);
create index plain_again on notes(a);
insert into notes values (1, 'a', 1, 'x'), (2, null, 2, 'y');
