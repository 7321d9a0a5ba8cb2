-- What every value proves, and what one exception keeps as it was.
create table users(id text primary key, name text);
create table events(
  id integer primary key, user_id text references users(id), at text, day text, payload text, almost text, flag integer, count integer,
  price text, zip text, answer text, excepted text, nocase text collate nocase);
insert into users values ('0b0ae1a5-7c9c-4a51-9a0c-3e0d54c3f001', 'Ada');
insert into events values
  (1, '0b0ae1a5-7c9c-4a51-9a0c-3e0d54c3f001', '2024-01-02T03:04:05Z', '2024-01-02', '{"b": 1}', '{"a": 1}', 0, 0, '12.5', '0815', 'true', '2024-01-02', '2024-01-02'),
  (2, null, '2024-01-02T03:04:06Z', '2023-12-31', '[]', '{"a": "\u0000"}', 1, 2, '-0.25', '4711', 'false', '2024-01-02', '2024-01-02');
