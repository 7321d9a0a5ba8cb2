//! UPDATE … FROM.
//!
//! Where several rows of FROM go with one row of the table, neither database says which of them is taken. So there must be
//! only one, found by a unique key, or what is set must not come from FROM at all.

use turso_parser::ast::{Expr, FromClause, JoinConstraint, JoinOperator, JoinType};

use super::fault::{Translated, refuse};
use super::walk::Walk;

const CONSTRUCT: &str = "UPDATE … FROM";

impl Walk<'_> {
    /// The items of FROM, behind the updated table in the innermost frame, and the conditions of its joins.
    pub(super) fn update_sources(&mut self, from: &FromClause) -> Translated<(String, Vec<String>)> {
        let mut items = vec![self.source(&from.select)?];
        for join in &from.joins {
            let kind = match join.operator {
                JoinOperator::Comma | JoinOperator::TypedJoin(None) => JoinType::INNER,
                JoinOperator::TypedJoin(Some(kind)) => kind,
            };
            let other = JoinType::LEFT | JoinType::RIGHT | JoinType::OUTER | JoinType::NATURAL;
            if kind.intersects(other) || matches!(join.constraint, Some(JoinConstraint::Using(_))) {
                return refuse(CONSTRUCT, "its tables are joined in another way than by JOIN … ON");
            }
            items.push(self.source(&join.table)?);
        }
        if self.frame().is_some_and(|frame| !frame.bare.is_empty()) {
            return refuse(CONSTRUCT, "a function in FROM reads the updated table, which PostgreSQL does not let it");
        }
        // In PostgreSQL, ON does not see the updated table.
        let conditions = from.joins.iter().filter_map(|join| match &join.constraint {
            Some(JoinConstraint::On(condition)) => Some(condition),
            Some(JoinConstraint::Using(_)) | None => None,
        });
        let conditions = conditions.map(|condition| self.condition(condition)).collect::<Translated<Vec<_>>>()?;
        Ok((items.join(", "), conditions))
    }

    /// Refuses values that may come from several rows of FROM.
    pub(super) fn one_row_of(&self, from: &FromClause, condition: Option<&Expr>) -> Translated<()> {
        let Some(frame) = self.frames.last() else { return Ok(()) };
        let width = frame.relations.first().map_or(0, |relation| relation.columns.len());
        let known = self.determined(from, condition, 1, (0..width).map(|position| (0, position)).collect());
        if frame.bare.iter().all(|place| known.contains(place)) {
            return Ok(());
        }
        refuse(
            CONSTRUCT,
            "which of several matching rows wins is not the same on both sides; here a unique key does not tell that there is one",
        )
    }
}
