//! A table as the probes see it: what SQLite has, what the plan makes of it, and what its cells are.

use crate::catalog::{Deferral, ForeignKey, Index, IndexOrigin, IndexPart, RowidKind, Table, quoted};
use crate::migrate::Survey;
use crate::plan::{ColumnPlan, Plan, TablePlan};
use crate::value::{ColumnProfile, TableProfile};

/// A table on both sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) plan: &'a TablePlan,
    pub(super) table: &'a Table,
    profile: Option<&'a TableProfile>,
}

/// What is unique in a table: a key, a constraint or an index.
#[derive(Debug, Clone)]
pub(super) struct UniqueKey {
    /// As shown to people.
    pub(super) label: String,
    /// The step of the plan that makes it.
    pub(super) step: String,
    /// Positions of its columns; none where a part is an expression.
    pub(super) columns: Option<Vec<usize>>,
    /// Whether it holds for some rows only.
    pub(super) partial: bool,
}

impl<'a> Subject<'a> {
    /// The table of this name in the source.
    pub(super) fn of(plan: &'a Plan, found: &'a Survey, source: &str) -> Option<Self> {
        let table = found.catalog.table(source)?;
        Some(Self { plan: plan.table(&table.name)?, table, profile: found.profile.tables.get(&table.name) })
    }

    /// The columns with their positions.
    pub(super) fn columns(self) -> impl Iterator<Item = (usize, &'a ColumnPlan)> {
        self.plan.columns.iter().enumerate()
    }

    /// The position of a column by its name in the source.
    pub(super) fn position(self, name: &str) -> Option<usize> {
        self.table.column(name).map(|(position, _)| position)
    }

    /// What the cells of a column are.
    pub(super) fn cells(self, position: usize) -> Option<&'a ColumnProfile> {
        let column = self.plan.columns.get(position)?;
        self.profile?.columns.get(&column.source)
    }

    /// Whether the column is computed on either side.
    pub(super) fn is_generated(self, position: usize) -> bool {
        let in_source = self.table.columns.get(position).is_some_and(|column| column.generated.is_some());
        in_source || self.plan.columns.get(position).is_some_and(|column| column.generated.is_some())
    }

    /// The position of the column that the database numbers by itself.
    pub(super) fn identity(self) -> Option<usize> {
        self.plan.columns.iter().position(|column| column.identity.is_some())
    }

    /// Whether the column is part of the declared primary key.
    pub(super) fn in_primary_key(self, position: usize) -> bool {
        let key = self.table.primary_key.iter().flat_map(|key| key.columns.iter());
        key.filter_map(|name| self.position(name)).any(|part| part == position)
    }

    /// All that is unique, the rowid by another name included, which has no index.
    pub(super) fn unique_keys(self) -> Vec<UniqueKey> {
        let alias = self.table.rowid_alias().and_then(|name| self.position(name)).map(|position| UniqueKey {
            label: self.label(&[position], "primary key"),
            step: format!("primary-key:{}", self.table.name),
            columns: Some(vec![position]),
            partial: false,
        });
        alias.into_iter().chain(self.table.indexes.iter().filter(|index| index.unique).map(|index| self.unique_index(index))).collect()
    }

    fn unique_index(self, index: &Index) -> UniqueKey {
        let position = |part: &IndexPart| part.column.as_deref().and_then(|name| self.position(name));
        let columns: Option<Vec<usize>> = index.parts.iter().map(position).collect();
        let binary = index.parts.iter().all(|part| part.collation.eq_ignore_ascii_case("binary"));
        let label = match (index.origin, &columns) {
            (IndexOrigin::PrimaryKey, Some(columns)) => self.label(columns, "primary key"),
            (IndexOrigin::Unique, Some(columns)) => self.label(columns, "unique key"),
            (IndexOrigin::Created, _) | (IndexOrigin::PrimaryKey | IndexOrigin::Unique, None) => format!("unique index {}", index.name),
        };
        // A primary key that ignores case is kept by an index beside the key.
        let by_key = index.origin == IndexOrigin::PrimaryKey && binary;
        let step = if by_key { format!("primary-key:{}", self.table.name) } else { format!("index:{}", index.name) };
        UniqueKey { label, step, columns, partial: index.partial }
    }

    fn label(self, columns: &[usize], kind: &str) -> String {
        let names = columns.iter().filter_map(|position| self.plan.columns.get(*position)).map(|column| column.source.as_str());
        format!("{kind} ({})", names.collect::<Vec<_>>().join(", "))
    }

    /// The positions of a foreign key's columns.
    pub(super) fn children(self, key: &ForeignKey) -> Option<Vec<usize>> {
        key.columns.iter().map(|pair| self.position(&pair.child)).collect()
    }

    /// Whether the column refers to a parent.
    pub(super) fn is_child(self, position: usize) -> bool {
        let keys = self.table.foreign_keys.iter().filter_map(|key| self.children(key));
        keys.flatten().any(|child| child == position)
    }

    /// Whether the database numbers the column by itself when it is left out; a key that is also a parent's is given.
    pub(super) fn is_numbered(self, position: usize) -> bool {
        self.identity() == Some(position) && !self.is_child(position)
    }

    /// Orders the rows of `s` so that the newest come first, where the table keeps an order.
    pub(super) fn newest_first(self) -> String {
        match &self.table.rowid {
            RowidKind::Alias { column } => format!(" order by s.{} desc", quoted(column)),
            RowidKind::Hidden { access: Some(name) } => format!(" order by s.{} desc", quoted(name)),
            RowidKind::Hidden { access: None } | RowidKind::None => String::new(),
        }
    }

    /// Whether the table has a foreign key that is only checked at the end of a transaction.
    pub(super) fn defers(self) -> bool {
        self.table.foreign_keys.iter().any(|key| key.deferral == Deferral::Deferred)
    }
}
