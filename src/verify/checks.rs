//! What is compared besides the cells; one file a check.

use std::future::Future;
use std::pin::Pin;

use super::report::CheckResult;
use super::{put_back, relations, sequences};
use crate::error::Result;
use crate::plan::Plan;
use crate::postgres::Session;

/// A running check.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<CheckResult>> + Send + 'a>>;

/// A check of the target against the plan.
#[derive(Debug)]
pub struct Check {
    /// Its name: that of its file.
    pub name: &'static str,
    /// What it compares.
    pub explain: &'static str,
    /// Compares.
    pub run: for<'a> fn(&'a Session, &'a Plan) -> Running<'a>,
}

/// Every check besides that of the cells.
pub const CHECKS: &[&Check] = &[&relations::CHECK, &sequences::CHECK, &put_back::CHECK];
