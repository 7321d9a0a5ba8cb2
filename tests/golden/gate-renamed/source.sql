-- Names of PostgreSQL's own, names that are too long, names that are taken, and one that is empty.
create table notes(id integer primary key, ctid text, xmin integer, "a_name_that_is_longer_than_the_sixty_three_bytes_which_postgresql_keeps" text, "" text);
create table "a_name_that_is_longer_than_the_sixty_three_bytes_which_postgresql_keeps_1"(id integer primary key, body text);
create table "a_name_that_is_longer_than_the_sixty_three_bytes_which_postgresql_keeps_2"(id integer primary key, body text);
create table notes_id_seq(id integer primary key);
create table notes_ctid(id integer primary key);
create table "Notes"" of Ada"(id integer primary key);
create index "a_name_that_is_longer_than_the_sixty_three_bytes_which_postgresql_keeps_index" on notes(ctid);
