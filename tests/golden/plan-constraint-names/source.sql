-- Two foreign keys and a check whose names would be one.
create table parents(a integer, b integer, primary key (a, b));
create table keys(id integer primary key);
create table children(
    a integer, b integer, a_b integer references keys(id),
    constraint children_a_b_fkey check (a > 0),
    foreign key (a, b) references parents(a, b)
);
