-- Every other name stays, whatever it holds: keywords, capitals, quotes, spaces, letters of any alphabet; and what the
-- source names comes before the names of keys and sequences, which nobody uses.
create table notes(id integer primary key, slug text unique);
create table notes_id_seq(id integer primary key);
create view notes_pkey as select id from notes;
create index notes_slug_key on notes_id_seq(id);
create table "select"(id integer primary key, "from" text, "Mixed Case" text, "with ""quotes""" text, "əlifba" text, oid_ integer);
create index "Select Index" on "select"("from");
