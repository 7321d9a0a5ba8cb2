//! The state of a translation: what names mean where the walk stands, and what the text uses.

use std::collections::{BTreeMap, BTreeSet};

use turso_parser::ast::WindowDef;

use crate::catalog::quoted;

use super::constant::Constant;
use super::fault::{Translated, refuse};
use super::grouping::{Extreme, Pick};
use super::own_table::OwnReads;
use super::scope::{ColumnScope, Scope, TableScope};
use super::typed::{Collation, Subtype, Typed};

/// What is being translated; some functions are right in one place and wrong in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Default,
    Check,
    Generated,
    Index,
    View,
    Trigger,
}

/// A walk over one object's text.
pub(super) struct Walk<'a> {
    pub(super) scope: &'a Scope,
    pub(super) place: Place,
    /// Name scopes, the innermost last.
    pub(super) frames: Vec<Frame>,
    /// Common table expressions in sight, the latest last.
    pub(super) ctes: Vec<Relation>,
    /// Source names of the tables and views that the text reads.
    pub(super) uses: BTreeSet<String>,
    /// What the statement of a trigger at hand reads of the trigger's own table.
    pub(super) own: Option<OwnReads>,
}

/// The names of one SELECT.
#[derive(Debug, Clone, Default)]
pub(super) struct Frame {
    pub(super) relations: Vec<Relation>,
    /// Result columns by name, where they may be used by name.
    pub(super) aliases: Vec<(String, Typed)>,
    /// How many aggregate calls the walk stands in.
    pub(super) aggregate_depth: u32,
    /// An aggregate was seen.
    pub(super) aggregates: bool,
    /// Columns used outside of aggregates: relation and column.
    pub(super) bare: Vec<(usize, usize)>,
    /// The windows of a WINDOW clause.
    pub(super) windows: Vec<WindowDef>,
    /// The keys of GROUP BY.
    pub(super) keys: Vec<String>,
    /// The calls of min() and max().
    pub(super) extremes: Vec<Extreme>,
    /// The row that columns outside of GROUP BY come from, and whether they are taken from it now.
    pub(super) pick: Option<Pick>,
    /// The columns outside of GROUP BY have one value in each group.
    pub(super) determined: bool,
    pub(super) picking: bool,
}

/// A table, view, subquery or row that columns come from.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    /// Its name in the source text; empty for a subquery without a name.
    pub(super) name: String,
    /// The table or view that it is; empty for a query.
    pub(super) table: String,
    /// What stands before the column on the target; empty for nothing.
    pub(super) qualifier: String,
    pub(super) columns: Vec<ColumnScope>,
    /// Positions of columns that USING or NATURAL made one with a column on the left.
    pub(super) merged: BTreeSet<usize>,
    /// What columns are without their table's name, where RIGHT or FULL JOIN made them one with a column on the right.
    pub(super) joined: BTreeMap<usize, Joined>,
    /// Positions of the primary key's columns; empty where there is none on the target.
    pub(super) key: Vec<usize>,
    /// What tells its rows apart, each time the positions of some columns; of no column where there is one row only.
    pub(super) unique: Vec<Vec<usize>>,
    /// Columns that are computed rather than read.
    pub(super) computed: BTreeMap<usize, Typed>,
    /// An outer join may fill its columns with NULL.
    pub(super) optional: bool,
    /// It is a query or a view, whose texts have the database's collation where they are computed.
    pub(super) derived: bool,
    /// The rows of a JSON function, whose keys, values and atoms are elements.
    pub(super) elements: bool,
}

/// A column that USING made of two.
#[derive(Debug, Clone)]
pub(super) struct Joined {
    pub(super) typed: Typed,
    /// The column on the right.
    pub(super) right: (usize, usize),
}

impl Relation {
    /// The column at this position by its bare name.
    pub(super) fn common(&self, position: usize) -> Option<Typed> {
        self.joined.get(&position).map(|joined| joined.typed.clone()).or_else(|| self.column(position))
    }

    /// A table or view under this name and qualifier.
    pub(super) fn of_table(table: &TableScope, name: &str, qualifier: String) -> Self {
        let position = |key: &String| table.columns.iter().position(|column| column.source.eq_ignore_ascii_case(key));
        let key = table.primary_key.iter().filter_map(position).collect();
        let source = table.source.clone();
        Self {
            name: name.to_owned(),
            table: source,
            qualifier,
            columns: table.columns.clone(),
            merged: BTreeSet::new(),
            joined: BTreeMap::new(),
            key,
            unique: Vec::new(),
            computed: BTreeMap::new(),
            optional: false,
            derived: table.kind == super::scope::RelationKind::View,
            elements: false,
        }
    }

    /// The result of a query under this name.
    pub(super) fn of_columns(name: &str, columns: Vec<ColumnScope>) -> Self {
        Self {
            name: name.to_owned(),
            table: String::new(),
            qualifier: quoted(name),
            columns,
            merged: BTreeSet::new(),
            joined: BTreeMap::new(),
            key: Vec::new(),
            unique: Vec::new(),
            computed: BTreeMap::new(),
            optional: false,
            derived: true,
            elements: false,
        }
    }

    /// The column at this position as an expression.
    pub(super) fn column(&self, position: usize) -> Option<Typed> {
        let column = self.columns.get(position)?;
        if let Some(typed) = self.computed.get(&position) {
            return Some(typed.clone());
        }
        let name = quoted(&column.target);
        let sql = if self.qualifier.is_empty() { name } else { format!("{}.{name}", self.qualifier) };
        match column.source.as_str() {
            "value" if self.elements => return Some(Typed::element(sql, Subtype::Nested)),
            "key" | "atom" if self.elements => return Some(Typed::element(sql, Subtype::None)),
            _ => {}
        }
        let never_null = (column.not_null || column.rowid_alias) && !self.optional;
        let typed = Typed { never_null, derived: self.derived, ..Typed::stored(sql, column.conversion, column.pg_type) };
        match Collation::named(&column.collation) {
            Ok(collation) => Some(typed.with_column(column.affinity, Some(collation))),
            // Under a collation that the application defines, the column can be passed on but not be compared.
            Err(_) => Some(Typed { class: super::typed::Class::Opaque, ..Typed::stored(typed.sql, None, column.pg_type) }),
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(scope: &'a Scope, place: Place) -> Self {
        Self { scope, place, frames: Vec::new(), ctes: Vec::new(), uses: BTreeSet::new(), own: None }
    }

    /// A walk in which the columns of one table go by their bare names.
    pub(super) fn in_table(scope: &'a Scope, place: Place, table: &TableScope) -> Self {
        let mut walk = Self::new(scope, place);
        let relation = Relation::of_table(table, &table.source, String::new());
        walk.frames.push(Frame { relations: vec![relation], ..Frame::default() });
        walk
    }

    /// What a bare name means.
    pub(super) fn name(&mut self, name: &str, quoted_name: bool) -> Translated<Typed> {
        for index in (0..self.frames.len()).rev() {
            if let Some(found) = self.name_in_frame(index, name)? {
                return Ok(found);
            }
        }
        if quoted_name {
            // A name in double quotes that names nothing is a string in SQLite.
            return Ok(Typed::constant(Constant::Text(name.to_owned())));
        }
        refuse(format!("name {name}"), "there is no such column")
    }

    fn name_in_frame(&mut self, index: usize, name: &str) -> Translated<Option<Typed>> {
        let Some(frame) = self.frames.get_mut(index) else { return Ok(None) };
        let mut matches = Vec::new();
        for (at, relation) in frame.relations.iter().enumerate() {
            if matches!(relation.qualifier.as_str(), "NEW" | "OLD" | "excluded") {
                continue;
            }
            for (position, column) in relation.columns.iter().enumerate() {
                if column.source.eq_ignore_ascii_case(name) && !relation.merged.contains(&position) {
                    matches.push((at, position));
                }
            }
        }
        if matches.is_empty() && is_rowid(name) && frame.relations.len() == 1 {
            let relation = frame.relations.first();
            matches.extend(
                relation.and_then(|relation| relation.columns.iter().position(|column| column.rowid_alias)).map(|position| (0, position)),
            );
        }
        match matches.as_slice() {
            [] => {
                let alias = frame.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(name));
                Ok(alias.map(|(_, typed)| typed.clone()))
            }
            [(at, position)] => Ok(frame.take_common(*at, *position)),
            _ => refuse(format!("name {name}"), "it names more than one column"),
        }
    }

    /// What `relation.name` means.
    pub(super) fn qualified(&mut self, relation_name: &str, name: &str) -> Translated<Typed> {
        for frame in self.frames.iter_mut().rev() {
            let at = frame.relations.iter().position(|relation| relation.name.eq_ignore_ascii_case(relation_name));
            let Some(at) = at else { continue };
            let Some(relation) = frame.relations.get(at) else { continue };
            if let (Some(own), "NEW" | "OLD") = (&mut self.own, relation.qualifier.as_str()) {
                own.row_columns.insert(name.to_ascii_lowercase());
                own.rows.insert(relation.qualifier.clone());
            }
            let position = relation
                .columns
                .iter()
                .position(|column| column.source.eq_ignore_ascii_case(name))
                .or_else(|| if is_rowid(name) { relation.columns.iter().position(|column| column.rowid_alias) } else { None });
            return match position.and_then(|position| frame.take(at, position)) {
                Some(typed) => Ok(typed),
                None if is_rowid(name) => refuse(format!("{relation_name}.{name}"), "the table has no column that is its rowid"),
                None => refuse(format!("{relation_name}.{name}"), "there is no such column"),
            };
        }
        refuse(format!("{relation_name}.{name}"), "there is no such table in sight")
    }

    /// The innermost name scope.
    pub(super) fn frame(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }
}

impl Frame {
    /// The column by its bare name.
    fn take_common(&mut self, at: usize, position: usize) -> Option<Typed> {
        let Some(joined) = self.relations.get(at)?.joined.get(&position).cloned() else { return self.take(at, position) };
        let typed = self.used(at, position, joined.typed);
        if self.aggregate_depth == 0 && !self.picking {
            self.bare.push(joined.right);
        }
        Some(typed)
    }

    fn take(&mut self, at: usize, position: usize) -> Option<Typed> {
        let typed = self.relations.get(at)?.column(position)?;
        Some(self.used(at, position, typed))
    }

    fn used(&mut self, at: usize, position: usize, typed: Typed) -> Typed {
        if self.aggregate_depth > 0 {
            return typed;
        }
        if let (true, Some(pick)) = (self.picking, &self.pick) {
            return pick.apply(typed);
        }
        self.bare.push((at, position));
        typed
    }
}

/// The three names that every rowid answers to.
pub(super) fn is_rowid(name: &str) -> bool {
    ["rowid", "_rowid_", "oid"].iter().any(|known| name.eq_ignore_ascii_case(known))
}
