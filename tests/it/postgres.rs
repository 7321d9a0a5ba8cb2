//! Session, COPY both ways and the target's catalog, against a real server.

use bytes::{BufMut, Bytes, BytesMut};
use outgrow::catalog::TargetRelationKind;
use outgrow::error::ErrorKind;
use outgrow::postgres::{CopyIn, CopyOut, Session, catalog, failed};

use crate::fixture::{Database, kill, options, server_pid, started};

fn tuple(into: &mut BytesMut, id: i64, body: Option<&[u8]>) {
    into.put_i16(2);
    into.put_i32(8);
    into.put_i64(id);
    match body {
        None => into.put_i32(-1),
        Some(body) => {
            into.put_i32(i32::try_from(body.len()).unwrap());
            into.put_slice(body);
        }
    }
}

#[tokio::test]
async fn what_is_copied_in_comes_out_across_any_border() {
    let database = Database::new("copy_both_ways");
    let session = database.session().await;
    session.client().batch_execute("create table t (id int8, body bytea)").await.unwrap();
    let bodies: Vec<Option<Vec<u8>>> = (0..200_usize)
        .map(|n| match n % 4 {
            0 => None,
            1 => Some(Vec::new()),
            2 => Some(vec![0xff; n]),
            // Larger than any one message or buffer on the way.
            _ => Some((0..n * 1500).map(|at| u8::try_from((at * 31 + n) % 251).unwrap()).collect()),
        })
        .collect();
    let mut copy = CopyIn::begin(session.client(), "copy t from stdin (format binary)", "load \"t\"").await.unwrap();
    let mut piece = BytesMut::new();
    for (id, body) in (0..).zip(&bodies) {
        tuple(&mut piece, id, body.as_deref());
        if piece.len() > 65536 {
            copy.send(piece.split().freeze()).await.unwrap();
        }
    }
    copy.send(piece.freeze()).await.unwrap();
    assert_eq!(copy.finish().await.unwrap(), 200);

    let statement = "copy (select id, body from t order by id) to stdout (format binary)";
    let mut copy = CopyOut::begin(session.client(), statement, 2, "read \"t\"").await.unwrap();
    for (id, body) in (0_i64..).zip(&bodies) {
        let row = copy.next_row().await.unwrap().unwrap();
        assert_eq!(row.field(0), Some(&id.to_be_bytes()[..]));
        assert!(row.field(1) == body.as_deref(), "row {id}");
    }
    assert!(copy.next_row().await.unwrap().is_none());
    let mut copy = CopyOut::begin(session.client(), statement, 3, "read \"t\"").await.unwrap();
    assert!(copy.next_row().await.unwrap_err().detail().contains("number of fields"));
}

#[tokio::test]
async fn a_copy_that_is_not_finished_leaves_nothing() {
    let database = Database::new("copy_unfinished");
    let session = database.session().await;
    session.client().batch_execute("create table t (id int8, body bytea)").await.unwrap();
    let mut copy = CopyIn::begin(session.client(), "copy t from stdin (format binary)", "load \"t\"").await.unwrap();
    let mut piece = BytesMut::new();
    tuple(&mut piece, 1, None);
    copy.send(piece.freeze()).await.unwrap();
    drop(copy);
    let count: i64 = session.client().query_one("select count(*) from t", &[]).await.unwrap().get(0);
    assert_eq!(count, 0);
}

#[tokio::test]
async fn a_refused_copy_says_the_row_and_no_value() {
    let database = Database::new("copy_refused");
    let session = database.session().await;
    session.client().batch_execute("create table t (id int8, body text check (body <> 'hidden secret'))").await.unwrap();
    for body in [&b"hidden secret"[..], b"secret \xff"] {
        let mut copy = CopyIn::begin(session.client(), "copy t from stdin (format binary)", "load \"t\"").await.unwrap();
        let mut piece = BytesMut::new();
        tuple(&mut piece, 1, Some(b"fine"));
        tuple(&mut piece, 2, Some(body));
        copy.send(piece.freeze()).await.unwrap();
        let error = copy.finish().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TargetRefused);
        assert!(error.to_string().contains("row 2 of this COPY"), "{error}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
    session.client().batch_execute("select 1").await.unwrap();
}

#[tokio::test]
async fn a_refusal_in_the_midst_of_a_long_copy_is_what_is_reported() {
    let database = Database::new("copy_refused_early");
    let session = database.session().await;
    session.client().batch_execute("create table t (id int8 check (id > 0), body bytea)").await.unwrap();
    let mut copy = CopyIn::begin(session.client(), "copy t from stdin (format binary)", "load \"t\"").await.unwrap();
    let mut piece = BytesMut::new();
    tuple(&mut piece, 0, Some(&vec![7; 60_000]));
    let piece = piece.freeze();
    let mut sent = Ok(());
    for _ in 0..2000 {
        sent = copy.send(piece.clone()).await;
        if sent.is_err() {
            break;
        }
    }
    let error = match sent {
        Ok(()) => copy.finish().await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.kind(), ErrorKind::TargetRefused, "{error}");
    assert!(error.to_string().contains("23514") && error.to_string().contains("row 1 of"), "{error}");
    assert_eq!(session.client().query_one("select count(*) from t", &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_refused_statement_shows_no_value() {
    let database = Database::new("refused");
    let session = database.session().await;
    let setup = "create table t (id int8 primary key, name varchar(3)); insert into t values (4711, 'a'); \
                 create function f() returns void language plpgsql as $$ begin raise exception 'it is %', 4711; end $$";
    session.client().batch_execute(setup).await.unwrap();
    for (statement, code) in [
        ("insert into t values (4711, 'b')", "23505"),
        ("select '4711x'::int", "22P02"),
        ("select '4711-13-01'::date", "22008"),
        ("select f()", "P0001"),
        ("insert into t values (1, 'x4711')", "22001"),
    ] {
        let error = failed("try", session.client().batch_execute(statement).await.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::TargetRefused, "{statement}");
        let shown = format!("{error} {error:?}");
        assert!(shown.contains(code) && !shown.contains("4711"), "{statement}: {shown}");
    }
}

#[tokio::test]
async fn each_kind_of_refusal_is_told_apart() {
    let database = Database::new("refusal_kinds");
    let session = database.session().await;
    for (code, kind) in [
        ("28000", ErrorKind::TargetAuth),
        ("42501", ErrorKind::TargetRights),
        ("53100", ErrorKind::TargetFull),
        ("53300", ErrorKind::TargetUnreachable),
        ("57P03", ErrorKind::TargetUnreachable),
        ("57P01", ErrorKind::TargetLost),
        ("08006", ErrorKind::TargetLost),
        ("23505", ErrorKind::TargetRefused),
    ] {
        let statement = format!("do $$ begin raise exception using errcode = '{code}', message = 'm', detail = 'a secret'; end $$");
        let error = failed("try", session.client().batch_execute(&statement).await.unwrap_err());
        assert_eq!(error.kind(), kind, "{code}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
    }
    let other = database.session().await;
    let pid: i32 = session.client().query_one("select pg_backend_pid()", &[]).await.unwrap().get(0);
    other.client().execute("select pg_terminate_backend($1)", &[&pid]).await.unwrap();
    let error = failed("go on", session.client().batch_execute("select pg_sleep(5)").await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::TargetLost, "{error}");
}

#[tokio::test]
async fn a_killed_server_is_a_lost_target() {
    let server = started(&options()).await;
    let session = Session::connect(server.settings()).await.unwrap();
    session.client().batch_execute("create table t (id int8, body bytea)").await.unwrap();
    let mut copy = CopyIn::begin(session.client(), "copy t from stdin (format binary)", "load \"t\"").await.unwrap();
    kill(server_pid(server.directory().unwrap()));
    let mut piece = BytesMut::new();
    tuple(&mut piece, 1, Some(&vec![7; 60_000]));
    let piece: Bytes = piece.freeze();
    let error = loop {
        // The server's own processes notice on their own time; the sending is what must end in this error.
        if let Err(error) = copy.send(piece.clone()).await {
            break error;
        }
    };
    assert_eq!(error.kind(), ErrorKind::TargetLost, "{error}");
    let error = failed("go on", session.client().batch_execute("select 1").await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::TargetLost, "{error}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_running_statement_can_be_cancelled() {
    let database = Database::new("cancel");
    let session = database.session().await;
    let canceller = session.canceller();
    let (result, ()) = tokio::join!(session.client().batch_execute("select pg_sleep(60)"), async {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        canceller.cancel().await.unwrap();
    });
    assert!(failed("sleep", result.unwrap_err()).to_string().contains("57014"));
}

#[tokio::test]
async fn the_catalog_lists_what_stands_in_the_schema() {
    let database = Database::new("catalog");
    let mut session = database.session().await;
    let setup = "create schema \"My Schema\"; set search_path = \"My Schema\"; \
                 create table \"Empty\" (id int8 primary key); create table full_one (id bigserial); insert into full_one default values; \
                 create view v as select 1; create type pair as (a int, b int); create table public.elsewhere (a text)";
    session.client().batch_execute(setup).await.unwrap();
    let found = catalog(&mut session, "My Schema").await.unwrap();
    assert_eq!((found.encoding.as_str(), found.schema.as_str(), found.major() >= 13), ("UTF8", "My Schema", true));
    let listed: Vec<_> = found.relations.iter().map(|relation| (relation.name.as_str(), relation.kind, relation.has_rows)).collect();
    assert_eq!(
        listed,
        [
            ("Empty", TargetRelationKind::Table, false),
            ("Empty_pkey", TargetRelationKind::Index, false),
            ("full_one", TargetRelationKind::Table, true),
            ("full_one_id_seq", TargetRelationKind::Sequence, false),
            ("pair", TargetRelationKind::Other, false),
            ("v", TargetRelationKind::View, false),
        ]
    );
    assert!(found.extension("plpgsql").is_some_and(|extension| extension.installed), "{:?}", found.extensions);
    assert!(found.extension("no such extension").is_none());
    assert_eq!(catalog(&mut session, "none such").await.unwrap().relations, []);
}
