-- Triggers that take a mark from the other rows of their table, or read it all.
create table colours(id integer primary key, name text, is_default integer);
create table totals(rows integer);
create trigger one_default after insert on colours when new.is_default = 1
begin update colours set is_default = 0 where id <> new.id; end;
create trigger counted after delete on colours begin update totals set rows = (select count(*) from colours); end;
insert into colours values (1, 'red', 1), (2, 'blue', 0);
