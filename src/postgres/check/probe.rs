//! One question to the server, and the item that its answer makes.
//!
//! A question that fails makes an `unknown` item that says why: never a silent `ok`.

use tokio_postgres::Row;

use super::CheckItem;
use crate::postgres::{Session, failed};

/// Asks for one row and judges it.
pub(super) async fn ask(
    session: &Session,
    id: &'static str,
    question: &str,
    judge: impl FnOnce(&Row) -> Result<CheckItem, tokio_postgres::Error>,
) -> CheckItem {
    let answer = session.client().query_one(question, &[]).await.and_then(|row| judge(&row));
    answer.unwrap_or_else(|error| CheckItem::unknown(id, format!("could not be found out: {}", failed("ask", error).detail())))
}
