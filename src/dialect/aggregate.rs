//! Aggregate and window functions.

use turso_parser::ast::{Expr, FunctionTail, SortedColumn};

use crate::value::{Conversion, PgType};

use super::compare::order_key;
use super::fault::{Translated, refuse};
use super::shim::call;
use super::stored::{equatable, ordered};
use super::typed::{Class, Collation, Subtype, Typed};
use super::walk::Walk;
use super::window::is_window_only;

/// A function call as written.
pub(super) struct Call<'e> {
    pub(super) name: &'e str,
    pub(super) distinct: bool,
    /// Empty for `*` and for no arguments.
    pub(super) args: &'e [Box<Expr>],
    pub(super) order_by: &'e [SortedColumn],
    pub(super) tail: &'e FunctionTail,
}

const AGGREGATES: &[&str] = &["avg", "count", "group_concat", "json_group_array", "json_group_object", "string_agg", "sum", "total"];

/// Whether a call is one of an aggregate (min and max are so with one argument) or window function.
pub(super) fn is_aggregate(call: &Call<'_>) -> bool {
    let name = call.name.to_ascii_lowercase();
    AGGREGATES.contains(&name.as_str()) || call.tail.over_clause.is_some() || matches!(name.as_str(), "min" | "max") && call.args.len() == 1
}

impl Walk<'_> {
    /// Translates an aggregate or window call.
    pub(super) fn aggregate(&mut self, call: &Call<'_>) -> Translated<Typed> {
        let name = call.name.to_ascii_lowercase();
        let windowed = call.tail.over_clause.is_some();
        if is_window_only(&name) {
            let value = self.window_call(&name, call)?;
            return Ok(Typed { subtype: value.subtype.unsure(), ..value });
        }
        if windowed && !call.order_by.is_empty() {
            return refuse(format!("{name}() OVER"), "PostgreSQL has no ORDER BY within it");
        }
        if let (Some(frame), false) = (self.frame(), windowed) {
            frame.aggregates = true;
            frame.aggregate_depth += 1;
        }
        let inner = self.aggregate_inner(&name, call);
        if let (Some(frame), false) = (self.frame(), windowed) {
            frame.aggregate_depth -= 1;
        }
        let (sql, result) = inner?;
        if matches!(name.as_str(), "group_concat" | "string_agg")
            && call.tail.over_clause.as_ref().is_some_and(|over| self.leaves_rows(over))
        {
            return refuse(format!("{name}() OVER"), "its frame leaves rows behind, and SQLite cuts the text at wrong places then");
        }
        let over = match &call.tail.over_clause {
            Some(over) => format!(" OVER ({})", self.window(over)?),
            None => String::new(),
        };
        let filled = result.wrap.replace("{}", &format!("{sql}{over}"));
        Ok(match result.conversion {
            Some(conversion) => Typed::stored(filled, Some(conversion), result.pg_type),
            None => Typed { subtype: result.subtype, ..Typed::computed(filled, result.class) },
        })
    }

    /// The call with its FILTER, without OVER, and what to make of its result.
    fn aggregate_inner(&mut self, name: &str, call: &Call<'_>) -> Translated<(String, Outcome)> {
        let args = call.args.iter().map(|arg| self.expr(arg)).collect::<Translated<Vec<_>>>()?;
        let filter = match &call.tail.filter_clause {
            Some(condition) => format!(" FILTER (WHERE {})", self.condition(condition)?),
            None => String::new(),
        };
        let order = if call.order_by.is_empty() { String::new() } else { format!(" ORDER BY {}", self.order_terms(call.order_by)?) };
        let distinct = if call.distinct { "DISTINCT " } else { "" };
        let Some(value) = args.first() else {
            if name == "count" {
                return Ok((format!("count(*){filter}"), Outcome::class(Class::Integer)));
            }
            return refuse(format!("{name}()"), "it is called without an argument");
        };
        if let Some(made) = super::json_group::group(name, call, &args, &filter, &order)? {
            return Ok((made, Outcome { subtype: Subtype::Json, ..Outcome::class(Class::Text) }));
        }
        if value.class == Class::Null {
            return refuse(format!("{name}(NULL)"), "the argument has no type");
        }
        if matches!(name, "min" | "max") && call.tail.over_clause.is_none() {
            self.note_extreme(name, value, call.tail.filter_clause.is_some());
        }
        let (sql, outcome) = match name {
            "count" => (format!("count({distinct}{}){filter}", counted(value, call.distinct)?), Outcome::class(Class::Integer)),
            "sum" | "total" | "avg" => numeric(name, value, distinct, &filter)?,
            "min" | "max" => {
                let (sql, outcome) = extreme(name, value, &filter)?;
                (sql, Outcome { subtype: value.subtype.unsure(), ..outcome })
            }
            "group_concat" | "string_agg" => {
                let separator = args.get(1).map_or(Ok("','".to_owned()), |separator| separator.text("group_concat()"))?;
                let sql = format!("string_agg({distinct}{}, {separator}{order}){filter}", value.text("group_concat()")?);
                (sql, Outcome::class(Class::Text))
            }
            _ => return refuse(format!("{name}() OVER"), "it is not a window function that SQLite has by itself"),
        };
        Ok((sql, outcome))
    }

    /// `ORDER BY` terms of expressions, with NULLs where SQLite puts them.
    pub(super) fn order_terms(&mut self, terms: &[SortedColumn]) -> Translated<String> {
        let mut keys = Vec::new();
        for term in terms {
            let value = self.expr(&term.expr)?;
            keys.push(format!("{}{}", order_key(&value)?, direction(term)));
        }
        Ok(keys.join(", "))
    }
}

/// ` ASC NULLS FIRST` or whatever a term says; SQLite takes NULL for the smallest value.
pub(super) fn direction(term: &SortedColumn) -> &'static str {
    use turso_parser::ast::{NullsOrder, SortOrder};
    match (term.order, term.nulls) {
        (Some(SortOrder::Desc), Some(NullsOrder::First)) => " DESC NULLS FIRST",
        (Some(SortOrder::Desc), Some(NullsOrder::Last) | None) => " DESC NULLS LAST",
        (Some(SortOrder::Asc) | None, Some(NullsOrder::First) | None) => " ASC NULLS FIRST",
        (Some(SortOrder::Asc) | None, Some(NullsOrder::Last)) => " ASC NULLS LAST",
    }
}

/// The key of groups whose own values are not asked for: any text under which equal values are one.
pub(super) fn partition_key(value: &Typed) -> Translated<String> {
    match value.collation {
        Some(collation) if value.class == Class::Text && collation != Collation::Binary => Ok(collation.key(&value.value())),
        Some(_) | None => group_key(value),
    }
}

/// The text under which equal values are one group.
pub(super) fn group_key(value: &Typed) -> Translated<String> {
    if value.class == Class::Text && value.collation.is_some_and(|collation| collation != Collation::Binary) {
        return refuse("grouping under NOCASE or RTRIM", "which of the equal values stands for the group is SQLite's choice");
    }
    if let Some(stored) = &value.stored {
        return match stored.conversion {
            Some(conversion) if equatable(conversion) => Ok(stored.sql.clone()),
            Some(Conversion::TextToJson) => Ok(value.sql.clone()),
            Some(_) | None => refuse("grouping", "the storage classes of the values are not known"),
        };
    }
    match value.class {
        Class::Null | Class::Opaque => refuse("grouping", "the values have no known type"),
        Class::Condition | Class::Integer | Class::Real | Class::NumberDouble | Class::NumberNumeric | Class::Text | Class::Blob => {
            Ok(value.value())
        }
    }
}

/// What comes out of a call.
struct Outcome {
    class: Class,
    conversion: Option<Conversion>,
    pg_type: PgType,
    subtype: Subtype,
    /// Text around the call, `{}` standing for it.
    wrap: String,
}

impl Outcome {
    fn class(class: Class) -> Self {
        Self { class, conversion: None, pg_type: PgType::Text, subtype: Subtype::None, wrap: "{}".to_owned() }
    }

    fn wrapped(class: Class, wrap: &str) -> Self {
        Self { wrap: wrap.to_owned(), ..Self::class(class) }
    }
}

fn counted(value: &Typed, distinct: bool) -> Translated<String> {
    if distinct {
        // For counting, one of the equal texts is as good as the other.
        if let (Class::Text, Some(collation)) = (value.class, value.collation)
            && collation != Collation::Binary
        {
            return Ok(collation.key(&value.sql));
        }
        return group_key(value);
    }
    Ok(value.stored.as_ref().map_or_else(|| value.value(), |stored| stored.sql.clone()))
}

/// The digits of a sum of real numbers depend on the order of adding, in SQLite itself.
fn numeric(name: &str, value: &Typed, distinct: &str, filter: &str) -> Translated<(String, Outcome)> {
    let (operand, integers) = match value.class {
        Class::Integer | Class::Condition => (value.value(), true),
        Class::Real | Class::NumberDouble => (value.sql.clone(), false),
        Class::NumberNumeric => (format!("{}::float8", value.sql), false),
        Class::Text if name == "sum" && distinct.is_empty() => {
            let sql = format!("sum({distinct}{}){filter}", call("summand", &[&value.value()]));
            return Ok((sql, Outcome::wrapped(Class::NumberNumeric, "outgrow_sqlite.total_of({})")));
        }
        Class::Text | Class::Blob => (value.real(name)?, false),
        Class::Opaque if value.element => (value.real(name)?, false),
        Class::Null | Class::Opaque => {
            return refuse(format!("{name}()"), "the class of its argument differs from cell to cell");
        }
    };
    if matches!(value.class, Class::Text | Class::Blob) && !distinct.is_empty() {
        return refuse(format!("{name}(DISTINCT)"), "texts that differ may begin with one number");
    }
    let sum = format!("sum({distinct}{operand}){filter}");
    Ok(match (name, integers) {
        ("sum", true) => (sum, Outcome::wrapped(Class::Integer, "({})::bigint")),
        ("sum", false) => {
            let class = if matches!(value.class, Class::Real | Class::Blob) { Class::Real } else { Class::NumberDouble };
            (sum, Outcome::class(class))
        }
        ("total", _) => (sum, Outcome::wrapped(Class::Real, "coalesce(({})::float8, '0.0'::float8)")),
        // The mean of PostgreSQL's bigints is a rounded decimal; SQLite divides the sum as a double.
        (_, true) => (format!("avg({distinct}({operand})::float8){filter}"), Outcome::class(Class::Real)),
        (_, false) => (format!("avg({distinct}{operand}){filter}"), Outcome::class(Class::Real)),
    })
}

fn extreme(name: &str, value: &Typed, filter: &str) -> Translated<(String, Outcome)> {
    if value.class == Class::Condition {
        let function = if name == "min" { "bool_and" } else { "bool_or" };
        return Ok((format!("{function}({}){filter}", value.sql), Outcome::class(Class::Condition)));
    }
    if value.class == Class::Text && value.collation.is_some_and(|collation| collation != Collation::Binary) {
        return refuse(format!("{name}() under NOCASE or RTRIM"), "which of the equal values comes out is SQLite's choice");
    }
    if let Some(stored) = &value.stored
        && let Some(conversion) = stored.conversion
        && ordered(conversion)
        && !matches!(stored.pg_type, PgType::Uuid | PgType::Bytea)
        && !(value.derived && stored.pg_type == PgType::Text)
    {
        let outcome = Outcome { conversion: Some(conversion), pg_type: stored.pg_type, ..Outcome::class(value.class) };
        return Ok((format!("{name}({}){filter}", stored.sql), outcome));
    }
    match value.class {
        Class::Integer | Class::Real | Class::NumberDouble | Class::NumberNumeric => {
            Ok((format!("{name}({}){filter}", value.value()), Outcome::class(value.class)))
        }
        Class::Text => Ok((format!("{name}({} collate \"C\"){filter}", value.value()), Outcome::class(Class::Text))),
        Class::Null | Class::Condition | Class::Blob | Class::Opaque => {
            refuse(format!("{name}()"), "PostgreSQL has no smallest or greatest value of this type")
        }
    }
}
