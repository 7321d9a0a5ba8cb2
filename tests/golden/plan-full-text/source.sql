-- Options, names and columns that full-text tables may have.
create virtual table mail using fts4(subject text, body, hidden, notindexed=hidden, languageid='lid', prefix='2,4', order=desc, matchinfo=fts3);
insert into mail(docid, subject, body, hidden, lid) values (5, 'x', 5, 'h', 2);
create virtual table old using fts3(tokenize porter, a);
create virtual table "a ""b" using fts5("outgrow_fts", c2, c3, c4, c5, prefix='2 3', columnsize=0, detail=none, tokenize="unicode61 remove_diacritics 0 tokenchars '-_'");
insert into "a ""b" values ('1', x'00ff', 2, 2.5, 'e');
create table copied(id integer primary key, body text);
create virtual table copied_fts using fts5(body);
create trigger copied_ai after insert on copied begin insert into copied_fts(rowid, body) values (new.id, new.body); end;
create trigger copied_ad after delete on copied begin delete from copied_fts where rowid = old.id; end;
create table people(_id integer primary key, "Full Name" text, age integer);
insert into people values (4, 'A', 5);
create virtual table people_fts using fts4(content="people", "Full Name", age);
create table keyless(body text);
create virtual table keyless_fts using fts5(body, content='keyless');
create virtual table lost_fts using fts5(body, content='nowhere');
create virtual table wrong_fts using fts5(title, content='people', content_rowid='_id');
