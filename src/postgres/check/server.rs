//! What the server is.
//!
//! Never changes a setting.

use super::CheckItem;
use super::probe::ask;
use crate::postgres::server::OLDEST_MAJOR;
use crate::postgres::settings::{Address, ChannelBinding, SslMode};
use crate::postgres::{ConnectionSettings, Session, tls};

pub(super) async fn tls(session: &Session, settings: &ConnectionSettings) -> CheckItem {
    const ID: &str = "tls";
    if !session.is_encrypted() {
        let over_socket = settings.endpoints().iter().all(|endpoint| matches!(endpoint.address, Address::Socket(_)));
        return if over_socket {
            CheckItem::ok(ID, "a Unix socket, which no network sees")
        } else if settings.tls().mode == SslMode::Disable {
            CheckItem::warning(ID, "the connection is not encrypted, as sslmode=disable asks; rows and password can be read on the way")
        } else {
            let mode = settings.tls().mode.word();
            CheckItem::warning(ID, format!("the connection is not encrypted, which sslmode={mode} allows; sslmode=verify-full forbids it"))
        };
    }
    let verified = tls::describe_demand(settings.tls());
    let binding = match settings.tls().channel_binding {
        ChannelBinding::Require => "the login was bound to this connection",
        ChannelBinding::Prefer => "the login is bound to this connection where the server offers it (channel_binding=require insists)",
        ChannelBinding::Disable => "the login was not bound to this connection, as channel_binding=disable asks",
    };
    let question = "select ssl, version, cipher from pg_catalog.pg_stat_ssl where pid = pg_catalog.pg_backend_pid()";
    ask(session, ID, question, |row| {
        let seen: bool = row.try_get(0)?;
        let (version, cipher): (Option<String>, Option<String>) = (row.try_get(1)?, row.try_get(2)?);
        let how = match (seen, version, cipher) {
            (true, Some(version), Some(cipher)) => format!("{version} with {cipher}"),
            _ => "encrypted up to something that stands before the server, and not behind it".to_owned(),
        };
        let meaning = format!("{how}; {verified}; {binding}");
        Ok(if settings.tls().mode >= SslMode::VerifyCa && seen { CheckItem::ok(ID, meaning) } else { CheckItem::warning(ID, meaning) })
    })
    .await
}

pub(super) async fn version(session: &Session) -> CheckItem {
    const ID: &str = "version";
    let question = "select pg_catalog.current_setting('server_version_num')::int4, pg_catalog.current_setting('server_version')";
    ask(session, ID, question, |row| {
        let (number, text): (i32, String) = (row.try_get(0)?, row.try_get(1)?);
        Ok(if u32::try_from(number).is_ok_and(|number| number / 10_000 >= OLDEST_MAJOR) {
            CheckItem::ok(ID, format!("PostgreSQL {text}"))
        } else {
            CheckItem::failed(ID, format!("PostgreSQL {text} is older than {OLDEST_MAJOR}, the oldest that outgrow works with"))
        })
    })
    .await
}

pub(super) async fn writable(session: &Session) -> CheckItem {
    const ID: &str = "writable";
    let question = "select pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')::bool";
    ask(session, ID, question, |row| {
        Ok(match (row.try_get(0)?, row.try_get(1)?) {
            (true, _) => CheckItem::failed(ID, "this server is a standby in recovery, which takes no writes: name its primary"),
            (false, true) => CheckItem::failed(ID, "transactions are read-only by default_transaction_read_only, so nothing can be loaded"),
            (false, false) => CheckItem::ok(ID, "the server takes writes"),
        })
    })
    .await
}

pub(super) async fn encoding(session: &Session) -> CheckItem {
    const ID: &str = "encoding";
    ask(session, ID, "select pg_catalog.current_setting('server_encoding')", |row| {
        let encoding: String = row.try_get(0)?;
        Ok(if encoding == "UTF8" {
            CheckItem::ok(ID, "UTF8, which holds every text")
        } else {
            let meaning =
                format!("the database's encoding is {encoding}, which does not hold every text: make the database with ENCODING 'UTF8'");
            CheckItem::failed(ID, meaning)
        })
    })
    .await
}

pub(super) async fn collation(session: &Session) -> CheckItem {
    const ID: &str = "collation";
    let question = "select d.datcollate::text, exists (select from pg_catalog.pg_collation where collprovider = 'i') \
                    from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()";
    ask(session, ID, question, |row| {
        let (collation, icu): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
        let icu = if icu { "ICU collations are there" } else { "this server is built without ICU collations" };
        let order = match collation.as_str() {
            "C" | "POSIX" | "C.UTF-8" | "C.utf8" => "which sorts by bytes, as SQLite's BINARY does",
            _ => "which sorts otherwise than SQLite's BINARY does, so ORDER BY may give another order",
        };
        Ok(CheckItem::ok(ID, format!("the database's collation is {collation}, {order}; {icu}")))
    })
    .await
}

pub(super) async fn role(session: &Session) -> CheckItem {
    const ID: &str = "role";
    let question = "select rolname::text, rolsuper, rolcreatedb, rolbypassrls from pg_catalog.pg_roles where rolname = current_user";
    ask(session, ID, question, |row| {
        let (name, superuser, creates, bypasses): (String, bool, bool, bool) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
        let mut traits = vec![if superuser { "a superuser, which is more than is needed" } else { "no superuser, and none is needed" }];
        traits.extend(creates.then_some("may create databases, which a rehearsal on this server needs"));
        traits.extend((bypasses && !superuser).then_some("sees all rows whatever their policies"));
        Ok(CheckItem::ok(ID, format!("`{name}`: {}", traits.join("; "))))
    })
    .await
}

pub(super) async fn wal_level(session: &Session) -> CheckItem {
    const ID: &str = "wal-level";
    ask(session, ID, "select pg_catalog.current_setting('wal_level')", |row| {
        let level: String = row.try_get(0)?;
        Ok(CheckItem::ok(
            ID,
            match level.as_str() {
                "logical" => "logical: the way back can read changes from a replication slot, or by triggers".to_owned(),
                _ => format!("{level}: the way back reads changes by triggers, which needs nothing of the server"),
            },
        ))
    })
    .await
}

pub(super) async fn extensions(session: &Session) -> CheckItem {
    const ID: &str = "extensions";
    let question = "select coalesce(pg_catalog.string_agg(name || case when installed_version is null then '' else ' (installed)' end, ', ' \
                    order by name), '') from pg_catalog.pg_available_extensions where name in ('citext', 'postgis', 'pg_trgm')";
    ask(session, ID, question, |row| {
        let list: String = row.try_get(0)?;
        let list = if list.is_empty() { "none of them".to_owned() } else { list };
        Ok(CheckItem::ok(ID, format!("of citext, pg_trgm and postgis there are: {list}")))
    })
    .await
}

/// PgBouncer has a database of this name for its own administration; a server says that there is none.
pub(super) async fn pooler(settings: &ConnectionSettings) -> CheckItem {
    const ID: &str = "pooler";
    match Session::connect(&settings.with_database("pgbouncer")).await {
        Err(error) if error.detail().contains("3D000") => CheckItem::ok(ID, "no PgBouncer stands before the server"),
        // To its administration's database it lets nobody in who is not named, and no statement but its own.
        Err(error) if error.detail().contains("08P01") => {
            let advice = "outgrow's sessions need its session mode, or, better, a connection to the server itself";
            CheckItem::warning(ID, format!("a PgBouncer stands before the server: {advice}"))
        }
        Ok(_) | Err(_) => CheckItem::unknown(ID, "whether a connection pooler stands before the server could not be found out"),
    }
}
