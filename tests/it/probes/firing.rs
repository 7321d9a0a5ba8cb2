//! Triggers are fired on both sides: a faithful target surprises nobody, and each tampering surprises by its name.

use super::rehearsal;
use crate::fixture::Database;

/// A source with triggers of every event, of a view, and some that can't be fired or compared by value.
const SHOP: &str = "
    create table wares (id integer primary key, name text not null unique, price real, stock integer not null default 0,
                        state text not null default 'new', changed text, sold boolean not null default 0);
    create table counts (state text not null primary key, wares integer not null default 0);
    create table log (id integer primary key autoincrement, what text not null, ware integer, at text default current_timestamp);
    create table lines (ware_id integer not null references wares (id) on delete cascade, place integer not null, note text,
                        primary key (ware_id, place)) without rowid;
    create table bare (a integer, b text);
    create table empty (id integer primary key, body text not null);
    create table locked (id integer primary key, body text);
    create table dark (id integer primary key, body text);
    create view cheap as select id, name, price from wares where price < 5;
    create trigger ware_added after insert on wares begin
        insert into counts values (new.state, 1) on conflict (state) do update set wares = wares + 1;
        insert into log (what, ware) values ('added ' || new.name, new.id);
    end;
    create trigger ware_changed after update of price, state on wares when old.state is not new.state or old.price is not new.price begin
        update wares set changed = datetime('now') where id = new.id;
        insert into log (what, ware) values (old.state || ' > ' || new.state, new.id);
    end;
    create trigger ware_archived after update of state on wares when new.state = 'archived' begin
        insert into log (what, ware, at) values ('archived', new.id, '2020-01-01 00:00:00');
    end;
    create trigger ware_gone before delete on wares when old.sold begin select raise(abort, 'sold'); end;
    create trigger ware_removed after delete on wares begin
        update counts set wares = wares - 1 where state = old.state;
        insert into log (what, ware) values ('removed', old.id);
    end;
    create trigger line_gone after delete on lines begin insert into log (what, ware) values ('line ' || old.place, old.ware_id); end;
    create trigger bare_changed after update on bare begin insert into log (what) values (coalesce(old.b, '-') || coalesce(new.b, '-')); end;
    create trigger bare_gone after delete on bare begin insert into log (what) values ('bare ' || coalesce(old.b, '-')); end;
    create trigger empty_added after insert on empty begin insert into log (what, ware) values (new.body, new.id); end;
    create trigger empty_gone after delete on empty begin insert into log (what, ware) values (old.body, old.id); end;
    create trigger locked_added before insert on locked begin select raise(ignore) where new.body is not 'key'; end;
    create trigger never after insert on dark when new.id = 0 and new.id = 1 begin insert into log (what) values ('never'); end;
    create trigger cheaper instead of update on cheap begin update wares set price = new.price + 1 where id = old.id; end;
    create trigger cheap_added instead of insert on cheap begin insert into log (what, ware) values (new.name, new.id); end;
    insert into wares (id, name, price, stock, state, sold) values
        (1, 'bolt', 0.5, 10, 'new', 0), (2, 'nut', 0.25, 0, 'old', 1), (3, 'gear', 12.5, 3, 'new', 0), (4, 'axle', null, 3, 'old', 0);
    insert into lines values (1, 1, 'a'), (1, 2, 'b'), (3, 1, null);
    insert into bare values (1, 'x'), (2, null), (1, 'x');
    insert into locked values (1, 'open'), (2, 'key');
";

#[tokio::test(flavor = "multi_thread")]
async fn every_trigger_is_fired_and_leaves_the_same_rows() {
    let rehearsal = rehearsal("firing_faithful", SHOP).await;
    assert_eq!(rehearsal.report.untranslated, []);
    let probes = rehearsal.probe().await;
    assert_eq!(probes.surprises, [], "{:#?}", probes.not_probed);
    assert_eq!(probes.not_probed, ["trigger never: no row was found or made up that fires it"]);
    assert_eq!(probes.triggers, 13);
    // Nothing is left of it, not even in a sequence.
    assert_eq!(rehearsal.probe().await, probes);
}

/// A change of a trigger's function that nobody planned, and how the surprise that it makes begins.
const TAMPERINGS: &[(&str, &str, &str, &str)] = &[
    ("ware_changed", "' > '", "' >> '", "rows of log after update of wares, which fires ware_archived, ware_changed | "),
    (
        "ware_archived",
        "INSERT INTO",
        "DELETE FROM public.log; INSERT INTO",
        "rows of log after update of wares, which fires ware_archived, ware_changed | ",
    ),
    (
        "ware_gone",
        "integrity_constraint_violation",
        "check_violation",
        "delete from wares, which fires ware_gone, ware_removed | refused: trigger | refused: check",
    ),
    ("line_gone", "'line '", "'lime '", "rows of log after delete from lines, which fires line_gone | "),
    ("bare_gone", "'bare '", "'rare '", "rows of log after delete from bare, which fires bare_gone | "),
    ("cheaper", "+ 1", "+ 2", "rows of wares after update of cheap, which fires cheaper | "),
];

async fn definition_of(database: &Database, function: &str) -> String {
    let session = database.session().await;
    session.client().query_one(&format!("select {function}"), &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_tampering_with_a_trigger_has_its_surprise() {
    let rehearsal = rehearsal("firing_tampered", SHOP).await;
    for (function, text, other, expected) in TAMPERINGS {
        let definition = format!("pg_get_functiondef('\"{function}\"'::regproc)");
        let kept = definition_of(&rehearsal.database, &definition).await;
        let surprises = rehearsal.after(&kept.replace(text, other)).await;
        assert!(surprises.iter().any(|surprise| surprise.starts_with(expected)), "{function}: {other}: {surprises:?}");
        assert_eq!(rehearsal.after(&kept).await, [""; 0], "{function}");
    }
}
