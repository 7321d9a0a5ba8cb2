//! JSON: documents of every kind, paths and functions on both sides; an error there is an error here.

use outgrow::catalog::{Affinity, View};
use outgrow::dialect::{RelationKind, TableScope, Translator};
use outgrow::value::Conversion;

use super::both::{Both, column, text};
use crate::fixture::Database;

/// Documents that a `json` column holds, too.
const STRICT: &[&str] = &[
    r#"{"a":1,"b":2.5,"c":"x","d":null,"e":true,"f":false,"g":[1,2,[3,4]],"h":{"i":{"j":"deep"}}}"#,
    "[1,2,3]",
    "[]",
    "{}",
    " {\t\"a\" : [ 1 ,\n2 ] , \"b c\" : \"q\\\"r\\\\s\" } ",
    r#""text""#,
    r#""\u0041\n\t\/\b\f\r\\\"""#,
    "12",
    "-0",
    "0",
    "1.0",
    "1e2",
    "1e-400",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "123456789012345678901234567890",
    "1.50",
    "true",
    "false",
    "null",
    r#"{"a":1,"a":2,"b":{"x":1,"x":2}}"#,
    r#"{"\u0061":5,"a":6}"#,
    r#"{"a":{"b":{"c":[{"d":1},{"d":"two"}]}},"g":["\ud83d\ude00","é"]}"#,
    r#"{"":1," ":2,"a.b":3,"[0]":4,"0":5,"-1":6}"#,
    r#"{"a":"12abc","b":"7","c":"1.5","g":[" 3 ","0x10","1e3"]}"#,
    r#"{"a":"7","b":7,"c":7.0,"g":["M","m","",7]}"#,
    r#"["a\\","b",{"k\"x":1},null,true]"#,
    r#"{"a":[],"b":{},"c":[[]],"g":[{"a":1},{"a":null}]}"#,
    "[1.7976931348623157e308,5e-324,123456789.123456789,0.1,-0.0]",
    r#"{"a":"1 > 0","b":"é","c":"Z","g":["a,b","{","[","]"]}"#,
];

/// Documents that only SQLite takes for JSON.
const JSON5: &[&str] = &[
    "{a:1,'b':'it\\'s \"so\"',}",
    "[+1,.5,5.,-.5,5.e3,0x1F,-0xff,0xFFFFFFFFFFFFFFFF,1,]",
    "[NaN,qnan,+2]",
    "// comment\n{$a_1:1, /* two */ é:2, a: 'x\\x41\\vy'}",
    "\u{feff}[1,\u{a0}2]\u{3000}",
    "{nullx:1,infx:2,a:\"tab\there\"}",
    "['a\\\nb', 'c\\\\']",
];

/// Texts that SQLite does not take, or takes for something surprising.
const DOUBTFUL: &[&str] = &[
    "",
    " ",
    "abc",
    "{",
    "[,]",
    "[1,,2]",
    "{true:1}",
    "{null_a:1}",
    "{inf_x:1}",
    "/* open [1]",
    "[1 2]",
    "01",
    "-",
    "1.",
    ".5",
    ".",
    "1e",
    "1e+",
    "+",
    "-01",
    "tru",
    "true1",
    "NULL",
    "\"abc",
    "\"\\q\"",
    "\"\\u12\"",
    "\"\\08\"",
    "[1]x",
    "[1] [2]",
    "{\"a\":}",
    "{\"a\"}",
    "{1:2}",
    "{,}",
    "[1}",
    "0x",
    "--1",
    "1_000",
    "\u{1}",
    "[\"a\",\u{1}]",
    "\"\u{2}\"",
    "[00]",
    "'a'",
    "{\"a\":1,}",
    "[Infinity]",
    "{\"a\":1}}",
    "]",
    "\"\\ud800\"",
];

const PATHS: &[&str] = &[
    "$",
    "$.a",
    "$.b",
    "$.c",
    "$.d",
    "$.e",
    "$.g",
    "$.g[0]",
    "$.g[2][1]",
    "$.h.i.j",
    "$[0]",
    "$[1]",
    "$[2]",
    "$[4]",
    "$[#]",
    "$[#-1]",
    "$[#-2]",
    "$[#-9]",
    "$[99]",
    "$.\"b c\"",
    "$.\"a\"",
    "$.\"\\u0061\"",
    "$.a\\u0062",
    "$.a.b.c[1].d",
    "$.a[0]",
    "$.\"\"",
    "$.\" \"",
    "$.\"a.b\"",
    "$.\"[0]\"",
    "$.0",
    "$.nope",
    "$.g[1].a",
    "$[2].\"k\\\"x\"",
    "$.b.x",
    "$[4294967296]",
];

/// Documents of random depth, with white space, keys that come twice, and values of every class.
fn generated(state: &mut u64, depth: u32) -> String {
    let mut next = |count: usize| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(*state >> 33).unwrap() % count
    };
    let scalars =
        ["0", "-7", "3.25", "\"a\"", "\"\\u00e9\\n\"", "\"12\"", "true", "false", "null", "1E3", "\"{\"", "9007199254740993", "\"\""];
    let spaces = ["", "", " ", "\n", " \t"];
    if depth == 0 || next(4) == 0 {
        return scalars[next(scalars.len())].to_owned();
    }
    let (object, count, space) = (next(2) == 0, next(4), spaces[next(spaces.len())]);
    let keys: Vec<&str> = (0..count).map(|_| ["a", "b", "c", "g", "b c", "\\u0061"][next(6)]).collect();
    let members: Vec<String> = keys
        .iter()
        .map(|key| if object { format!("{space}\"{key}\"{space}:{}", generated(state, depth - 1)) } else { generated(state, depth - 1) })
        .collect();
    let body = members.join(&format!("{space},"));
    if object { format!("{{{body}{space}}}") } else { format!("[{space}{body}]") }
}

async fn both(database: &Database) -> Both {
    let mut both = Both::new(database).await;
    both.source.execute_batch("create table docs (id integer primary key, t text, j text, v text, n numeric, i integer)").unwrap();
    let target = "create table docs (id bigint primary key, t text collate \"C\", j json, v text collate \"C\", n numeric, i bigint)";
    both.session.client().batch_execute(target).await.unwrap();
    let mut state = 7;
    let more: Vec<String> = (0..25).map(|_| generated(&mut state, 3)).collect();
    let strict = STRICT.iter().map(|document| (*document).to_owned()).chain(more).map(|document| (document, true));
    let documents = strict.chain(JSON5.iter().map(|document| ((*document).to_owned(), false)));
    let values = ["'m'", "'7'", "''", "'x'", "NULL", "'1.0'"];
    let numbers = ["7", "2.5", "0", "1", "9007199254740993"];
    for (id, (document, is_strict)) in documents.enumerate() {
        let literal = format!("'{}'", document.replace('\'', "''"));
        let json = if is_strict { literal.as_str() } else { "NULL" };
        let (value, number) = (values[id % values.len()], numbers[id % numbers.len()]);
        let row = format!("{id}, {literal}, {json}, {value}, {number}, {}", id % 9);
        both.source.execute_batch(&format!("insert into docs values ({row})")).unwrap();
        both.session.client().batch_execute(&format!("insert into docs values ({row})")).await.unwrap();
    }
    let mut columns = vec![
        column("id", Conversion::IntegerToBigint, Affinity::Integer),
        column("t", text(), Affinity::Text),
        column("j", Conversion::TextToJson, Affinity::Text),
        column("v", text(), Affinity::Text),
        column("n", Conversion::NumberToNumeric, Affinity::Numeric),
        column("i", Conversion::IntegerToBigint, Affinity::Integer),
    ];
    columns[0].rowid_alias = true;
    let name = "docs".to_owned();
    let schema = Some("public".to_owned());
    both.scope.add(TableScope {
        source: name.clone(),
        schema,
        target: name,
        columns,
        primary_key: vec!["id".to_owned()],
        kind: RelationKind::Table,
    });
    both
}

/// Compares queries; says what differs. Each must be translated.
async fn same(both: &Both, selects: &[String]) {
    let mut wrong = Vec::new();
    for select in selects {
        let Some((expected, found, sql)) = both.run(select).await else {
            let view = View { name: "v".to_owned(), sql: format!("create view v as {select}"), columns: Vec::new() };
            wrong.push(format!("{select}\n  is not translated: {:?}", Translator::new(&both.scope, 15).view(&view).err()));
            continue;
        };
        if expected != found {
            let pairs = expected.iter().zip(&found).filter(|(a, b)| a != b).take(4).map(|(a, b)| format!("    {a:?} {b:?}"));
            wrong.push(format!("{select}\n  {sql}\n{}", pairs.collect::<Vec<_>>().join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), selects.len(), wrong[..wrong.len().min(25)].join("\n"));
}

fn over_documents(expressions: &[String]) -> Vec<String> {
    expressions.iter().map(|expression| format!("SELECT id, {expression} AS x FROM docs ORDER BY id")).collect()
}

#[tokio::test]
async fn what_stands_at_a_path_is_the_same() {
    let database = Database::new("dialect_json_paths");
    let both = both(&database).await;
    let mut expressions = Vec::new();
    for path in PATHS {
        let path = path.replace('\'', "''");
        for column in ["t", "j"] {
            expressions.push(format!("json_extract({column}, '{path}') || '|' || typeof(json_extract({column}, '{path}'))"));
            expressions.push(format!("{column} -> '{path}'"));
        }
        expressions.push(format!("t ->> '{path}' IS NULL"));
        expressions.push(format!("json_extract(t, '$.b', '{path}')"));
        expressions.push(format!("json_type(t, '{path}')"));
        expressions.push(format!("json_array_length(t, '{path}')"));
    }
    for side in ["'a'", "'b c'", "'a.b'", "'0'", "0", "1", "-1", "-2", "'[1]'", "'g[0]'", "i", "(v || 'a')"] {
        expressions.push(format!("t -> {side}"));
        expressions.push(format!("typeof(j ->> {side}) || (j ->> {side})"));
    }
    same(&both, &over_documents(&expressions)).await;
}

#[tokio::test]
async fn a_value_of_json_is_used_as_in_sqlite() {
    let database = Database::new("dialect_json_values");
    let both = both(&database).await;
    let mut expressions = Vec::new();
    for value in ["json_extract(t, '$.a')", "t ->> '$.g[3]'", "j ->> 'b'", "json_extract(t, '$')", "json_extract(t, '$[0]')"] {
        for form in [
            "CAST({} AS TEXT)",
            "CAST({} AS INTEGER)",
            "CAST({} AS REAL)",
            "typeof(CAST({} AS NUMERIC)) || CAST({} AS NUMERIC)",
            "hex({})",
            "length({})",
            "upper({})",
            "{} LIKE '%1%'",
            "substr({}, 2)",
            "CASE WHEN {} THEN 1 WHEN NOT {} THEN 0 END",
            "{} = 7",
            "{} <> 1.5",
            "{} < 2.5",
            "{} >= '7'",
            "{} = 'm'",
            "{} = v",
            "{} < v",
            "{} = n",
            "{} > i",
            "{} = CAST(v AS TEXT)",
            "{} IS json_extract(t, '$.b')",
            "{} < json_extract(t, '$.c')",
            "{} IN (1, '7', 2.5, 'text')",
            "{} NOT IN ('x', 7)",
            "{} BETWEEN 1 AND 'm'",
            "{} COLLATE NOCASE = 'M'",
            "CASE {} WHEN 1 THEN 'one' WHEN 'x' THEN 'ex' END",
            "coalesce({}, 'none') || ''",
            "typeof(coalesce({}, i)) || coalesce({}, i)",
            "typeof(CASE WHEN i > 3 THEN {} ELSE n END)",
            "typeof(ifnull({}, n)) || ifnull({}, n)",
            "nullif({}, 1) || ''",
            "iif({} IS NULL, 'null', {}) || ''",
            "(SELECT {}) || typeof((SELECT {}))",
            "CASE WHEN abs(CAST({} AS REAL)) < 1e15 THEN typeof({} + 1) || ({} + 1) END",
            "CASE WHEN abs(CAST({} AS REAL)) < 1e15 THEN {} * 2.5 - i END",
            "- CAST({} AS REAL)",
            "CAST({} AS INTEGER) % 5",
            "date({}, '+1 day')",
            "instr({}, 'x')",
            "json_quote({})",
            "json_array({}, i)",
        ] {
            expressions.push(form.replace("{}", value));
        }
    }
    let mut selects = over_documents(&expressions);
    for value in ["json_extract(t, '$.a')", "j ->> 'b'"] {
        selects.push(format!("SELECT id FROM docs ORDER BY {value}, id"));
        selects.push(format!("SELECT id FROM docs WHERE {value} > 1 ORDER BY {value} DESC, id"));
        selects.push(format!("SELECT count({value}) AS c, sum(CASE WHEN id < 30 THEN {value} END) AS s FROM docs"));
        selects.push(format!("SELECT id, lag({value}) OVER (ORDER BY id) || '' AS x FROM docs ORDER BY id"));
        selects.push(format!("SELECT CAST({value} AS TEXT) AS x, count(*) AS c FROM docs GROUP BY 1 ORDER BY 1"));
    }
    same(&both, &selects).await;
    // In a column of a view it is a text.
    let select = "SELECT id, json_extract(t, '$.a') AS x, t ->> 'b' AS y FROM docs ORDER BY id";
    let (_, found, _) = both.run(select).await.unwrap();
    let texts = "SELECT id, CAST(json_extract(t, '$.a') AS TEXT) AS x, CAST(t ->> 'b' AS TEXT) AS y FROM docs ORDER BY id";
    assert_eq!(both.run(texts).await.unwrap().0, found);
}

#[tokio::test]
async fn documents_are_made_and_changed_as_in_sqlite() {
    let database = Database::new("dialect_json_made");
    let both = both(&database).await;
    let mut expressions: Vec<String> = [
        "json(t)",
        "json_valid(t)",
        "json_valid(j)",
        "json_valid(v)",
        "json_valid(n)",
        "json_valid(t, 2)",
        "json_valid(v, 7)",
        "json_valid(t, 12)",
        "json_type(t)",
        "json_array_length(j)",
        "json_pretty(t)",
        "json_pretty(j, '\t')",
        "json_quote(t)",
        "json_quote(n)",
        "json_quote(NULL)",
        "json_quote(json(t))",
        "json_array()",
        "json_array(1, 'a', NULL, 2.5, t, n, v, i > 3, 1e400)",
        "json_array(json(t), json_extract(t, '$.g'), t -> 'a', t ->> 'g', json_array(v))",
        "json_array((SELECT v), lower(v), lower(json(t)), likely(json(t)), CAST(json(t) AS TEXT), +json(t))",
        "json_array(coalesce(json(t), json(j)), coalesce(t -> 'nope', json_array(i)), nullif(json(t), 'x'))",
        "json_array(coalesce(v, 'x'), CASE WHEN i > 3 THEN v ELSE t END)",
        "json_object('a', i, 'q\"', v, 'j', json(t), 'e', json_extract(t, '$.e'))",
        "json_object()",
        "json_patch(t, '{\"a\":null,\"n\":{\"x\":null,\"y\":[1, 2]}}')",
        "json_patch(t, '{\"a\":{\"b\":null,\"z\":1},\"g\":{\"q\":true}}')",
        "json_patch('{\"a\":{\"q\":1},\"b\":2}', t)",
        "json_set(t, '$.a', v, '$.new', json_array(i), '$.g[#]', n)",
        "json_set(t, '$.h.i.k.l[0]', 1.5)",
        "json_set(j, '$', json('[1]'))",
        "json_insert(t, '$[#]', NULL, '$[0]', 'never', '$.\"q r\"', t)",
        "json_replace(t, '$.a', json(t), '$.g[0]', 'new')",
        "json_remove(t, '$.a', '$[0]', '$.g[#-1]')",
        "json_remove(t, '$')",
        "json_remove(t)",
        "json_set(t, '$.a', 1e400)",
    ]
    .map(str::to_owned)
    .to_vec();
    for path in PATHS {
        for function in ["json_set(t, '{}', i)", "json_insert(t, '{}', 'v')", "json_replace(t, '{}', json('{}'))", "json_remove(t, '{}')"] {
            expressions.push(function.replacen("{}", path, 1));
        }
    }
    let mut selects = over_documents(&expressions);
    selects.extend(
        [
            "SELECT json_group_array(i) AS x FROM docs",
            "SELECT json_group_array(v ORDER BY id DESC) FILTER (WHERE i > 2) AS x FROM docs",
            "SELECT i, json_group_array(json(t)) AS x FROM (SELECT * FROM docs ORDER BY id) GROUP BY i ORDER BY i",
            "SELECT json_group_array(i) AS x, json_group_object(v, i) AS y FROM docs WHERE id < 0",
            "SELECT json_group_object(v, n) AS x FROM docs",
            "SELECT id, json_array(x) AS y, x = '[]' AS z FROM (SELECT id, json(t) AS x FROM docs) ORDER BY id",
            "SELECT json_group_object('k' || id, json_extract(t, '$.g')) AS x FROM docs",
            "SELECT d.id, e.key || '' AS k, typeof(e.key) AS c, e.type, e.value || '' AS v, typeof(e.value) AS d, e.atom || '' AS a, e.fullkey, e.path FROM docs d, json_each(d.t) e",
            "SELECT d.id, e.fullkey, e.value || '' AS v FROM docs d JOIN json_each(d.j, '$.g') AS e ON e.type <> 'null'",
            "SELECT d.id, e.fullkey, e.path, e.type, e.key || '' AS k, e.atom || '' AS a FROM docs d, json_tree(d.t) e",
            "SELECT d.id, value || '' AS v FROM docs d LEFT JOIN json_each(d.t, '$.a') ON true",
            "SELECT id FROM docs WHERE EXISTS (SELECT 1 FROM json_each(docs.t, '$.g') WHERE value = 1) ORDER BY id",
            "SELECT id, (SELECT json_group_array(value) FROM json_each(docs.t)) AS x FROM docs ORDER BY id",
            "SELECT id, (SELECT group_concat(value, ';') FROM json_each(docs.t) WHERE type = 'integer') AS x FROM docs ORDER BY id",
            "SELECT value || '' AS v FROM json_each('[3,1,2]') ORDER BY value",
            "SELECT e.path FROM json_tree('{\"b\":{\"Z\":1},\"a\":[]}') e ORDER BY e.path, e.fullkey",
        ]
        .map(str::to_owned),
    );
    same(&both, &selects).await;
}

/// Whether both sides report an error, and if none does, both values.
async fn outcomes(both: &Both, select: &str) -> (Option<String>, Option<String>) {
    let expected = both.source.query_row(select, [], |row| Ok(super::both::source_cell(row.get_ref(0)?))).ok();
    let view = View { name: "v".to_owned(), sql: format!("create view v as {select}"), columns: Vec::new() };
    let translated = Translator::new(&both.scope, 15).view(&view).unwrap_or_else(|why| panic!("{select}: {why}"));
    for sql in outgrow::dialect::installation([translated.select.as_str()]) {
        both.session.client().batch_execute(&sql).await.unwrap();
    }
    let rows = both.session.client().query(&format!("select \"x\"::text from ({}) q", translated.select), &[]).await;
    let cell = |text: Option<String>| text.map_or("null".to_owned(), |text| text);
    (expected.map(|cell| cell.trim_start_matches('\'').to_owned()), rows.ok().map(|rows| cell(rows[0].get(0))))
}

#[tokio::test]
async fn what_is_no_json_is_an_error_on_both_sides() {
    let database = Database::new("dialect_json_errors");
    let both = Both::new(&database).await;
    let mut wrong = Vec::new();
    let (mut errors, mut values) = (0, 0);
    let mut compare = async |select: String| {
        let (expected, found) = outcomes(&both, &select).await;
        if expected.is_none() {
            errors += 1;
        } else {
            values += 1;
        }
        if expected != found {
            wrong.push(format!("{select}\n    {expected:?} {found:?}"));
        }
    };
    for document in DOUBTFUL {
        let literal = format!("'{}'", document.replace('\'', "''"));
        for function in [
            "json({})",
            "CAST(json_valid({}) AS TEXT)",
            "CAST(json_valid({}, 2) AS TEXT)",
            "json_type({})",
            "json_extract({}, '$.a') || ''",
            "{} -> 'a'",
            "json_set({}, '$.a', 1)",
        ] {
            compare(format!("SELECT {} AS x", function.replace("{}", &literal))).await;
        }
    }
    for path in
        ["", "a", "$.", "$[", "$[a]", "$[-1]", "$..a", "$.a.", "$.a[", "$x", "$.\"a", "$[0]x", "$.nope.more[", "$[+1]", "$[#-]", "$.g[x]"]
    {
        for document in ["{\"a\":1,\"g\":[1]}", "[1,2]", "{\"a\":{\"b\":[]}}"] {
            for function in
                ["json_extract({d}, {p}) || ''", "json_type({d}, {p})", "json_set({d}, {p}, 1)", "json_remove({d}, {p})", "{d} -> {p}"]
            {
                let expression = function.replace("{d}", &format!("'{document}'")).replace("{p}", &format!("'{path}'"));
                compare(format!("SELECT {expression} AS x")).await;
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(errors > 200 && values > 100, "{errors} errors, {values} values");
}
