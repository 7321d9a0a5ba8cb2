//! What is called JSON and what the server takes as `json`.

use outgrow::value::{Conversion, Fate, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::generate::{draw, runner};
use super::{budget, settled};
use crate::fixture::Database;

const WORDS: [&str; 30] = [
    "0",
    "-0",
    "1.5",
    "-12.25e+10",
    "1E-3",
    "123456789012345678901234567890",
    "1e400",
    "true",
    "false",
    "null",
    r#""""#,
    r#""a""#,
    r#""ğ😀""#,
    r#""\u0000""#,
    r#""\ud83d\ude00""#,
    r#""\ud800""#,
    r#""\udc00x""#,
    r#""\"\\\/\b\f\n\r\t""#,
    "\"\u{7f}\"",
    "[]",
    "{}",
    "[ ]",
    "{ }",
    "\"\u{2028}\"",
    r#""\u00e9""#,
    r#""\U00e9""#,
    r#""\u00E9""#,
    "-1",
    "0.0",
    "0e0",
];

/// A JSON document.
pub(super) fn document() -> BoxedStrategy<String> {
    let leaf = select(WORDS.iter().filter(|word| !word.contains("\\U")).map(|word| (*word).to_owned()).collect::<Vec<_>>());
    let tree = leaf.prop_recursive(4, 24, 4, |inner| {
        let space = select(vec!["", "", " ", "\n\t", "\r\n"]);
        let array = (vec(inner.clone(), 0..4), space.clone())
            .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(&format!(",{space}"))));
        let object = (vec((select(vec!["a", "b", "", "\\u0061", "ğ"]), inner), 0..4), space).prop_map(|(pairs, space)| {
            let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("\"{key}\"{space}:{space}{value}")).collect();
            format!("{{{space}{}{space}}}", pairs.join(","))
        });
        prop_oneof![array, object]
    });
    tree.boxed()
}

/// A document with a few characters changed, left out or put in.
fn damaged() -> BoxedStrategy<String> {
    let scraps = "{}[]\",:\\/u0019.eE+-tfnalse \t\n\r\u{b}\u{c}\u{1}\u{1f}\u{7f}\u{85}\u{a0}\u{feff}xX'#Dd8".chars().collect::<Vec<_>>();
    let change = (any::<Index>(), 0..3_u8, select(scraps));
    (document(), vec(change, 0..4))
        .prop_map(|(document, changes)| {
            let mut characters: Vec<char> = document.chars().collect();
            for (index, kind, scrap) in changes {
                let at = index.index(characters.len() + 1);
                match kind {
                    0 => characters.insert(at, scrap),
                    1 if at < characters.len() => characters[at] = scrap,
                    _ if at < characters.len() => drop(characters.remove(at)),
                    _ => {}
                }
            }
            characters.into_iter().collect()
        })
        .boxed()
}

fn called_json(text: &str) -> bool {
    settled(Conversion::TextToJson, &Value::Text(text.into())).0 == Fate::Exact
}

const TAKES_JSON: &str = "
create function takes_json(candidate text) returns boolean language plpgsql as $$
begin
    perform candidate::json;
    return true;
exception when others then
    return false;
end $$";

#[tokio::test]
async fn what_is_called_json_is_what_the_server_takes() {
    let database = Database::new("value_json");
    let session = database.session().await;
    session.client().batch_execute(TAKES_JSON).await.unwrap();
    let mut runner = runner(1);
    let strategy = damaged();
    let mut texts: Vec<String> = (0..budget(3_000)).map(|_| draw(&mut runner, &strategy)).collect();
    texts.extend(WORDS.map(str::to_owned));
    texts.extend(
        [" ", "", "[1,]", "{\"a\":1,}", "01", "1.", "NaN", "\u{feff}{}", "[1]]", "\"\t\"", "nul", "[\"\\u12\"]"].map(str::to_owned),
    );
    texts.push("[".repeat(1_000) + &"]".repeat(1_000));
    texts.push("{\"a\":".repeat(1_000) + "1" + &"}".repeat(1_000));
    let rows = session.client().query("select t, takes_json(t) from unnest($1::text[]) t", &[&texts]).await.unwrap();
    assert_eq!(rows.len(), texts.len());
    let mut taken = 0;
    for row in rows {
        let (text, takes): (String, bool) = (row.get(0), row.get(1));
        assert_eq!(called_json(&text), takes, "{}", text.escape_debug());
        taken += usize::from(takes);
    }
    assert!(taken > texts.len() / 5 && taken < texts.len() * 4 / 5, "{taken} of {} texts are JSON", texts.len());
}
