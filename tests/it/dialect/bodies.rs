//! What the statements of triggers do on moved databases: UPDATE … FROM, views, REPLACE, generated columns.

use super::firing::{Dice, Moved};

fn owned(statements: &[&str]) -> Vec<String> {
    statements.iter().map(|statement| (*statement).to_owned()).collect()
}

const ORDERS: &str = "
    create table customer(id integer primary key, code text not null unique, name text, orders integer not null default 0, region integer);
    create table region(id integer primary key, name text, bonus integer);
    create table orders(id integer primary key, customer integer, code text, amount integer, label text, share integer);
    create table item(order_id integer, line integer, amount integer, primary key(order_id, line));
    create table loose(code text, word text);
    insert into region values (1, 'north', 5), (2, 'south', 7), (3, null, null);
    insert into customer values (1, 'a', 'Ada', 0, 1), (2, 'b', 'Bob', 0, 2), (3, 'c', null, 0, 3), (4, 'd', 'Dan', 0, null);
    insert into loose values ('a', 'x'), ('a', 'y'), ('b', 'z');
    create trigger labelled after insert on orders begin
        update orders set label = c.name || ' of ' || coalesce(r.name, '-'), share = new.amount + r.bonus
            from customer as c join region r on r.id = c.region where orders.id = new.id and c.code = new.code;
        update customer set orders = s.n from (select count(*) as n from orders where code = new.code) as s where code = new.code;
        update customer set orders = orders + 100 from loose where loose.code = customer.code and customer.code = new.code and new.amount = 3;
    end;
    create trigger summed after insert on item begin
        update orders set amount = t.total, share = coalesce(share, 0) + 1
            from (select order_id, sum(amount) as total, count(*) from item group by order_id) t
            where t.order_id = orders.id and orders.id = new.order_id;
    end;
    create trigger ambiguous after delete on item begin
        update orders set label = word from loose where loose.code = orders.code and orders.id = old.order_id;
    end;
    create trigger textual after delete on orders begin
        update orders set label = c.name from customer c where c.code = orders.id;
    end;";

#[tokio::test]
async fn an_update_from_sets_what_one_row_has() {
    let moved = Moved::of("bodies_update_from", ORDERS, "[rules]\ntriggers = \"single-row\"\n");
    let manual = moved.manual();
    assert!(manual.len() == 2 && manual.iter().all(|one| one.contains("ambiguous") || one.contains("textual")), "{manual:?}");
    assert!(manual.iter().all(|one| one.contains("a unique key does not tell")), "{manual:?}");
    let mut dice = Dice(11);
    let mut statements = Vec::new();
    for id in 1..60 {
        let code = dice.pick(&["'a'", "'b'", "'c'", "'d'", "'e'", "NULL"]);
        statements.push(format!("insert into orders(id, code, amount) values ({id}, {code}, {})", dice.below(5)));
        statements.push(format!("insert into item values ({}, {id}, {})", 1 + dice.below(60), dice.below(9)));
    }
    moved.agree(&statements, &["orders", "customer", "item"]).await;
}

const VIEWS: &str = "
    create table account(id integer primary key, owner text not null, cents integer not null default 0, note text);
    create table request(id integer primary key, kind text, account integer, amount integer, word text);
    create table journal(what text, account integer, amount integer);
    insert into account values (1, 'ann', 100, null), (2, 'ben', 200, 'x'), (3, 'eve', 0, null);
    create view balance as select id as account, cents, note, owner from account;
    create view open_balance as select account, cents from balance where cents > 0;
    create trigger balance_insert instead of insert on balance begin
        insert into account(id, owner, cents, note) values (coalesce(new.account, 0), coalesce(new.owner, 'nobody'), coalesce(new.cents, -1), new.note);
        insert into journal values ('opened', new.account, new.cents);
    end;
    create trigger balance_set instead of update of cents, note on balance begin
        update account set cents = new.cents, note = new.note where id = old.account;
        insert into journal values ('changed', old.account, new.cents - old.cents);
    end;
    create trigger balance_gone instead of delete on balance begin
        delete from account where id = old.account;
        insert into journal values ('closed', old.account, old.cents);
    end;
    create trigger open_set instead of update on open_balance begin
        update balance set cents = new.cents where account = old.account;
    end;
    create trigger asked after insert on request begin
        insert into balance(account, cents) select new.account, new.amount where new.kind = 'open';
        update balance set cents = cents + new.amount, note = new.word where account = new.account and new.kind = 'pay';
        update open_balance set cents = cents - 1 where cents < new.amount and new.kind = 'fee';
        delete from balance where account = new.account and new.kind = 'close';
    end;
    create view two as select id, cents, note from account;
    create trigger two_cents instead of update of cents on two begin update account set cents = new.cents where id = old.id; end;
    create trigger two_note instead of update of note on two begin update account set note = new.note where id = old.id; end;
    create view lost as select id, owner from account;
    create trigger lost_insert instead of insert on lost begin insert into account(owner) values (foreign_function(new.owner)); end;
    create trigger loses after delete on request when old.kind = 'lose' begin insert into lost values (old.id, 'x'); end;
    create view requests as select id, word from request;
    create trigger requests_set instead of update on requests begin update request set word = new.word where id = old.id; end;
    create trigger back after update of amount on request begin update requests set word = 'b' where id = new.id; end;
    create trigger classes after delete on request begin update balance set note = old.amount where account = 1; end;";

#[tokio::test]
async fn what_is_written_to_a_view_goes_through_its_triggers() {
    let moved = Moved::of("bodies_views", VIEWS, "");
    let manual = moved.manual();
    let names = ["two_cents", "two_note", "lost_insert", "loses", "back", "classes"];
    assert!(manual.len() == names.len() && names.iter().all(|name| manual.iter().any(|one| one.contains(name))), "{manual:?}");
    let mut dice = Dice(5);
    let mut statements = owned(&[
        "update balance set cents = 5 where account < 3",
        "update balance set note = 'n', owner = 'ignored' where account = 1",
        "insert into balance(account, owner) values (9, 'zoe')",
    ]);
    for id in 1..150 {
        let mut row = |id: u32| {
            let kind = dice.pick(&["'open'", "'pay'", "'pay'", "'fee'", "'close'"]);
            format!("({id}, {kind}, {}, {}, {})", dice.below(12), dice.below(300), dice.pick(&["NULL", "'w'"]))
        };
        let rows = if id % 3 == 0 { format!("{}, {}", row(id * 2), row(id * 2 + 1)) } else { row(id * 2) };
        statements.push(format!("insert into request values {rows}"));
    }
    moved.agree(&statements, &["account", "journal"]).await;
}

const REPLACED: &str = "
    create table event(id integer primary key, name text not null, value integer, word text);
    create table parent(name text primary key not null, value integer default 9, word text);
    create table child(id integer primary key, parent text references parent(name));
    create table watched(name text primary key not null, value integer);
    create table gone(name text);
    create table pair(a integer not null, b text not null, value integer, primary key(a, b));
    create table acted(id integer primary key, value integer);
    create table act(id integer primary key, acted integer references acted(id) on delete cascade);
    create table inserted(id integer primary key, value integer);
    create trigger watched_gone after delete on watched begin insert into gone values (old.name); end;
    create trigger inserted_too after insert on inserted begin insert into gone values (new.id); end;
    insert into parent values ('x', 1, 'w'), ('y', 2, null);
    insert into child values (1, 'x'), (2, 'x'), (3, 'y');
    create trigger kept after insert on event begin
        insert or replace into parent(name, value) values (new.name, new.value);
        insert or replace into watched values (new.name, new.value);
        replace into pair values (new.value, new.name, 1), (new.value % 2, 'z', new.id), (1, new.name, new.id + 1);
    end;
    create trigger cascading after update of word on event begin insert or replace into acted values (new.id, 1); end;
    create trigger firing after update of value on event begin insert or replace into inserted values (new.id, 1); end;
    create trigger reading after delete on event begin
        insert or replace into pair values (1, 'q', 1), (1, 'q', (select sum(value) from pair));
    end;";

#[tokio::test]
async fn what_replaces_a_row_leaves_what_refers_to_it() {
    let moved = Moved::of("bodies_replace", REPLACED, "");
    let manual = moved.manual();
    let names = ["cascading", "firing", "reading"];
    assert!(manual.len() == names.len() && names.iter().all(|name| manual.iter().any(|one| one.contains(name))), "{manual:?}");
    let mut dice = Dice(3);
    let mut statements =
        owned(&["delete from watched where name = 'nobody'", "insert into watched values ('z', 3)", "delete from watched"]);
    for id in 1..80 {
        let name = dice.pick(&["'x'", "'y'", "'v'", "'z'"]);
        statements.push(format!("insert into event(id, name, value) values ({id}, {name}, {})", dice.below(4)));
    }
    statements.push("insert into event(id, name, value) select id + 1000, name, id % 3 from event order by id".to_owned());
    statements.push("delete from parent where name = 'x'".to_owned());
    moved.agree(&statements, &["parent", "child", "watched", "gone", "pair"]).await;
}

const GENERATED: &str = "
    create table line(id integer primary key, price integer not null, pieces integer not null default 1, word text,
        total integer as (price * pieces) stored, tag text generated always as (lower(trim(word)) || '-' || price) virtual,
        number integer as (id * 2) virtual);
    create table log(what text, total integer, tag text);
    create trigger limited before insert on line begin
        select raise(abort, 'too much') where new.total > 50;
        select raise(ignore) where new.tag = 'skip-1';
        insert into log values ('insert', new.total, new.tag);
    end;
    create trigger changed before update on line when new.total <> old.total or new.tag is not old.tag begin
        insert into log values ('update', new.total - old.total, new.tag || old.tag);
    end;
    create trigger numbered before insert on line begin select raise(abort, 'n') where new.number = 8; end;";

#[tokio::test]
async fn a_trigger_sees_generated_columns_before_the_row_is_written() {
    let moved = Moved::of("bodies_generated", GENERATED, "");
    // Before an INSERT, SQLite has −1 for the number that one is made of; before an UPDATE, NULL for columns that no trigger names.
    let manual = moved.manual();
    assert!(manual.len() == 2 && manual[0].contains("changed") && manual[1].contains("numbered"), "{manual:?}");
    let mut dice = Dice(9);
    let mut statements = Vec::new();
    for id in 1..100 {
        let word = dice.pick(&["'Skip'", "' a '", "NULL", "'B'"]);
        statements.push(match dice.below(4) {
            0 => format!("update line set price = price + 1, word = {word} where id % 3 = {}", dice.below(3)),
            1 => format!("update line set id = id where id > {}", dice.below(50)),
            _ => format!("insert into line(id, price, pieces, word) values ({id}, {}, {}, {word})", dice.below(9), dice.below(8)),
        });
    }
    moved.agree_without(&["changed", "numbered"], &statements, &["line", "log"]).await;
}

const COUNTED: &str = "
    create table whole(id integer primary key, parts integer not null default 0, total integer);
    create table part(id integer primary key, whole_id integer, amount integer);
    create table kept(whole_id integer primary key, n integer);
    insert into whole(id) values (1), (2), (3);
    create trigger put after insert on part when new.whole_id is not null begin
        update whole set parts = (select count(*) from part where whole_id = new.whole_id) where id = new.whole_id;
    end;
    create trigger taken after delete on part when old.whole_id > 0 begin
        update whole set parts = (select count(*) from part where whole_id = old.whole_id) where id = old.whole_id;
    end;
    create table empty(whole_id integer, note text);
    create trigger last after delete on part begin
        delete from empty where whole_id = old.whole_id and not exists (select 1 from part where whole_id = old.whole_id);
    end;
    create trigger moved after update on part begin
        update whole set parts = (select count(*) from part where whole_id = old.whole_id),
            total = (select sum(amount) from part where whole_id = old.whole_id) where id = old.whole_id;
        update whole set parts = (select count(*) from part where whole_id = new.whole_id),
            total = (select sum(amount) from part where whole_id = new.whole_id) where id = new.whole_id;
        update kept set n = (select max(amount) from part p where p.whole_id = old.whole_id) where whole_id = old.whole_id;
        update kept set n = (select max(amount) from part p where p.whole_id = new.whole_id) where whole_id = new.whole_id;
    end;";

#[tokio::test]
async fn what_is_counted_by_the_keys_of_both_rows_is_the_same_after_updates_of_many_rows() {
    let moved = Moved::of("bodies_counted", COUNTED, "");
    assert_eq!(moved.manual(), Vec::<String>::new());
    let mut dice = Dice(21);
    let mut statements = Vec::new();
    for id in 1..140 {
        let whole = dice.pick(&["1", "2", "3", "4", "NULL"]);
        statements.push(match dice.below(7) {
            0 => format!("update part set whole_id = {whole} where amount < {}", dice.below(5)),
            1 => format!("update part set whole_id = whole_id % 3 + 1, amount = amount + 1 where id % 3 = {}", dice.below(3)),
            2 => format!("update part set amount = id where whole_id = {whole}"),
            3 => format!("delete from part where id % 5 = {}", dice.below(5)),
            4 if id % 2 == 0 => format!("insert into empty values ({whole}, 'e')"),
            4 => format!("insert into kept values ({}, {}) on conflict do nothing", dice.below(5), dice.below(4)),
            _ => format!("insert into part values ({id}, {whole}, {}), ({}, {whole}, 1)", dice.below(9), id + 1000),
        });
    }
    moved.agree(&statements, &["whole", "part", "kept", "empty"]).await;
    for (name, from, into) in [
        ("bodies_one_of_two", "(select max(amount) from part p where p.whole_id = new.whole_id)", "n + 1"),
        (
            "bodies_other_column",
            "sum(amount) from part where whole_id = new.whole_id",
            "sum(new.amount) from part where whole_id = new.whole_id",
        ),
        ("bodies_when", "after update on part begin", "after update on part when new.whole_id <> old.whole_id begin"),
        ("bodies_every_row", "p.whole_id = old.whole_id) where whole_id = old.whole_id", "p.whole_id = old.whole_id) where n > 0"),
        // A row that was changed in between stays changed.
        (
            "bodies_decides",
            "where id = new.whole_id;\n    end;\n    create trigger taken",
            "where id = new.whole_id and total is not (select sum(amount) from part where whole_id = new.whole_id);\n    end;\n    create trigger taken",
        ),
    ] {
        assert!(COUNTED.contains(from), "{from}");
        let manual = Moved::of(name, &COUNTED.replace(from, into), "").manual();
        let trigger = if name == "bodies_decides" { "trigger put" } else { "trigger moved" };
        assert!(manual.iter().any(|one| one.contains(trigger)), "{name}: {manual:?}");
    }
}
