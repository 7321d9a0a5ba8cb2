create table settings(id integer primary key, payload json, plain text);
insert into settings values (1, '{"a": "\u0000"}', 'x'), (2, '{"b": "\ud800"}', 'y'), (3, '{"c": "\ud83d\ude00"}', 'z'), (4, '{}', '{"a": "\u0000"}');
