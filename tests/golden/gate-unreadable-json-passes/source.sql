-- A pair of surrogates is one sign, and an escaped backslash before u0000 is no escape.
create table settings(id integer primary key, payload json);
insert into settings values (1, '{"c": "\ud83d\ude00"}'), (2, '{"d": "\\u0000"}');
