//! The FROM clause: what is joined, and how.

use turso_parser::ast::{Expr, FromClause, JoinConstraint, JoinOperator, JoinType, JoinedSelectTable, QualifiedName, Select, SelectTable};

use crate::catalog::quoted;

use super::compare::comparison;
use super::fault::{Translated, refuse};
use super::typed::Typed;
use super::unify::unify;
use super::walk::{Joined, Relation, Walk};

impl Walk<'_> {
    /// Translates a FROM clause and brings its names into sight.
    pub(super) fn sources(&mut self, from: &FromClause) -> Translated<String> {
        let mut sql = self.source(&from.select)?;
        for join in &from.joins {
            let before = self.frame().map_or(0, |frame| frame.relations.len());
            let item = self.source(&join.table)?;
            sql = self.join(&sql, join, &item, before)?;
        }
        Ok(sql)
    }

    pub(super) fn source(&mut self, item: &SelectTable) -> Translated<String> {
        match item {
            SelectTable::Table(name, alias, _) => self.source_table(name, alias.as_ref().map(|alias| alias.name().as_str())),
            SelectTable::Select(select, alias) => self.source_subquery(select, alias.as_ref().map(|alias| alias.name().as_str())),
            SelectTable::Sub(inner, None) => Ok(format!("({})", self.sources(inner)?)),
            SelectTable::Sub(_, Some(_)) => refuse("FROM", "a join in parentheses has a name"),
            SelectTable::TableCall(name, args, alias) => {
                self.json_rows(name.name.as_str(), args, alias.as_ref().map(|alias| alias.name().as_str()))
            }
        }
    }

    fn source_table(&mut self, name: &QualifiedName, alias: Option<&str>) -> Translated<String> {
        if name.db_name.as_ref().is_some_and(|schema| !schema.as_str().eq_ignore_ascii_case("main")) {
            return refuse("schema name", "the table is in another database file");
        }
        let source = name.name.as_str();
        let visible = alias.unwrap_or(source);
        let cte = self.ctes.iter().rev().find(|cte| cte.name.eq_ignore_ascii_case(source)).cloned();
        let sql = if let Some(cte) = cte {
            let target = cte.qualifier.clone();
            self.bring(Relation { name: visible.to_owned(), qualifier: quoted(visible), ..cte })?;
            target
        } else {
            let Some(table) = self.scope.table(source) else {
                return refuse(format!("table {source}"), "there is no such table or view among those that come across");
            };
            self.uses.insert(table.source.clone());
            let unique = self.unique_keys(table);
            self.bring(Relation { unique, ..Relation::of_table(table, visible, quoted(visible)) })?;
            table.target_sql()
        };
        Ok(format!("{sql} AS {}", quoted(visible)))
    }

    fn source_subquery(&mut self, select: &Select, alias: Option<&str>) -> Translated<String> {
        // A subquery in FROM does not see its neighbours.
        let hidden = self.frames.pop();
        let query = self.query(select);
        self.frames.extend(hidden);
        let mut query = query?;
        query.number_names();
        let count = self.frame().map_or(0, |frame| frame.relations.len());
        let target = alias.map_or_else(|| format!("subquery_{}", count + 1), str::to_owned);
        let columns = query.columns()?;
        let unique = query.unique();
        let sql = query.print();
        let name = alias.unwrap_or_default().to_owned();
        self.bring(Relation { name, unique, qualifier: quoted(&target), ..Relation::of_columns("", columns) })?;
        Ok(format!("({sql}) AS {}", quoted(&target)))
    }

    pub(super) fn bring(&mut self, relation: Relation) -> Translated<()> {
        let Some(frame) = self.frame() else { return refuse("FROM", "it stands outside of a query") };
        if frame.relations.iter().any(|other| !relation.name.is_empty() && other.name.eq_ignore_ascii_case(&relation.name)) {
            return refuse(format!("FROM {}", relation.name), "two tables go by this name");
        }
        frame.relations.push(relation);
        Ok(())
    }

    fn join(&mut self, left: &str, join: &JoinedSelectTable, right: &str, before: usize) -> Translated<String> {
        let kind = match join.operator {
            JoinOperator::Comma | JoinOperator::TypedJoin(None) => JoinType::INNER,
            JoinOperator::TypedJoin(Some(kind)) => kind,
        };
        let outer = match (kind.contains(JoinType::LEFT), kind.contains(JoinType::RIGHT)) {
            (true, true) => "FULL JOIN",
            (true, false) => "LEFT JOIN",
            (false, true) => "RIGHT JOIN",
            (false, false) if kind.contains(JoinType::OUTER) => return refuse("OUTER JOIN", "it does not say which side"),
            (false, false) => "JOIN",
        };
        if kind.contains(JoinType::RIGHT) && matches!(*join.table, SelectTable::TableCall(..)) {
            return refuse("RIGHT or FULL JOIN of a table-valued function", "PostgreSQL does not let it read the left side");
        }
        let condition = match &join.constraint {
            Some(JoinConstraint::On(condition)) => Some(self.condition(condition)?),
            Some(JoinConstraint::Using(names)) => {
                let names: Vec<String> = names.iter().map(|name| name.as_str().to_owned()).collect();
                Some(self.merge(&names, before, kind)?)
            }
            None if kind.contains(JoinType::NATURAL) => {
                let names = self.shared_names(before);
                if names.is_empty() { None } else { Some(self.merge(&names, before, kind)?) }
            }
            None => None,
        };
        if let Some(frame) = self.frame() {
            for (at, relation) in frame.relations.iter_mut().enumerate() {
                let filled = if at < before { outer != "LEFT JOIN" } else { outer != "RIGHT JOIN" };
                relation.optional |= outer != "JOIN" && filled;
            }
        }
        Ok(match (outer, condition) {
            ("JOIN", None) => format!("{left} CROSS JOIN {right}"),
            (outer, None) => format!("{left} {outer} {right} ON true"),
            (outer, Some(condition)) => format!("{left} {outer} {right} ON {condition}"),
        })
    }

    /// The columns that a NATURAL join compares.
    fn shared_names(&mut self, before: usize) -> Vec<String> {
        let Some(frame) = self.frame() else { return Vec::new() };
        let (left, right) = frame.relations.split_at(before.min(frame.relations.len()));
        let known = |name: &str| left.iter().any(|relation| relation.columns.iter().any(|column| column.source.eq_ignore_ascii_case(name)));
        right.iter().flat_map(|relation| &relation.columns).map(|column| column.source.clone()).filter(|name| known(name)).collect()
    }

    /// The condition of USING; the right column is one with the left from here on.
    fn merge(&mut self, names: &[String], before: usize, kind: JoinType) -> Translated<String> {
        let mut conditions = Vec::new();
        for name in names {
            let Some(frame) = self.frame() else { return refuse("USING", "it stands outside of a query") };
            let find = |relation: &Relation| {
                let position = relation.columns.iter().position(|column| column.source.eq_ignore_ascii_case(name))?;
                if relation.merged.contains(&position) { None } else { Some(position) }
            };
            let at = before.min(frame.relations.len());
            let (left, right) = frame.relations.split_at_mut(at);
            let mut lefts = left.iter_mut().filter_map(|relation| find(relation).map(|position| (relation, position)));
            // Of several columns with the name, SQLite takes the leftmost.
            let Some((left, left_position)) = lefts.next() else {
                return refuse(format!("USING ({name})"), "the left side has no such column");
            };
            let [relation] = right else { return refuse("USING", "its right side is a join") };
            let Some(position) = find(relation) else { return refuse(format!("USING ({name})"), "the right side has no such column") };
            let (Some(one), Some(other)) = (left.common(left_position), relation.column(position)) else {
                return refuse("USING", "the column is not known");
            };
            conditions.push(comparison(&one, "=", &other)?.sql);
            relation.merged.insert(position);
            let typed = match (kind.contains(JoinType::LEFT), kind.contains(JoinType::RIGHT)) {
                (_, false) => continue,
                (false, true) => other,
                (true, true) => {
                    let (texts, kind) = unify(&[one, other], "FULL JOIN … USING")?;
                    kind.typed(format!("coalesce({})", texts.join(", ")))
                }
            };
            left.joined.insert(left_position, Joined { typed: Typed { never_null: false, ..typed }, right: (at, position) });
        }
        Ok(format!("({})", conditions.join(" AND ")))
    }
}

/// Whether an expression is a plain column, and not a literal in double quotes.
pub(super) fn is_column(expr: &Expr) -> Option<&str> {
    if let Expr::Id(name) | Expr::Name(name) | Expr::Qualified(_, name) | Expr::DoublyQualified(_, _, name) = expr {
        return Some(name.as_str());
    }
    if let Expr::Parenthesized(items) = expr
        && let [inner] = items.as_slice()
    {
        return is_column(inner);
    }
    None
}
