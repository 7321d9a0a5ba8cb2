-- A text with both faults is kept in the quarantine as long as one of the rules says so.
create table notes(id integer primary key, body text, loose);
insert into notes values (1, cast(x'610062ff' as text), 1), (2, 'plain', 'x'), (3, 'plain', cast(x'3700' as text));
