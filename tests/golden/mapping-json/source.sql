-- JSON keeps every letter as `json`; in an index it stays text, and so does a column with one text that is not JSON.
create table settings(id integer primary key, payload json not null, indexed jsonb, broken json, declared_text text);
create index settings_indexed on settings(indexed);
insert into settings values (1, '{"b": 1,  "a": 2}', '[1]', '{"a": 1}', '{"a": 1}'), (2, '"scalar"', '[2]', '{a: 1}', '[]');
