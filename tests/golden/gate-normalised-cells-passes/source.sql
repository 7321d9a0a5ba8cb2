-- A rule that no cell calls for changes nothing.
create table messages(id integer primary key, body text);
insert into messages values (1, 'whole'), (2, ''), (3, 'Əlvida ␀');
