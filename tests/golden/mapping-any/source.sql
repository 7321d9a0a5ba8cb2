-- No type in common: text in a form that tells the classes apart; text that looks like another class is quarantined.
create table options(id integer primary key, value, score integer, name text);
insert into options values (1, 5, 1, 'a'), (2, 'five', '', 'b'), (3, 1.5, 3, 'c'), (4, x'00ff', 4, 'd'), (5, '\x00ff', 5, 'e');
