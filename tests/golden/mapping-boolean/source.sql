-- 0 and 1 under a boolean name become boolean; a single 2 keeps the column from it, and so does another declaration.
create table flags(
    id integer primary key, is_open boolean not null, is_hidden tinyint(1), level bool, plain integer, width tinyint(4));
insert into flags values (1, 1, 0, 1, 0, 1), (2, 0, null, 2, 1, 0), (3, 1, 1, 0, 1, 1);
