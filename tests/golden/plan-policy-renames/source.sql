create table bestellungen(
  id integer primary key,
  kunde_id integer not null references kunden(id),
  menge integer not null default 1 check (menge > 0),
  preis real,
  gesamt real generated always as (menge * preis) stored,
  "a.b" text,
  unique (kunde_id, menge));
create table kunden(id integer primary key, name text not null, unique (name));
create index nach_kunde on bestellungen(kunde_id) where menge > 1;
create view teure as select b.id, k.name from bestellungen b join kunden k on k.id = b.kunde_id where b.preis > 10;
create trigger zaehlt after insert on bestellungen begin update kunden set name = name || '!' where id = new.kunde_id; end;
insert into kunden values (1, 'Ada');
insert into bestellungen(id, kunde_id, menge, preis) values (1, 1, 2, 2.5);
