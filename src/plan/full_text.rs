//! Full-text tables: a `tsvector` over the same columns, and its GIN index.
//!
//! A table that holds its texts gets the `tsvector` as a generated column. One that only indexes another table becomes a
//! view of that table, over an index on the same expression: nothing has to keep the two in step any more.

use super::build::Draft;
use super::step::Phase;
use super::table::{ColumnPlan, TablePlan};
use super::virtual_tables::replaced;
use crate::catalog::{Table, VirtualTable, quoted};
use crate::dialect::{ColumnScope, RelationKind, TableScope};
use crate::value::PgType;

/// The column that queries search.
const SEARCHED: &str = "outgrow_fts";

/// The search configuration that stems words as SQLite's `porter` does, and drops none.
const PORTER: &str = "outgrow_porter";

/// Plans the index of a full-text table that holds its texts.
pub(super) fn plan_own(draft: &mut Draft<'_>, table: &VirtualTable) -> Result<(), String> {
    let (plan, _) = draft.table(&table.name).ok_or("its table is not in the plan")?;
    let plan = plan.clone();
    let mut replacement = "an ordinary table of the same name".to_owned();
    let search = Search::of(draft, table);
    let mut notes = search.notes.clone();
    let columns: Vec<&ColumnPlan> = plan.columns.iter().skip(1).filter(|column| is_indexed(table, &column.source)).collect();
    let query = search.expression(&columns, "", &mut notes).map(|expression| {
        let searched = free_name(plan.columns.iter().map(|column| &column.target));
        let relation = format!("{}.{}", quoted(&draft.inputs.policy.target.schema), quoted(&plan.target));
        let index = draft.relations.take_own(&format!("{}_fts_idx", plan.target));
        let sql = vec![
            format!("ALTER TABLE {relation} ADD COLUMN {} tsvector GENERATED ALWAYS AS ({expression}) STORED", quoted(&searched)),
            format!("CREATE INDEX {} ON {relation} USING gin ({})", quoted(&index), quoted(&searched)),
        ];
        draft.optional(Phase::Keys, format!("full-text:{}", table.name), format!("full-text index of {}", plan.target), sql);
        replacement.push_str(&format!(", with the column {searched} and a GIN index on it"));
        search.query(&plan.target, &searched)
    });
    replaced(draft, table, replacement, query, notes);
    Ok(())
}

/// Plans the index on the table that a full-text table indexes, and the view that shows it.
pub(super) fn plan_external(
    draft: &mut Draft<'_>,
    table: &VirtualTable,
    content: &str,
    rowid: &str,
    columns: &[String],
) -> Result<(), String> {
    let (plan, source) = draft.table(content).ok_or_else(|| format!("it indexes {content}, which is no table"))?;
    if draft.inputs.catalog.virtual_table(content).is_some() {
        return Err(format!("it indexes {content}, which is a virtual table itself"));
    }
    let (plan, source) = (plan.clone(), source.clone());
    let find = |name: &String| source.column(name).and_then(|(position, _)| plan.columns.get(position));
    let indexed = columns.iter().map(|name| find(name).ok_or_else(|| format!("{content} has no column {name}")));
    let shown = indexed.collect::<Result<Vec<&ColumnPlan>, String>>()?;
    let key = key_of(&source, &plan, rowid);
    let search = Search::of(draft, table);
    let mut notes = search.notes.clone();
    if key.is_none() {
        notes.push(format!("its rowid does not come across: {content} has no column that is one"));
    }
    let indexed: Vec<&ColumnPlan> =
        columns.iter().zip(&shown).filter(|(name, _)| is_indexed(table, name)).map(|(_, column)| *column).collect();
    let relation = format!("{}.{}", quoted(&draft.inputs.policy.target.schema), quoted(&plan.target));
    let expression = search.expression(&indexed, "", &mut notes);
    if let Some(expression) = &expression {
        let index = draft.relations.take_own(&format!("{}_idx", table.name));
        let sql = format!("CREATE INDEX {} ON {relation} USING gin (({expression}))", quoted(&index));
        draft.optional(Phase::Keys, format!("full-text:{}", table.name), format!("index {index}"), vec![sql]);
    }
    let column = free_name(columns);
    let view = View { table, content, searched: &column, columns, shown: &shown, key, relation: &relation };
    // The notes of the expression have been made above.
    let name = view.plan(draft, search.expression(&indexed, "c.", &mut Vec::new()));
    let query = expression.map(|_| search.query(&name, &column));
    let indexes = if query.is_some() { format!(" with the column {column}, over a GIN index") } else { String::new() };
    replaced(draft, table, format!("a view of {}{indexes}; the index keeps itself in step", plan.target), query, notes);
    Ok(())
}

/// The column that is the rowid of the content.
fn key_of<'a>(source: &Table, plan: &'a TablePlan, rowid: &str) -> Option<&'a ColumnPlan> {
    let is_rowid = ["rowid", "_rowid_", "oid", "docid"].iter().any(|name| name.eq_ignore_ascii_case(rowid));
    let (position, _) = source.column(rowid).or_else(|| source.column(source.rowid_alias().filter(|_| is_rowid)?))?;
    plan.columns.get(position).filter(|column| column.pg_type() == PgType::Bigint)
}

/// The view that takes the place of a full-text table without texts of its own.
struct View<'a> {
    table: &'a VirtualTable,
    content: &'a str,
    searched: &'a str,
    columns: &'a [String],
    shown: &'a [&'a ColumnPlan],
    key: Option<&'a ColumnPlan>,
    relation: &'a str,
}

impl View<'_> {
    /// Plans the view; gives its name.
    fn plan(&self, draft: &mut Draft<'_>, expression: Option<String>) -> String {
        let name = draft.name_relation("view", &self.table.name);
        let schema = draft.inputs.policy.target.schema.clone();
        let view = format!("{}.{}", quoted(&schema), quoted(&name));
        let key = if self.table.module == "fts5" { "rowid" } else { "docid" };
        let shown = self.columns.iter().map(String::as_str).zip(self.shown.iter().copied());
        let all: Vec<(&str, &ColumnPlan)> = self.key.map(|column| (key, column)).into_iter().chain(shown).collect();
        let mut outputs: Vec<String> =
            all.iter().map(|(name, column)| format!("c.{} AS {}", quoted(&column.target), quoted(name))).collect();
        outputs.extend(expression.map(|expression| format!("{expression} AS {}", quoted(self.searched))));
        let mut sql = vec![format!("CREATE VIEW {view} AS SELECT {} FROM {} AS c", outputs.join(", "), self.relation)];
        // A view of one table passes writes on to it. Those of the application are meant for the index, which needs none.
        sql.extend(["INSERT", "UPDATE", "DELETE"].map(|event| {
            format!("CREATE RULE {} AS ON {event} TO {view} DO INSTEAD NOTHING", quoted(&format!("outgrow_{}", event.to_ascii_lowercase())))
        }));
        self.tell_scope(draft, &schema, &name, &all);
        draft.optional(Phase::Programs, format!("view:{}", self.table.name), format!("view {name}"), sql);
        name
    }

    /// Lets the application's own views read this one.
    fn tell_scope(&self, draft: &mut Draft<'_>, schema: &str, name: &str, all: &[(&str, &ColumnPlan)]) {
        let Some(content) = draft.scope.table(self.content).cloned() else { return };
        let scope = |name: &str, column: &ColumnPlan| {
            let known = content.columns.iter().find(|known| known.source == column.source)?;
            Some(ColumnScope { source: name.to_owned(), target: name.to_owned(), generated: false, ..known.clone() })
        };
        let columns: Option<Vec<ColumnScope>> = all.iter().map(|(name, column)| scope(name, column)).collect();
        let Some(columns) = columns else { return };
        draft.scope.add(TableScope {
            source: self.table.name.clone(),
            schema: Some(schema.to_owned()),
            target: name.to_owned(),
            columns,
            primary_key: Vec::new(),
            kind: RelationKind::View,
        });
    }
}

/// A name for the searched column that none of these has.
fn free_name<'a>(taken: impl IntoIterator<Item = &'a String>) -> String {
    let mut name = SEARCHED.to_owned();
    let taken: Vec<&String> = taken.into_iter().collect();
    while taken.iter().any(|other| other.eq_ignore_ascii_case(&name)) {
        name.push('_');
    }
    name
}

/// Whether the text of a column is indexed.
fn is_indexed(table: &VirtualTable, column: &str) -> bool {
    let unindexed = table.arguments.iter().any(|argument| {
        matches!(argument.words.as_slice(), [name, word] if name.eq_ignore_ascii_case(column) && word.eq_ignore_ascii_case("unindexed"))
    });
    let excluded = table.options("notindexed").chain(table.option("languageid")).any(|name| name.eq_ignore_ascii_case(column));
    !(excluded || unindexed && table.module == "fts5")
}

/// How the words of a full-text table are told apart and compared.
struct Search {
    /// The search configuration, as its name is written; none where words are not what is searched for.
    configuration: Option<String>,
    notes: Vec<String>,
}

impl Search {
    /// Chooses the search configuration for the tokenizer, and plans it where PostgreSQL does not have it.
    fn of(draft: &mut Draft<'_>, table: &VirtualTable) -> Self {
        let tokenizer = tokenizer(table);
        let mut words = tokenizer.split_whitespace();
        let stems = tokenizer.starts_with("porter");
        // FTS5 wraps one tokenizer in another; FTS3 and FTS4 have a porter of their own, over ASCII.
        let base = words.find(|word| *word != "porter").unwrap_or(if table.module == "fts5" { "unicode61" } else { "ascii" });
        let mut notes = Vec::new();
        if base == "trigram" {
            notes.push(
                "the tokenizer trigram finds parts of words, which PostgreSQL does through the extension pg_trgm: CREATE EXTENSION \
                 pg_trgm, then an index `USING gin (… gin_trgm_ops)`, and ILIKE in queries"
                    .to_owned(),
            );
            return Self { configuration: None, notes };
        }
        if !["unicode61", "ascii", "simple"].contains(&base) {
            notes.push(format!("the tokenizer {base} has no counterpart: PostgreSQL splits words as it always does"));
        }
        if base == "unicode61" && !["remove_diacritics 0", "remove_diacritics=0"].iter().any(|off| tokenizer.contains(off)) {
            notes.push("the tokenizer unicode61 takes `café` and `cafe` for one word, PostgreSQL does not".to_owned());
        }
        if ["tokenchars", "separators", "categories"].iter().any(|option| tokenizer.contains(option)) {
            notes.push("the tokenizer's own choice of characters has no counterpart: PostgreSQL splits words as it always does".to_owned());
        }
        let configuration = if stems { porter(draft) } else { "pg_catalog.simple".to_owned() };
        Self { configuration: Some(configuration), notes }
    }

    /// The `tsvector` of these columns; none where there is nothing to search.
    fn expression(&self, columns: &[&ColumnPlan], prefix: &str, notes: &mut Vec<String>) -> Option<String> {
        let configuration = self.configuration.as_ref()?;
        let mut parts = Vec::new();
        for column in columns {
            let Some(text) = text_of(column, prefix) else {
                notes.push(format!("the column {} is not searched: its type is {}", column.source, column.pg_type()));
                continue;
            };
            let weight = ["A", "B", "C"].get(parts.len()).unwrap_or(&"D");
            parts.push(format!("setweight(to_tsvector({}::regconfig, coalesce({text}, '')), '{weight}')", literal(configuration)));
        }
        (!parts.is_empty()).then(|| parts.join(" || "))
    }

    /// The condition that takes the place of MATCH.
    fn query(&self, relation: &str, column: &str) -> String {
        let configuration = self.configuration.as_deref().unwrap_or_default();
        let name = configuration.strip_prefix("pg_catalog.").unwrap_or(configuration);
        format!("{}.{} @@ websearch_to_tsquery({}, $1)", quoted(relation), quoted(column), literal(name))
    }
}

/// What a full-text table says of its tokenizer, in lower case.
fn tokenizer(table: &VirtualTable) -> String {
    // FTS3 takes the option without `=`, too.
    let bare = table.arguments.iter().find_map(|argument| match argument.words.split_first() {
        Some((first, rest)) if first.eq_ignore_ascii_case("tokenize") && !rest.is_empty() => Some(rest.join(" ")),
        _ => None,
    });
    let default = if table.module == "fts5" { "unicode61" } else { "simple" };
    table.option("tokenize").or(bare).unwrap_or_else(|| default.to_owned()).to_ascii_lowercase()
}

/// The text of a column, as an expression that can stand in an index.
fn text_of(column: &ColumnPlan, prefix: &str) -> Option<String> {
    let name = format!("{prefix}{}", quoted(&column.target));
    match column.pg_type() {
        PgType::Text => Some(name),
        PgType::Bigint
        | PgType::Smallint
        | PgType::Integer
        | PgType::Numeric
        | PgType::Decimal { .. }
        | PgType::Json
        | PgType::Uuid
        | PgType::Varchar { .. } => Some(format!("{name}::text")),
        // Their texts are others than SQLite's, or depend on settings.
        PgType::Boolean
        | PgType::DoublePrecision
        | PgType::Date
        | PgType::Time
        | PgType::Timestamp
        | PgType::Timestamptz
        | PgType::Bytea
        | PgType::Timetz
        | PgType::Interval
        | PgType::Real
        | PgType::Citext
        | PgType::Char { .. }
        | PgType::Jsonb
        | PgType::Inet
        | PgType::Cidr
        | PgType::Macaddr
        | PgType::Array(_) => None,
    }
}

/// Plans the search configuration that stems as `porter` does, once; gives its name.
fn porter(draft: &mut Draft<'_>) -> String {
    let name = format!("{}.{}", quoted(&draft.inputs.policy.target.schema), quoted(PORTER));
    let id = "full-text-configuration".to_owned();
    if draft.steps.iter().all(|step| step.id != id) {
        let words = "asciiword, word, hword, hword_part, hword_asciipart, asciihword";
        let sql = vec![
            format!("CREATE TEXT SEARCH DICTIONARY {name} (TEMPLATE = pg_catalog.snowball, LANGUAGE = porter)"),
            format!("CREATE TEXT SEARCH CONFIGURATION {name} (COPY = pg_catalog.simple)"),
            format!("ALTER TEXT SEARCH CONFIGURATION {name} ALTER MAPPING FOR {words} WITH {name}"),
        ];
        draft.optional(Phase::Tables, id, format!("text search configuration {PORTER}"), sql);
    }
    name
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
