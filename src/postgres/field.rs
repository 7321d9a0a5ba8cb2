//! A field of a query's answer as the server sent it, whatever its type.

use std::error::Error;

use tokio_postgres::types::{FromSql, Type};

/// The bytes of a field in PostgreSQL's binary form.
#[derive(Clone, Copy)]
pub struct Field<'a>(pub &'a [u8]);

impl<'a> FromSql<'a> for Field<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Shows the size, never the content.
impl std::fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Field of {} bytes", self.0.len())
    }
}
