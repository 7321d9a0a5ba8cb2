//! Gives the schema of the load another name, with the time in it, and makes an empty one of the old name.
//!
//! The ledger with the quarantine goes along. The functions in `outgrow_sqlite` stay: they call each other by that name, and what calls
//! them goes on to work.

use jiff::Timestamp;

use super::loads::Loads;
use super::{Cleared, ClearedWhat, DOING, broken, made, run, tried};
use crate::catalog::quoted;
use crate::dialect::{HELPER_SCHEMA, text_sql};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::installed_helpers;
use crate::postgres::Session;

/// PostgreSQL cuts longer names.
const NAME_BYTES: usize = 63;

/// Renames, within the transaction that is open.
pub(super) async fn rename(session: &Session, loads: &Loads) -> Result<Cleared> {
    loads.are_alone()?;
    let schema = loads.last().schema.as_str();
    let time = Timestamp::now().strftime("%Y%m%dt%H%M%S").to_string();
    let before = Before::of(session, schema).await?;
    before.may_be_renamed(session, schema).await?;
    let new = free_name(session, schema, &time).await?;
    let ledger = free_name(session, "outgrow", &time).await?;
    let mut left = Vec::new();
    if triggers_off(session, schema).await? {
        left.push(format!("the triggers in {new} are switched off: their functions name the schema {schema}, where other tables will be"));
    }
    let is_ours =
        |name: &String| loads.plans().any(|plan| plan.relations.contains(name) || plan.tables.iter().any(|table| table.target == *name));
    for name in made::relations(session, schema).await?.iter().filter(|name| !is_ours(name)) {
        left.push(format!("{name} went along to {new}: outgrow did not make it"));
    }
    run(session, &format!("alter schema {} rename to {}", quoted(schema), quoted(&new))).await?;
    run(session, &format!("alter schema outgrow rename to {}", quoted(&ledger))).await?;
    before.make_again(session, schema, &mut left).await?;
    if !installed_helpers(&loads.last().steps).is_empty() {
        left.push(format!("the functions in {HELPER_SCHEMA} stay: what is in {new} calls them by that name"));
    }
    let names = vec![format!("{schema} → {new}"), format!("outgrow → {ledger}")];
    Ok(Cleared { what: ClearedWhat::Renamed, names, left })
}

/// A schema as it was.
struct Before {
    owner: String,
    is_ours: bool,
    comment: Option<String>,
    /// Privilege, to whom (none for everybody), whether it may be handed on.
    rights: Vec<(String, Option<String>, bool)>,
    /// Statements for the rights of what will be made in it.
    defaults: Vec<String>,
    /// Extensions in it, and whether they can be moved.
    extensions: Vec<(String, bool)>,
}

impl Before {
    async fn of(session: &Session, schema: &str) -> Result<Self> {
        let client = session.client();
        let sql = "select pg_get_userbyid(nspowner)::text, pg_has_role(nspowner, 'USAGE'), obj_description(oid, 'pg_namespace') \
                   from pg_catalog.pg_namespace where nspname = $1";
        let row = client.query_one(sql, &[&schema]).await.map_err(broken)?;
        let fields =
            || -> Result<(String, bool, Option<String>), tokio_postgres::Error> { Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)) };
        let (owner, is_ours, comment) = fields().map_err(broken)?;
        let sql = "select a.privilege_type, case when a.grantee <> 0 then pg_get_userbyid(a.grantee)::text end, a.is_grantable \
                   from pg_catalog.pg_namespace n, aclexplode(n.nspacl) a where n.nspname = $1 and a.grantee <> n.nspowner order by 1, 2";
        let rows = client.query(sql, &[&schema]).await.map_err(broken)?;
        let right = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
        let rights = rows.iter().map(right).collect::<Result<_, _>>().map_err(broken)?;
        let sql = "select format('alter default privileges for role %I in schema %I grant %s on %s to %s%s', pg_get_userbyid(d.defaclrole), \
                   n.nspname, a.privilege_type, case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' \
                   else 'types' end, case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end, \
                   case when a.is_grantable then ' with grant option' else '' end) \
                   from pg_catalog.pg_default_acl d join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a \
                   where n.nspname = $1 order by 1";
        let rows = client.query(sql, &[&schema]).await.map_err(broken)?;
        let defaults = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(broken)?;
        let sql = "select e.extname::text, e.extrelocatable from pg_catalog.pg_extension e \
                   join pg_catalog.pg_namespace n on n.oid = e.extnamespace where n.nspname = $1 order by 1";
        let rows = client.query(sql, &[&schema]).await.map_err(broken)?;
        let extension = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
        let extensions = rows.iter().map(extension).collect::<Result<_, _>>().map_err(broken)?;
        Ok(Self { owner, is_ours, comment, rights, defaults, extensions })
    }

    async fn may_be_renamed(&self, session: &Session, schema: &str) -> Result<()> {
        let refused = |kind: ErrorKind, why: String| {
            Err(Error::new(kind, DOING, format!("{why}; nothing was changed")).hint("choose `target = \"drop\"` or `keep`"))
        };
        let row = session.client().query_one("select has_database_privilege(current_database(), 'CREATE')", &[]).await.map_err(broken)?;
        if !self.is_ours || !row.try_get::<_, bool>(0).map_err(broken)? {
            let why = format!(
                "the schema {schema} belongs to {}, and only its owner, with the right to make schemas in the database, may give it another name",
                self.owner
            );
            return refused(ErrorKind::TargetRights, why);
        }
        let fixed: Vec<&str> = self.extensions.iter().filter(|(_, moves)| !moves).map(|(name, _)| name.as_str()).collect();
        if !fixed.is_empty() {
            return refused(
                ErrorKind::TargetUnfit,
                format!("the extension {} is in the schema {schema} and can't be moved out of it", fixed.join(", ")),
            );
        }
        Ok(())
    }

    /// Makes the schema anew, with its owner, its rights, its comment and its extensions.
    async fn make_again(&self, session: &Session, schema: &str, left: &mut Vec<String>) -> Result<()> {
        let name = quoted(schema);
        run(session, &format!("create schema {name} authorization {}", quoted(&self.owner))).await?;
        for (right, grantee, grantable) in &self.rights {
            let grantee = grantee.as_deref().map_or_else(|| "public".to_owned(), quoted);
            let option = if *grantable { " with grant option" } else { "" };
            run(session, &format!("grant {right} on schema {name} to {grantee}{option}")).await?;
        }
        if let Some(comment) = &self.comment {
            run(session, &format!("comment on schema {name} is {}", text_sql(comment))).await?;
        }
        for (extension, _) in &self.extensions {
            run(session, &format!("alter extension {} set schema {name}", quoted(extension))).await?;
        }
        for statement in &self.defaults {
            if !tried(session, statement).await? {
                left.push(format!("this role may not do it, so that somebody has to: {statement}"));
            }
        }
        Ok(())
    }
}

/// Switches the triggers off that would write by the schema's name; tells whether there are any.
async fn triggers_off(session: &Session, schema: &str) -> Result<bool> {
    let sql = "select distinct c.relname::text from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid \
               join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
               where n.nspname = $1 and not t.tgisinternal and t.tgenabled <> 'D' and c.relkind in ('r', 'p') order by 1";
    let rows = session.client().query(sql, &[&schema]).await.map_err(broken)?;
    for row in &rows {
        let table: String = row.try_get(0).map_err(broken)?;
        run(session, &format!("alter table {}.{} disable trigger user", quoted(schema), quoted(&table))).await?;
    }
    Ok(!rows.is_empty())
}

/// The name with the time behind it, or the next one that is free.
async fn free_name(session: &Session, schema: &str, time: &str) -> Result<String> {
    for number in 1.. {
        let tail = if number == 1 { format!("_{time}") } else { format!("_{time}_{number}") };
        let name = format!("{}{tail}", cut(schema, NAME_BYTES.saturating_sub(tail.len())));
        let row = session.client().query_one("select exists(select from pg_catalog.pg_namespace where nspname = $1)", &[&name]).await;
        if !row.and_then(|row| row.try_get::<_, bool>(0)).map_err(broken)? {
            return Ok(name);
        }
    }
    Err(Error::bug(DOING, "there is no free name"))
}

/// As much of a name as has so many bytes at the most.
fn cut(name: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(name.len())).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    name.get(..end).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_long_name_is_cut_between_letters() {
        assert_eq!(cut("public", 47), "public");
        assert_eq!(cut("ääää", 5), "ää");
    }
}
