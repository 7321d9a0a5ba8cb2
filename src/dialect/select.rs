//! Queries.

use turso_parser::ast::{
    CommonTableExpr, CompoundOperator, Distinctness, Expr, Literal, OneSelect, Operator, ResultColumn, Select, SelectBody, SelectTable,
    SortedColumn, With,
};

use crate::catalog::{Affinity, quoted};
use crate::value::PgType;

use super::aggregate::group_key;
use super::compound::{ORDERED, compound_order, settle};
use super::fault::{Translated, refuse};
use super::from::is_column;
use super::scope::ColumnScope;
use super::shim::call;
use super::typed::{Collation, Typed};
use super::unify::Kind;
use super::walk::{Frame, Relation, Walk};

/// A result column.
#[derive(Debug, Clone)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) typed: Typed,
    pub(super) kind: Kind,
    pub(super) affinity: Option<Affinity>,
    pub(super) collation: Option<Collation>,
    /// The collation that a compound is sorted by.
    pub(super) order_collation: Option<Collation>,
    /// Some of its values do not come from a table's column as they are.
    pub(super) computed: bool,
}

/// One SELECT of a query, in parts so that its columns can still be brought to another type.
pub(super) struct Arm {
    pub(super) operator: &'static str,
    pub(super) distinct: bool,
    pub(super) names: Vec<String>,
    pub(super) values: Vec<Typed>,
    pub(super) texts: Vec<String>,
    pub(super) rest: String,
    /// The columns outside of aggregates that each value is made of.
    pub(super) bare: Vec<Vec<(usize, usize)>>,
    /// The values that tell its rows apart, if that is known; none where there is one row only.
    pub(super) unique: Option<Vec<usize>>,
}

/// A translated query.
pub(super) struct Query {
    with: String,
    pub(super) arms: Vec<Arm>,
    pub(super) outputs: Vec<Output>,
    /// PostgreSQL sorts a compound by its columns only: by what is made of them, it is a subquery.
    enclosed: bool,
    tail: String,
    /// A recursive query that ends after some rows: the name that it reads itself by, and its LIMIT.
    limited: Option<(String, String)>,
}

impl Query {
    /// The query's text.
    pub(super) fn print(&self) -> String {
        let arms: Vec<String> = self.arms.iter().map(|arm| arm.print(&self.outputs)).collect();
        // SQLite takes the arms from left to right; in PostgreSQL, INTERSECT binds before UNION and EXCEPT.
        let mixed = self.arms.len() > 2 && self.arms.iter().any(|arm| arm.operator == " INTERSECT ");
        let body = arms.into_iter().reduce(|before, arm| if mixed { format!("({before}){arm}") } else { before + &arm });
        let body = body.unwrap_or_default();
        if let Some((name, limit)) = &self.limited {
            return format!("WITH RECURSIVE {name} AS ({}{body}{}) SELECT * FROM {name}{limit}", self.with, self.tail);
        }
        if self.enclosed {
            return format!("{}SELECT * FROM ({body}) AS {}{}", self.with, quoted(ORDERED), self.tail);
        }
        format!("{}{body}{}", self.with, self.tail)
    }

    /// Replaces the texts of an arm, for values that are to be stored in columns.
    pub(super) fn set_texts(&mut self, arm: usize, texts: Vec<String>) {
        self.keep_elements();
        if let Some(arm) = self.arms.get_mut(arm) {
            arm.texts = texts;
        }
    }

    /// Leaves elements of JSON what they are; where a query is a table, they leave it as texts.
    pub(super) fn keep_elements(&mut self) {
        for output in &mut self.outputs {
            output.kind.element = false;
        }
    }

    /// Numbers names that come again, as SQLite does in a subquery: `id`, `id:1`.
    pub(super) fn number_names(&mut self) {
        let mut taken: Vec<String> = Vec::new();
        for output in &mut self.outputs {
            let base = output.name.clone();
            let mut number = 0;
            while taken.iter().any(|name| name.eq_ignore_ascii_case(&output.name)) {
                number += 1;
                output.name = format!("{base}:{number}");
            }
            taken.push(output.name.clone());
        }
    }

    /// Gives all texts one collation, as PostgreSQL wants it of the parts of WITH RECURSIVE.
    fn collate_texts(&mut self) {
        let is_text: Vec<bool> = self.outputs.iter().map(|output| output.kind.pg_type == PgType::Text).collect();
        for arm in &mut self.arms {
            for (text, _) in arm.texts.iter_mut().zip(&is_text).filter(|(_, is_text)| **is_text) {
                *text = format!("({text} COLLATE \"C\")");
            }
        }
    }

    /// What tells its rows apart.
    pub(super) fn unique(&self) -> Vec<Vec<usize>> {
        if let [arm] = self.arms.as_slice() { arm.unique.iter().cloned().collect() } else { Vec::new() }
    }

    pub(super) fn single_output(&self) -> Translated<&Output> {
        match self.outputs.as_slice() {
            [output] => Ok(output),
            _ => refuse("subquery", "it has more than one column"),
        }
    }

    /// The only column, as it is compared with something else.
    pub(super) fn single_column(&self) -> Translated<Typed> {
        self.single_output()?;
        self.column(0)
    }

    /// The column at this position, as it is compared with something else.
    pub(super) fn column(&self, position: usize) -> Translated<Typed> {
        let Some(output) = self.outputs.get(position) else { return refuse("subquery", "it has fewer columns") };
        if self.arms.len() == 1 {
            return Ok(output.typed.clone());
        }
        let text = self.arms.first().and_then(|arm| arm.texts.get(position)).cloned().unwrap_or_default();
        Ok(Typed { affinity: output.affinity, collation: output.collation, ..output.kind.typed(text) })
    }

    /// Replaces the columns' texts.
    pub(super) fn replace(&mut self, texts: Vec<String>) -> Translated<()> {
        self.keep_elements();
        let compound = self.arms.len() > 1;
        let Some(arm) = self.arms.first_mut() else { return Ok(()) };
        if compound && arm.texts != texts {
            return refuse("IN (compound select)", "its column is compared as another type than it has");
        }
        arm.texts = texts;
        Ok(())
    }

    /// The columns as those of a table.
    pub(super) fn columns(&self) -> Translated<Vec<ColumnScope>> {
        let mut columns: Vec<ColumnScope> = Vec::new();
        for output in &self.outputs {
            if output.name.len() > 63 {
                return refuse("column name", "a result column has a name of more than 63 bytes: give it one with AS");
            }
            if columns.iter().any(|column| column.target == output.name) {
                return refuse(format!("column {}", output.name), "two result columns have this name");
            }
            columns.push(output.column());
        }
        Ok(columns)
    }
}

impl Output {
    pub(super) fn column(&self) -> ColumnScope {
        let collation = match self.collation {
            Some(Collation::Nocase) => "NOCASE",
            Some(Collation::Rtrim) => "RTRIM",
            Some(Collation::Binary) | None => "BINARY",
        };
        ColumnScope {
            source: self.name.clone(),
            target: self.name.clone(),
            pg_type: self.kind.pg_type,
            conversion: self.kind.conversion,
            affinity: self.affinity.unwrap_or(Affinity::Blob),
            collation: collation.to_owned(),
            not_null: false,
            rowid_alias: false,
            generated: false,
        }
    }
}

impl Arm {
    fn print(&self, outputs: &[Output]) -> String {
        let column = |(text, output): (&String, &Output)| {
            let text = if output.kind.element { call("json_text", &[text]) } else { text.clone() };
            format!("{text} AS {}", quoted(&output.name))
        };
        let columns: Vec<String> = self.texts.iter().zip(outputs).map(column).collect();
        format!("{}SELECT {}{}{}", self.operator, if self.distinct { "DISTINCT " } else { "" }, columns.join(", "), self.rest)
    }
}

impl Walk<'_> {
    /// Translates a query.
    pub(super) fn query(&mut self, select: &Select) -> Translated<Query> {
        let ctes = self.ctes.len();
        let result = self.query_with(select);
        self.ctes.truncate(ctes);
        result
    }

    fn query_with(&mut self, select: &Select) -> Translated<Query> {
        let with = select.with.as_ref().map_or(Ok(String::new()), |with| self.with(with))?;
        let frames = self.frames.len();
        let single = select.body.compounds.is_empty();
        let mut order = String::new();
        let mut arms = Vec::new();
        let (first, terms) = self.arms_of("", &select.body.select, if single { &select.order_by } else { &[] })?;
        arms.extend(first);
        order.push_str(&terms);
        for compound in &select.body.compounds {
            let operator = match compound.operator {
                CompoundOperator::Union => " UNION ",
                CompoundOperator::UnionAll => " UNION ALL ",
                CompoundOperator::Except => " EXCEPT ",
                CompoundOperator::Intersect => " INTERSECT ",
            };
            let (more, _) = self.arms_of(operator, &compound.select, &[])?;
            arms.extend(more);
        }
        self.frames.truncate(frames);
        let outputs = settle(&mut arms)?;
        let mut enclosed = false;
        if !single && !select.order_by.is_empty() {
            let (keys, computed) = compound_order(&select.order_by, &outputs)?;
            order = format!(" ORDER BY {keys}");
            enclosed = computed;
        }
        let limit = select.limit.as_ref().map_or(Ok(String::new()), |limit| self.limit(&limit.expr, limit.offset.as_deref()))?;
        Ok(Query { with, arms, outputs, enclosed, tail: format!("{order}{limit}"), limited: None })
    }

    fn limit(&mut self, count: &Expr, offset: Option<&Expr>) -> Translated<String> {
        let mut number = |expr: &Expr, construct: &str| match folded(expr)
            .map_or_else(|| self.expr(expr).map(|value| value.constant_integer()), |value| Ok(Some(value)))?
        {
            Some(value) => Ok(value),
            None => refuse(construct, "it is not made of literal numbers"),
        };
        let count = number(count, "LIMIT")?;
        let offset = offset.map(|offset| number(offset, "OFFSET")).transpose()?.unwrap_or(0);
        // A negative limit is none, a negative offset is 0.
        let mut sql = String::new();
        if count >= 0 {
            sql.extend([format!(" LIMIT {count}")]);
        }
        if offset > 0 {
            sql.extend([format!(" OFFSET {offset}")]);
        }
        Ok(sql)
    }

    fn with(&mut self, with: &With) -> Translated<String> {
        let mut parts = Vec::new();
        let mut word = "WITH";
        for cte in &with.ctes {
            let name = cte.tbl_name.as_str();
            let outer = std::mem::take(&mut self.frames);
            let query = match self.query(&cte.select) {
                Err(_) if with.recursive && cte.select.body.compounds.len() == 1 => {
                    word = "WITH RECURSIVE";
                    self.recursive(cte)
                }
                result => result,
            };
            self.frames = outer;
            let query = named(query?, cte)?;
            let (columns, unique) = (query.columns()?, query.unique());
            parts.push(format!("{} AS ({})", quoted(name), query.print()));
            self.ctes.push(Relation { unique, ..Relation::of_columns(name, columns) });
        }
        Ok(format!("{word} {} ", parts.join(", ")))
    }

    /// A table that is made of its own rows: the first SELECT gives the types, the second reads the table.
    fn recursive(&mut self, cte: &CommonTableExpr) -> Translated<Query> {
        let body = &cte.select.body;
        let steps = body.compounds.iter().all(|part| matches!(part.operator, CompoundOperator::Union | CompoundOperator::UnionAll));
        let in_order = cte.select.order_by.is_empty() && cte.select.limit.is_none();
        if !steps || !in_order && !is_line(cte) {
            return refuse("WITH RECURSIVE", "the order in which SQLite takes the rows decides what comes out");
        }
        let first = SelectBody { select: body.select.clone(), compounds: Vec::new() };
        let start = named(self.query(&Select { with: None, body: first, order_by: Vec::new(), limit: None })?, cte)?;
        let columns = start.columns()?;
        self.ctes.push(Relation::of_columns(cte.tbl_name.as_str(), columns));
        // Where each row makes one row at most, they come one after the other, whatever ORDER BY says.
        let query = self.query(&Select { order_by: Vec::new(), limit: None, ..cte.select.clone() });
        self.ctes.pop();
        let mut query = query?;
        if let Some(limit) = &cte.select.limit {
            query.limited = Some((quoted(cte.tbl_name.as_str()), self.limit(&limit.expr, limit.offset.as_deref())?));
        }
        query.collate_texts();
        let same = query.outputs.iter().zip(&start.outputs).all(|(all, first)| all.kind.conversion == first.kind.conversion);
        if same { Ok(query) } else { refuse("WITH RECURSIVE", "the parts have columns of different classes") }
    }

    fn arms_of(&mut self, operator: &'static str, select: &OneSelect, order_by: &[SortedColumn]) -> Translated<(Vec<Arm>, String)> {
        self.frames.push(Frame::default());
        let result = match select {
            OneSelect::Values(rows) => self.values(operator, rows).map(|arms| (arms, String::new())),
            OneSelect::Select { .. } => self.arm(operator, select, order_by).or_else(|why| {
                // Once more, where SQLite says which row of a group the columns outside of GROUP BY come from.
                match self.picked_row(&why) {
                    Some(pick) => {
                        self.frames.pop();
                        self.frames.push(Frame { pick: Some(pick), ..Frame::default() });
                        self.arm(operator, select, order_by)
                    }
                    None => Err(why),
                }
            }),
        };
        self.frames.pop();
        result
    }

    fn arm(&mut self, operator: &'static str, select: &OneSelect, order_by: &[SortedColumn]) -> Translated<(Vec<Arm>, String)> {
        let OneSelect::Select { distinctness, columns, from, where_clause, group_by, window_clause } = select else {
            return refuse("SELECT", "it has no columns");
        };
        if let Some(frame) = self.frame() {
            frame.windows.clone_from(window_clause);
        }
        let distinct = *distinctness == Some(Distinctness::Distinct);
        let from_sql = from.as_ref().map_or(Ok(String::new()), |from| Ok(format!(" FROM {}", self.sources(from)?)));
        self.note_own_reads(where_clause.as_deref());
        let from_sql = from_sql?;
        if let Some(frame) = self.frame() {
            frame.bare.clear();
        }
        let mut arm = self.columns(operator, distinct, columns)?;
        arm.rest = from_sql;
        if let Some(condition) = where_clause {
            arm.rest.extend([format!(" WHERE {}", self.outside_aggregates(condition)?)]);
        }
        let grouped = self.group(&mut arm, group_by.as_ref())?;
        let order = self.order(&arm, order_by, grouped.as_deref())?;
        self.only_grouped(grouped.as_ref(), from.as_ref(), where_clause.as_deref())?;
        arm.unique = match &grouped {
            Some(keys) => {
                keys.iter().map(|key| arm.values.iter().position(|value| group_key(value).is_ok_and(|own| own == *key))).collect()
            }
            None => from.is_none().then(Vec::new),
        };
        Ok((vec![arm], order))
    }

    /// A condition whose columns need not be grouped.
    fn outside_aggregates(&mut self, condition: &Expr) -> Translated<String> {
        let before = self.frame().map_or(0, |frame| frame.bare.len());
        let sql = self.condition(condition)?;
        if let Some(frame) = self.frame() {
            frame.bare.truncate(before);
        }
        Ok(sql)
    }

    #[expect(clippy::vec_box, reason = "the parser makes it so")]
    fn values(&mut self, operator: &'static str, rows: &[Vec<Box<Expr>>]) -> Translated<Vec<Arm>> {
        let mut arms = Vec::new();
        for row in rows {
            let values = row.iter().map(|value| self.expr(value)).collect::<Translated<Vec<_>>>()?;
            let names = (1..=values.len()).map(|number| format!("column{number}")).collect();
            let operator = if arms.is_empty() { operator } else { " UNION ALL " };
            let unique = Some(Vec::new());
            arms.push(Arm { operator, distinct: false, names, values, texts: Vec::new(), rest: String::new(), bare: Vec::new(), unique });
        }
        Ok(arms)
    }

    fn columns(&mut self, operator: &'static str, distinct: bool, columns: &[ResultColumn]) -> Translated<Arm> {
        let (names, values, texts, rest, bare) = (Vec::new(), Vec::new(), Vec::new(), String::new(), Vec::new());
        let mut arm = Arm { operator, distinct, names, values, texts, rest, bare, unique: None };
        for column in columns {
            match column {
                ResultColumn::Star => self.star(&mut arm, None)?,
                ResultColumn::TableStar(name) => self.star(&mut arm, Some(name.as_str()))?,
                ResultColumn::Expr(expr, alias) => {
                    let typed = self.result_column(expr)?;
                    let alias = alias.as_ref().filter(|alias| alias.is_explicit()).map(|alias| alias.name().as_str().to_owned());
                    if let (Some(alias), Some(frame)) = (&alias, self.frame()) {
                        frame.aliases.push((alias.clone(), typed.clone()));
                    }
                    arm.names.push(alias.or_else(|| is_column(expr).map(str::to_owned)).unwrap_or_else(|| expr.to_string()));
                    arm.values.push(typed);
                    arm.bare.push(self.frame().map(|frame| std::mem::take(&mut frame.bare)).unwrap_or_default());
                }
            }
        }
        if let (true, Some(_)) = (distinct, arm.values.iter().find(|value| group_key(value).is_err())) {
            return refuse("DISTINCT", "a column has values that can't be told apart as in SQLite");
        }
        Ok(arm)
    }

    fn star(&mut self, arm: &mut Arm, only: Option<&str>) -> Translated<()> {
        let Some(frame) = self.frame() else { return refuse("*", "it stands outside of a query") };
        let mut found = false;
        for (at, relation) in frame.relations.iter().enumerate() {
            if only.is_some_and(|name| !relation.name.eq_ignore_ascii_case(name)) {
                continue;
            }
            found = true;
            if relation.elements {
                return refuse("*", "the columns id and parent of json_each and json_tree are places in SQLite's binary form");
            }
            for (position, column) in relation.columns.iter().enumerate() {
                if only.is_none() && relation.merged.contains(&position) {
                    continue;
                }
                let typed = if only.is_none() { relation.common(position) } else { relation.column(position) };
                let joined = relation.joined.get(&position).filter(|_| only.is_none()).map(|joined| joined.right);
                let (typed, picked) = match &frame.pick {
                    Some(pick) => (typed.map(|typed| pick.apply(typed)), true),
                    None => (typed, false),
                };
                if let Some(typed) = typed {
                    arm.names.push(column.source.clone());
                    arm.values.push(typed);
                    arm.bare.push(if picked { Vec::new() } else { std::iter::once((at, position)).chain(joined).collect() });
                }
            }
        }
        if found { Ok(()) } else { refuse("*", "there is no such table") }
    }
}

/// The sum, difference or product of literal integers.
fn folded(expr: &Expr) -> Option<i64> {
    if let Expr::Parenthesized(items) = expr {
        return if let [inner] = items.as_slice() { folded(inner) } else { None };
    }
    if let Expr::Literal(Literal::Numeric(text)) = expr {
        return text.parse().ok();
    }
    let Expr::Binary(left, operator, right) = expr else { return None };
    let (left, right) = (folded(left)?, folded(right)?);
    if *operator == Operator::Multiply {
        left.checked_mul(right)
    } else if *operator == Operator::Add {
        left.checked_add(right)
    } else if *operator == Operator::Subtract {
        left.checked_sub(right)
    } else {
        None
    }
}

/// Whether a recursive query begins with one row, and makes one of each at most.
fn is_line(cte: &CommonTableExpr) -> bool {
    let body = &cte.select.body;
    let one = match &body.select {
        OneSelect::Values(rows) => rows.len() == 1,
        OneSelect::Select { from, group_by, .. } => from.is_none() && group_by.is_none(),
    };
    let itself = |step: &OneSelect| {
        let OneSelect::Select { from: Some(from), .. } = step else { return false };
        let SelectTable::Table(name, ..) = &*from.select else { return false };
        from.joins.is_empty() && name.name.as_str().eq_ignore_ascii_case(cte.tbl_name.as_str())
    };
    one && cte.select.with.is_none() && body.compounds.iter().all(|part| itself(&part.select))
}

/// The query with the column names that WITH gives it.
fn named(mut query: Query, cte: &CommonTableExpr) -> Translated<Query> {
    if !cte.columns.is_empty() && cte.columns.len() != query.outputs.len() {
        return refuse("WITH", "the number of columns differs");
    }
    for (output, column) in query.outputs.iter_mut().zip(&cte.columns) {
        column.col_name.as_str().clone_into(&mut output.name);
    }
    Ok(query)
}
