create table "Mixed Case"("Id" integer primary key, "Quote""d" text default 'x', "select" integer);
create index "An ""Index""" on "Mixed Case"("Quote""d");
create table child(id integer primary key, "Parent Id" integer references "mixed case"("ID"));
insert into "Mixed Case" values (1, 'a', 2);
insert into child values (1, 1);
