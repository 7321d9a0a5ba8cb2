//! The check of a target: a role that may do all, one that may do little, and nothing left behind.

use outgrow::postgres::{CheckItem, CheckOptions, CheckReport, CheckState, ConnectionSettings, check};

use crate::fixture::Database;

fn options(schema: &str) -> CheckOptions {
    CheckOptions { schema: schema.to_owned(), wait: None }
}

fn item<'a>(report: &'a CheckReport, id: &str) -> &'a CheckItem {
    report.items.iter().find(|item| item.id == id).unwrap()
}

fn as_role(database: &Database, role: &str) -> ConnectionSettings {
    let url = database.url().replace("postgres@", &format!("{role}@"));
    ConnectionSettings::resolve(Some(&url), &|_| None).unwrap()
}

#[tokio::test]
async fn a_fit_target_is_ok_and_stays_as_it_was() {
    let database = Database::new("check_fit");
    let session = database.session().await;
    let everything = "select count(*) from pg_class union all select count(*) from pg_namespace union all select count(*) from pg_proc";
    let before = session.client().simple_query(everything).await.unwrap().len();
    for schema in ["public", "yet to be made"] {
        let report = check(database.settings(), &options(schema)).await.unwrap();
        let bad: Vec<_> = report.items.iter().filter(|item| item.state != CheckState::Ok).collect();
        assert!(bad.is_empty(), "{bad:#?}");
        assert!(report.items.len() >= 20, "{}", report.items.len());
        assert_eq!(report.worst(), CheckState::Ok);
    }
    assert_eq!(session.client().simple_query(everything).await.unwrap().len(), before);
    let left = "select count(*) from pg_class where relname like 'outgrow%'";
    assert_eq!(session.client().query_one(left, &[]).await.unwrap().get::<_, i64>(0), 0);
    let schemas = "select count(*) from pg_namespace where nspname like 'outgrow%' or nspname like 'yet%'";
    assert_eq!(session.client().query_one(schemas, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_restricted_role_is_told_each_right_that_it_lacks() {
    let database = Database::new("check_restricted");
    let session = database.session().await;
    let role = format!("role_{}", database.settings().database());
    let name = database.settings().database();
    let setup = format!(
        "create role {role} login connection limit 4; create schema app; grant usage on schema app to {role}; \
         revoke temporary on database {name} from public; alter role {role} set statement_timeout = '7s'"
    );
    session.client().batch_execute(&setup).await.unwrap();
    let report = check(&as_role(&database, &role), &options("app")).await.unwrap();
    for (id, state, words) in [
        ("right-create-schema", CheckState::Ok, "need not"),
        ("right-create-table", CheckState::Failed, "42501"),
        ("right-temporary-table", CheckState::Failed, "42501"),
        ("right-create-index", CheckState::Unknown, "without a table"),
        ("connections", CheckState::Warning, "are free for this role"),
        ("timeouts", CheckState::Warning, "statement_timeout=7000ms"),
        ("role", CheckState::Ok, "no superuser"),
        ("disk", CheckState::Unknown, "can't be seen"),
    ] {
        assert_eq!(item(&report, id).state, state, "{:?}", item(&report, id));
        assert!(item(&report, id).meaning.contains(words), "{:?}", item(&report, id));
    }
    assert_eq!(report.worst(), CheckState::Failed);
    let missing = check(&as_role(&database, &role), &options("none such")).await.unwrap();
    assert!(item(&missing, "right-create-schema").meaning.contains("`none such` is missing"));

    assert_eq!(item(&report, "right-ledger").state, CheckState::Failed);
    // With what the check asked for, and no more, all of it passes.
    session.client().batch_execute(&format!("create schema outgrow authorization {role}")).await.unwrap();
    session
        .client()
        .batch_execute(&format!("grant create on schema app to {role}; grant temporary on database {name} to {role}"))
        .await
        .unwrap();
    let report = check(&as_role(&database, &role), &options("app")).await.unwrap();
    let lacking: Vec<_> = report.items.iter().filter(|item| item.id.starts_with("right-") && item.state != CheckState::Ok).collect();
    assert!(lacking.is_empty(), "{lacking:#?}");
    session.client().batch_execute(&format!("drop owned by {role}; drop role {role}")).await.unwrap();
}

#[tokio::test]
async fn an_unfit_database_fails() {
    let database = Database::new("check_unfit");
    let session = database.session().await;
    let latin = format!("{}_latin", database.settings().database());
    let setup = format!("create database {latin} template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'");
    session.client().batch_execute(&setup).await.unwrap();
    let set = format!("alter database {latin} set default_transaction_read_only = on");
    session.client().batch_execute(&set).await.unwrap();
    let report = check(&database.settings().with_database(&latin), &options("public")).await.unwrap();
    assert_eq!(item(&report, "encoding").state, CheckState::Failed);
    assert_eq!(item(&report, "writable").state, CheckState::Failed);
    assert_eq!(item(&report, "right-create-table").state, CheckState::Failed);
    session.client().batch_execute(&format!("drop database {latin} with (force)")).await.unwrap();
}
