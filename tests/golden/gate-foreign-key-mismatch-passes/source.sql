-- A unique index, a key without named columns, and a key in another spelling are all well.
create table parents(id integer primary key, code text, other text);
create unique index parents_code on parents(code);
create table children(
    id integer primary key, parent integer references parents, code text references PARENTS(CODE) on delete set null, self_id integer references children(id));
insert into parents values (1, 'a', 'x');
insert into children values (1, 1, 'a', null), (2, 1, 'a', 1);
